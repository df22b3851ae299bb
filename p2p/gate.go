package p2p

import (
	"fmt"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Mode says whom a host talks to.
type Mode string

// The modes. A host's invited peers are its configured ones, those of Config.Invited, and those that were
// connected by hand.
const (
	ModeOpen    Mode = "open"    // anybody may connect
	ModeInvited Mode = "invited" // only invited peers may connect; others may be dialled
	ModePrivate Mode = "private" // only invited peers, in both directions
)

// ParseMode reads a mode; "" is open.
func ParseMode(text string) (Mode, error) {
	switch m := Mode(text); m {
	case "":
		return ModeOpen, nil
	case ModeOpen, ModeInvited, ModePrivate:
		return m, nil
	}
	return "", fmt.Errorf("%q is no mode; there are open, invited and private", text)
}

// gate is the connection gater: it keeps banned peers out, and strangers where the mode says so. The check
// comes when the peer has proven its key, since before that anybody can claim to be anybody.
type gate struct {
	*bans
	mode Mode

	inviting sync.RWMutex // guards invited
	invited  map[peer.ID]bool
}

func newGate(b *bans, mode Mode, invited []peer.ID) *gate {
	g := &gate{bans: b, mode: mode, invited: make(map[peer.ID]bool, len(invited))}
	for _, p := range invited {
		g.invited[p] = true
	}
	return g
}

func (g *gate) invite(p peer.ID) {
	g.inviting.Lock()
	defer g.inviting.Unlock()
	g.invited[p] = true
}

func (g *gate) isInvited(p peer.ID) bool {
	g.inviting.RLock()
	defer g.inviting.RUnlock()
	return g.invited[p]
}

func (g *gate) InterceptPeerDial(p peer.ID) bool {
	return !g.banned(p) && (g.mode != ModePrivate || g.isInvited(p))
}

func (g *gate) InterceptSecured(d network.Direction, p peer.ID, a network.ConnMultiaddrs) bool {
	if !g.bans.InterceptSecured(d, p, a) {
		return false
	}
	switch g.mode {
	case ModeInvited:
		return d == network.DirOutbound || g.isInvited(p)
	case ModePrivate:
		return g.isInvited(p)
	}
	return true
}

package p2p

import (
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// A penalty bans for firstBan, and twice as long each further time, up to lastBan: a peer with a fault
// that is mended comes back by itself.
const (
	firstBan = time.Hour
	lastBan  = 24 * time.Hour
	maxBans  = 10_000 // remembered penalties; identities are free, so the oldest go first
)

// Ban tells why a peer is refused.
type Ban struct {
	ID     peer.ID   `json:"id"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until,omitzero"` // zero: until lifted by the operator
	Times  int       `json:"times"`
}

// bans is the connection gater: a banned peer is neither dialled nor accepted.
type bans struct {
	now  func() time.Time
	mu   sync.Mutex
	list map[peer.ID]Ban
}

func newBans(now func() time.Time) *bans {
	return &bans{now: now, list: make(map[peer.ID]Ban)}
}

func (b *bans) banned(p peer.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	ban, ok := b.list[p]
	return ok && (ban.Until.IsZero() || b.now().Before(ban.Until))
}

// add bans until lifted when forever, else for a time that grows with each offence.
func (b *bans) add(p peer.ID, reason string, forever bool) Ban {
	b.mu.Lock()
	defer b.mu.Unlock()
	old, known := b.list[p]
	if known && old.Until.IsZero() {
		return old
	}
	b.makeRoom()
	ban := Ban{ID: p, Reason: reason, Since: b.now(), Times: old.Times + 1}
	if !forever {
		ban.Until = ban.Since.Add(min(firstBan<<min(old.Times, 10), lastBan))
	}
	b.list[p] = ban
	return ban
}

func (b *bans) makeRoom() {
	if len(b.list) < maxBans {
		return
	}
	var oldest Ban
	for _, v := range b.list {
		if !v.Until.IsZero() && (oldest.ID == "" || v.Since.Before(oldest.Since)) {
			oldest = v
		}
	}
	delete(b.list, oldest.ID)
}

func (b *bans) lift(p peer.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.list, p)
}

func (b *bans) all() []Ban {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Ban
	for _, v := range b.list {
		if v.Until.IsZero() || b.now().Before(v.Until) {
			out = append(out, v)
		}
	}
	return out
}

func (b *bans) InterceptPeerDial(p peer.ID) bool             { return !b.banned(p) }
func (b *bans) InterceptAddrDial(peer.ID, ma.Multiaddr) bool { return true }
func (b *bans) InterceptAccept(network.ConnMultiaddrs) bool  { return true }
func (b *bans) InterceptSecured(_ network.Direction, p peer.ID, _ network.ConnMultiaddrs) bool {
	return !b.banned(p)
}
func (b *bans) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

// Ban refuses a peer until Unban and closes its connections.
func (h *Host) Ban(p peer.ID, reason string) { h.ban(p, reason, true) }

// Penalise refuses a peer for an hour, twice as long each further time up to a day, and closes its connections.
func (h *Host) Penalise(p peer.ID, reason string) { h.ban(p, reason, false) }

func (h *Host) ban(p peer.ID, reason string, forever bool) {
	ban := h.bans.add(p, reason, forever)
	h.log.Warn("peer banned", "peer", p, "reason", ban.Reason, "until", ban.Until)
	if _, ok := h.remoteOf(p); ok {
		return
	}
	if err := h.libp2p.Network().ClosePeer(p); err != nil {
		h.log.Debug("close banned peer", "peer", p, "error", err)
	}
}

// Unban lifts a ban.
func (h *Host) Unban(p peer.ID) { h.bans.lift(p) }

// Bans lists the bans in force.
func (h *Host) Bans() []Ban { return h.bans.all() }

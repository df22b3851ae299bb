package p2p

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Peer is a connected peer, or a configured one that is not.
type Peer struct {
	ID        peer.ID       `json:"id"`
	Addrs     []string      `json:"addrs"` // of the connections; known ones when not connected
	Connected time.Time     `json:"connected,omitzero"`
	Direction string        `json:"direction,omitempty"` // inbound or outbound
	Agent     string        `json:"agent,omitempty"`
	Latency   time.Duration `json:"latency,omitempty"` // smoothed round trip, in nanoseconds
	LastSeen  time.Time     `json:"last_seen,omitzero"`
	Kept      bool          `json:"kept"`            // configured or added: redialled
	Newer     []string      `json:"newer,omitempty"` // protocols of ours that it speaks and this version does not know
}

// Peers are sorted by ID.
func (h *Host) Peers() []Peer {
	kept := h.dialer.kept()
	ids := append(h.libp2p.Network().Peers(), kept...)
	slices.SortFunc(ids, cmp.Compare[peer.ID])
	var out []Peer
	for _, id := range slices.Compact(ids) {
		p := h.peer(id)
		p.Kept = slices.Contains(kept, id)
		out = append(out, p)
	}
	for id, r := range h.remotes {
		out = append(out, Peer{ID: id, Addrs: []string{r.URL}, Direction: "outbound", Connected: h.lastSeen(id), LastSeen: h.lastSeen(id), Kept: true})
	}
	return out
}

func (h *Host) peer(id peer.ID) Peer {
	store := h.libp2p.Peerstore()
	p := Peer{ID: id, Latency: store.LatencyEWMA(id), LastSeen: h.lastSeen(id)}
	if agent, err := store.Get(id, "AgentVersion"); err == nil {
		p.Agent, _ = agent.(string)
	}
	p.Newer = h.unknown(id)
	conns := h.libp2p.Network().ConnsToPeer(id)
	for _, c := range conns {
		p.Addrs = append(p.Addrs, c.RemoteMultiaddr().String())
		if opened := c.Stat().Opened; p.Connected.IsZero() || opened.Before(p.Connected) {
			p.Connected = opened
			p.Direction = direction(c)
		}
	}
	if len(conns) == 0 {
		for _, a := range store.Addrs(id) {
			p.Addrs = append(p.Addrs, a.String())
		}
	}
	return p
}

// unknown lists the protocols of the project that a peer speaks and this version does not know.
func (h *Host) unknown(id peer.ID) (names []string) {
	spoken, err := h.libp2p.Peerstore().GetProtocols(id)
	if err != nil {
		return nil // not connected yet
	}
	for _, name := range spoken {
		if strings.HasPrefix(string(name), "/coursemesh/") && !slices.Contains(ours, name) {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names
}

// ours are the protocols of this version.
var ours = []protocol.ID{HeadsProtocol, SyncProtocol, ErasuresProtocol}

func direction(c network.Conn) string {
	if c.Stat().Direction == network.DirInbound {
		return "inbound"
	}
	return "outbound"
}

// IsConnected reports whether a connection to the peer is open.
func (h *Host) IsConnected(p peer.ID) bool {
	if _, ok := h.remoteOf(p); ok {
		return !h.bans.banned(p)
	}
	return h.reached(p)
}

// reached counts connections through a relay, too.
func (h *Host) reached(p peer.ID) bool {
	c := h.libp2p.Network().Connectedness(p)
	return c == network.Connected || c == network.Limited
}

// Disconnect closes the connections to a peer; a kept one is dialled again.
func (h *Host) Disconnect(p peer.ID) error { return h.libp2p.Network().ClosePeer(p) }

func (h *Host) connected(c network.Conn) {
	h.touch(c.RemotePeer())
	h.tell(c.RemotePeer())
}

func (h *Host) disconnected(c network.Conn) { h.tell(c.RemotePeer()) }

// tell passes on whether a peer is connected now. Notifications of several connections to one peer come
// in any order, so each reads the state itself, and one at a time: the last one told is right.
func (h *Host) tell(p peer.ID) {
	h.telling.Lock()
	defer h.telling.Unlock()
	if h.IsConnected(p) {
		h.backend.Connected(p)
		return
	}
	h.backend.Disconnected(p)
	h.dialer.wake(p)
	h.forget(p)
}

// deadAfter without a byte from a peer that leaves a request unanswered, its connection is given up: after
// a network failure TCP would hold on for minutes, and a kept peer is dialled again at once.
const deadAfter = 15 * time.Second

func (h *Host) dropDead(p peer.ID, err error) {
	if _, ok := h.remoteOf(p); ok {
		return
	}
	timeout := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
	if !timeout || time.Since(h.lastSeen(p)) < deadAfter {
		return
	}
	h.log.Info("peer does not answer: connection closed", "peer", p)
	if err := h.Disconnect(p); err != nil {
		h.log.Debug("close dead connection", "peer", p, "error", err)
	}
}

// touch notes that bytes of the peer arrived or were taken by it.
func (h *Host) touch(p peer.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seen[p] = time.Now()
}

func (h *Host) lastSeen(p peer.ID) time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seen[p]
}

// forget bounds what is remembered of peers that are gone; kept ones are few and stay.
func (h *Host) forget(p peer.ID) {
	if slices.Contains(h.dialer.kept(), p) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.seen, p)
}

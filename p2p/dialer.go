package p2p

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// Redialling: libp2p's own back-off grows to five minutes, too long after a partition heals.
const (
	firstRedial = time.Second
	lastRedial  = 10 * time.Second
	dialTimeout = 8 * time.Second
	// A peer that does not want this node closes the connection after the handshake, when it looks made already.
	welcome = time.Second
	// patience is how many attempts in a row fail before the operator is told.
	patience = 4
)

var errTurnedAway = errors.New("it closes the connection at once: it may be full, or take invited nodes only; then ask its operator to list this node's peer id under p2p.invited")

// dialer keeps configured and added peers connected, each with a goroutine of its own.
type dialer struct {
	h  *Host
	mu sync.Mutex
	// lost wakes the goroutine of a kept peer when its last connection ends.
	lost map[peer.ID]chan struct{}
}

func newDialer(h *Host) *dialer {
	return &dialer{h: h, lost: make(map[peer.ID]chan struct{})}
}

// keep starts keeping a peer, or adds addresses to one already kept.
func (d *dialer) keep(info peer.AddrInfo) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.h.gate.invite(info.ID)
	d.h.libp2p.Peerstore().AddAddrs(info.ID, info.Addrs, forEver)
	d.h.libp2p.ConnManager().Protect(info.ID, "configured")
	if d.lost[info.ID] != nil || d.h.ctx.Err() != nil {
		return
	}
	lost := make(chan struct{}, 1)
	d.lost[info.ID] = lost
	d.h.work.Go(func() { d.run(info.ID, lost) })
}

const forEver = 100 * 365 * 24 * time.Hour

func (d *dialer) kept() []peer.ID {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []peer.ID
	for p := range d.lost {
		out = append(out, p)
	}
	return out
}

func (d *dialer) wake(p peer.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.lost[p]; c != nil {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (d *dialer) run(p peer.ID, lost <-chan struct{}) {
	wait, failed := firstRedial, 0
	for d.h.ctx.Err() == nil {
		if d.h.reached(p) {
			pause(d.h.ctx, lastRedial, lost)
			continue
		}
		if d.h.bans.banned(p) {
			pause(d.h.ctx, lastRedial, nil)
			continue
		}
		err := d.meet(p, lost)
		if err == nil {
			if failed >= patience {
				d.h.log.Info("peer reached again", "peer", p)
			}
			wait, failed = firstRedial, 0
			continue
		}
		failed++
		d.tell(p, failed, err)
		pause(d.h.ctx, wait/2+rand.N(wait/2), nil)
		wait = min(2*wait, lastRedial)
	}
}

// meet dials, and waits whether the connection stays.
func (d *dialer) meet(p peer.ID, lost <-chan struct{}) error {
	select {
	case <-lost: // of an earlier connection
	default:
	}
	if err := d.dial(d.h.ctx, p); err != nil {
		return err
	}
	pause(d.h.ctx, welcome, lost)
	if !d.h.reached(p) {
		return errTurnedAway
	}
	return nil
}

// tell says once that a peer cannot be reached; what happens soon after a start or a restart is no news.
func (d *dialer) tell(p peer.ID, failed int, err error) {
	if failed == patience {
		d.h.log.Warn("peer cannot be reached; it is tried again", "peer", p, "this_node", d.h.ID(), "error", err)
		return
	}
	d.h.log.Debug("dial failed", "peer", p, "error", err)
}

// dial forces a direct dial, which is the one kind that disregards the swarm's own back-off; who is known
// by addresses of relays only is dialled through those.
func (d *dialer) dial(ctx context.Context, p peer.ID) error {
	ctx, cancel := context.WithTimeout(network.WithAllowLimitedConn(ctx, "keep"), dialTimeout)
	defer cancel()
	if slices.ContainsFunc(d.h.libp2p.Peerstore().Addrs(p), func(a ma.Multiaddr) bool { return !relayed(a) }) {
		ctx = network.WithForceDirectDial(ctx, "keep")
	}
	return d.h.libp2p.Connect(ctx, peer.AddrInfo{ID: p})
}

// relayed reports an address that leads through a relay.
func relayed(a ma.Multiaddr) bool {
	_, err := a.ValueForProtocol(ma.P_CIRCUIT)
	return err == nil
}

// pause waits for the time, a wake-up or the end.
func pause(ctx context.Context, t time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}

// Connect dials a peer given as multiaddr with /p2p/ID and keeps it connected from now on, also when this
// first dial fails.
func (h *Host) Connect(ctx context.Context, addr string) error {
	targets, seeds, err := parsePeers([]string{addr})
	if err != nil {
		return err
	}
	if len(seeds) > 0 {
		return fmt.Errorf("p2p: %s names no single peer; put it into p2p.peers", addr)
	}
	t := targets[0]
	h.gate.invite(t.ID)
	if t.ID == h.ID() {
		return fmt.Errorf("p2p: %s is this node", addr)
	}
	h.libp2p.Peerstore().AddAddrs(t.ID, t.Addrs, forEver)
	err = h.dialer.dial(ctx, t.ID)
	h.dialer.keep(t)
	if err != nil {
		return fmt.Errorf("p2p: connect to %s: %w", addr, err)
	}
	return nil
}

// parsePeers reads addresses of peers, and names that stand for peers.
func parsePeers(addrs []string) (out []peer.AddrInfo, seeds []ma.Multiaddr, err error) {
	var errs []error
	for _, a := range addrs {
		if seed, err := ma.NewMultiaddr(a); err == nil && isSeed(seed) {
			seeds = append(seeds, seed)
			continue
		}
		info, err := peer.AddrInfoFromString(a)
		if err != nil {
			errs = append(errs, fmt.Errorf("p2p: peer %q: %w; expected a multiaddr such as /dns4/node.example/tcp/4777/p2p/12D3Koo or /dnsaddr/nodes.example", a, err))
			continue
		}
		out = append(out, *info)
	}
	return out, seeds, errors.Join(errs...)
}

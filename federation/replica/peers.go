package replica

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

// neighbour is a connected peer, followed by a goroutine of its own.
type neighbour struct {
	id    peer.ID
	nudge chan struct{} // compare soon
	gone  chan struct{} // closed on disconnect

	erasures time.Time // when the peer's notices of erasure were read last; of the following goroutine

	// Guarded by Replica.mu.
	digest  [32]byte // the peer's table as of the last comparison
	equal   bool
	last    time.Time
	problem string
}

// minGap between comparisons with one peer, however often it is nudged.
const minGap = 300 * time.Millisecond

// Connected begins to follow a peer.
func (r *Replica) Connected(id peer.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peers[id] != nil {
		return
	}
	n := &neighbour{id: id, nudge: make(chan struct{}, 1), gone: make(chan struct{})}
	r.peers[id] = n
	if r.started != nil {
		r.started(n)
	}
}

// Disconnected ends it; the peer is no source until it shows its table again.
func (r *Replica) Disconnected(id peer.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.peers[id]
	if n == nil {
		return
	}
	close(n.gone)
	delete(r.peers, id)
	for _, p := range r.publishers {
		p.dropSource(id)
	}
}

// Differs compares soon with a peer whose table is neither ours nor the one last seen. So news travels on
// without waiting for the interval, and tables that differ for good cause no extra traffic.
func (r *Replica) Differs(id peer.ID, digest [32]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := r.peers[id]; n != nil && n.digest != digest {
		n.poke()
	}
}

func (n *neighbour) poke() {
	select {
	case n.nudge <- struct{}{}:
	default:
	}
}

func (r *Replica) nudgeAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.peers {
		n.poke()
	}
}

// followPeer compares tables on connect, at the interval, and when nudged.
func (r *Replica) followPeer(ctx context.Context, n *neighbour) {
	for {
		err := r.compare(ctx, n)
		if ctx.Err() != nil {
			return
		}
		r.compared(n, err)
		r.exchangeErasures(ctx, n)
		if err == nil {
			r.restore(ctx, n.id)
		}
		if !sleep(ctx, minGap, nil, n.gone) {
			return
		}
		// Jitter, so that nodes started together do not stay in step.
		if !sleep(ctx, r.interval-minGap-rand.N(r.interval/5), n.nudge, n.gone) {
			return
		}
	}
}

func (r *Replica) compared(n *neighbour, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n.problem = ""
	if err == nil {
		n.last = r.now()
		return
	}
	n.problem = err.Error()
	r.log.Debug("compare heads", "peer", n.id, "error", err)
}

// sleep waits for the time or the wake-up; false means the end.
func sleep(ctx context.Context, t time.Duration, wake, gone <-chan struct{}) bool {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-gone:
		return false
	case <-ctx.Done():
		return false
	}
	return true
}

// compare takes over what the peer shows: sources for heads that are wanted already, and by asking for
// them new heads, heads that contradict ours, and proofs.
func (r *Replica) compare(ctx context.Context, n *neighbour) error {
	mine, err := r.Table()
	if err != nil {
		return err
	}
	host := r.currentHost()
	if host == nil {
		return nil
	}
	x, err := host.Compare(ctx, n.id, mine)
	if err != nil {
		return err
	}
	defer x.Close()
	r.mu.Lock()
	n.digest, n.equal = x.Digest, x.Digest == mine.Digest()
	r.mu.Unlock()
	wants, err := r.wants(n.id, x.Rows)
	if err != nil {
		return err
	}
	var before []p2p.Want
	err = x.Fetch(wants, func(w p2p.Want, got p2p.Received) error {
		prev, err := r.received(n.id, got)
		if prev != (p2p.Want{}) {
			before = append(before, prev)
		}
		return err
	})
	if err != nil {
		return err
	}
	return x.Fetch(before, func(_ p2p.Want, got p2p.Received) error {
		_, err := r.received(n.id, got)
		return err
	})
}

func (r *Replica) currentHost() *p2p.Host {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.host
}

// wants picks the rows that call for a head or a proof.
func (r *Replica) wants(from peer.ID, rows []p2p.Row) ([]p2p.Want, error) {
	var wants []p2p.Want
	for _, row := range rows {
		want, err := r.wantsRow(from, row)
		if err != nil {
			return nil, err
		}
		if want {
			wants = append(wants, p2p.Want{Publisher: row.Publisher})
		}
	}
	return wants, nil
}

func (r *Replica) wantsRow(from peer.ID, row p2p.Row) (bool, error) {
	counts := row.Publisher == r.self || r.bar(row.Publisher) == nil
	last, held, err := r.db.Last(row.Publisher)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if !counts && !held {
		r.shown(from, row, last)
		return false, nil
	}
	proven, err := r.db.Proven(row.Publisher)
	if err != nil {
		return false, err
	}
	switch order := row.Compare(rowOf(last, 0)); {
	case row.Proven > proven:
		return true, nil
	case row.Epoch <= proven: // includes rows without a head
		return false, nil
	case order < 0:
		return !r.seen.has(row.Payload), nil
	case order == 0 && (held || row.Payload != last.Payload):
		return row.Payload != last.Payload, nil
	}
	return r.shown(from, row, last) && counts && !r.refusals.has(row.Payload), nil
}

// shown takes note of a row above the held head and reports whether its head is still to be fetched. A row is
// not signed: of publishers that count, only the head itself says how far this node is behind.
func (r *Replica) shown(from peer.ID, row p2p.Row, held store.Held) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.publisher(row.Publisher)
	if p == nil {
		return false
	}
	if err := r.bar(row.Publisher); err != nil {
		if n := (number{row.Epoch, row.Seq}); p.shown.below(n) {
			p.shown = n
		}
		p.refused, p.barred = err.Error(), true
		return false
	}
	if p.best == nil {
		return true
	}
	best := p2p.Row{Epoch: p.best.Epoch, Seq: p.best.Seq}
	switch order := row.Compare(best); {
	case order == 0 && row.Payload == p.best.payload:
		p.addSource(from)
		r.wake()
		return false
	case order < 0:
		return false
	}
	return true
}

// received takes up what a peer sent. When the head follows the held one but names another head before
// it, it returns the want for that one, which would prove two heads of one number.
func (r *Replica) received(from peer.ID, got p2p.Received) (before p2p.Want, err error) {
	if got.Proof != nil {
		if err := r.keepProof(*got.Proof); err != nil {
			return before, err
		}
	}
	if got.Envelope == nil {
		return before, nil
	}
	held, err := r.db.Head(got.Head.Publisher)
	if err == nil && follows(got.Head, held) && got.Head.Prev != held.CID {
		before = p2p.Want{Publisher: got.Head.Publisher, Head: got.Head.Prev}
	}
	return before, r.consider(from, got.Head, got.Envelope, nil)
}

func follows(h federation.Head, held store.Held) bool {
	return h.Epoch == held.Epoch && h.Seq == held.Seq+1
}

package replica

import (
	"context"
	"errors"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Heads are public, so anybody can offer true ones and then drip their listings. A slow transfer goes on for
// as long as it keeps nobody waiting; otherwise it must be brisk after the first moments, or gives way.
const (
	defaultPatience = 15 * time.Second
	brisk           = 64 << 10              // bytes that earn a second more
	perRecord       = 10 * time.Millisecond // that a verified record earns, whichever peer it came from
	maxSlow         = 8                     // how often patience doubles
)

// errSlow is no fault: a source that was slow gets twice the time on its next turn, so that slow links
// come to an end too, and waits for that turn.
var errSlow = errors.New("slow while others wait")

// hurry breaks a transfer off with errSlow as the cause of its context; stop ends the watch.
func (r *Replica) hurry(ctx context.Context, t *p2p.Transfer) (watched context.Context, stop func()) {
	watched, cancel := context.WithCancelCause(ctx)
	release := context.AfterFunc(watched, t.Abort)
	began := time.Now()
	go func() {
		for sleep(watched, min(lookAgain, r.patience), nil, nil) {
			if time.Since(began) > r.allowed(t) && r.blocks(t.Head.Publisher, t.Peer) {
				cancel(errSlow)
				return
			}
		}
	}()
	return watched, func() {
		release()
		cancel(nil)
	}
}

// allowed is how long a transfer may have taken by now while others wait.
func (r *Replica) allowed(t *p2p.Transfer) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.publishers[t.Head.Publisher]
	earned := time.Duration(t.Received())*time.Second/brisk + time.Duration(p.done)*perRecord
	slow := 0
	if s := p.sources[t.Peer]; s != nil {
		slow = s.slow
	}
	return (r.patience + earned) << slow
}

// blocks reports whether a transfer keeps another peer from being asked, or another publisher from a slot.
func (r *Replica) blocks(id federation.PublisherID, from peer.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for _, other := range r.publishers[id].ready(now) {
		if other != from {
			return true
		}
	}
	if r.running < parallel-keptSlots {
		return false
	}
	for _, p := range r.publishers {
		if p.fetchable(now) && !now.Before(p.paced) {
			return true
		}
	}
	return false
}

// fetchable: there is a head to fetch, and somebody to ask.
func (p *publisher) fetchable(now time.Time) bool {
	return p.best != nil && !p.busy && (p.best.news != nil || len(p.ready(now)) > 0)
}

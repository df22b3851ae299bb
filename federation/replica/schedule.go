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
	"golang.org/x/sync/errgroup"
)

// source is a peer that lists the wanted head or a later one.
type source struct {
	after time.Time // not asked before
	slow  int       // how often it was too slow
}

const (
	retryAfter = 3 * time.Second // for a peer whose transfer broke
	lookAgain  = time.Second
)

// schedule runs transfers: one per publisher, a few at a time.
func (r *Replica) schedule(ctx context.Context, group *errgroup.Group) error {
	for {
		for id := range r.next() {
			group.Go(func() error {
				defer r.finished(id)
				return r.catchUp(ctx, id)
			})
		}
		if !sleep(ctx, lookAgain, r.kick, nil) {
			return ctx.Err()
		}
	}
}

// next marks the publishers to be fetched now.
func (r *Replica) next() map[federation.PublisherID]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	chosen := make(map[federation.PublisherID]bool)
	for id, p := range r.publishers {
		if r.host == nil || r.running >= parallel {
			break
		}
		if !p.fetchable(r.now()) {
			continue
		}
		if p.waiting = r.waits(p, r.now()); p.waiting != "" {
			continue
		}
		p.busy, chosen[id] = true, true
		r.running++
	}
	return chosen
}

// ready lists the sources that may be asked, in random order to spread load.
func (p *publisher) ready(now time.Time) []peer.ID {
	var out []peer.ID
	for id, s := range p.sources {
		if !now.Before(s.after) {
			out = append(out, id)
		}
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// sourcesOf lists the peers that list the wanted head of a publisher and may be asked.
func (r *Replica) sourcesOf(id federation.PublisherID) []peer.ID {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.publishers[id].ready(r.now())
}

func (r *Replica) finished(id federation.PublisherID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.publishers[id]
	p.busy, p.done, p.total = false, 0, 0
	r.running--
	r.wake()
}

// catchUp brings one publisher to its best known head, from the gossiped changes if they apply, else from
// one source after the other. Only a failing database is an error.
func (r *Replica) catchUp(ctx context.Context, id federation.PublisherID) error {
	best, sources := r.job(id)
	if best == nil {
		return nil
	}
	if best.news != nil {
		err := r.applyNews(ctx, *best)
		if err == nil || fatal(err) {
			return r.settle(id, err)
		}
		r.log.Debug("gossiped changes do not apply", "publisher", id, "error", err)
	}
	for _, from := range sources {
		err := r.transfer(ctx, from, *best)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil || fatal(err) || errors.Is(err, errStale) {
			return r.settle(id, err)
		}
		if errors.Is(err, errErased) || errors.Is(err, errInadmissible) {
			r.refuse(id, *best, err)
			return nil
		}
		r.failed(id, from, err)
	}
	return nil
}

// job takes the gossiped changes out of the candidate: they are tried once.
func (r *Replica) job(id federation.PublisherID) (*candidate, []peer.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.publishers[id]
	if p.best == nil {
		return nil, nil
	}
	c := *p.best
	p.best.news = nil
	return &c, p.ready(r.now())
}

// fatal errors are the database's: going on could only make it worse.
func fatal(err error) bool {
	return errors.Is(err, store.ErrReadOnly) || errors.Is(err, store.ErrClosed)
}

// settle drops the candidate once it, or a later head, is held.
func (r *Replica) settle(id federation.PublisherID, err error) error {
	if err != nil && !errors.Is(err, errStale) {
		return err
	}
	held, err := r.db.Head(id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.publishers[id]
	p.problem = ""
	if p.best != nil && p.best.Compare(held.Head) <= 0 {
		p.best, p.sources = nil, nil
	}
	return nil
}

// failed notes the attempt. Who broke the protocol is penalised, which disconnects it; who does not hold
// the head after all is no source; others are asked again later. A head without sources is given up until
// a peer shows it again, so that it does not stand in the way of a lower one that can be had.
func (r *Replica) failed(id federation.PublisherID, from peer.ID, err error) {
	r.tally.failed.Add(1)
	r.log.Info("transfer failed", "publisher", id, "peer", from, "error", err)
	host := r.currentHost()
	if host == nil {
		return
	}
	r.mu.Lock()
	p := r.publishers[id]
	p.problem = err.Error()
	if s := p.sources[from]; s != nil {
		s.after = r.now().Add(retryAfter)
		if errors.Is(err, errSlow) {
			s.slow = min(s.slow+1, maxSlow)
			s.after = r.now().Add(r.patience << s.slow)
		}
	}
	if errors.Is(err, p2p.ErrNotHeld) || errors.Is(err, p2p.ErrProtocol) || !host.IsConnected(from) {
		p.dropSource(from)
	}
	r.mu.Unlock()
	if errors.Is(err, p2p.ErrProtocol) {
		host.Penalise(from, err.Error())
	}
}

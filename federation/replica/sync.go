package replica

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
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
		if p.best == nil || p.busy || (p.best.news == nil && len(p.ready(r.now())) == 0) {
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
		if errors.Is(err, errErased) {
			r.refuse(id, best.Head, err)
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
	}
	if errors.Is(err, p2p.ErrNotHeld) || errors.Is(err, p2p.ErrProtocol) || !host.IsConnected(from) {
		p.dropSource(from)
	}
	r.mu.Unlock()
	if errors.Is(err, p2p.ErrProtocol) {
		host.Penalise(from, err.Error())
	}
}

// transfer fetches what leads to the candidate, or to a later head that the peer has by now, and switches.
func (r *Replica) transfer(ctx context.Context, from peer.ID, want candidate) error {
	held, err := r.db.Head(want.Publisher)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	host := r.currentHost()
	if host == nil {
		return context.Canceled
	}
	t, err := host.Sync(ctx, from, p2p.SyncRequest{Publisher: want.Publisher, Head: want.cid, Have: held.CID})
	if err != nil {
		return err
	}
	defer t.Close()
	if err := r.checkOffer(t, want, held); err != nil {
		return err
	}
	plan, err := r.plan(t, held)
	if err != nil {
		return err
	}
	if err := r.fetch(ctx, t, plan); err != nil {
		return err
	}
	if err := r.switchTo(ctx, t.Head, t.Envelope, plan.ops); err != nil {
		return err
	}
	r.tally.transferred.Add(1)
	return nil
}

// checkOffer judges the head that the peer leads to, before anything more is read.
func (r *Replica) checkOffer(t *p2p.Transfer, want candidate, held store.Held) error {
	if t.Head.Compare(want.Head) < 0 {
		return fmt.Errorf("%w: an older head than the one asked for", p2p.ErrProtocol)
	}
	news, _, err := r.relate(t.Head, t.Envelope)
	if err != nil {
		return err
	}
	if !news {
		return errStale
	}
	if err := r.admissible(t.Head); err != nil {
		return err
	}
	if !held.CID.Defined() && !t.Full {
		return fmt.Errorf("%w: operations since nothing", p2p.ErrProtocol)
	}
	if t.Count > held.Count+t.Head.Count {
		return fmt.Errorf("%w: more operations than the two sets have keys", p2p.ErrProtocol)
	}
	return nil
}

// switchTo applies operations that must lead to the signed root; if they do not, whoever gave them lied.
func (r *Replica) switchTo(ctx context.Context, h federation.Head, envelope []byte, ops []store.Op) error {
	if err := r.bar(h.Publisher); err != nil { // decided while the records came
		return err
	}
	_, err := r.db.Switch(ctx, h.Publisher, ops, func(next store.Next) ([]byte, error) {
		if next.Root != h.Root || next.Count != h.Count || next.Bytes != h.Bytes {
			return nil, fmt.Errorf("%w: the operations lead to root %s with %d records, the head has %s with %d",
				p2p.ErrProtocol, next.Root, next.Count, h.Root, h.Count)
		}
		return envelope, nil
	})
	if err != nil {
		return err
	}
	r.spend(h, len(ops))
	r.log.Info("switched", "publisher", h.Publisher, "epoch", h.Epoch, "seq", h.Seq, "records", h.Count, "changes", len(ops))
	return nil
}

// applyNews switches by the changes that were gossiped with the head.
func (r *Replica) applyNews(ctx context.Context, c candidate) error {
	held, err := r.db.Head(c.Publisher)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	delta := c.news.Delta
	if held.CID != delta.Base {
		return errors.New("they start from another head")
	}
	ops := make(map[string]store.Op)
	blocks := make([]store.Block, len(delta.Records))
	for i, envelope := range delta.Records {
		rec := c.news.Records[i]
		blocks[i] = store.Block{CID: federation.CIDOf(envelope), Data: envelope}
		ops[rec.Key()] = store.Op{Key: rec.Key(), New: blocks[i].CID, Domain: rec.Source.Domain, Bytes: len(envelope)}
	}
	for _, key := range delta.Withdrawn {
		ops[key] = store.Op{Key: key}
	}
	list := slices.Collect(maps.Values(ops))
	for _, rec := range c.news.Records {
		op := ops[rec.Key()]
		if err := r.describe(&op, rec, c.Publisher, op.Bytes); err != nil {
			return err
		}
	}
	for i := range list {
		entry, err := r.db.Entry(c.Publisher, list[i].Key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		list[i].Old = entry.CID
	}
	if err := r.db.Stage(ctx, blocks); err != nil {
		return err
	}
	if err := r.switchTo(ctx, c.Head, c.envelope, list); err != nil {
		return err
	}
	r.tally.gossiped.Add(1)
	return nil
}

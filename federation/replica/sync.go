package replica

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

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
	began := time.Now()
	t, err := host.Sync(ctx, from, p2p.SyncRequest{Publisher: want.Publisher, Head: want.cid, Have: held.CID})
	if err != nil && time.Since(began) > r.patience {
		return fmt.Errorf("%w: %w", errSlow, err)
	}
	if err != nil {
		return err
	}
	defer t.Close()
	if err := r.checkOffer(t, want, held); err != nil {
		return err
	}
	ops, err := r.read(ctx, t, held)
	if err != nil {
		return err
	}
	if err := r.switchTo(ctx, t.Head, t.Envelope, ops); err != nil {
		return err
	}
	r.tally.transferred.Add(1)
	return nil
}

// read takes the listing and the missing records, unless the peer is slow while others wait.
func (r *Replica) read(ctx context.Context, t *p2p.Transfer, held store.Held) ([]store.Op, error) {
	ctx, stop := r.hurry(ctx, t)
	defer stop()
	pl, err := r.plan(t, held)
	if err == nil {
		err = r.fetch(ctx, t, pl)
	}
	if err == nil {
		return pl.ops, nil
	}
	if errors.Is(context.Cause(ctx), errSlow) {
		err = errSlow
	}
	return nil, err
}

// errInadmissible: the peer has gone on to a head that this node does not take from anybody.
var errInadmissible = errors.New("head is not admissible")

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
		return fmt.Errorf("%w: %w", errInadmissible, err)
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
		return envelope, r.stillRoom(h.Publisher)
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

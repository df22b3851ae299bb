package replica

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
	"golang.org/x/sync/errgroup"
)

// plan is what a transfer will do to the set.
type plan struct {
	publisher federation.PublisherID
	ops       []store.Op
	missing   []int  // ops whose record is to be fetched
	bytes     uint64 // that the fetched records may have
}

// plan reads the listing to its end and compares it with the own set.
func (r *Replica) plan(t *p2p.Transfer, held store.Held) (*plan, error) {
	pl := &plan{publisher: t.Head.Publisher, bytes: t.Head.Bytes}
	entries := t.Entries()
	if t.Full {
		entries = r.against(t.Head.Publisher, held, entries)
	}
	for e, err := range entries {
		if err != nil {
			return nil, err
		}
		op, missing, err := r.op(pl.publisher, e)
		if err != nil {
			return nil, err
		}
		if missing {
			pl.missing = append(pl.missing, len(pl.ops))
		}
		pl.ops = append(pl.ops, op)
	}
	return pl, nil
}

// against turns a full sorted list into operations on the own set, which is sorted too.
func (r *Replica) against(id federation.PublisherID, held store.Held, list iter.Seq2[p2p.Entry, error]) iter.Seq2[p2p.Entry, error] {
	return func(yield func(p2p.Entry, error) bool) {
		next, stop := iter.Pull2(r.own(id, held))
		defer stop()
		own, err, more := next()
		// before yields the withdrawals of own keys below the given one ("" means all that are left).
		before := func(key string) bool {
			for ; more && (key == "" || own.Key < key); own, err, more = next() {
				if !yield(p2p.Entry{Key: own.Key, Old: own.CID}, err) || err != nil {
					return false
				}
			}
			return true
		}
		for e, listErr := range list {
			if listErr != nil {
				yield(e, listErr)
				return
			}
			if !before(e.Key) {
				return
			}
			if more && err == nil && own.Key == e.Key {
				e.Old = own.CID
				own, err, more = next()
			}
			if e.Old != e.New && !yield(e, nil) {
				return
			}
		}
		before("")
	}
}

func (r *Replica) own(id federation.PublisherID, held store.Held) iter.Seq2[store.Entry, error] {
	if !held.CID.Defined() {
		return func(func(store.Entry, error) bool) {}
	}
	return r.db.Entries(id, "")
}

// op checks one operation against the own set and looks whether its record is here already.
func (r *Replica) op(id federation.PublisherID, e p2p.Entry) (op store.Op, missing bool, err error) {
	own, err := r.db.Entry(id, e.Key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return op, false, err
	}
	if own.CID != e.Old {
		return op, false, fmt.Errorf("%w: operation on %q from %s, which is %s here", p2p.ErrProtocol, e.Key, e.Old, own.CID)
	}
	op = store.Op{Key: e.Key, Old: e.Old, New: e.New}
	if !e.New.Defined() {
		return op, false, nil
	}
	data, err := r.db.Get(e.New)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		return op, true, nil
	}
	if err != nil {
		return op, false, err
	}
	rec, err := federation.DecodeRecord(data) // it was opened before it was staged
	if err != nil {
		return op, false, fmt.Errorf("%w: %q: %w", p2p.ErrProtocol, e.Key, err)
	}
	return op, false, r.describe(&op, rec, id, len(data))
}

// describe completes an operation from its record, which must be the publisher's own and of that key.
func (r *Replica) describe(op *store.Op, rec federation.Record, id federation.PublisherID, size int) error {
	if rec.Publisher != id || rec.Key() != op.Key {
		return fmt.Errorf("%w: record %s is not %q of %s", p2p.ErrProtocol, op.New, op.Key, id)
	}
	if r.erasures != nil && r.erasures.Refuses(op.New, rec.Provider) {
		return fmt.Errorf("%w: %s of %s", errErased, op.New, rec.Provider)
	}
	op.Domain, op.Bytes = rec.Source.Domain, size
	return nil
}

// Batches of records between the network and the database.
const (
	batchRecords = 500
	batchBytes   = 8 << 20
)

type batch struct {
	ops    []int
	blocks []store.Block
}

// fetch reads the missing records, verifies and stages them, while the next batch is on its way.
func (r *Replica) fetch(ctx context.Context, t *p2p.Transfer, pl *plan) error {
	r.progress(pl.publisher, 0, len(pl.missing))
	batches := make(chan batch, 1)
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(batches)
		return r.read(reading, t, pl, batches)
	})
	var bad error // what is wrong with the records, rather than that reading was broken off for it
	group.Go(func() error {
		bad = r.takeAll(ctx, pl, batches)
		if bad != nil {
			t.Abort() // the reader may be waiting for the peer
		}
		return bad
	})
	err := group.Wait()
	if bad != nil {
		return bad
	}
	return err
}

func (r *Replica) takeAll(ctx context.Context, pl *plan, batches <-chan batch) error {
	done := 0
	for b := range batches {
		if err := r.take(ctx, pl, b); err != nil {
			return err
		}
		r.tally.records.Add(uint64(len(b.ops)))
		done += len(b.ops)
		r.progress(pl.publisher, done, len(pl.missing))
	}
	return nil
}

func (r *Replica) read(ctx context.Context, t *p2p.Transfer, pl *plan, out chan<- batch) error {
	wants := make([]cid.Cid, len(pl.missing))
	for i, n := range pl.missing {
		wants[i] = pl.ops[n].New
	}
	var b batch
	size, i := 0, 0
	flush := func() error {
		select {
		case out <- b:
			b, size = batch{}, 0
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for data, err := range t.Records(wants) {
		if err != nil {
			return errors.Join(err, flush()) // what arrived is kept for the next attempt
		}
		b.ops = append(b.ops, pl.missing[i])
		b.blocks = append(b.blocks, store.Block{CID: wants[i], Data: data})
		size += len(data)
		i++
		if pl.bytes < uint64(len(data)) {
			return fmt.Errorf("%w: more bytes of records than the head says", p2p.ErrProtocol)
		}
		pl.bytes -= uint64(len(data))
		if len(b.ops) == batchRecords || size >= batchBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// take verifies a batch on all processors and stages it.
func (r *Replica) take(ctx context.Context, pl *plan, b batch) error {
	group, checking := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, n := range b.ops {
		group.Go(func() error {
			if checking.Err() != nil {
				return checking.Err()
			}
			rec, err := federation.OpenRecord(b.blocks[i].Data)
			if err != nil {
				return fmt.Errorf("%w: record %s: %w", p2p.ErrProtocol, b.blocks[i].CID, err)
			}
			return r.describe(&pl.ops[n], rec, pl.publisher, len(b.blocks[i].Data))
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return r.db.Stage(ctx, b.blocks)
}

func (r *Replica) progress(id federation.PublisherID, done, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.publishers[id]; p != nil {
		p.done, p.total = done, total
	}
}

package replica

import (
	"errors"
	"fmt"
	"iter"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
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
	data, err := r.db.Record(e.New)
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
	if r.erasures != nil && r.erasures.Refuses(op.New, rec) {
		return fmt.Errorf("%w: %s of %s", errErased, op.New, rec.Provider)
	}
	op.Domain, op.Bytes = rec.Source.Domain, size
	return nil
}

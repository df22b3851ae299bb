package replica

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

var _ p2p.Backend = (*Replica)(nil)

// tableCache is the table of heads as of a change of the database.
type tableCache struct {
	mu    sync.Mutex
	at    uint64
	table *p2p.Table
}

// Table lists the effective heads held here, and the proven epochs.
func (r *Replica) Table() (*p2p.Table, error) {
	r.table.mu.Lock()
	defer r.table.mu.Unlock()
	at := r.db.LastChange()
	if r.table.table != nil && r.table.at == at {
		return r.table.table, nil
	}
	rows, err := r.rows()
	if err != nil {
		return nil, fmt.Errorf("table of heads: %w", err)
	}
	r.table.at, r.table.table = at, p2p.NewTable(rows)
	return r.table.table, nil
}

func (r *Replica) rows() ([]p2p.Row, error) {
	heads, err := r.db.Heads()
	if err != nil {
		return nil, err
	}
	proven, err := r.db.ProvenEpochs()
	if err != nil {
		return nil, err
	}
	rows := make(map[federation.PublisherID]p2p.Row, len(heads))
	for id, epoch := range proven {
		rows[id] = p2p.Row{Publisher: id, Proven: epoch}
	}
	for _, h := range heads {
		if row := rows[h.Publisher]; h.Epoch > row.Proven {
			rows[h.Publisher] = rowOf(h, row.Proven)
		}
	}
	out := make([]p2p.Row, 0, len(rows))
	for _, row := range rows {
		out = append(out, row)
	}
	return out, nil
}

func rowOf(h store.Held, proven uint64) p2p.Row {
	return p2p.Row{Publisher: h.Publisher, Epoch: h.Epoch, Seq: h.Seq, Payload: h.Payload, Proven: proven}
}

// Get serves records and current heads.
func (r *Replica) Get(c cid.Cid) ([]byte, error) { return r.db.Near(c) }

// Head serves the current head of a publisher, or the held one with that CID.
func (r *Replica) Head(p federation.PublisherID, c cid.Cid) ([]byte, error) {
	var held store.Held
	var err error
	if c.Defined() {
		held, err = r.db.HeadAt(p, c)
	} else {
		held, err = r.db.Head(p)
	}
	return held.Envelope, err
}

// Proof serves the proof of a publisher's highest proven epoch.
func (r *Replica) Proof(p federation.PublisherID) ([]byte, error) {
	proof, err := r.db.Proof(p)
	if err != nil {
		return nil, err
	}
	return proof.Encode(), nil
}

// listingTries is how often a listing is begun anew because the set was switched meanwhile.
const listingTries = 5

// Listing leads to the current head, if that is the one asked for or comes after it.
func (r *Replica) Listing(ctx context.Context, q p2p.SyncRequest) (p2p.Listing, error) {
	for range listingTries {
		held, err := r.db.Head(q.Publisher)
		if err == nil && held.CID != q.Head {
			_, err = r.db.HeadAt(q.Publisher, q.Head)
		}
		if errors.Is(err, store.ErrNotFound) {
			return p2p.Listing{}, p2p.ErrNotHeld
		}
		if err != nil {
			return p2p.Listing{}, err
		}
		l, err := r.listing(ctx, held, q.Have)
		if err != nil {
			return p2p.Listing{}, err
		}
		steady, err := r.steady(held)
		if err != nil {
			return p2p.Listing{}, err
		}
		if steady {
			return l, nil
		}
	}
	return p2p.Listing{}, fmt.Errorf("%w: the set is being switched too often", p2p.ErrNotHeld)
}

// steady reports whether the set is that of the head, and was while a listing was read since. The head is
// answered from memory, which a switch changes after the rows, and before the next switch begins: so the
// rows are asked too.
func (r *Replica) steady(held store.Held) (bool, error) {
	since, err := r.db.OpsSince(held.Publisher, held.CID)
	if err != nil && !errors.Is(err, store.ErrTooOld) {
		return false, err
	}
	now, headErr := r.db.Head(held.Publisher)
	return err == nil && len(since) == 0 && now.CID == held.CID, headErr
}

func (r *Replica) listing(ctx context.Context, held store.Held, have cid.Cid) (p2p.Listing, error) {
	l := p2p.Listing{Envelope: held.Envelope}
	if have.Defined() {
		ops, err := r.db.OpsSince(held.Publisher, have)
		if err == nil {
			for _, op := range ops {
				l.Entries = append(l.Entries, p2p.Entry{Key: op.Key, Old: op.Old, New: op.New})
			}
			return l, nil
		}
		if !errors.Is(err, store.ErrTooOld) {
			return l, err
		}
	}
	l.Full = true
	l.Entries = make([]p2p.Entry, 0, held.Count)
	for e, err := range r.db.Entries(held.Publisher, "") {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return l, err
		}
		l.Entries = append(l.Entries, p2p.Entry{Key: e.Key, New: e.CID})
	}
	return l, nil
}

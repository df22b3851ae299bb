// Package erasure keeps notices of erasure, spreads nothing by itself, and carries out those that act.
//
// A notice names records of a provider that are to be forgotten (docs/protocol.md). It acts while its
// publisher counts for the provider and no held head lists the record: so whoever loses authority loses this
// too, and nobody changes the catalogue by it. Heads of publishers for whom nobody speaks any more stand in no
// notice's way: such a set is let go as a whole, since a head is held completely or not at all. What was erased
// is refused when it comes again from there, or from the notice's own publisher; another publisher that
// counts is not to be silenced by a notice.
//
// Notices whose publisher does not count are not kept; peers offer them again, should that change.
package erasure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// Why a notice is not kept.
var (
	ErrNotCounting = errors.New("the notice's publisher does not count for the provider")
	ErrFull        = errors.New("too many notices")
)

// Limits of what is kept.
const (
	maxNotices      = 4096
	maxPerPublisher = 512
)

// Hash names a notice: sha2-256 of its envelope.
type Hash = [32]byte

// Authority is what a register asks.
type Authority struct {
	// Counts says whether a publisher may speak for a provider now.
	Counts func(p federation.PublisherID, provider string) bool
	// Vouched says whether anybody lets a publisher speak, for whatever domain; true of the node's own.
	Vouched func(p federation.PublisherID) bool
}

// Register holds notices. Safe for concurrent use.
type Register struct {
	db    *store.DB
	table store.Table[[]byte]
	who   Authority

	mu       sync.RWMutex // guards what follows
	notices  map[Hash]notice
	byRecord map[cid.Cid][]Hash
	fresh    chan struct{} // holds a token after a notice came
}

type notice struct {
	federation.Erasure
	envelope []byte
}

// Open reads the notices kept in the database.
func Open(db *store.DB, who Authority) *Register {
	r := &Register{
		db: db, table: store.TableOf[[]byte](db, "erasures"), who: who,
		notices: map[Hash]notice{}, byRecord: map[cid.Cid][]Hash{}, fresh: make(chan struct{}, 1),
	}
	for _, envelope := range r.table.All("") {
		if e, err := federation.OpenErasure(envelope); err == nil {
			r.remember(e, envelope)
		}
	}
	return r
}

func (r *Register) remember(e federation.Erasure, envelope []byte) {
	h := sha256.Sum256(envelope)
	if _, known := r.notices[h]; known {
		return
	}
	r.notices[h] = notice{e, envelope}
	for _, c := range e.Records {
		r.byRecord[c] = append(r.byRecord[c], h)
	}
	select {
	case r.fresh <- struct{}{}:
	default:
	}
}

// Add verifies and keeps a notice; keeping it twice is no error.
func (r *Register) Add(envelope []byte) (federation.Erasure, error) {
	e, err := federation.OpenErasure(envelope)
	if err != nil {
		return e, err
	}
	if !r.who.Counts(e.Publisher, e.Provider) {
		return e, fmt.Errorf("%w: %s for %s", ErrNotCounting, e.Publisher, e.Provider)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h := sha256.Sum256(envelope)
	if _, known := r.notices[h]; known {
		return e, nil
	}
	if len(r.notices) >= maxNotices || r.of(e.Publisher) >= maxPerPublisher {
		return e, ErrFull
	}
	if err := r.table.Put(hex.EncodeToString(h[:]), envelope); err != nil {
		return e, err
	}
	r.remember(e, bytes.Clone(envelope))
	return e, nil
}

func (r *Register) of(p federation.PublisherID) (n int) {
	for _, v := range r.notices {
		if v.Publisher == p {
			n++
		}
	}
	return n
}

// Has reports whether a notice is kept.
func (r *Register) Has(h Hash) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, ok := r.notices[h]
	return ok
}

// Erasures lists the notices, rising, and the sha2-256 of the list's bytes.
func (r *Register) Erasures() (digest Hash, list []Hash) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for h := range r.notices {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b Hash) int { return bytes.Compare(a[:], b[:]) })
	all := sha256.New()
	for _, h := range list {
		all.Write(h[:])
	}
	return Hash(all.Sum(nil)), list
}

// Erasure is the envelope of one notice.
func (r *Register) Erasure(h Hash) ([]byte, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if v, ok := r.notices[h]; ok {
		return v.envelope, nil
	}
	return nil, store.ErrNotFound
}

// Notices are those kept, in no order.
func (r *Register) Notices() []federation.Erasure {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := make([]federation.Erasure, 0, len(r.notices))
	for _, v := range r.notices {
		out = append(out, v.Erasure)
	}
	return out
}

// Refuses reports whether a record must not be stored again.
func (r *Register) Refuses(c cid.Cid, record federation.Record) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(r.byRecord[c], func(h Hash) bool {
		v := r.notices[h]
		return v.Provider == record.Provider && r.who.Counts(v.Publisher, v.Provider) &&
			(v.Publisher == record.Publisher || !r.who.Vouched(record.Publisher))
	})
}

// CarryOut erases what notices name and no held head lists. It returns how many blocks it removed.
func (r *Register) CarryOut(ctx context.Context) (erased int, err error) {
	for _, v := range r.Notices() {
		if !r.who.Counts(v.Publisher, v.Provider) {
			continue
		}
		for _, c := range v.Records {
			if err := ctx.Err(); err != nil {
				return erased, err
			}
			gone, err := r.erase(ctx, c, v.Provider)
			if err != nil {
				return erased, err
			}
			if gone {
				erased++
			}
		}
	}
	return erased, nil
}

// erase removes one record if it is here and belongs to the provider.
func (r *Register) erase(ctx context.Context, c cid.Cid, provider string) (bool, error) {
	data, err := r.db.Record(c)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	record, err := federation.DecodeRecord(data)
	if err != nil || record.Provider != provider {
		return false, nil // of somebody else: not theirs to erase
	}
	return r.Remove(ctx, c, record)
}

// Remove removes a record that is here, unless it is current in the set of a publisher for whom somebody
// speaks. The set of one for whom nobody does is let go with it.
func (r *Register) Remove(ctx context.Context, c cid.Cid, record federation.Record) (gone bool, err error) {
	gone, err = r.db.Erase(c, record.Publisher, record.Key())
	if gone || err != nil || r.who.Vouched(record.Publisher) {
		return gone, err
	}
	if err := r.db.Release(ctx, record.Publisher); err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	return r.db.Erase(c, record.Publisher, record.Key())
}

// Fresh receives after notices were added.
func (r *Register) Fresh() <-chan struct{} { return r.fresh }

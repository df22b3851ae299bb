package index

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// OfferingQuery searches offerings, those inside of courses and those with a record of their own. A zero
// field does not restrict; lists mean any of their values.
type OfferingQuery struct {
	StartFrom, StartTo, ApplyByFrom Day
	Languages, Modes, Countries     []string
	Providers                       []string // of the record, or delivering the offering
	PlacesLeft                      *int     // at least so many; with 0 also those that are full

	Limit  int // 20 when zero, at most 100
	Cursor string
}

// OfferingHit is one offering found.
type OfferingHit struct {
	Key   string // of its record: a course or an offering
	CID   cid.Cid
	Place int // among the offerings of a course, in the order of elm.View
}

// OfferingResult of a search, by day of beginning, unknown ones last. Total is exact.
type OfferingResult struct {
	Hits  []OfferingHit
	Total int
	Next  string // cursor of the next page, "" at the end
}

// run is an offering as searches order it.
type run struct {
	start Day
	tie   [tieSize]byte
	place uint16
	doc   uint32
}

const maxPlace = 1 << 16 // offerings of one course beyond these are not listed

func (r run) compare(o run) int {
	if (r.start == 0) != (o.start == 0) {
		return cmp.Compare(o.start, r.start)
	}
	return cmp.Or(cmp.Compare(r.start, o.start), bytes.Compare(r.tie[:], o.tie[:]), cmp.Compare(r.place, o.place))
}

// Offerings answers a query. It gives up when ctx ends; the errors are those of Search.
func (ix *Index) Offerings(ctx context.Context, q OfferingQuery) (OfferingResult, error) {
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return OfferingResult{}, fmt.Errorf("%w: limit is %d; it must be 1 to %d", ErrQuery, q.Limit, MaxLimit)
	}
	after, err := q.after()
	if err != nil {
		return OfferingResult{}, err
	}
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	best, total, err := ix.firstRuns(ctx, q, after)
	if err != nil {
		return OfferingResult{}, err
	}
	out := OfferingResult{Total: total}
	if len(best) > q.Limit {
		best = best[:q.Limit]
		out.Next = q.cursor(best[len(best)-1])
	}
	for _, r := range best {
		d := &ix.docs[r.doc]
		out.Hits = append(out.Hits, OfferingHit{d.key, d.cid, int(r.place)})
	}
	return out, nil
}

// firstRuns counts what matches and keeps the first ones behind the cursor, one more than the limit.
func (ix *Index) firstRuns(ctx context.Context, q OfferingQuery, after *run) (best []run, total int, err error) {
	const between = 4096 // documents between two looks at the clock
	for n := range uint32(len(ix.docs)) {
		if n%between == 0 && ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if !ix.offers(n) {
			continue
		}
		d := &ix.docs[n]
		for place, o := range d.offerings[:min(len(d.offerings), maxPlace)] {
			if !q.matches(o, ix.cols[Provider], n) {
				continue
			}
			total++
			r := run{o.Start, d.tie, uint16(place), n}
			if after == nil || r.compare(*after) > 0 {
				best = keep(best, r, q.Limit+1)
			}
		}
	}
	return best, total, nil
}

// offers reports whether the offerings of a document are listed: of a shown course, or of an offering's record.
func (ix *Index) offers(n uint32) bool {
	return ix.live.has(n) || ix.held.has(n) && isOffering(ix.docs[n].key)
}

// keep inserts a run into a sorted list of limited length.
func keep(best []run, r run, limit int) []run {
	i, _ := slices.BinarySearchFunc(best, r, run.compare)
	switch {
	case len(best) < limit:
		return slices.Insert(best, i, r)
	case i < limit:
		copy(best[i+1:], best[i:])
		best[i] = r
	}
	return best
}

func (q OfferingQuery) matches(o Offering, providers *column, n uint32) bool {
	switch {
	case o.Start == 0 && (q.StartFrom != 0 || q.StartTo != 0),
		q.StartFrom != 0 && o.Start < q.StartFrom,
		q.StartTo != 0 && o.Start > q.StartTo,
		q.ApplyByFrom != 0 && o.ApplyBy < q.ApplyByFrom,
		q.PlacesLeft != nil && (o.PlacesLeft == PlacesUnknown || int(o.PlacesLeft) < *q.PlacesLeft),
		len(q.Languages) > 0 && !slices.Contains(q.Languages, o.Language),
		!meet(q.Modes, o.Modes), !meet(q.Countries, o.Countries):
		return false
	}
	return meet(q.Providers, o.Providers) || meet(q.Providers, providers.valuesOf(n))
}

// meet reports whether one of the wanted values is there; nothing wanted is met by anything.
func meet(wanted, have []string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(v string) bool { return slices.Contains(have, v) })
}

func isOffering(key string) bool {
	kind, _, _, err := federation.SplitKey(key)
	return err == nil && kind == federation.KindOffering
}

// An offering's cursor is base64url of: version, hash of the query, day, tie, place.
const (
	offeringCursorVersion = 0x81
	offeringCursorSize    = 1 + queryHash + 4 + tieSize + 2
)

func (q OfferingQuery) cursor(r run) string {
	b := append([]byte{offeringCursorVersion}, q.hash()...)
	b = binary.BigEndian.AppendUint32(b, uint32(r.start))
	b = append(b, r.tie[:]...)
	b = binary.BigEndian.AppendUint16(b, r.place)
	return base64.RawURLEncoding.EncodeToString(b)
}

func (q OfferingQuery) after() (*run, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(b) != offeringCursorSize || b[0] != offeringCursorVersion || string(b[1:1+queryHash]) != string(q.hash()) {
		return nil, ErrCursor
	}
	b = b[1+queryHash:]
	r := &run{start: Day(binary.BigEndian.Uint32(b)), place: binary.BigEndian.Uint16(b[4+tieSize:])}
	copy(r.tie[:], b[4:])
	return r, nil
}

func (q OfferingQuery) hash() []byte {
	h := sha256.Sum256([]byte(fmt.Sprintf("%d %d %d %v %q %q %q %q", q.StartFrom, q.StartTo, q.ApplyByFrom, deref(q.PlacesLeft),
		sorted(q.Languages), sorted(q.Modes), sorted(q.Countries), sorted(q.Providers))))
	return h[:queryHash]
}

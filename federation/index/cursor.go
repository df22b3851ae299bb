package index

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
)

// A cursor is base64url of: version, hash of the query, number, tie, text. It is bounded since the
// text is, and it needs no memory here.
const (
	cursorVersion = 1
	queryHash     = 8
	cursorHead    = 1 + queryHash + 8 + tieSize
	maxCursor     = cursorHead + maxSortTitle
)

// cursor encodes where the page ended.
func (q Query) cursor(p position) string {
	b := append([]byte{cursorVersion}, q.hash()...)
	b = binary.BigEndian.AppendUint64(b, uint64(p.number))
	b = append(b, p.tie[:]...)
	b = append(b, p.text...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// after decodes the cursor of a query; nil when it has none.
func (q Query) after() (*position, error) {
	if q.Cursor == "" {
		return nil, nil
	}
	if len(q.Cursor) > base64.RawURLEncoding.EncodedLen(maxCursor) {
		return nil, ErrCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(b) == 0 {
		return nil, ErrCursor
	}
	if b[0] != cursorVersion {
		return nil, ErrCursorExpired
	}
	if len(b) < cursorHead || string(b[1:1+queryHash]) != string(q.hash()) {
		return nil, ErrCursor
	}
	b = b[1+queryHash:]
	p := position{number: int64(binary.BigEndian.Uint64(b)), text: string(b[8+tieSize:])}
	copy(p.tie[:], b[8:])
	return &p, nil
}

// hash covers everything that decides which documents come in which order.
func (q Query) hash() []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %d %v %v %v %d %q %v\n", q.Text, q.Sort, deref(q.ECTSFrom), deref(q.ECTSTo), deref(q.Active),
		q.ModifiedFrom.Unix(), sorted(q.Identifiers), q.Offering.key())
	for f := range fieldCount {
		fmt.Fprintf(h, "%q\n", sorted(q.Values[f]))
	}
	return h.Sum(nil)[:queryHash]
}

func (f OfferingFilter) key() string {
	return fmt.Sprint(f.StartFrom, f.ApplyByFrom, sorted(f.LocationCountries), deref(f.OpenToNonEnrolled))
}

func sorted(values []string) []string { return slices.Sorted(slices.Values(values)) }

func deref[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

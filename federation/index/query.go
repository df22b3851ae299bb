package index

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
)

// Query of a search. A zero field does not restrict.
type Query struct {
	Text string // words, all of which must occur; the last one may be the beginning of a word

	Values       map[Field][]string // repeated = or; ISCED by prefix of digits
	ECTSFrom     *float64
	ECTSTo       *float64
	Active       *bool
	ModifiedFrom time.Time
	Identifiers  []string // any of them
	Offering     OfferingFilter

	Facets []Field
	Sort   Sort
	Limit  int    // 20 when zero, at most 100
	Cursor string // of the page before
}

// OfferingFilter must match one and the same offering.
type OfferingFilter struct {
	StartFrom, ApplyByFrom Day
	LocationCountries      []string
	OpenToNonEnrolled      *bool
}

func (f OfferingFilter) set() bool {
	return f.StartFrom != 0 || f.ApplyByFrom != 0 || len(f.LocationCountries) > 0 || f.OpenToNonEnrolled != nil
}

func (f OfferingFilter) matches(offerings []Offering) bool {
	return slices.ContainsFunc(offerings, func(o Offering) bool {
		return (f.StartFrom == 0 || o.Start >= f.StartFrom) &&
			(f.ApplyByFrom == 0 || o.ApplyBy >= f.ApplyByFrom) &&
			(len(f.LocationCountries) == 0 || slices.ContainsFunc(f.LocationCountries, func(c string) bool {
				return slices.Contains(o.Countries, c)
			})) &&
			(f.OpenToNonEnrolled == nil || o.OpenToNonEnrolled != nil && *o.OpenToNonEnrolled == *f.OpenToNonEnrolled)
	})
}

// Sort is an order of results. Equal ones follow a hash of their key, so every order is total.
type Sort uint8

// The orders. ByDefault is by relevance with a text and by title without.
const (
	ByDefault Sort = iota
	ByRelevance
	ByTitle
	ByTitleDown
	ByModified // oldest first
	ByModifiedDown
	ByECTS // unknown last
	ByECTSDown
	sortCount
)

var sortNames = [sortCount]string{"", "relevance", "title", "-title", "modified", "-modified", "ects", "-ects"}

// String is the order's name in queries.
func (s Sort) String() string { return sortNames[s] }

// SortOf finds an order by its name.
func SortOf(name string) (Sort, bool) {
	i := slices.Index(sortNames[:], name)
	return Sort(max(i, 0)), i > 0
}

// Sorts lists the names of the orders.
func Sorts() []string { return slices.Clone(sortNames[1:]) }

// Limits of a query.
const (
	DefaultLimit = 20
	MaxLimit     = 100
	maxWords     = 32
	maxFacet     = 500 // values of one facet in an answer, by count
)

// Errors of Search. ErrCursorExpired says that the cursor was made by another version of this program.
var (
	ErrQuery         = errors.New("query")
	ErrCursor        = errors.New("this cursor belongs to another query or is damaged; begin again without it")
	ErrCursorExpired = errors.New("this cursor is no longer valid; begin again without it")
)

// Hit is a document found.
type Hit struct {
	Key string
	CID cid.Cid
}

// Count is one value of a facet: how many results would have it if the filters of its own field were
// left out, so that the alternatives to a chosen value stay in sight.
type Count struct {
	Value string
	Count int
}

// Result of a search. Total is exact.
type Result struct {
	Hits       []Hit
	Total      int
	Next       string // cursor of the next page, "" at the end
	Facets     map[Field][]Count
	Generation uint64
}

// check completes a query and refuses what is out of bounds.
func (q Query) check() (Query, error) {
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return q, fmt.Errorf("%w: limit is %d; it must be 1 to %d", ErrQuery, q.Limit, MaxLimit)
	}
	if q.Sort == ByDefault {
		q.Sort = ByTitle
		if strings.TrimSpace(q.Text) != "" {
			q.Sort = ByRelevance
		}
	}
	return q, nil
}

// free reports that nothing but text and values restricts the query.
func (q Query) free() bool {
	return len(q.Identifiers) == 0 && q.ECTSFrom == nil && q.ECTSTo == nil && q.Active == nil && q.ModifiedFrom.IsZero() && !q.Offering.set()
}

// words cuts the text of a query.
func (q Query) words() ([]string, error) {
	var words []string
	for word := range wordsOf(q.Text) {
		words = append(words, string(word))
	}
	if len(words) > maxWords {
		return nil, fmt.Errorf("%w: q has %d words; at most %d", ErrQuery, len(words), maxWords)
	}
	return words, nil
}

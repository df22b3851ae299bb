package ooapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// page is the paging envelope of the standard, read tolerantly.
type page struct {
	items   []json.RawMessage
	size    int   // pageSize as the server states it, 0 when it does not
	total   int   // totalPages, 0 when not stated
	hasNext *bool // nil when not stated
}

var errNotPage = errors.New("the answer is no page of the Open Education API")

// parsePage reads a page. A bare array counts as a single page, an object in place of items as one
// entry, and a course on its own as a page of one. Entries stay undecoded, so their nesting is judged
// one by one.
func parsePage(body []byte) (page, error) {
	if len(body) == 0 {
		return page{}, source.ErrEmptyBody
	}
	switch body[0] {
	case '[':
		items, err := source.Entries(body)
		return page{items: items}, wrapPage(err)
	case '{':
		return parseEnvelope(body)
	}
	return page{}, fmt.Errorf("%w: no JSON object, it starts with %s", errNotPage, source.Head(body))
}

func parseEnvelope(body []byte) (page, error) {
	env, err := source.Fields(body)
	if err != nil {
		return page{}, wrapPage(err)
	}
	raw := env.Raw("items")
	if raw == nil {
		if slices.ContainsFunc(entryIDs, func(id string) bool { return env.Raw(id) != nil }) {
			return page{items: []json.RawMessage{body}}, nil
		}
		return page{}, fmt.Errorf("%w: it has no field items", errNotPage)
	}
	p := page{size: source.Count(env.Raw("pageSize")), total: source.Count(env.Raw("totalPages")), hasNext: source.Truth(env.Raw("hasNextPage"))}
	if p.items, err = source.Entries(raw); err != nil {
		err = fmt.Errorf("items: %w", err)
	}
	return p, wrapPage(err)
}

// entryIDs are the fields by which an entry that stands alone is known.
var entryIDs = []string{"courseId", "programId", "programmeId", "educationSpecificationId"}

func wrapPage(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errNotPage, err)
}

// verdict says how a listing goes on after a page.
type verdict int

const (
	more       verdict = iota
	ended              // the listing is complete
	incomplete         // the server claims more but does not give it
)

// paging judges the pages of one listing in turn.
type paging struct {
	asked    int  // pageSize in the request, 0 for none
	number   int  // pages read
	promised bool // the last page said that another follows
	seen     source.Pages
	query    url.Values // of every request
}

// next judges page number p.number+1; fresh says whether its entries are new.
//
// hasNextPage decides when it is stated to be false; true is believed over totalPages, which some servers
// count wrong. Without hasNextPage totalPages decides, and without both a listing goes on until a page is
// empty or repeated: a short page proves nothing, since servers cap the page size silently.
// A server that repeats page n > 1 clamps at its end, and the listing is complete; one that answers
// every request with a full first page ignores pageNumber, and what else it has stays unknown.
func (p *paging) next(pg page) (fresh bool, v verdict) {
	p.number++
	last := pg.total > 0 && p.number >= pg.total
	p.promised = pg.hasNext != nil && *pg.hasNext && !last
	if len(pg.items) == 0 {
		return false, ended
	}
	if p.number == 1 && pg.hasNext != nil && !*pg.hasNext {
		return true, ended // of one page there is nothing to compare
	}
	if first, again := p.seen.Again(pg.items, p.number); again {
		return false, p.repeated(first, pg)
	}
	switch {
	case pg.hasNext != nil && !*pg.hasNext, pg.hasNext == nil && last:
		return true, ended
	}
	return true, more
}

func (p *paging) repeated(first int, pg page) verdict {
	size := pg.size
	if size == 0 {
		size = p.asked
	}
	claimed := pg.total > 1 || pg.hasNext != nil && *pg.hasNext
	if claimed && first == 1 && p.number == 2 && len(pg.items) >= size {
		return incomplete
	}
	return ended
}

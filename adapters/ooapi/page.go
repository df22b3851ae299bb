package ooapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// page is the paging envelope of the standard, read tolerantly.
type page struct {
	items   []json.RawMessage
	size    int   // pageSize as the server states it, 0 when it does not
	total   int   // totalPages, 0 when not stated
	hasNext *bool // nil when not stated
}

var (
	errEmptyBody = errors.New("the answer has status 200 and an empty body")
	errNotPage   = errors.New("the answer is no page of the Open Education API")
)

// parsePage reads a page. A bare array counts as a single page, an object in place of items as one
// entry, and a course on its own as a page of one. Entries stay undecoded, so their nesting is judged
// one by one.
func parsePage(body []byte) (page, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		return page{}, errEmptyBody
	}
	switch body[0] {
	case '[':
		var p page
		return p, wrapPage(json.Unmarshal(body, &p.items))
	case '{':
		return parseEnvelope(body)
	}
	return page{}, fmt.Errorf("%w: it starts with %q, not with a JSON object", errNotPage, head(body))
}

func parseEnvelope(body []byte) (page, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return page{}, wrapPage(err)
	}
	env := trimmed(fields)
	raw, ok := env.get("items").(json.RawMessage)
	if !ok {
		if _, lone := env.get("courseId").(json.RawMessage); lone {
			return page{items: []json.RawMessage{body}}, nil
		}
		return page{}, fmt.Errorf("%w: it has no field items", errNotPage)
	}
	p := page{size: count(env.get("pageSize")), total: count(env.get("totalPages")), hasNext: truth(env.get("hasNextPage"))}
	var err error
	p.items, err = entries(raw)
	return p, wrapPage(err)
}

func wrapPage(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errNotPage, err)
}

func entries(raw json.RawMessage) ([]json.RawMessage, error) {
	switch {
	case len(raw) > 0 && raw[0] == '[':
		var items []json.RawMessage
		err := json.Unmarshal(raw, &items)
		return items, err
	case len(raw) > 0 && raw[0] == '{':
		return []json.RawMessage{raw}, nil
	case string(raw) == "null":
		return nil, nil
	}
	return nil, fmt.Errorf("items is %q, not an array", head(raw))
}

func head(b []byte) string { return string(b[:min(len(b), 20)]) }

// count reads a number that may be sent as text; 0 when there is none.
func count(v any) int {
	n, err := strconv.Atoi(unquoted(v))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// truth reads a boolean that may be sent as text or number; nil when there is none.
func truth(v any) *bool {
	b, err := strconv.ParseBool(strings.ToLower(unquoted(v)))
	if err != nil {
		return nil
	}
	return &b
}

func unquoted(v any) string {
	raw, _ := v.(json.RawMessage)
	return strings.TrimSpace(strings.Trim(string(raw), `"`))
}

// print identifies a page by what is in it.
func (p page) print() [32]byte {
	h := sha256.New()
	for _, raw := range p.items {
		fmt.Fprintf(h, "%d:", len(raw))
		h.Write(raw)
	}
	return [32]byte(h.Sum(nil))
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
	seen     map[[32]byte]int
}

// next judges page number p.number+1; fresh says whether its entries are new.
//
// hasNextPage and totalPages decide when they are stated. Without them a listing goes on until a
// page is empty or repeated: a short page proves nothing, since servers cap the page size silently.
// A server that repeats page n > 1 clamps at its end, and the listing is complete; one that answers
// every request with a full first page ignores pageNumber, and what else it has stays unknown.
func (p *paging) next(pg page) (fresh bool, v verdict) {
	p.number++
	p.promised = pg.hasNext != nil && *pg.hasNext
	if len(pg.items) == 0 {
		return false, ended
	}
	mark := pg.print()
	if first, again := p.seen[mark]; again {
		return false, p.repeated(first, pg)
	}
	p.seen[mark] = p.number
	switch {
	case pg.total > 0 && p.number >= pg.total:
		return true, ended
	case pg.hasNext != nil && !*pg.hasNext:
		return true, ended
	}
	return true, more
}

func (p *paging) repeated(first int, pg page) verdict {
	size := pg.size
	if size == 0 {
		size = p.asked
	}
	if p.promised && first == 1 && p.number == 2 && len(pg.items) >= size {
		return incomplete
	}
	return ended
}

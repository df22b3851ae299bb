package eduapi

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// Raw is an undecoded record.
type Raw = json.RawMessage

var errNotPage = errors.New("the answer is no list of Edu-API records")

// entries reads a page. The standard sends a bare array; an object that wraps it under the collection's name
// or any other, and one record on its own, count too.
func entries(body []byte, collection string) ([]Raw, error) {
	if len(body) == 0 {
		return nil, source.ErrEmptyBody
	}
	switch body[0] {
	case '[':
		items, err := source.Entries(body)
		return items, notPage(err)
	case '{':
		return wrapped(body, collection)
	}
	return nil, fmt.Errorf("%w: no JSON array, it starts with %s", errNotPage, source.Head(body))
}

func notPage(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errNotPage, err)
}

func wrapped(body []byte, collection string) ([]Raw, error) {
	fields, err := source.Fields(body)
	if err != nil {
		return nil, notPage(err)
	}
	if fields.Raw("imsx_codeMajor") != nil {
		return nil, fmt.Errorf("%w: the server reports %q", errNotPage, source.Head(fields.Raw("imsx_description")))
	}
	if fields.Raw("sourcedId") != nil {
		return []Raw{body}, nil
	}
	if raw := fields.Raw(collection); raw != nil {
		items, err := source.Entries(raw)
		return items, notPage(err)
	}
	for _, f := range fields {
		if raw := fields.Raw(f.Name); len(raw) > 0 && raw[0] == '[' {
			items, err := source.Entries(raw)
			return items, notPage(err)
		}
	}
	return nil, fmt.Errorf("%w: it has no field %s", errNotPage, collection)
}

// verdict says how a listing goes on after a page.
type verdict int

const (
	more       verdict = iota
	ended              // the listing is complete
	incomplete         // the server claims more but does not give it
	unsure             // the server gives one page again and again, and it is not known whether that is all
)

// listing is the state of one listing.
type listing struct {
	limit    int // asked for
	shapes   []shape
	part     bool // only what matches a filter is asked for
	plainer  int  // shape in use: what was given up
	offset   int  // of the next page: what was received, whatever limit the server keeps to
	pages    int
	received int
	first    int             // records on the first page
	total    int             // X-Total-Count as last stated, -1 when it is not
	link     url.Values      // query of the next link, nil without one
	seen     map[string]bool // records, by id
}

func (l *listing) shape() shape { return l.shapes[l.plainer] }

// another goes on to the next shape of request, where there is one.
func (l *listing) another() bool {
	if l.plainer+1 >= len(l.shapes) {
		return false
	}
	l.plainer++
	return true
}

// next judges a page; fresh says whether any of its records is new.
//
// A next link or X-Total-Count decides when stated, but that some servers count the page: a total that the first page
// reaches, or that is passed, proves nothing. Without them a listing goes on until a page is empty or brings nothing
// new: a short page proves nothing, since servers cap the limit silently. A server that repeats its
// first page ignores offset; was that page as long as asked for, what else it has stays unknown.
func (l *listing) next(items []Raw, header http.Header) (fresh bool, v verdict) {
	number := l.pages
	l.pages++
	total := stated(header)
	if len(items) == 0 {
		return false, l.end(total)
	}
	if !l.isNew(items) {
		if v = l.end(total); v == ended && number == 1 && total < 0 && l.total < 0 {
			v = unsure
			if l.first == l.limit && l.shape().limit {
				v = incomplete
			}
		}
		return false, v
	}
	l.note(items)
	if number == 0 {
		l.first = len(items)
	}
	l.received += len(items)
	l.offset += len(items)
	l.total = total
	var paged bool
	l.link, paged = nextLink(header)
	switch {
	case l.link != nil:
		return true, more
	case total == l.received && number > 0, total == l.received && paged, total < 0 && paged:
		return true, ended
	}
	return true, more
}

// isNew says that one of the records was not listed before.
func (l *listing) isNew(items []Raw) bool {
	return slices.ContainsFunc(items, func(raw Raw) bool { return !l.seen[mark(raw)] })
}

func (l *listing) note(items []Raw) {
	for _, raw := range items {
		l.seen[mark(raw)] = true
	}
}

// mark tells records apart: by id, and those without one by what they say.
func mark(raw Raw) string {
	if fields, err := source.Fields(raw); err == nil && len(fields.Raw("sourcedId")) > 0 {
		return string(fields.Raw("sourcedId"))
	}
	sum := sha256.Sum256(raw)
	return string(sum[:])
}

// end judges a listing that gives no more, against the total that was stated.
func (l *listing) end(total int) verdict {
	if total < 0 && l.pages > 0 {
		total = l.total
	}
	if total > l.received {
		return incomplete
	}
	return ended
}

// stated is X-Total-Count, -1 without one.
func stated(h http.Header) int {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get("X-Total-Count")))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// nextLink is the query of the link with rel=next, and whether there are links between pages at all. Host and path
// are not heeded, since servers behind a proxy name themselves as they are called inside.
func nextLink(h http.Header) (query url.Values, paged bool) {
	for _, line := range h.Values("Link") {
		for rest := line; ; {
			_, after, ok := strings.Cut(rest, "<")
			target, tail, closed := strings.Cut(after, ">")
			if !ok || !closed {
				break
			}
			parameters, _, _ := strings.Cut(tail, "<")
			rest = tail
			relations := relationsOf(parameters)
			if slices.ContainsFunc(relations, func(r string) bool { return slices.Contains(betweenPages, r) }) {
				paged = true
			}
			if u, err := url.Parse(strings.TrimSpace(target)); err == nil && slices.Contains(relations, "next") && u.RawQuery != "" {
				return u.Query(), true
			}
		}
	}
	return nil, paged
}

var betweenPages = []string{"next", "last", "first", "prev", "previous"}

// relationsOf reads the parameters of one link.
func relationsOf(parameters string) []string {
	for _, p := range strings.FieldsFunc(parameters, func(r rune) bool { return r == ';' || r == ',' }) {
		name, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(strings.TrimSpace(name), "rel") {
			return strings.Fields(strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`)))
		}
	}
	return nil
}

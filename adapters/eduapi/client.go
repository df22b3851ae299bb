package eduapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// client asks one server.
type client struct {
	*source.Client
	root     string // as the manifest states it, or the discovery document
	pageSize int
	own      string // filter that the manifest puts on every request
	always   string // filter that the server wants on every list, once it is found
	plain    int    // first shape of a request that the server did not refuse
}

const defaultPageSize = 500

func newClient(get adapters.Get, src adapters.Source, lim Limits) *client {
	size := src.PageSize
	if size <= 0 {
		size = defaultPageSize
	}
	c := &client{Client: source.NewClient(get, src.Path, lim), root: src.Path, pageSize: size}
	for name, values := range src.QueryParameters {
		if strings.EqualFold(name, "filter") && len(values) > 0 {
			c.own = values[0]
		}
	}
	return c
}

// references looks up what the mapping of a template needs to know.
func (c *client) references(ctx context.Context, records ...source.Object) (source.References, error) {
	refs := make(source.References)
	c.Begin()
	for _, o := range records {
		if err := c.Resolve(ctx, refs, sessions, o.Get("academicSession")); err != nil {
			return nil, err
		}
		if err := c.Climb(ctx, refs, organizations, o.Get("organization")); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

// shape is a way of asking for a list. Servers refuse parameters that they do not know, and some refuse lists
// without a filter.
type shape struct {
	order, limit bool
	filter       string
}

// everything are filters that let every record through, or every one that counts.
var everything = []string{"recordStatus!='deleted'", "recordStatus='active'", "dateLastModified>='1970-01-01T00:00:00Z'"}

// shapes are the ways of asking for a list, in the order in which they are tried.
func (c *client) shapes(filter string) []shape {
	switch {
	case filter != "" && c.own != "":
		filter = c.own + " AND " + filter
	case filter == "":
		filter = c.always
	}
	out := []shape{{true, true, filter}, {false, true, filter}, {false, false, filter}}
	if filter == "" && c.own == "" {
		for _, f := range everything {
			out = append(out, shape{true, true, f}, shape{false, true, f})
		}
	}
	return out
}

// list hands every record of a collection to visit, in order. A clean return means complete. With a filter only the
// records that match are listed.
func (c *client) list(ctx context.Context, collection, filter string, visit func(source.Record) error) error {
	turn := listing{limit: c.pageSize, shapes: c.shapes(filter), part: filter != "", seen: make(map[string]bool)}
	if filter == "" {
		turn.plainer = min(c.plain, len(turn.shapes)-1)
	}
	for turn.pages < c.Pages {
		address, items, v, err := c.page(ctx, &turn, collection)
		if err != nil {
			return err
		}
		if err := source.VisitAll(address, "", items, visit); err != nil {
			return err
		}
		if v == unsure {
			v = c.otherEnd(ctx, &turn, collection)
		}
		switch v {
		case ended:
			return nil
		case incomplete:
			return fmt.Errorf("%s: the server claims more than the %d records that it gives; let it honour offset, and count in X-Total-Count what it lists", address, turn.received)
		}
	}
	return fmt.Errorf("%s: more than %d pages", c.URL(nil, collection), c.Pages)
}

// page fetches the next page and judges it; what is not new is left out.
func (c *client) page(ctx context.Context, turn *listing, collection string) (string, []Raw, verdict, error) {
	address := c.URL(turn.query(), collection)
	a, err := c.Fetch(ctx, address)
	switch code := source.Status(err); {
	case turn.pages == 0 && (code == http.StatusBadRequest || code == http.StatusUnprocessableEntity) && turn.another():
		return c.page(ctx, turn, collection)
	case turn.pages > 0 && code == http.StatusNotFound && turn.link == nil:
		return address, nil, turn.end(-1), nil
	case err != nil:
		return address, nil, ended, refusal(err, code)
	}
	items, err := entries(a.Body, collection)
	if errors.Is(err, source.ErrEmptyBody) && (turn.pages > 0 || turn.part || collection != courses.templates) {
		items, err = nil, nil // an empty page; of all courses it is rather a failing server
	}
	if err != nil {
		return address, nil, ended, fmt.Errorf("%s: %w; check path in the manifest and the server's log", address, err)
	}
	if stop, err := c.proven(turn, collection, address, len(items)); err != nil || !stop {
		if err != nil {
			return address, nil, ended, err
		}
		return c.page(ctx, turn, collection)
	}
	fresh, v := turn.next(items, a.Header)
	if !fresh {
		items = nil
	}
	return a.URL, items, v, nil
}

func refusal(err error, code int) error {
	if code == http.StatusBadRequest || code == http.StatusUnprocessableEntity {
		return fmt.Errorf("%w; the server refuses every way of asking for this list: state the filter that it wants as queryParameters in the manifest", err)
	}
	return err
}

// proven makes sure of a filter that was tried because the server wants one: some answer a filter that they do not
// know with nothing. What gives records is kept for every other list.
func (c *client) proven(turn *listing, collection, address string, found int) (bool, error) {
	filter := turn.shape().filter
	tried := slices.Contains(everything, filter) && c.always == ""
	switch {
	case turn.pages > 0 || !tried && found == 0:
		return true, nil
	case found > 0:
		if c.plain = turn.plainer; tried {
			c.always, c.plain = filter, 0
		}
		return true, nil
	case turn.another():
		return false, nil
	case collection == courses.templates:
		return false, fmt.Errorf("%s: the server wants a filter and gives nothing for those that let everything through; state one as queryParameters in the manifest", address)
	}
	return true, nil
}

// otherEnd asks for the list from its end, where the server gave one page only and repeated it: what it lists there
// and not on that page shows that there is more.
func (c *client) otherEnd(ctx context.Context, turn *listing, collection string) verdict {
	q := turn.query()
	q.Set("offset", "0")
	q.Set("sort", "sourcedId")
	q.Set("orderBy", "desc")
	a, err := c.Fetch(ctx, c.URL(q, collection))
	if err != nil {
		return ended // the server knows no order
	}
	items, err := entries(a.Body, collection)
	if err == nil && turn.isNew(items) {
		return incomplete
	}
	return ended
}

// query asks for the listing's next page. A next link's own parameters win.
func (l *listing) query() url.Values {
	q, s := url.Values{}, l.shape()
	if s.limit {
		q.Set("limit", strconv.Itoa(l.limit))
	}
	if s.limit || l.offset > 0 {
		q.Set("offset", strconv.Itoa(l.offset))
	}
	if s.order {
		q.Set("sort", "sourcedId")
		q.Set("orderBy", "asc")
	}
	if s.filter != "" {
		q.Set("filter", s.filter)
	}
	for name, values := range l.link {
		q[name] = values
	}
	return q
}

package eduapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// client asks one server.
type client struct {
	*source.Client
	pageSize int
}

const defaultPageSize = 500

func newClient(get adapters.Get, src adapters.Source, lim Limits) *client {
	size := src.PageSize
	if size <= 0 {
		size = defaultPageSize
	}
	return &client{source.NewClient(get, src.Path, lim), size}
}

// Collections that records refer to.
var (
	organizations = source.Collection{Name: "organizations", ID: "sourcedId"}
	sessions      = source.Collection{Name: "academicSessions", ID: "sourcedId"}
)

// references looks up what the mapping of a template needs to know.
func (c *client) references(ctx context.Context, template source.Object, offerings []source.Entry) (source.References, error) {
	refs := make(source.References)
	if err := c.Climb(ctx, refs, organizations, template.Get("organization")); err != nil {
		return nil, err
	}
	for _, o := range offerings {
		if err := c.Resolve(ctx, refs, sessions, o.Get("academicSession")); err != nil {
			return nil, err
		}
		if err := c.Climb(ctx, refs, organizations, o.Get("organization")); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

// list hands every record of a collection to visit, in order. A clean return means complete.
func (c *client) list(ctx context.Context, collection string, visit func(source.Record) error) error {
	if _, err := c.Root(); err != nil {
		return err
	}
	turn := listing{limit: c.pageSize, seen: make(source.Pages)}
	for turn.pages < c.Pages {
		address, items, v, err := c.page(ctx, &turn, collection)
		if err != nil {
			return err
		}
		if err := source.VisitAll(address, "", items, visit); err != nil {
			return err
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
	case turn.pages == 0 && turn.plainer < plainest && (code == http.StatusBadRequest || code == http.StatusUnprocessableEntity):
		turn.plainer++ // some servers refuse parameters that they do not know
		return c.page(ctx, turn, collection)
	case turn.pages > 0 && code == http.StatusNotFound && turn.link == nil:
		return address, nil, turn.end(-1), nil
	case err != nil:
		return address, nil, ended, err
	}
	items, err := entries(a.Body, collection)
	if errors.Is(err, source.ErrEmptyBody) && (turn.pages > 0 || collection != courses.templates) {
		items, err = nil, nil // an empty page; of courses it is rather a failing server
	}
	if err != nil {
		return address, nil, ended, fmt.Errorf("%s: %w; check path in the manifest and the server's log", address, err)
	}
	fresh, v := turn.next(items, a.Header)
	if !fresh {
		items = nil
	}
	return a.URL, items, v, nil
}

// query asks for the listing's next page. A next link's own parameters win.
func (l *listing) query() url.Values {
	q := url.Values{}
	if l.plainer < plainest {
		q.Set("limit", strconv.Itoa(l.limit))
	}
	if l.plainer < plainest || l.offset > 0 {
		q.Set("offset", strconv.Itoa(l.offset))
	}
	if l.plainer == 0 {
		q.Set("sort", "sourcedId")
		q.Set("orderBy", "asc")
	}
	for name, values := range l.link {
		q[name] = values
	}
	return q
}

package ooapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// client asks one server.
type client struct {
	*source.Client
	pageSize int
	listen   func([]json.RawMessage) // hears every page first; may be nil
	service  source.Object           // what the server says of itself; nil until it was asked
}

const defaultPageSize = 250

// pageSizes are the ones the standard allows.
var pageSizes = []int{10, 20, 50, 100, 250}

func newClient(get adapters.Get, src adapters.Source, lim Limits) *client {
	c := &client{Client: source.NewClient(get, src.Path, lim), pageSize: allowedSize(src.PageSize)}
	c.Whole = func(ctx context.Context, in source.Collection, visit func(source.Record) error) error {
		return c.list(ctx, visit, in.Name)
	}
	return c
}

// allowedSize is the largest allowed size that is not above what the manifest wants.
func allowedSize(wanted int) int {
	if wanted <= 0 {
		return defaultPageSize
	}
	size := pageSizes[0]
	for _, s := range pageSizes {
		if s <= wanted {
			size = s
		}
	}
	return size
}

// list hands every entry of a paged collection to visit, in order. A clean return means complete.
func (c *client) list(ctx context.Context, visit func(source.Record) error, segments ...string) error {
	return c.listWith(ctx, nil, visit, segments...)
}

func (c *client) listWith(ctx context.Context, query url.Values, visit func(source.Record) error, segments ...string) error {
	if _, err := c.Root(); err != nil {
		return err
	}
	turn := paging{asked: c.pageSize, seen: make(source.Pages), query: query}
	for turn.number < c.Limits.Pages {
		address, pg, err := c.page(ctx, &turn, segments)
		if err != nil && turn.number > 0 {
			return &brokenListing{err}
		}
		if err != nil || pg == nil {
			return err
		}
		fresh, v := turn.next(*pg)
		if fresh {
			if c.listen != nil {
				c.listen(pg.items)
			}
			if err := source.VisitAll(address, "/items", pg.items, visit); err != nil {
				return err
			}
		}
		switch v {
		case ended:
			return nil
		case incomplete:
			return fmt.Errorf("%s: the server repeats its first page although hasNextPage is true; let it honour pageNumber", address)
		}
	}
	return fmt.Errorf("%s: more than %d pages", c.URL(nil, segments...), c.Limits.Pages)
}

// brokenListing is the failure of a page behind the first: whatever its status says, the collection is there.
type brokenListing struct{ error }

func (e *brokenListing) Unwrap() error { return e.error }

func brokeOff(err error) bool {
	var broken *brokenListing
	return errors.As(err, &broken)
}

// refused says that the server does not have or does not show a collection.
func refused(err error) bool { return source.Refused(err) && !brokeOff(err) }

// page fetches the next page; nil without an error means that the listing ended before it.
func (c *client) page(ctx context.Context, turn *paging, segments []string) (string, *page, error) {
	address := c.Address(pageQuery(turn), segments...)
	a, err := c.Fetch(ctx, address)
	var status *adapters.StatusError
	if errors.As(err, &status) {
		switch {
		case turn.number == 0 && turn.asked > 0 && (status.Code == http.StatusBadRequest || status.Code == http.StatusUnprocessableEntity):
			turn.asked = 0 // some servers refuse a pageSize they do not like
			return c.page(ctx, turn, segments)
		case turn.number > 0 && status.Code == http.StatusNotFound && !turn.promised:
			return address, nil, nil
		}
	}
	if err != nil {
		return address, nil, explained(err)
	}
	pg, err := parsePage(a.Body)
	if err != nil {
		return address, nil, fmt.Errorf("%s: %w; check path in the manifest and the server's log", address, err)
	}
	return a.URL, &pg, nil
}

func pageQuery(turn *paging) string {
	q := "pageNumber=" + strconv.Itoa(turn.number+1)
	if turn.asked > 0 {
		q += "&pageSize=" + strconv.Itoa(turn.asked)
	}
	if len(turn.query) == 0 {
		return q
	}
	all := url.URL{RawQuery: q}
	asked := all.Query()
	maps.Copy(asked, turn.query)
	return asked.Encode()
}

// explained says what a server would accept that refuses the version.
func explained(err error) error {
	var status *adapters.StatusError
	if !errors.As(err, &status) || status.Code != http.StatusNotAcceptable {
		return err
	}
	versions := "another version"
	if problem, bad := source.Decode(status.Problem, problemDepth); bad == nil {
		if o, ok := problem.(source.Object); ok && o.Has("supportedVersions") {
			versions = "version " + strings.Join(source.Scalars(o.Get("supportedVersions")), " or ")
		}
	}
	return fmt.Errorf("%w: the server answers in %s only; name it in the manifest, "+
		`such as headers: {Accept: "application/vnd.oeapi+json;version=6.0"}`, err, versions)
}

const problemDepth = 16

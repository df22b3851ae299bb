package ooapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// client asks one server.
type client struct {
	get      adapters.Get
	base     *url.URL // ends with a slash
	baseErr  error
	pageSize int
	limits   Limits
	cache    map[string]object // looked-up objects; nil for those the server does not have
	first    bool              // no answer seen yet
}

const (
	defaultPageSize = 250
	cacheEntries    = 4096
	emptyRetries    = 2 // an overloaded server answers 200 with nothing, then recovers
)

// pageSizes are the ones the standard allows.
var pageSizes = []int{10, 20, 50, 100, 250}

func newClient(get adapters.Get, source adapters.Source, lim Limits) *client {
	c := &client{get: get, limits: lim, pageSize: allowedSize(source.PageSize), cache: make(map[string]object), first: true}
	c.base, c.baseErr = url.Parse(strings.TrimSpace(source.Path))
	if c.baseErr == nil && (c.base.Host == "" || c.base.Scheme == "") {
		c.baseErr = fmt.Errorf("%q is no absolute URL; give the API's root in path", source.Path)
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

// url joins the root, taken as a directory, with path segments, and keeps the root's query.
func (c *client) url(query url.Values, segments ...string) string {
	u := *c.base
	u.Fragment = ""
	path := strings.TrimRight(u.EscapedPath(), "/")
	for _, s := range segments {
		path += "/" + url.PathEscape(s)
	}
	u.RawPath = path
	u.Path, _ = url.PathUnescape(path)
	q := u.Query()
	for k, v := range query {
		q[k] = v
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// answer is one answer, read whole.
type answer struct {
	url  string // after redirects
	body []byte
}

// fetch reads one answer, asking again when it is empty.
func (c *client) fetch(ctx context.Context, address string) (a answer, err error) {
	for range 1 + emptyRetries {
		a, err = c.once(ctx, address)
		if err != nil || len(a.body) > 0 {
			break
		}
	}
	return a, err
}

func (c *client) once(ctx context.Context, address string) (answer, error) {
	resp, err := c.get(ctx, address)
	first := c.first
	c.first = false
	if err != nil {
		if errors.Is(err, adapters.ErrUnchanged) && !first {
			// Only the first request may say so for the whole source.
			return answer{}, fmt.Errorf("%s: status 304 in the middle of a listing; serve lists without conditional answers", address)
		}
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.limits.PageBytes+1))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", address, err)
	}
	if int64(len(body)) > c.limits.PageBytes {
		return answer{}, fmt.Errorf("%s: more than %d bytes in one answer; set a smaller pageSize in the manifest", address, c.limits.PageBytes)
	}
	return answer{resp.URL, body}, nil
}

// list hands every entry of a paged collection to visit, in order. A clean return means complete.
func (c *client) list(ctx context.Context, visit func(record) error, segments ...string) error {
	if c.baseErr != nil {
		return c.baseErr
	}
	turn := paging{asked: c.pageSize, seen: make(map[[32]byte]int)}
	for turn.number < c.limits.Pages {
		address, pg, err := c.page(ctx, &turn, segments)
		if err != nil || pg == nil {
			return err
		}
		fresh, v := turn.next(*pg)
		if fresh {
			if err := visitAll(address, pg.items, visit); err != nil {
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
	return fmt.Errorf("%s: more than %d pages", c.url(nil, segments...), c.limits.Pages)
}

func visitAll(address string, items []json.RawMessage, visit func(record) error) error {
	for i, raw := range items {
		if err := visit(record{place{address, "/items/" + strconv.Itoa(i)}, raw}); err != nil {
			return err
		}
	}
	return nil
}

// page fetches the next page; nil without an error means that the listing ended before it.
func (c *client) page(ctx context.Context, turn *paging, segments []string) (string, *page, error) {
	address := c.url(pageQuery(turn), segments...)
	a, err := c.fetch(ctx, address)
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
		return address, nil, err
	}
	pg, err := parsePage(a.body)
	if err != nil {
		return address, nil, fmt.Errorf("%s: %w; check path in the manifest and the server's log", address, err)
	}
	return a.url, &pg, nil
}

func pageQuery(turn *paging) url.Values {
	q := url.Values{"pageNumber": {strconv.Itoa(turn.number + 1)}}
	if turn.asked > 0 {
		q.Set("pageSize", strconv.Itoa(turn.asked))
	}
	return q
}

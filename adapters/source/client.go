package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// Client asks one server. It belongs to one run and is not safe for concurrent use.
type Client struct {
	Limits

	Known func(collection, id string) Object // what need not be looked up; may be nil

	// Whole lists a collection, for APIs that can: one listing then takes the place of many look-ups. May be nil.
	Whole func(ctx context.Context, in Collection, visit func(Record) error) error

	get     adapters.Get
	base    *url.URL
	root    string // base as a directory, without its slash and query
	baseErr error
	first   bool                 // no answer seen yet
	cache   map[Reference]Object // looked-up objects; nil for those the server does not have
	cached  int                  // bytes of these, as they were sent
	looked  budget               // by the course under way
	spent   string               // name of the collection of which it wanted more
	shelves map[string]*shelf    // by name of the collection
	held    int64                // bytes on shelves
	scratch bytes.Buffer         // an answer as it comes in
}

const emptyRetries = 2 // an overloaded server answers 200 with nothing, then recovers

// NewClient makes a client for the API whose root is path.
func NewClient(get adapters.Get, path string, lim Limits) *Client {
	c := &Client{Limits: lim.WithDefaults(), get: get, cache: make(map[Reference]Object), shelves: make(map[string]*shelf), first: true}
	c.Rebase(strings.TrimSpace(path))
	if c.baseErr == nil && (c.base.Host == "" || c.base.Scheme == "") {
		c.baseErr = fmt.Errorf("%q is no absolute URL; give the API's root in path", path)
	}
	return c
}

// Rebase goes on at another root.
func (c *Client) Rebase(path string) {
	if c.base, c.baseErr = url.Parse(path); c.baseErr != nil {
		return
	}
	bare := *c.base
	bare.RawQuery, bare.ForceQuery, bare.Fragment = "", false, ""
	c.root = strings.TrimRight(bare.String(), "/")
}

// Root is the API's root, or why it is none.
func (c *Client) Root() (url.URL, error) {
	if c.baseErr != nil {
		return url.URL{}, c.baseErr
	}
	return *c.base, nil
}

// URL joins the root, taken as a directory, with path segments, and keeps the root's query. The root
// must be one.
func (c *Client) URL(query url.Values, segments ...string) string {
	return c.Address(query.Encode(), segments...)
}

// Address is URL with a query that is encoded already, its names in order.
func (c *Client) Address(query string, segments ...string) string {
	var b strings.Builder
	b.Grow(len(c.root) + len(query) + usualPath)
	b.WriteString(c.root)
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	if c.base.RawQuery != "" {
		all, more := c.base.Query(), url.URL{RawQuery: query}
		maps.Copy(all, more.Query())
		query = all.Encode()
	}
	if query != "" {
		b.WriteByte('?')
		b.WriteString(query)
	}
	return b.String()
}

const usualPath = 64 // bytes of a path with an id

// Answer is one answer, read whole.
type Answer struct {
	URL    string // after redirects
	Header http.Header
	Body   []byte // without a byte order mark and blanks around it
}

// Fetch reads one answer, asking again when a 200 is empty.
func (c *Client) Fetch(ctx context.Context, address string) (a Answer, err error) {
	for range 1 + emptyRetries {
		a, err = c.once(ctx, address)
		if err != nil || len(a.Body) > 0 {
			break
		}
	}
	return a, err
}

// open asks for one answer.
func (c *Client) open(ctx context.Context, address string) (*adapters.Response, error) {
	resp, err := c.get(ctx, address)
	first := c.first
	c.first = false
	if err != nil {
		if errors.Is(err, adapters.ErrUnchanged) && !first {
			// Only the first request may say so for the whole source.
			return nil, fmt.Errorf("%s: status 304 in the middle of a listing; serve lists without conditional answers", address)
		}
		return nil, err
	}
	return resp, nil
}

func (c *Client) once(ctx context.Context, address string) (Answer, error) {
	resp, err := c.open(ctx, address)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	c.scratch.Reset()
	if _, err = c.scratch.ReadFrom(io.LimitReader(resp.Body, c.PageBytes+1)); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", address, err)
	}
	if int64(c.scratch.Len()) > c.PageBytes {
		return Answer{}, fmt.Errorf("%s: more than %d bytes in one answer; set a smaller pageSize in the manifest", address, c.PageBytes)
	}
	return Answer{resp.URL, resp.Header, unwrapped(c.body())}, nil
}

// body takes the answer out of scratch. Small ones are copied, so that there is one piece of memory of their size for
// each; a large one takes scratch with it.
func (c *Client) body() []byte {
	if c.scratch.Cap() < largeAnswer {
		return bytes.Clone(c.scratch.Bytes())
	}
	body := c.scratch.Bytes()
	c.scratch = bytes.Buffer{}
	return body
}

const largeAnswer = 1 << 20 // bytes

func unwrapped(body []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
}

// Addressable refuses ids that would change the path they are put into.
func Addressable(id string) bool { return id != "" && id != "." && id != ".." }

// Refused says that asking again would give the same answer.
func Refused(err error) bool {
	var status *adapters.StatusError
	return errors.As(err, &status) && status.Code >= 400 && status.Code < 500 &&
		status.Code != http.StatusTooManyRequests && status.Code != http.StatusRequestTimeout
}

// Status is the HTTP status in the error, 0 when it has none.
func Status(err error) int {
	var status *adapters.StatusError
	if errors.As(err, &status) {
		return status.Code
	}
	return 0
}

// ErrEmptyBody is an answer that says that all is well, and nothing else.
var ErrEmptyBody = errors.New("the answer has status 200 and an empty body")

// ParseObject reads an answer that is one object; of a list it takes the first.
func ParseObject(address string, body []byte, lim Limits) (Object, error) {
	if len(body) == 0 {
		return nil, fmt.Errorf("%s: %w", address, ErrEmptyBody)
	}
	if len(body) > lim.RecordBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", address, lim.RecordBytes)
	}
	v, err := Decode(body, lim.Depth)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	found := Objects(v)
	if len(found) == 0 {
		return nil, fmt.Errorf("%s: the answer is no JSON object", address)
	}
	return found[0], nil
}

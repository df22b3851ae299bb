package occapi

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// client asks one server.
type client struct{ *source.Client }

// document is one answer in the envelope of JSON:API. A v1 server announces collections beside data, a v2 server
// within it.
type document struct {
	url   string // after redirects
	data  []byte // one resource; nil for a collection, whose entries were handed over
	links source.Object
}

var errNotDocument = errors.New("the answer is no JSON:API document")

// document reads one answer; the entries of a collection go to visit while it is read.
func (c *client) document(ctx context.Context, address string, visit func(source.Record) error) (document, error) {
	entries := 0
	s, err := c.Stream(ctx, address, "data", func(rec source.Record) error {
		entries++
		return visit(rec)
	})
	if err != nil {
		return document{}, explained(err)
	}
	d := document{url: s.URL, data: s.Fields.Raw("data"), links: linksOf(s.Fields.Raw("links"), c.Depth)}
	if errs := s.Fields.Raw("errors"); errs != nil && entries == 0 && d.data == nil {
		return d, explained(fmt.Errorf("%s: %w: it has no field data; errors: %q", address, errNotDocument, source.Head(errs)))
	}
	if len(d.data) > 0 && d.data[0] == '{' {
		if inner, err := source.Fields(d.data); err == nil {
			d.links = d.links.With(linksOf(inner.Raw("links"), c.Depth)...)
		}
	}
	return d, nil
}

// explained adds what to do about answers that are none; errors of the way there explain themselves.
func explained(err error) error {
	if source.Status(err) != 0 || errors.Is(err, adapters.ErrUnchanged) {
		return err
	}
	return fmt.Errorf("%w; check path in the manifest and the server's log", err)
}

func linksOf(raw []byte, depth int) source.Object {
	v, _ := source.Decode(raw, depth) // no links when they cannot be read
	if o, ok := v.(source.Object); ok {
		return o
	}
	return source.Object{}
}

// list hands every entry of a collection to visit. The standard has no paging; where a server pages all the
// same, next links are followed.
func (c *client) list(ctx context.Context, address string, visit func(source.Record) error) error {
	seen := make(map[[sha256.Size]byte]bool)
	for range c.Pages {
		page := sha256.New()
		d, err := c.document(ctx, address, func(rec source.Record) error {
			page.Write(rec.Raw)
			return visit(rec)
		})
		if err != nil {
			return err
		}
		if len(d.data) > 0 && string(d.data) != "null" { // one resource in place of a list
			page.Write(d.data)
			if err := visit(source.Record{Place: source.Place{URL: d.url, Pointer: "/data"}, Raw: d.data}); err != nil {
				return err
			}
		}
		mark := [sha256.Size]byte(page.Sum(nil))
		if seen[mark] {
			return fmt.Errorf("%s: the server repeats a page of this collection; serve collections whole", address)
		}
		seen[mark] = true
		next := hrefOf(d.links.Get("next"))
		if next == "" {
			return nil
		}
		if address = c.own(next, d.url); address == "" {
			return fmt.Errorf("%s: the next page lies on another host, %s; let links name the host that the manifest names", d.url, next)
		}
	}
	return fmt.Errorf("%s: more than %d pages", address, c.Pages)
}

// follow is the address of a collection that a document announces, else that of the standard's path below the
// institution.
func (c *client) follow(d document, rel string, path ...string) string {
	if address := c.own(hrefOf(d.links.Get(rel)), d.url); address != "" {
		return address
	}
	return c.URL(nil, path...)
}

// link is follow for the links of a collection's entry; "" when the ids make no path.
func (c *client) link(links any, from, rel string, path ...string) string {
	o, _ := links.(source.Object)
	if address := c.own(hrefOf(o.Get(rel)), from); address != "" {
		return address
	}
	for _, p := range path {
		if !source.Addressable(p) {
			return ""
		}
	}
	return c.URL(nil, path...)
}

// hrefOf reads a link, which is an object or a string.
func hrefOf(v any) string {
	if o, ok := v.(source.Object); ok {
		return o.Text("href")
	}
	return source.Scalar(v)
}

// own resolves a link and gives "" unless it stays on the origin that the manifest names.
func (c *client) own(href, from string) string {
	root, err := c.Root()
	if err != nil || href == "" {
		return ""
	}
	base, err := url.Parse(from)
	if err != nil {
		base = &root
	}
	u, err := base.Parse(href)
	if err != nil || u.User != nil || !strings.EqualFold(u.Scheme, root.Scheme) || !strings.EqualFold(u.Host, root.Host) {
		return ""
	}
	u.Fragment = ""
	return u.String()
}

package occapi

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// client asks one server.
type client struct{ *source.Client }

// document is one answer in the envelope of JSON:API.
type document struct {
	url   string // after redirects
	data  []byte
	links source.Object
}

var errNotDocument = errors.New("the answer is no JSON:API document")

func (c *client) document(ctx context.Context, address string) (document, error) {
	a, err := c.Fetch(ctx, address)
	if err != nil {
		return document{}, err
	}
	d, err := envelope(a.Body, c.Depth)
	d.url = a.URL
	if err != nil {
		return d, fmt.Errorf("%s: %w; check path in the manifest and the server's log", address, err)
	}
	return d, nil
}

// envelope reads the outermost object. A v1 server announces collections beside data, a v2 server within it.
func envelope(body []byte, depth int) (document, error) {
	if len(body) == 0 {
		return document{}, source.ErrEmptyBody
	}
	if body[0] != '{' {
		return document{}, fmt.Errorf("%w: it starts with %q, not with a JSON object", errNotDocument, source.Head(body))
	}
	fields, err := source.Fields(body)
	if err != nil {
		return document{}, fmt.Errorf("%w: %w", errNotDocument, err)
	}
	d := document{data: fields.Raw("data"), links: linksOf(fields.Raw("links"), depth)}
	if d.data == nil {
		return d, fmt.Errorf("%w: it has no field data; errors: %q", errNotDocument, source.Head(fields.Raw("errors")))
	}
	if d.data[0] == '{' {
		if inner, err := source.Fields(d.data); err == nil {
			maps.Copy(d.links, linksOf(inner.Raw("links"), depth))
		}
	}
	return d, nil
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
	seen := make(source.Pages)
	for n := range c.Pages {
		d, err := c.document(ctx, address)
		if err != nil {
			return err
		}
		items, err := source.Entries(d.data)
		if err != nil {
			return fmt.Errorf("%s: %w: data: %w", address, errNotDocument, err)
		}
		if _, again := seen.Again(items, n); again && n > 0 {
			return fmt.Errorf("%s: the server repeats a page of this collection; serve collections whole", address)
		}
		if err := source.VisitAll(d.url, "/data", items, visit); err != nil {
			return err
		}
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

// detail is the course's own resource over the collection's entry; without one the entry alone.
func (c *client) detail(ctx context.Context, e entry) (entry, error) {
	links, _ := e.Get("links").(source.Object)
	address := c.link(links, e.URL, "self", "course", e.id)
	if address == "" {
		return e, nil
	}
	d, err := c.document(ctx, address)
	if source.Refused(err) && source.Status(err) != http.StatusUnauthorized {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	full, err := resource(source.Record{Place: source.Place{URL: d.url, Pointer: "/data"}, Raw: d.data}, c.Limits)
	var lost *adapters.RecordError
	if errors.As(err, &lost) {
		lost.Subject = e.id
		return e, lost
	}
	if full.id != e.id {
		return e, nil // a link that leads elsewhere
	}
	merged := maps.Clone(e.Object)
	for field, v := range full.Object {
		if !source.Blank(v) {
			merged[field] = v
		}
	}
	merged["links"] = d.links
	return entry{Entry: source.Entry{Place: full.Place, Object: merged}, kind: e.kind, id: e.id}, nil
}

// instances reads the instances of a course, where the course announces them.
func (c *client) instances(ctx context.Context, course entry) (found []entry, notes []adapters.Note, err error) {
	links, _ := course.Get("links").(source.Object)
	if !links.Has("instance") {
		return nil, nil, nil
	}
	address := c.link(links, course.URL, "instance", "course", course.id, "instance")
	if address == "" {
		return nil, nil, nil
	}
	err = c.list(ctx, address, func(rec source.Record) error {
		if len(found) >= c.Offerings {
			return &adapters.RecordError{
				Subject: course.id, Where: rec.String(), Field: "data",
				Message: fmt.Sprintf("the course has more than %d instances", c.Offerings), Fix: "leave out instances that are long past",
			}
		}
		e, err := resource(rec, c.Limits)
		var lost *adapters.RecordError
		if errors.As(err, &lost) {
			notes = append(notes, source.NoteOf(lost))
			return nil
		}
		if e.instanceOf(course.id) {
			found = append(found, e)
		}
		return nil
	})
	if absent(err) {
		return nil, nil, nil
	}
	return found, notes, err
}

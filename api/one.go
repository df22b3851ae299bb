package api

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/ipfs/go-cid"
)

// oneCourse declares the parameters of operations on a single course.
type oneCourse struct {
	ID       string `path:"id" doc:"UUID, or the encoded IRI, URN, DID or code"`
	Provider string `query:"provider" doc:"Provider id, when an identifier is ambiguous"`
}

type formattedCourse struct {
	ID       string `path:"id" doc:"UUID, or the encoded IRI, URN, DID or code"`
	Provider string `query:"provider" doc:"Provider id, when an identifier is ambiguous"`
	Format   string `query:"format" enum:"json,jsonld,turtle,ntriples,rdfxml,html" doc:"Instead of Accept"`
}

// Choice is one of several courses that an identifier denotes.
type Choice struct {
	Kind     federation.Kind  `json:"kind" doc:"course or offering"`
	ID       string           `json:"id"`
	IRI      string           `json:"iri"`
	Title    course.Text      `json:"title"`
	Provider string           `json:"provider"`
	Class    federation.Class `json:"class"`
	Record   string           `json:"record"`
	URL      string           `json:"url"`
}

// Choices for an ambiguous identifier.
type Choices struct {
	ID      string   `json:"id"`
	Choices []Choice `json:"choices"`
}

// Statement is what one publisher says about a course.
type Statement struct {
	Record    string                 `json:"record"`
	Publisher federation.PublisherID `json:"publisher"`
	Domain    string                 `json:"domain" doc:"Source domain"`
	Class     federation.Class       `json:"class"`
	Effective bool                   `json:"effective" doc:"The catalogue shows this one"`
	Mapping   string                 `json:"mapping"`
	Source    string                 `json:"source" doc:"Id of the source in the domain's manifest"`
	Snapshot  *string                `json:"snapshot" doc:"CID of what was fetched"`
	Issued    string                 `json:"issued"`
	Prev      *string                `json:"prev" doc:"CID of the record it replaced"`
}

// Provenance of a course.
type Provenance struct {
	IRI        string      `json:"iri"`
	Provider   string      `json:"provider"`
	Statements []Statement `json:"statements"`
}

func (a *API) singleCourseRoutes() {
	get(a, route{
		path: "/v1/courses/{id}", id: "getCourse", tag: "Courses", summary: "One course",
		description: "By Accept or format as JSON, JSON-LD, Turtle or N-Triples; text/html leads to the page. 300 with the choices when the identifier is ambiguous.",
		body:        course.Course{}, media: []string{"application/ld+json", "text/turtle", "application/n-triples"},
	}, func(c *call, _ *formattedCourse) (response, error) { return a.withCourse(c, a.formatted) })
	get(a, route{
		path: "/v1/courses/{id}/provenance", id: "getProvenance", tag: "Courses", summary: "What every publisher says of the course",
		body: Provenance{},
	}, func(c *call, _ *oneCourse) (response, error) { return a.withCourse(c, a.provenance) })
	get(a, route{
		path: "/v1/courses/{id}/record", id: "getRecord", tag: "Courses", summary: "The signed record: libp2p envelope, byte for byte",
		media: []string{"application/octet-stream"},
	}, func(c *call, _ *oneCourse) (response, error) { return a.withCourse(c, a.record) })
	get(a, route{
		path: "/v1/courses/{id}/proof", id: "getProof", tag: "Courses", summary: "The way from the publisher's signed head to the record, as CAR",
		media: []string{carMedia},
	}, func(c *call, _ *oneCourse) (response, error) { return a.withCourse(c, a.proof) })
	get(a, route{
		path: "/v1/courses/{id}/history", id: "getHistory", tag: "Courses", summary: "The versions that this node keeps, newest first",
		description: "A course that is no longer in the catalogue is found by its IRI or the UUID made of it; withdrawn says by which head it went.",
		body:        History{},
	}, func(c *call, _ *oneCourse) (response, error) { return a.withPast(c, a.history) })
	a.relationRoutes()
	get(a, route{
		path: "/v1/courses/{id}/diff", id: "getDiff", tag: "Courses", summary: "What two versions state differently, field by field",
		description: "Without to, the current version; without from, the one before it.", body: Diff{},
	}, func(c *call, _ *comparedCourse) (response, error) { return a.withPast(c, a.diff) })
	get(a, route{
		path: "/v1/resolve", id: "resolve", tag: "Courses", summary: "Any identifier to what it denotes", body: Choices{},
	}, func(c *call, _ *struct {
		ID string `query:"id" required:"true" maxLength:"2048"`
	},
	) (response, error) {
		return a.resolve(c)
	})
}

// withCourse finds the course that the path names; several make a 300.
func (a *API) withCourse(c *call, answer func(*call, catalogue.Item) (response, error)) (response, error) {
	items := a.items(c.id(), c.query.Get("provider"))
	switch len(items) {
	case 0:
		return response{}, a.notFound(c.id(), c.query.Get("provider"))
	case 1:
		return answer(c, items[0])
	}
	choices, err := a.choices(c, c.id(), items)
	return response{status: http.StatusMultipleChoices, value: choices}, err
}

const maxChoices = 100

// choices lists what an identifier denotes: first the provider that owns the host of the IRI, then
// what is effective before what is local.
func (a *API) choices(c *call, id string, items []catalogue.Item) (Choices, error) {
	out := Choices{ID: id, Choices: []Choice{}}
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(x, y catalogue.Item) int {
		return cmp.Or(rank(owns(x.Key, id), owns(y.Key, id)), rank(x.Class != federation.Local, y.Class != federation.Local))
	})
	for _, item := range items[:min(len(items), maxChoices)] {
		content, err := a.courses.Content(item.CID)
		if err != nil {
			return out, inside(err)
		}
		provider := content.Record.Provider
		out.Choices = append(out.Choices, Choice{
			Kind: federation.KindCourse, ID: content.View.UUID, IRI: content.View.IRI, Title: content.View.Title, Provider: provider, Class: item.Class,
			Record: item.CID.String(),
			URL:    a.base(c) + "/v1/courses/" + content.View.UUID + "?provider=" + url.QueryEscape(provider),
		})
	}
	return out, nil
}

func rank(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// owns reports whether the host in an identifier is the provider's domain or below it.
func owns(key, id string) bool {
	_, provider, _, err := federation.SplitKey(key)
	u, errURL := url.Parse(id)
	if err != nil || errURL != nil || u.Host == "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host == provider || strings.HasSuffix(host, "."+provider)
}

func (a *API) resolve(c *call) (response, error) {
	id := c.query.Get("id")
	if id == "" {
		return response{}, &parameterError{Parameter: "id", Message: "must be given"}
	}
	choices, err := a.choices(c, id, a.items(id, ""))
	if err != nil {
		return response{}, err
	}
	if err := a.offeringChoices(c, &choices); err != nil {
		return response{}, inside(err)
	}
	if len(choices.Choices) == 0 {
		return response{}, fmt.Errorf("%w: nothing has the identifier %q", errNotFound, clip(id, 200))
	}
	return response{value: choices, header: a.rootHeaders()}, err
}

// formatted gives a course in the format asked for.
func (a *API) formatted(c *call, item catalogue.Item) (response, error) {
	format, err := a.format(c)
	if err != nil {
		return response{}, err
	}
	header := map[string]string{"Vary": "Accept"}
	switch format {
	case "json":
		v, err := a.course(item)
		if err != nil {
			return response{}, inside(err)
		}
		header["Link"] = "<" + v.IRI + `>; rel="canonical"`
		if strings.ContainsAny(v.IRI, "<>\r\n") {
			delete(header, "Link")
		}
		return response{value: v, header: header}, nil
	case "html":
		content, err := a.courses.Content(item.CID)
		if err != nil {
			return response{}, inside(err)
		}
		header["Location"] = "/courses/" + content.View.UUID + "?provider=" + url.QueryEscape(content.Record.Provider)
		return response{status: http.StatusSeeOther, header: header}, nil
	}
	return a.triples(item, format, header)
}

// media types of the formats, in order of preference.
var formats = []struct{ name, media string }{
	{"json", "application/json"},
	{"jsonld", "application/ld+json"},
	{"turtle", "text/turtle"},
	{"ntriples", "application/n-triples"},
	{"rdfxml", "application/rdf+xml"},
	{"html", "text/html"},
}

func (a *API) format(c *call) (string, error) {
	if f := c.query.Get("format"); f != "" {
		return f, nil
	}
	var offers []string
	for _, f := range formats {
		offers = append(offers, f.media)
	}
	i := negotiate(c.accept, offers)
	if i < 0 {
		return "", fmt.Errorf("%w: there are %s", errNotAcceptable, strings.Join(offers, ", "))
	}
	return formats[i].name, nil
}

func (a *API) triples(item catalogue.Item, format string, header map[string]string) (response, error) {
	record, triples, err := a.courses.Graph(item.CID)
	if err != nil {
		return response{}, inside(err)
	}
	i := slices.IndexFunc(formats, func(f struct{ name, media string }) bool { return f.name == format })
	r := response{media: formats[i].media, etag: `W/"` + item.CID.String() + "-" + format + `"`, header: header}
	if format == "turtle" {
		r.media += "; charset=utf-8"
	}
	if format == "ntriples" {
		r.body = record.Graph // the canonical bytes
		return r, nil
	}
	var b bytes.Buffer
	err = rdf.Encode(&b, rdf.Format(format), triples)
	switch {
	case errors.Is(err, rdf.ErrFormat): // not every graph has a form in RDF/XML
		return response{}, fmt.Errorf("%w: %v", errNotAcceptable, err)
	case err != nil:
		return response{}, inside(err)
	}
	r.body = b.Bytes()
	return r, nil
}

func (a *API) record(_ *call, item catalogue.Item) (response, error) {
	envelope, err := a.cfg.DB.Get(item.CID)
	if err != nil {
		return response{}, inside(err)
	}
	return response{
		body: envelope, media: "application/octet-stream", etag: `"` + item.CID.String() + `"`,
		header: map[string]string{"Content-Disposition": `attachment; filename="` + item.CID.String() + `.record"`},
	}, nil
}

func (a *API) provenance(_ *call, item catalogue.Item) (response, error) {
	var said []catalogue.Item
	for _, key := range a.cfg.Index.Group(item.Key) {
		more, err := a.cfg.Catalogue.Provenance(key)
		if err != nil {
			return response{}, inside(err)
		}
		said = append(said, more...)
	}
	_, provider, subject, err := federation.SplitKey(item.Key)
	if err != nil {
		return response{}, inside(err)
	}
	out := Provenance{IRI: subject, Provider: provider, Statements: []Statement{}}
	for _, s := range said {
		statement, err := a.statement(s.CID)
		if err != nil {
			return response{}, err
		}
		statement.Class, statement.Effective = s.Class, s.CID == item.CID && s.Publisher == item.Publisher
		out.Statements = append(out.Statements, statement)
	}
	return response{value: out, header: a.rootHeaders()}, nil
}

func (a *API) statement(c cid.Cid) (Statement, error) {
	content, err := a.courses.Content(c)
	if err != nil {
		return Statement{}, inside(err)
	}
	r := content.Record
	return Statement{
		Record: c.String(), Publisher: r.Publisher, Domain: r.Source.Domain, Mapping: r.Mapping, Source: r.Source.ID,
		Snapshot: cidText(r.Snapshot), Prev: cidText(r.Prev), Issued: time.Unix(r.Issued, 0).UTC().Format(time.RFC3339),
	}, nil
}

func cidText(c cid.Cid) *string {
	if !c.Defined() {
		return nil
	}
	s := c.String()
	return &s
}

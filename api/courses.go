package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// List of results; every list has this shape.
type List[T any] struct {
	Items        []T                `json:"items"`
	Total        int                `json:"total"`
	TotalIsExact bool               `json:"total_is_exact"`
	Next         *string            `json:"next" doc:"URL of the next page"`
	Facets       map[string][]Facet `json:"facets"`
}

// Facet is one value of a facet: the number of results that would have it if the filters of its own
// facet were left out.
type Facet struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

func listOf[T any](items []T) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{Items: items, Total: len(items), TotalIsExact: true, Facets: map[string][]Facet{}}
}

func (a *API) courseRoutes() {
	get(a, route{
		path: "/v1/courses", id: "listCourses", tag: "Courses", summary: "Search courses", body: List[course.Course]{},
	}, func(c *call, _ *courseFilters) (response, error) { return a.listCourses(c) })
	a.singleCourseRoutes()
}

// Found is the answer to a search: courses in order, with exact numbers.
type Found struct {
	Courses []course.Course
	Total   int
	Next    string // cursor
	Facets  map[string][]Facet
}

// find answers a search with whole courses. A record that vanished since the index saw it is left out.
func (a *API) find(ctx context.Context, q index.Query) (Found, error) {
	result, err := a.cfg.Index.Search(ctx, q)
	if err != nil {
		return Found{}, err
	}
	found := Found{Total: result.Total, Next: result.Next, Courses: []course.Course{}, Facets: map[string][]Facet{}}
	for _, hit := range result.Hits {
		item, ok := a.cfg.Catalogue.Get(hit.Key)
		if !ok {
			continue
		}
		c, err := a.course(item)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return Found{}, inside(err)
		}
		found.Courses = append(found.Courses, c)
	}
	for f, counts := range result.Facets {
		facet := make([]Facet, len(counts))
		for i, n := range counts {
			facet[i] = Facet{n.Value, a.label(f, n.Value), n.Count}
		}
		found.Facets[f.String()] = facet
	}
	return found, nil
}

// course of an item; the other records of the same course are aliases of it.
func (a *API) course(item catalogue.Item) (course.Course, error) {
	c, err := a.courses.Course(item)
	if err != nil {
		return c, err
	}
	for _, key := range a.cfg.Index.Group(item.Key) {
		if _, _, subject, err := federation.SplitKey(key); err == nil && subject != c.IRI && !slices.Contains(c.Aliases, subject) {
			c.Aliases = append(slices.Clone(c.Aliases), subject)
		}
	}
	return c, nil
}

// inside marks an error as our own fault, whatever it wraps.
func inside(err error) error { return insideError{err} }

type insideError struct{ err error }

func (e insideError) Error() string        { return e.err.Error() }
func (e insideError) Is(target error) bool { return target == errInside }

// label is the name of a facet's value for people, the value itself when there is none.
func (a *API) label(f index.Field, value string) string {
	label := ""
	switch f {
	case index.Provider:
		p, _ := a.cfg.Authority.Known(value)
		label = p.Name
	case index.Alliance:
		alliance, _ := a.cfg.Authority.Alliance(value)
		label = alliance.Name
	case index.Country, index.LocationCountry:
		label = vocabulary.CountryLabel(value)
	case index.Language:
		label = vocabulary.LanguageLabel(value)
	default:
		c, _ := vocabulary.Find(vocabularyOf[f], value)
		label = c.Label
	}
	if label == "" {
		return value
	}
	return label
}

func (a *API) listCourses(c *call) (response, error) {
	header, etag := a.rootHeaders(), a.listTag(c)
	if matches(c.huma.Header("If-None-Match"), etag) {
		return response{etag: etag, header: header}, nil
	}
	keys, err := fieldsOf(c.query)
	if err != nil {
		return response{}, err
	}
	q, err := a.query(c.query)
	if err != nil {
		return response{}, err
	}
	found, err := a.find(c.ctx, q)
	if err != nil {
		return response{}, err
	}
	list := List[json.RawMessage]{Items: []json.RawMessage{}, Total: found.Total, TotalIsExact: true, Facets: found.Facets}
	for _, item := range found.Courses {
		b, err := only(item, keys)
		if err != nil {
			return response{}, err
		}
		list.Items = append(list.Items, b)
	}
	if found.Next != "" {
		next := a.nextURL(c, found.Next)
		list.Next = &next
		header["Link"] = "<" + next + `>; rel="next"`
	}
	return response{value: list, etag: etag, header: header}, nil
}

// listTag changes with the index, the roots, the day and the address under which links are made.
func (a *API) listTag(c *call) string {
	nonce, generation := a.cfg.Index.Version()
	header := a.rootHeaders()
	return tagOf(nonce, generation, index.DayOf(a.cfg.Now()), a.base(c), c.query.Encode(),
		header[headerCatalogue], header[headerAuthority], header[headerHeads])
}

func (a *API) nextURL(c *call, cursor string) string {
	q := url.Values{}
	for k, v := range c.query {
		q[k] = v
	}
	q.Set("cursor", cursor)
	u := c.huma.URL()
	return a.base(c) + u.EscapedPath() + "?" + q.Encode()
}

// base is the address of this node as clients see it.
func (a *API) base(c *call) string {
	if a.cfg.PublicURL != "" {
		return strings.TrimSuffix(a.cfg.PublicURL, "/")
	}
	scheme := "http"
	if c.huma.TLS() != nil {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: c.huma.Host()}).String()
}

// fieldsOf reads the keys of a course that are asked for; nil means all.
func fieldsOf(v url.Values) (map[string]bool, error) {
	if v.Get("fields") == "" {
		return nil, nil
	}
	known, keys := courseKeys(), map[string]bool{}
	for name := range strings.SplitSeq(v.Get("fields"), ",") {
		name = strings.TrimSpace(name)
		if !contains(known, name) {
			return nil, &parameterError{Parameter: "fields", Value: name, Message: "a course has no such key", Suggestion: federation.Closest(name, known)}
		}
		keys[name] = true
	}
	return keys, nil
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

func courseKeys() []string {
	var out []string
	for field := range reflect.TypeFor[course.Course]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		out = append(out, name)
	}
	return out
}

// only encodes the keys asked for.
func only(c course.Course, keys map[string]bool) (json.RawMessage, error) {
	b, err := encode(c)
	if err != nil || keys == nil {
		return b, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	for k := range all {
		if !keys[k] {
			delete(all, k)
		}
	}
	return encode(all)
}

// Headers that name the state of the catalogue.
const (
	headerCatalogue = "Coursemesh-Catalogue-Root"
	headerAuthority = "Coursemesh-Authority-Root"
	headerHeads     = "Coursemesh-Heads-Root"
)

func (a *API) rootHeaders() map[string]string {
	roots := a.cfg.Catalogue.Roots()
	h := map[string]string{headerAuthority: hex.EncodeToString(roots.Authority[:]), headerHeads: hex.EncodeToString(roots.Heads[:])}
	if roots.Catalogue.Defined() && !a.cfg.Partial {
		h[headerCatalogue] = roots.Catalogue.String()
	}
	return h
}

// item is the catalogue's entry for what an identifier denotes.
func (a *API) items(id string, provider string) []catalogue.Item {
	var out []catalogue.Item
	for _, key := range a.cfg.Index.Resolve(id) {
		item, ok := a.cfg.Catalogue.Get(key)
		if _, of, _, err := federation.SplitKey(key); !ok || err != nil || provider != "" && of != provider {
			continue
		}
		out = append(out, item)
	}
	return out
}

package api

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Related courses: those of the catalogue, and references that lead to none of them.
type Related struct {
	List[course.Course]
	Missing []course.Reference `json:"missing" doc:"What the source names and this catalogue does not hold"`
}

type relatedCourses struct {
	ID       string `path:"id" doc:"UUID, or the encoded IRI, URN, DID or code"`
	Provider string `query:"provider" doc:"Provider id, when an identifier is ambiguous"`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"100"`
	Cursor   string `query:"cursor" maxLength:"20" doc:"From next"`
}

func (a *API) relationRoutes() {
	get(a, route{
		path: "/v1/courses/{id}/offerings", id: "getOfferings", tag: "Courses", body: List[course.Run]{},
		summary:     "The runs of a course",
		description: "Those of its own record, and those that other sources and publishers record for it.",
	}, func(c *call, _ *oneCourse) (response, error) { return a.withCourse(c, a.courseOfferings) })
	get(a, route{
		path: "/v1/courses/{id}/parts", id: "getParts", tag: "Courses", body: Related{},
		summary:     "What a programme or module contains",
		description: "Said by the course itself or by its parts, by IRI or by identifier and institution, whoever published them.",
	}, func(c *call, _ *relatedCourses) (response, error) {
		return a.withCourse(c, func(c *call, item catalogue.Item) (response, error) { return a.related(c, item, parts) })
	})
	get(a, route{
		path: "/v1/courses/{id}/part-of", id: "getPartOf", tag: "Courses", body: Related{},
		summary: "The programmes and modules that contain a course", description: "As parts, seen from the other end.",
	}, func(c *call, _ *relatedCourses) (response, error) {
		return a.withCourse(c, func(c *call, item catalogue.Item) (response, error) { return a.related(c, item, partOf) })
	})
}

// relation is one direction of 'contains': what a course itself refers to, and what others say of it.
type relation struct {
	said    func(elm.Course) []elm.Reference
	byOther index.Relation
}

var (
	parts  = relation{func(c elm.Course) []elm.Reference { return c.Parts }, index.PartOf}
	partOf = relation{func(c elm.Course) []elm.Reference { return c.Containers }, index.HasPart}
)

// neighbours are the catalogue's courses at the other end of a relation, by key, and what leads nowhere.
func (a *API) neighbours(item catalogue.Item, r relation) ([]catalogue.Item, []elm.Reference, error) {
	var keys []string
	var missing []elm.Reference
	for _, key := range a.cfg.Index.Group(item.Key) { // all records of the course count
		content, err := a.contentOf(key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for _, ref := range r.said(content.View) {
			found := a.cfg.Index.Course(ref)
			if len(found) == 0 {
				missing = append(missing, ref)
			}
			keys = append(keys, found...)
		}
		keys = append(keys, a.cfg.Index.Linked(r.byOther, a.denotations(content))...)
	}
	slices.Sort(keys)
	return a.itemsOf(slices.DeleteFunc(slices.Compact(keys), func(k string) bool { return k == item.Key })), missing, nil
}

func (a *API) contentOf(key string) (course.Content, error) {
	item, ok := a.cfg.Catalogue.Get(key)
	if !ok {
		return course.Content{}, store.ErrNotFound
	}
	return a.courses.Content(item.CID)
}

func (a *API) itemsOf(keys []string) []catalogue.Item {
	var out []catalogue.Item
	for _, key := range keys {
		if item, ok := a.cfg.Catalogue.Get(key); ok {
			out = append(out, item)
		}
	}
	return out
}

// denotations are the texts by which others can refer to the course of a record.
func (a *API) denotations(content course.Content) []string {
	provider, ok := a.cfg.Authority.Known(content.Record.Provider)
	if !ok {
		provider = federation.Provider{ID: content.Record.Provider}
	}
	return index.Denotations(content.View, provider)
}

func (a *API) related(c *call, item catalogue.Item, r relation) (response, error) {
	items, missing, err := a.neighbours(item, r)
	if err != nil {
		return response{}, inside(err)
	}
	out := Related{List: listOf[course.Course](nil), Missing: []course.Reference{}}
	out.Total = len(items)
	for _, ref := range missing {
		out.Missing = append(out.Missing, course.ReferenceOf(ref))
	}
	header := a.rootHeaders()
	from, to, next, err := page(c.query, len(items), index.MaxLimit)
	if err != nil {
		return response{}, err
	}
	for _, item := range items[from:to] {
		one, err := a.courses.Course(item)
		if err != nil {
			return response{}, inside(err)
		}
		out.Items = append(out.Items, one)
	}
	if next != "" {
		address := a.nextURL(c, next)
		out.Next = &address
		header["Link"] = "<" + address + `>; rel="next"`
	}
	return response{value: out, header: header}, nil
}

// page cuts a list of n by limit and cursor, which is a position in it.
func page(query url.Values, n, limit int) (from, to int, next string, err error) {
	if l, err := strconv.Atoi(query.Get("limit")); err == nil {
		limit = l
	}
	if cursor := query.Get("cursor"); cursor != "" {
		if from, err = strconv.Atoi(cursor); err != nil || from < 0 {
			return 0, 0, "", index.ErrCursor
		}
	}
	from = min(from, n)
	if to = min(from+limit, n); to < n {
		next = strconv.Itoa(to)
	}
	return from, to, next, nil
}

// courseOfferings answers with the runs of a course, whoever records them.
func (a *API) courseOfferings(_ *call, item catalogue.Item) (response, error) {
	runs, err := a.runsOf(item)
	if err != nil {
		return response{}, inside(err)
	}
	return response{value: listOf(runs), header: a.rootHeaders()}, nil
}

// runsOf lists the runs of a course: those of its records, then those that have records of their own, by
// beginning. Of two with one IRI under one provider the course's own counts.
func (a *API) runsOf(item catalogue.Item) ([]course.Run, error) {
	var runs []course.Run
	var denotations []string
	for _, member := range a.itemsOf(a.cfg.Index.Group(item.Key)) {
		content, err := a.courses.Content(member.CID)
		if err != nil {
			return nil, err
		}
		one, err := a.courses.Course(member)
		if err != nil {
			return nil, err
		}
		runs = append(runs, course.RunsOf(one)...)
		denotations = append(denotations, a.denotations(content)...)
	}
	for _, member := range a.itemsOf(a.cfg.Index.Linked(index.OfferingOf, denotations)) {
		run, _, err := a.courses.Offering(member)
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	main, err := a.courses.Course(item)
	if err != nil {
		return nil, err
	}
	return arranged(runs, course.LinkOf(main)), nil
}

// arranged drops repeated runs, names their course, and puts those without a date last.
func arranged(runs []course.Run, of *course.Link) []course.Run {
	seen := map[string]bool{}
	out := runs[:0]
	for _, r := range runs {
		name := r.Provider + " " + r.IRI
		if !strings.HasPrefix(r.IRI, "_:") && seen[name] {
			continue
		}
		seen[name] = true
		r.Course = of
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(x, y course.Run) int {
		return cmp.Or(rank(x.Start != "", y.Start != ""), strings.Compare(x.Start, y.Start))
	})
	return out
}

package api

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/store"
)

// offeringFilters declares the parameters of a search over offerings.
type offeringFilters struct {
	StartFrom       string   `query:"start.gte" format:"date" doc:"Begins then or later"`
	StartTo         string   `query:"start.lte" format:"date" doc:"Begins then or earlier"`
	ApplyBy         string   `query:"apply_by.gte" format:"date" doc:"Open for application until then or later"`
	Language        []string `query:"language,explode" doc:"Of delivery, ISO 639-1"`
	Mode            []string `query:"mode,explode" doc:"Concept id, see /v1/vocabularies/mode"`
	Provider        []string `query:"provider,explode" doc:"That records or delivers it: provider id, or an alias that the registry knows"`
	LocationCountry []string `query:"location_country,explode" doc:"ISO 3166-1 alpha-2"`
	PlacesLeft      string   `query:"places_left" maxLength:"10" doc:"At least so many places, or true for one. Offerings that do not state capacity and enrolled learners are left out."`
	Limit           int      `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor          string   `query:"cursor" maxLength:"200" doc:"From next"`
}

func (a *API) offeringRoutes() {
	get(a, route{
		path: "/v1/offerings", id: "listOfferings", tag: "Courses", summary: "Search the runs of courses", body: List[course.Run]{},
		description: "By day of beginning, those without one last. Both the runs that courses hold and those recorded for other institutions' courses.",
	}, func(c *call, _ *offeringFilters) (response, error) { return a.listOfferings(c) })
}

func (a *API) listOfferings(c *call) (response, error) {
	header, etag := a.rootHeaders(), a.listTag(c)
	if matches(c.huma.Header("If-None-Match"), etag) {
		return response{etag: etag, header: header}, nil
	}
	q, err := a.offeringQuery(c.query)
	if err != nil {
		return response{}, err
	}
	found, err := a.cfg.Index.Offerings(c.ctx, q)
	if err != nil {
		return response{}, err
	}
	list := listOf[course.Run](nil)
	list.Total = found.Total
	for _, hit := range found.Hits {
		run, err := a.run(hit)
		if errors.Is(err, store.ErrNotFound) {
			continue // gone since the index saw it
		}
		if err != nil {
			return response{}, inside(err)
		}
		list.Items = append(list.Items, run)
	}
	if found.Next != "" {
		next := a.nextURL(c, found.Next)
		list.Next = &next
		header["Link"] = "<" + next + `>; rel="next"`
	}
	return response{value: list, etag: etag, header: header}, nil
}

// offeringQuery reads a checked search.
func (a *API) offeringQuery(v url.Values) (q index.OfferingQuery, err error) {
	q = index.OfferingQuery{
		StartFrom: index.ParseDay(v.Get("start.gte")), StartTo: index.ParseDay(v.Get("start.lte")),
		ApplyByFrom: index.ParseDay(v.Get("apply_by.gte")), Cursor: v.Get("cursor"),
	}
	q.Limit, _ = strconv.Atoi(v.Get("limit"))
	for f, into := range map[index.Field]*[]string{
		index.Language: &q.Languages, index.Mode: &q.Modes, index.Provider: &q.Providers, index.LocationCountry: &q.Countries,
	} {
		if *into, err = a.values(f, v[f.String()]); err != nil {
			return q, err
		}
	}
	q.PlacesLeft, err = places(v.Get("places_left"))
	return q, err
}

func places(s string) (*int, error) {
	n, err := strconv.Atoi(s)
	switch {
	case s == "":
		return nil, nil
	case s == "true":
		n, err = 1, nil
	case s == "false":
		n, err = 0, nil
	}
	if err != nil || n < 0 {
		return nil, &parameterError{Parameter: "places_left", Value: s, Message: "must be a number of places, or true"}
	}
	return &n, nil
}

// run reads the offering of a hit and finds its course.
func (a *API) run(hit index.OfferingHit) (course.Run, error) {
	item, ok := a.cfg.Catalogue.Get(hit.Key)
	if !ok {
		return course.Run{}, store.ErrNotFound
	}
	kind, _, _, err := federation.SplitKey(hit.Key)
	if err != nil {
		return course.Run{}, err
	}
	if kind == federation.KindOffering {
		return a.lone(hit.Key)
	}
	one, err := a.courses.Course(item)
	if err != nil {
		return course.Run{}, err
	}
	runs := course.RunsOf(one)
	if hit.Place >= len(runs) { // the record changed since the index saw it
		return course.Run{}, store.ErrNotFound
	}
	return runs[hit.Place], nil
}

// lone reads an offering's own record. The course is named when exactly one is meant.
func (a *API) lone(key string) (course.Run, error) {
	item, ok := a.cfg.Catalogue.Get(key)
	if !ok {
		return course.Run{}, store.ErrNotFound
	}
	run, view, err := a.courses.Offering(item)
	if err != nil {
		return run, err
	}
	for _, ref := range view.Of {
		if found := a.cfg.Index.Course(ref); len(found) == 1 {
			content, err := a.contentOf(found[0])
			if err != nil {
				return run, err
			}
			run.Course = content.Link()
			break
		}
	}
	return run, nil
}

// offeringChoices adds the offerings that an identifier denotes; each leads to the list that it is in.
func (a *API) offeringChoices(c *call, out *Choices) error {
	for _, key := range a.cfg.Index.ResolveOffering(out.ID) {
		runs, err := a.runsIn(key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		for _, run := range runs {
			if !run.Denotes(out.ID) || len(out.Choices) >= maxChoices {
				continue
			}
			address := a.base(c) + "/v1/offerings?provider=" + url.QueryEscape(run.Provider)
			if run.Course != nil {
				address = a.base(c) + "/v1/courses/" + run.Course.ID + "/offerings?provider=" + url.QueryEscape(run.Course.Provider)
			}
			out.Choices = append(out.Choices, Choice{
				Kind: federation.KindOffering, IRI: run.IRI, Title: run.Title, Provider: run.Provider, Class: run.Class, Record: run.Record, URL: address,
			})
		}
	}
	return nil
}

// runsIn are the offerings that a record holds.
func (a *API) runsIn(key string) ([]course.Run, error) {
	kind, _, _, err := federation.SplitKey(key)
	if err != nil {
		return nil, err
	}
	if kind == federation.KindOffering {
		run, err := a.lone(key)
		return []course.Run{run}, err
	}
	item, ok := a.cfg.Catalogue.Get(key)
	if !ok {
		return nil, store.ErrNotFound
	}
	one, err := a.courses.Course(item)
	return course.RunsOf(one), err
}

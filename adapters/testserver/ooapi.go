package testserver

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// ooapi serves the Open Education API. Both versions have the same shape of paths; edition holds what they
// call things.
type ooapi struct {
	*Server
	v        *edition
	outcomes map[string]outcome // by id; version 6 alone has them as resources
}

// edition is a version of the standard.
type edition struct {
	path                                               string
	programmes, organisations                          string // collections
	courseOfferings, programmeOfferings                string // below a course or a programme
	course, programme, offering, organisation, session func(a *ooapi, x any) any
}

var five = &edition{
	path: "/ooapi/v5", programmes: "programs", organisations: "organizations", courseOfferings: "offerings", programmeOfferings: "offerings",
	course: course5, programme: programme5, offering: offering5, organisation: organisation5, session: session5,
}

var six = &edition{
	path: "/oeapi/v6", programmes: "programmes", organisations: "organisations",
	courseOfferings: "course-offerings", programmeOfferings: "programme-offerings",
	course: course6, programme: programme6, offering: offering6, organisation: organisation6, session: session6,
}

func (a *ooapi) root() string { return a.v.path }

func (a *ooapi) find(segments []string) (resource, bool) {
	set := &a.config.Set
	switch len(segments) {
	case 0:
		return single("", object{"contactEmail": "catalogue@" + set.Domain, "specification": "https://openonderwijsapi.nl/"})
	case 1:
		return a.collection(segments[0])
	}
	switch collection, key := segments[0], segments[1]; {
	case collection == "courses":
		c, ok := a.course(key)
		if !ok || c.Deleted {
			return resource{}, false
		}
		return a.ofCourse(c, segments[2:])
	case collection == a.v.programmes:
		p, ok := a.programme(key)
		if !ok {
			return resource{}, false
		}
		return a.ofProgrammes(p, segments[2:])
	case len(segments) > 2:
		return resource{}, false
	case collection == a.v.organisations && key == a.organisationID():
		return single(collection, a.v.organisation(a, set))
	case collection == "academic-sessions":
		for i := range set.Terms {
			if set.Terms[i].ID == key {
				return single(collection, a.v.session(a, &set.Terms[i]))
			}
		}
	case collection == "learning-outcomes":
		o, ok := a.outcomes[key]
		return resource{collection: collection, one: o.render()}, ok
	}
	return resource{}, false
}

func (a *ooapi) collection(name string) (resource, bool) {
	set := &a.config.Set
	switch name {
	case "courses":
		return list(name, a.active, func(c *Course) any { return a.v.course(a, c) })
	case a.v.programmes:
		return list(name, set.Programmes, func(p Programme) any { return a.v.programme(a, &p) })
	case a.v.organisations:
		return list(name, []*Set{set}, func(s *Set) any { return a.v.organisation(a, s) })
	case "academic-sessions":
		return list(name, set.Terms, func(t Term) any { return a.v.session(a, &t) })
	case "education-specifications":
		return resource{collection: name}, a.v == five
	}
	return resource{}, false
}

func (a *ooapi) ofCourse(c *Course, below []string) (resource, bool) {
	switch {
	case len(below) == 0:
		return single("courses", a.v.course(a, c))
	case len(below) == 1 && below[0] == a.v.courseOfferings:
		return list(below[0], c.Offerings, func(o Offering) any { return a.v.offering(a, offered{c, &o}) })
	case len(below) == 1 && (below[0] == "components" && a.v == five || below[0] == "learning-components" && a.v == six || below[0] == "test-components" && a.v == six):
		return resource{collection: below[0]}, true
	}
	return resource{}, false
}

func (a *ooapi) ofProgrammes(p *Programme, below []string) (resource, bool) {
	switch {
	case len(below) == 0:
		return single(a.v.programmes, a.v.programme(a, p))
	case len(below) == 1 && (below[0] == a.v.programmeOfferings || below[0] == a.v.programmes):
		return resource{collection: below[0]}, true
	case len(below) == 1 && below[0] == "courses":
		return list(below[0], a.members[p.ID], func(c *Course) any { return a.v.course(a, c) })
	}
	return resource{}, false
}

// sizes are the page sizes that the standard allows; the first is its default.
var sizes = []int{10, 20, 50, 100, 250}

func (a *ooapi) write(w http.ResponseWriter, r *http.Request, res resource) {
	if res.at == nil && res.one != nil {
		a.answer(w, r, res.one)
		return
	}
	asked, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	size, ok := a.quirks.sizeOf(asked, sizes[0])
	if !ok {
		a.problem(w, http.StatusBadRequest, "pageSize: value not supported")
		return
	}
	number, err := strconv.Atoi(r.URL.Query().Get("pageNumber"))
	if err != nil || number < 1 {
		number = 1
	}
	total := (a.counted(res, (number-1)*size) + size - 1) / size
	entries, past := a.window(res, (number-1)*size, size)
	if past && a.quirks.pastEnd != nil {
		a.quirks.pastEnd(w)
		return
	}
	page := object{
		"pageSize": size, "pageNumber": number, "hasPreviousPage": number > 1, "hasNextPage": number < total, "totalPages": total, "items": entries,
	}
	for _, alter := range a.quirks.envelopes {
		alter(page)
	}
	a.answer(w, r, page)
}

func (a *ooapi) missing(w http.ResponseWriter, status int) {
	a.problem(w, status, "There is no such resource.")
}

func (a *ooapi) problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"status": strconv.Itoa(status), "title": http.StatusText(status), "detail": detail})
}

func (a *ooapi) organisationID() string { return id(a.config.Set.Domain, "organisation") }

// outcome is a learning outcome as a resource.
type outcome struct {
	id   string
	text Text
}

func outcomesOf(s *Set) map[string]outcome {
	out := map[string]outcome{}
	add := func(owner string, outcomes []Text) {
		for i, key := range outcomeIDs(owner, outcomes) {
			out[key] = outcome{key, outcomes[i]}
		}
	}
	for i := range s.Courses {
		add(s.Courses[i].ID, s.Courses[i].Outcomes)
	}
	for i := range s.Programmes {
		add(s.Programmes[i].ID, s.Programmes[i].Outcomes)
	}
	return out
}

func outcomeIDs(owner string, outcomes []Text) []string {
	out := make([]string, len(outcomes))
	for i := range outcomes {
		out[i] = id(owner, "outcome", strconv.Itoa(i))
	}
	return out
}

func (o outcome) render() object {
	return object{"learningOutcomeId": o.id, "primaryCode": code("identifier", o.id), "name": texts(o.text)}
}

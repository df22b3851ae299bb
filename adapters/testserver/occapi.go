package testserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// occapi serves one institution of the Open Course Catalogue API.
type occapi struct {
	*Server
	version int
}

func (a *occapi) root() string {
	return fmt.Sprintf("/occapi/v%d/hei/%s", a.version, a.config.Set.Domain)
}

// entry is a resource of JSON:API before it is rendered for a request.
type entry struct {
	kind, id      string
	attributes    object
	meta, related object
	links         []string // collections below it
}

func (a *occapi) find(segments []string) (resource, bool) {
	set := &a.config.Set
	if len(segments) == 0 {
		return single("hei", a.institution())
	}
	switch kind := segments[0]; {
	case len(segments) == 1:
		return a.collection(kind)
	case kind == "ounit" && segments[1] == a.unitID():
		return a.below(segments, a.unit(), set.Programmes, a.active)
	case kind == "programme":
		if p, ok := a.programme(segments[1]); ok {
			return a.below(segments, a.degree(p), nil, a.members[p.ID])
		}
	case kind == "course":
		if c, ok := a.course(segments[1]); ok {
			return a.courseOr(segments, c)
		}
	case kind == "instance" && len(segments) == 2 && a.version == 2:
		for _, o := range a.offers {
			if o.Offering.ID == segments[1] {
				return single(kind, a.instance(o))
			}
		}
	}
	return resource{}, false
}

func (a *occapi) collection(kind string) (resource, bool) {
	switch kind {
	case "ounit":
		return list(kind, []int{0}, func(int) any { return a.unit() })
	case "programme":
		return list(kind, a.config.Set.Programmes, func(p Programme) any { return a.degree(&p) })
	case "course":
		return list(kind, a.active, func(c *Course) any { return a.short(c) })
	}
	return resource{}, false
}

// below is the entry itself, or a collection that belongs to it.
func (a *occapi) below(segments []string, e entry, programmes []Programme, courses []*Course) (resource, bool) {
	switch {
	case len(segments) == 2:
		return single(segments[0], e)
	case len(segments) == 3 && segments[2] == "course":
		return list(segments[0]+"/course", courses, func(c *Course) any { return a.short(c) })
	case len(segments) == 3 && segments[2] == "programme" && segments[0] == "ounit":
		return list("ounit/programme", programmes, func(p Programme) any { return a.degree(&p) })
	}
	return resource{}, false
}

func (a *occapi) courseOr(segments []string, c *Course) (resource, bool) {
	switch {
	case len(segments) == 2:
		return single("course/detail", a.full(c))
	case len(segments) == 3 && segments[2] == "instance" && a.version == 2:
		return list("instance", c.Offerings, func(o Offering) any { return a.instance(offered{c, &o}) })
	}
	return resource{}, false
}

func (a *occapi) write(w http.ResponseWriter, r *http.Request, res resource) {
	self := a.link(r, strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, a.root()), "/"))
	out := a.envelope()
	links := object{"self": self}
	if res.one != nil {
		e := res.one.(entry)
		out["data"] = a.render(r, e)
		if a.version == 1 { // announced beside data
			for _, name := range e.links {
				links[name] = a.link(r, a.pathOf(e)+"/"+name)
			}
		}
	} else {
		entries := make([]any, res.count)
		for i := range entries {
			entries[i] = a.render(r, res.at(i).(entry))
		}
		out["data"] = entries
	}
	out["links"] = links
	w.Header().Set("Content-Type", "application/vnd.api+json")
	a.answer(w, r, out)
}

func (a *occapi) envelope() object {
	version := map[int]string{1: "1.0", 2: "1.1"}[a.version]
	return object{"jsonapi": object{"version": version, "meta": object{"links": object{"self": object{"href": "http://jsonapi.org/format/" + version + "/"}}}}}
}

func (a *occapi) render(r *http.Request, e entry) object {
	links := object{"self": a.link(r, a.pathOf(e))}
	if a.version == 2 {
		for _, name := range e.links {
			links[name] = a.link(r, a.pathOf(e)+"/"+name)
		}
	}
	out := object{"type": e.kind, "id": e.id, "attributes": e.attributes, "links": links}
	if e.meta != nil {
		out["meta"] = e.meta
	}
	if e.related != nil {
		out["relationships"] = e.related
	}
	return out
}

func (a *occapi) pathOf(e entry) string {
	if e.kind == "hei" {
		return ""
	}
	return "/" + e.kind + "/" + e.id
}

func (a *occapi) link(r *http.Request, below string) any {
	base := a.base(r)
	if a.quirks.linkBase != nil {
		base = *a.quirks.linkBase
	}
	href := base + a.root() + below
	if a.quirks.plainLinks {
		return href
	}
	return object{"href": href}
}

func (a *occapi) missing(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/vnd.api+json")
	w.WriteHeader(status)
	out := a.envelope()
	out["errors"] = []any{object{"status": strconv.Itoa(status), "title": "Endpoint not available.", "detail": "The requested collection is not implemented."}}
	_ = json.NewEncoder(w).Encode(out)
}

package testserver

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
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

func (a *occapi) unitID() string { return id(a.config.Set.Domain, "unit") }

func stringsIn(t Text) []any { return t.render("lang", "string", same) }

func lines(t Text) []any { return t.render("lang", "multiline", same) }

func (a *occapi) uri(path string) []any {
	return []any{object{"uri": "www." + a.config.Set.Domain + path, "lang": "en"}}
}

// dated adds what version 2 says of every resource.
func (a *occapi) dated(attributes object) object {
	if a.version == 2 {
		attributes["lastModified"] = a.config.Set.Changed.Format(time.RFC3339)
	}
	return attributes
}

func (a *occapi) institution() entry {
	s := &a.config.Set
	e := entry{kind: "hei", id: s.Domain, links: []string{"ounit", "programme", "course"}}
	if a.version == 1 {
		e.id = id(s.Domain, "hei")
	}
	e.attributes = a.dated(object{"title": stringsIn(s.Name), "heiId": s.Domain, "abbreviation": "U", "url": a.uri("/")})
	return e
}

func (a *occapi) unit() entry {
	return entry{kind: "ounit", id: a.unitID(), links: []string{"programme", "course"}, attributes: a.dated(object{
		"title": stringsIn(Text{{"en", "Faculty of Everything"}}), "ounitId": a.unitID(), "ounitCode": "F1",
	})}
}

func (a *occapi) degree(p *Programme) entry {
	at := object{
		"title": stringsIn(p.Name), "code": p.Code, "description": lines(p.Description), "eqfLevelProvided": p.Level, "ects": a.ects(p.ECTS),
		"iscedCode": p.ISCED, "languageOfInstruction": p.Languages[0], "length": p.Years, "url": a.uri("/programmes/" + p.Code),
	}
	if a.version == 2 {
		at["iscedCode"], at["languageOfInstruction"] = []any{p.ISCED}, languagesIn(p.Languages, same)
		at["length"], at["learningOutcomes"] = fmt.Sprintf("%d/2", 2*p.Years), lines(p.Outcomes[0])
	}
	return entry{kind: "programme", id: p.ID, attributes: a.dated(at), links: []string{"course"}}
}

// ects is whole in version 1, so halves are rounded, as servers do.
func (a *occapi) ects(decimal string) any {
	f, err := strconv.ParseFloat(decimal, 64)
	if a.version == 2 || err != nil {
		return number(decimal)
	}
	return int(math.Round(f))
}

// terms are those of the offerings, as the k-th of n.
func (a *occapi) terms(c *Course) []any {
	var out []any
	seen := map[string]bool{}
	for _, o := range c.Offerings {
		t := &a.config.Set.Terms[o.Term]
		if text := fmt.Sprintf("%d/%d", t.Number, t.Of); !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	if out == nil {
		out = []any{"1/1"}
	}
	return out
}

// short is a course in a collection.
func (a *occapi) short(c *Course) entry {
	outcomes := outcomesText(c.Outcomes)
	at := object{
		"title": stringsIn(c.Name), "code": c.Code, "description": lines(c.Description), "learningOutcomes": lines(outcomes), "ects": a.ects(c.ECTS),
		"url": a.uri("/courses/" + c.Code), "academicTerm": a.terms(c)[0], "iscedCode": c.ISCED, "languageOfInstruction": c.Languages[0],
	}
	e := entry{kind: "course", id: c.ID, links: nil}
	if a.version == 2 {
		at["academicTerm"], at["iscedCode"], at["languageOfInstruction"] = a.terms(c), []any{c.ISCED}, languagesIn(c.Languages, same)
		at["elmLearningOpportunityType"], at["elmModeOfLearning"] = []any{"05053c1cbe"}, []any{elmModes[c.Mode]}
		at["deprecated"] = c.Deleted
		e.links = []string{"instance"}
	} else {
		e.meta = object{"global": object{"eqfLevel": c.Level, "year": "1/3"}}
	}
	if c.Programme != "" {
		a.relate(&e, c.Programme)
	}
	e.attributes = a.dated(at)
	return e
}

func (a *occapi) relate(e *entry, programme string) {
	inclusion := []any{object{"programmeId": programme, "mandatoryCourse": true, "year": "1/2"}}
	if a.version == 1 {
		e.meta["programme"] = inclusion
		return
	}
	e.meta = object{"relatedProgramme": inclusion}
	e.related = object{"relatedProgramme": object{"data": []any{object{"type": "programme", "id": programme}}}}
}

// outcomesText is the one multi-line text that the standard has.
func outcomesText(outcomes []Text) Text {
	var out []string
	for _, o := range outcomes {
		out = append(out, "- "+o.first())
	}
	if len(out) == 1 {
		return Text{{"en", strings.TrimPrefix(out[0], "- ")}}
	}
	return Text{{"en", strings.Join(out, "\n")}}
}

// full is a course of its own, which says more.
func (a *occapi) full(c *Course) entry {
	e := a.short(c)
	put(e.attributes, object{
		"prerequisites": lines(c.Prerequisites), "assessmentMethod": lines(c.Assessment),
		"bibliography": lines(Text{{"en", "A reading list is given in the first week."}}),
	})
	return e
}

func (a *occapi) instance(o offered) entry {
	t := &a.config.Set.Terms[o.Term]
	return entry{
		kind: "instance", id: o.Offering.ID,
		attributes: a.dated(object{
			"startDate": o.Start, "endDate": o.End, "academicTermId": fmt.Sprintf("%d/%d-%d/%d", t.Year, t.Year+1, t.Number, t.Of),
			"ects": number(o.ECTS), "languageOfInstruction": []any{o.Language}, "elmModeOfLearning": []any{elmModes[o.Mode]}, "engagementHours": number("42.5"),
		}),
		related: object{"course": object{"data": object{"type": "course", "id": o.Course.ID}}},
	}
}

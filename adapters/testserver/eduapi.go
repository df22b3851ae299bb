package testserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// eduapi serves Edu-API 1.0 of 1EdTech.
type eduapi struct{ *Server }

func (a *eduapi) root() string { return "/ims/eduapi/base/v1p0" }

func (a *eduapi) find(segments []string) (resource, bool) {
	if len(segments) == 0 || len(segments) > 2 {
		return resource{}, false
	}
	all, ok := a.collection(segments[0])
	if !ok || len(segments) == 1 {
		return all, ok
	}
	for i := range all.count { // lists of a test are short
		if one := all.at(i).(object); one["sourcedId"] == segments[1] {
			return single(segments[0], one)
		}
	}
	return resource{}, false
}

func (a *eduapi) collection(name string) (resource, bool) {
	set := &a.config.Set
	switch name {
	case "courseTemplates":
		return resource{collection: name, count: len(set.Courses), at: func(i int) any { return a.template(&set.Courses[i]) }}, true
	case "courseOfferings":
		return list(name, a.offers, func(o offered) any { return a.offering(o) })
	case "collectionTemplates":
		return list(name, set.Programmes, func(p Programme) any { return a.group(&p) })
	case "organizations":
		return list(name, []*Set{set}, func(s *Set) any { return a.organization(s) })
	case "academicSessions":
		return list(name, set.Terms, func(t Term) any { return a.session(&t) })
	case "collectionOfferings", "componentTemplates", "componentOfferings", "educationTemplates", "educationOfferings":
		return resource{collection: name}, true
	}
	return resource{}, false
}

// write sends a list as the standard has it: a bare array, with total and links in headers.
func (a *eduapi) write(w http.ResponseWriter, r *http.Request, res resource) {
	if res.one != nil {
		a.answer(w, r, res.one)
		return
	}
	q := r.URL.Query()
	if (a.quirks.noSort && q.Has("sort")) || (a.quirks.noFilter && q.Has("filter")) {
		a.status(w, http.StatusBadRequest, "invalid_query_parameter")
		return
	}
	res, ok := a.filtered(res, q.Get("filter"))
	asked, _ := strconv.Atoi(q.Get("limit"))
	limit, fits := a.quirks.sizeOf(asked, 100)
	offset, err := strconv.Atoi(q.Get("offset"))
	switch {
	case !ok:
		a.status(w, http.StatusBadRequest, "invalid_filter_field")
		return
	case !fits || err != nil && q.Has("offset") || offset < 0:
		a.status(w, http.StatusUnprocessableEntity, "invalid_query_parameter")
		return
	}
	entries, past := a.window(res, offset, limit)
	if past && a.quirks.pastEnd != nil {
		a.quirks.pastEnd(w)
		return
	}
	if !a.quirks.noTotal {
		w.Header().Set("X-Total-Count", strconv.Itoa(a.counted(res, offset)+a.quirks.totalOff))
		if a.quirks.totalIsPage && len(entries) > 0 {
			w.Header().Set("X-Total-Count", strconv.Itoa(len(entries)))
		}
	}
	if !a.quirks.noLink {
		a.links(w, r, offset, limit, a.counted(res, offset))
	}
	var body any = entries
	if a.quirks.wrapped {
		body = object{res.collection: entries}
	}
	a.answer(w, r, body)
}

// filtered applies the one filter that catalogues need; false for what is not understood.
func (a *eduapi) filtered(res resource, filter string) (resource, bool) {
	if filter == "" {
		return res, true
	}
	since, ok := strings.CutPrefix(filter, "dateLastModified>='")
	if !ok {
		return res, false
	}
	instant, err := time.Parse(time.RFC3339, strings.TrimSuffix(since, "'"))
	if err != nil {
		return res, false
	}
	if a.config.Set.Changed.Before(instant) {
		res.count = 0
	}
	return res, true
}

func (a *eduapi) links(w http.ResponseWriter, r *http.Request, offset, limit, count int) {
	address := func(offset int) string {
		q := r.URL.Query()
		if q.Has("limit") {
			q.Set("limit", strconv.Itoa(limit))
		}
		q.Set("offset", strconv.Itoa(offset))
		u := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
		base := a.base(r)
		if a.quirks.linkBase != nil {
			base = *a.quirks.linkBase
		}
		return base + u.String()
	}
	out := []string{fmt.Sprintf(`<%s>; rel="first"`, address(0))}
	if offset+limit < count {
		out = append(out, fmt.Sprintf(`<%s>; rel="next"`, address(offset+limit)))
	}
	w.Header().Set("Link", strings.Join(out, ", "))
}

func (a *eduapi) missing(w http.ResponseWriter, status int) { a.status(w, status, "unknown_object") }

func (a *eduapi) status(w http.ResponseWriter, status int, minor string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{
		"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": http.StatusText(status), "imsx_codeMinor": minor,
	})
}

func (a *eduapi) texts(t Text) []any {
	if a.quirks.languageKey != "" {
		return t.render(a.quirks.languageKey, "value", same)
	}
	return t.render("recordLanguage", "value", same)
}

func identifier(kind, value string) object {
	return object{"identifierType": kind, "identifier": value}
}

// record is what all have in common.
func (a *eduapi) record(sourcedID string, fields object) object {
	out := object{"sourcedId": sourcedID, "recordLanguage": "en", "recordStatus": "active", "dateLastModified": a.config.Set.Changed.Format(time.RFC3339)}
	put(out, fields)
	return out
}

var levels1 = map[int]string{6: "undergraduate", 7: "graduate", 8: "doctoral"}

func (a *eduapi) template(c *Course) object {
	out := a.record(c.ID, object{
		"courseType": "standard", "creditType": "credit", "creditsAwarded": c.ECTS + " ECTS", "level": levels1[c.Level],
		"title": a.texts(c.Name), "description": a.texts(c.Description), "gradingScheme": object{"recordLanguage": "en", "value": "0-5"},
		"organization": id(a.config.Set.Domain, "organisation"), "primaryCode": identifier("systemId", c.Code), "teachingLanguage": c.Languages[0],
		"otherCodes": []any{identifier("ext:isced-f", c.ISCED)},
	})
	if c.Programme != "" {
		out["parent"] = []any{c.Programme}
	}
	if c.Deleted {
		out["recordStatus"] = "deleted"
	}
	return out
}

func (a *eduapi) group(p *Programme) object {
	return a.record(p.ID, object{
		"collectionType": "program", "creditType": "credit", "creditsAwarded": p.ECTS + " ECTS", "level": levels1[p.Level],
		"title": a.texts(p.Name), "description": a.texts(p.Description), "gradingScheme": object{"recordLanguage": "en", "value": "0-5"},
		"organization": id(a.config.Set.Domain, "organisation"), "primaryCode": identifier("systemId", p.Code), "teachingLanguage": p.Languages[0],
		"otherCodes": []any{identifier("ext:isced-f", p.ISCED)},
	})
}

var formats = map[Mode]string{OnSite: "onGround", Online: "online", Blended: "blended"}

func (a *eduapi) offering(o offered) object {
	term := &a.config.Set.Terms[o.Term]
	out := a.record(o.Offering.ID, object{
		"course": o.Course.ID, "offeringType": "standard", "offeringFormat": formats[o.Mode], "registrationStatus": "open",
		"title": a.texts(o.Name), "description": a.texts(o.Description), "startDate": o.Start + instantAt, "endDate": o.End + instantAt,
		"academicSession": term.ID, "organization": id(a.config.Set.Domain, "organisation"), "primaryCode": identifier("systemId", o.Offering.Code),
		"teachingLanguage": o.Language, "maxNumberStudents": o.Capacity, "enrolledNumberStudents": o.Enrolled,
	})
	if o.Deleted {
		out["recordStatus"] = "deleted"
	}
	return out
}

func (a *eduapi) organization(s *Set) object {
	return a.record(id(s.Domain, "organisation"), object{
		"name": a.texts(s.Name), "organizationType": "institution", "primaryCode": identifier("ext:schac", s.Domain),
		"primaryAddress": object{"addressLocality": s.City, "addressCountryCode": s.Country},
	})
}

func (a *eduapi) session(t *Term) object {
	return a.record(t.ID, object{
		"title": a.texts(t.Name), "sessionType": "semester", "startDate": t.Start + instantAt, "endDate": t.End + instantAt,
		"primaryCode": identifier("systemId", t.Code),
	})
}

package institutions

import (
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// occRoot is where OCCAPI 2 is served, followed by the institution's SCHAC code.
const occRoot = "/occapi/v2/hei/"

// occapi serves OCCAPI 2 from files of resources: hei.json holds the institution, programme.json, course.json
// and instance.json hold lists. Links and envelopes are made here.
type occapi struct {
	site
	domain string
}

// jsonapi is a resource.
type jsonapi struct {
	Type          string              `json:"type"`
	ID            string              `json:"id"`
	Attributes    map[string]any      `json:"attributes"`
	Meta          map[string]any      `json:"meta,omitempty"`
	Relationships map[string]relation `json:"relationships,omitempty"`
	Links         map[string]link     `json:"links"`
}

type relation struct {
	Data any `json:"data"` // one reference or a list of them
}

type link struct {
	Href string `json:"href"`
}

func (a occapi) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	below := strings.Trim(strings.TrimPrefix(r.URL.Path, occRoot+a.domain), "/")
	segments := strings.Split(below, "/")
	switch {
	case below == "":
		a.institution(w, r)
	case len(segments) == 1:
		a.list(w, r, below, func(jsonapi) bool { return true })
	case len(segments) == 2:
		a.resource(w, r, segments[0], segments[1])
	case segments[0] == "programme" && segments[2] == "course" && len(segments) == 3:
		a.list(w, r, "course", func(e jsonapi) bool { return e.names("relatedProgramme", segments[1]) })
	case segments[0] == "course" && segments[2] == "instance" && len(segments) == 3:
		a.list(w, r, "instance", func(e jsonapi) bool { return e.names("course", segments[1]) })
	default:
		a.absent(w)
	}
}

// names reports whether a relationship holds a reference to the id.
func (e jsonapi) names(relationship, id string) bool {
	references, ok := e.Relationships[relationship].Data.([]any)
	if !ok {
		references = []any{e.Relationships[relationship].Data}
	}
	return slices.ContainsFunc(references, func(v any) bool {
		reference, _ := v.(map[string]any) // nil holds nothing
		return reference["id"] == id
	})
}

// announced are the collections below a resource.
var announced = map[string][]string{"hei": {"programme", "course"}, "programme": {"course"}, "course": {"instance"}}

func (a occapi) linked(e jsonapi) jsonapi {
	self := "https://" + a.domain + occRoot + a.domain
	if e.Type != "hei" {
		self += "/" + e.Type + "/" + e.ID
	}
	e.Links = map[string]link{"self": {self}}
	for _, name := range announced[e.Type] {
		e.Links[name] = link{self + "/" + name}
	}
	return e
}

func (a occapi) institution(w http.ResponseWriter, r *http.Request) {
	content, changed, err := items[jsonapi](a.site, occRoot+a.domain+"/hei.json")
	if err == nil && len(content) != 1 {
		err = errors.New("hei.json: a list of the one institution is expected")
	}
	if err != nil {
		failed(w, err)
		return
	}
	a.document(w, r, a.linked(content[0]), changed)
}

// detailed are attributes that only a course's own resource has.
var detailed = []string{"bibliography", "courseContent", "prerequisites", "courseAvailability", "teachingMethod", "assessmentMethod"}

func (a occapi) list(w http.ResponseWriter, r *http.Request, kind string, keep func(jsonapi) bool) {
	all, changed, err := a.all(kind)
	if err != nil {
		a.absent(w)
		return
	}
	out := []jsonapi{}
	for _, e := range all {
		if !keep(e) || e.Attributes["deprecated"] == true {
			continue
		}
		for _, field := range detailed {
			delete(e.Attributes, field)
		}
		out = append(out, a.linked(e))
	}
	a.document(w, r, out, changed)
}

func (a occapi) all(kind string) ([]jsonapi, time.Time, error) {
	return items[jsonapi](a.site, path.Join(occRoot, a.domain, path.Base(kind)+".json"))
}

func (a occapi) resource(w http.ResponseWriter, r *http.Request, kind, id string) {
	all, changed, err := a.all(kind)
	if err != nil {
		a.absent(w)
		return
	}
	for _, e := range all {
		if e.ID == id {
			a.document(w, r, a.linked(e), changed)
			return
		}
	}
	a.absent(w)
}

const occMedia = "application/vnd.api+json"

func (a occapi) document(w http.ResponseWriter, r *http.Request, data any, changed time.Time) {
	send(w, r, occMedia, map[string]any{
		"jsonapi": map[string]string{"version": "1.1"}, "data": data,
		"links": map[string]link{"self": {"https://" + a.domain + r.URL.Path}},
	}, changed)
}

func (a occapi) absent(w http.ResponseWriter) {
	problem(w, http.StatusNotFound, "Endpoint not available.")
}

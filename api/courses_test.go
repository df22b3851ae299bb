package api_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
)

func TestListCourses(t *testing.T) {
	t.Parallel()
	n := sample(t)
	titles := func(query string) []string {
		var list api.List[course.Course]
		n.json("/v1/courses?"+query, &list)
		out := []string{}
		for _, c := range list.Items {
			title, _ := course.Choose(c.Title)
			out = append(out, title)
		}
		if list.Total != len(out) || !list.TotalIsExact {
			t.Errorf("%s: total %d, items %d", query, list.Total, len(out))
		}
		return out
	}
	for query, want := range map[string][]string{
		"":                                 {"Artificial Intelligence", "Databases", "Histoire de l'économie"},
		"q=datenb":                         {"Databases"},
		"q=university+of+example+writes":   {"Databases"},
		"provider=lyon.example":            {"Histoire de l'économie"},
		"provider=DE0001":                  {"Artificial Intelligence", "Databases"},
		"provider=https://uni.example/":    {"Artificial Intelligence", "Databases"},
		"provider=silent.example":          {},
		"language=fr&language=de":          {"Databases", "Histoire de l'économie"},
		"eqf=6&country=DE":                 {"Databases"},
		"isced=06":                         {"Databases"},
		"ects.gte=5&ects.lte=5":            {"Databases"},
		"ects.gte=5.5":                     {},
		"mode=920fbb3cbe":                  {"Databases"},
		"active=false":                     {"Artificial Intelligence"},
		"start.gte=2027-01-01":             {"Databases"},
		"start.gte=2027-03-02":             {},
		"identifier=AI-1":                  {"Artificial Intelligence", "Histoire de l'économie"},
		"id=" + url.QueryEscape(databases): {"Databases"},
		"standard=elm&class=member":        {"Artificial Intelligence", "Databases", "Histoire de l'économie"},
		"sort=-ects":                       nil,
	} {
		got := titles(query)
		if want != nil && cmp.Diff(want, got) != "" {
			t.Errorf("%s: %s", query, cmp.Diff(want, got))
		}
		if want == nil && got[0] != "Databases" {
			t.Errorf("%s: %v", query, got)
		}
	}
}

func TestFacetsHaveLabels(t *testing.T) {
	t.Parallel()
	var list api.List[course.Course]
	sample(t).json("/v1/courses?facets=provider,language,eqf&language=fr", &list)
	want := map[string][]api.Facet{
		"provider": {{Value: "lyon.example", Label: "Université de Lyon-Exemple", Count: 1}},
		"language": {{Value: "de", Label: "German", Count: 1}, {Value: "en", Label: "English", Count: 1}, {Value: "fr", Label: "French", Count: 1}},
		"eqf":      {{Value: "6", Label: "Level 6", Count: 1}},
	}
	if diff := cmp.Diff(want, list.Facets); diff != "" {
		t.Error(diff)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	n := sample(t)
	var seen []string
	next := "/v1/courses?limit=1"
	for page := 0; next != ""; page++ {
		var list api.List[course.Course]
		w := n.json(next, &list)
		if page > 3 || len(list.Items) != 1 || list.Total != 3 {
			t.Fatalf("page %d: %d items of %d", page, len(list.Items), list.Total)
		}
		seen = append(seen, list.Items[0].IRI)
		next = ""
		if list.Next != nil {
			next = *list.Next
			if link := w.Header().Get("Link"); link != "<"+next+`>; rel="next"` {
				t.Errorf("Link: %s", link)
			}
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 3 {
		t.Errorf("seen %v", seen)
	}
}

func TestListNamesItsState(t *testing.T) {
	t.Parallel()
	n := sample(t)
	for _, path := range []string{"/v1/courses", "/v1/providers", "/v1/publishers", "/v1/heads", "/v1/peers", "/v1/node"} {
		w := n.get(path)
		for _, name := range []string{"Coursemesh-Catalogue-Root", "Coursemesh-Authority-Root", "Coursemesh-Heads-Root", "ETag"} {
			if w.Header().Get(name) == "" {
				t.Errorf("%s: no header %s", path, name)
			}
		}
		again := n.get(path, "If-None-Match", w.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s: %d with %d bytes for the same entity tag", path, again.Code, again.Body.Len())
		}
	}
	before := n.get("/v1/courses").Header().Get("ETag")
	n.publish(n.self, statement{provider: "uni.example", subject: "https://uni.example/new", turtle: `<https://uni.example/new> a ql:LearningOpportunitySpecification ; dcterms:title "New" .`})
	if w := n.get("/v1/courses", "If-None-Match", before); w.Code != http.StatusOK {
		t.Errorf("%d for an entity tag of before the change", w.Code)
	}
}

func TestOneCourse(t *testing.T) {
	t.Parallel()
	n := sample(t)
	var byIRI course.Course
	n.json("/v1/courses/"+url.PathEscape(databases), &byIRI)
	for _, id := range []string{
		byIRI.ID, "urn:uuid:" + byIRI.ID, url.PathEscape("https://uni.example/courses/201"), url.PathEscape("INF/201"),
		"did:web:uni.example:courseId:INF%252F201",
	} {
		var c course.Course
		n.json("/v1/courses/"+id, &c)
		if diff := cmp.Diff(byIRI, c); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	ects := 5.0
	if diff := cmp.Diff([]any{"Databases", &ects, []int{6}, []string{"0612"}, true, "elm", "uni.example", federation.Member, "CC BY-NC 4.0", "University of Example"},
		[]any{byIRI.Title["en"], byIRI.ECTS, byIRI.EQF, byIRI.ISCED, byIRI.Active, byIRI.Standard, byIRI.Providers[0].ID, byIRI.Class, byIRI.Licence, byIRI.Credit}); diff != "" {
		t.Error(diff)
	}
	if len(byIRI.Offerings) != 1 || byIRI.Offerings[0].Start != "2027-03-01" {
		t.Errorf("offerings: %+v", byIRI.Offerings)
	}
}

// Every key that CONTRACTS names is there, and no list is null.
func TestCourseKeys(t *testing.T) {
	t.Parallel()
	n := sample(t)
	for _, id := range []string{databases, "https://www.lyon.example/c/hist"} {
		var c map[string]any
		n.json("/v1/courses/"+url.PathEscape(id), &c)
		for _, key := range strings.Fields(`id iri aliases title description type publishers providers alliances credits ects eqf isced languages modes
			outcomes assessment requirements offerings part_of active version standard modified record publisher published_by asserted_by licence credit`) {
			if _, ok := c[key]; !ok {
				t.Errorf("%s: no key %s", id, key)
			}
		}
		checkNoNullList(t, "course", reflect.TypeFor[course.Course](), c)
	}
}

func checkNoNullList(t *testing.T, at string, typ reflect.Type, v any) {
	switch typ.Kind() {
	case reflect.Slice, reflect.Map:
		if v == nil {
			t.Errorf("%s is null", at)
		}
		if items, ok := v.([]any); ok {
			for i, item := range items {
				checkNoNullList(t, fmt.Sprint(at, "/", i), typ.Elem(), item)
			}
		}
	case reflect.Struct:
		for field := range typ.Fields() {
			name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			value, ok := v.(map[string]any)[name]
			if ok || options == "" {
				checkNoNullList(t, at+"/"+name, field.Type, value)
			}
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	n := sample(t)
	path := "/v1/courses/" + url.PathEscape(databases)
	for _, c := range []struct{ target, accept, media, contains string }{
		{path, "", "application/json", `"iri":"urn:schac`},
		{path, "*/*", "application/json", `"iri":"urn:schac`},
		{path, "text/turtle", "text/turtle; charset=utf-8", "Databases"},
		{path, "application/n-triples;q=0.9, text/turtle;q=0.1", "application/n-triples", "\"Databases\"@en ."},
		{path + "?format=jsonld", "text/turtle", "application/ld+json", "Databases"},
		{path + "?format=ntriples", "", "application/n-triples", "\"Databases\"@en ."},
		{path + "?format=rdfxml", "", "application/rdf+xml", "<dcterms:title xml:lang=\"en\">Databases</dcterms:title>"},
		{path, "application/rdf+xml", "application/rdf+xml", "<rdf:RDF"},
	} {
		w := n.get(c.target, "Accept", c.accept)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != c.media || !strings.Contains(w.Body.String(), c.contains) {
			t.Errorf("%s, %s: %d %s\n%s", c.target, c.accept, w.Code, w.Header().Get("Content-Type"), w.Body)
		}
	}
	if w := n.get(path, "Accept", "text/html,application/xhtml+xml,*/*;q=0.8"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/courses/") {
		t.Errorf("a browser gets %d %s", w.Code, w.Header())
	}
	if w := n.get(path, "Accept", "image/png"); w.Code != http.StatusNotAcceptable {
		t.Errorf("an image viewer gets %d", w.Code)
	}
}

func TestRecordIsTheEnvelope(t *testing.T) {
	t.Parallel()
	n := sample(t)
	w := n.get("/v1/courses/" + url.PathEscape(databases) + "/record")
	record, err := federation.OpenRecord(w.Body.Bytes())
	if err != nil || record.Subject != databases {
		t.Fatal(record.Subject, err)
	}
	c := federation.CIDOf(w.Body.Bytes()).String()
	if w.Header().Get("ETag") != `"`+c+`"` || w.Header().Get("Content-Type") != "application/octet-stream" {
		t.Error(w.Header())
	}
	for _, query := range []string{"?format=raw", "?format=car"} {
		g := n.get("/ipfs/" + c + query)
		if g.Code != http.StatusOK || !strings.Contains(g.Body.String(), w.Body.String()) {
			t.Errorf("gateway%s: %d, %d bytes", query, g.Code, g.Body.Len())
		}
	}
	if g := n.get("/ipfs/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy?format=raw"); g.Code != http.StatusNotFound {
		t.Errorf("gateway answers %d for a block that is not here", g.Code)
	}
	if g := n.get("/ipfs/" + c); g.Code == http.StatusOK && !strings.Contains(g.Header().Get("Content-Type"), "vnd.ipld") {
		t.Errorf("gateway renders: %s", g.Header())
	}
}

func TestAmbiguousIdentifier(t *testing.T) {
	t.Parallel()
	n := sample(t)
	for _, p := range []string{"uni.example", "lyon.example"} {
		n.publish(n.self, statement{provider: p, subject: "https://courses.lyon.example/joint", turtle: `<https://courses.lyon.example/joint> a ql:LearningOpportunitySpecification ; dcterms:title "Joint" .`})
	}
	path := "/v1/courses/" + url.PathEscape("https://courses.lyon.example/joint")
	w := n.get(path)
	var choices api.Choices
	if err := json.Unmarshal(w.Body.Bytes(), &choices); err != nil || w.Code != http.StatusMultipleChoices {
		t.Fatal(w.Code, err)
	}
	if len(choices.Choices) != 2 || choices.Choices[0].Provider != "lyon.example" {
		t.Errorf("the owner of the host must come first: %+v", choices)
	}
	var one course.Course
	if n.json(choices.Choices[1].URL, &one); one.Provider != "uni.example" {
		t.Errorf("the choice leads to %s", one.Provider)
	}
	if w := n.get("/courses/" + url.PathEscape("AI-1")); w.Code != http.StatusMultipleChoices || strings.Count(w.Body.String(), "<article>") != 2 {
		t.Errorf("page of an ambiguous code: %d", w.Code)
	}
}

func TestProvenanceAndHistory(t *testing.T) {
	t.Parallel()
	n := sample(t)
	other := newPublisher(t)
	same := statement{provider: "uni.example", subject: databases, turtle: fmt.Sprintf(databasesTurtle, databases)}
	n.publish(other, same)
	same.turtle, same.issued = strings.ReplaceAll(same.turtle, "Datenbanken", "Datenbanksysteme"), 60
	n.publish(n.self, same)
	path := "/v1/courses/" + url.PathEscape(databases)
	var p api.Provenance
	n.json(path+"/provenance", &p)
	classes := map[federation.PublisherID]federation.Class{}
	effective := 0
	for _, s := range p.Statements {
		classes[s.Publisher] = s.Class
		if s.Effective {
			effective++
		}
	}
	want := map[federation.PublisherID]federation.Class{n.self.id: federation.Member, other.id: federation.Unverified}
	if diff := cmp.Diff(want, classes); diff != "" || effective != 1 {
		t.Errorf("%d effective; %s", effective, diff)
	}
	var history api.List[api.Version]
	n.json(path+"/history", &history)
	if len(history.Items) != 2 || !history.Items[0].Effective || history.Items[0].Issued <= history.Items[1].Issued {
		t.Fatalf("%+v", history.Items)
	}
	if c := history.Items[0]; c.Changes == nil || *c.Changes != (api.Changes{Specification: 1}) || !c.Version || history.Items[1].Changes != nil {
		t.Errorf("changes: %+v", history.Items)
	}

	var diff struct {
		Differences []struct{ Field, Class string }
	}
	n.json(path+"/diff", &diff)
	if len(diff.Differences) != 1 || diff.Differences[0].Field != "title" || diff.Differences[0].Class != "specification" {
		t.Errorf("%+v", diff)
	}
	n.json(path+"/diff?from="+history.Items[0].Record+"&to="+history.Items[0].Record, &diff)
	if len(diff.Differences) != 0 {
		t.Errorf("a version differs from itself: %+v", diff)
	}
	for query, want := range map[string]int{"?from=x": 400, "?to=" + foreignCID: 404} {
		if w := n.get(path + "/diff" + query); w.Code != want {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
}

const foreignCID = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"

func TestFields(t *testing.T) {
	t.Parallel()
	var list api.List[map[string]any]
	sample(t).json("/v1/courses?fields=iri,title&limit=1", &list)
	if len(list.Items) != 1 || len(list.Items[0]) != 2 {
		t.Errorf("%v", list.Items)
	}
}

func TestHeadAndCompression(t *testing.T) {
	t.Parallel()
	n := sample(t)
	server := httptest.NewServer(n.api)
	defer server.Close()
	r, err := http.Head(server.URL + "/v1/courses")
	if err != nil || r.StatusCode != http.StatusOK || r.ContentLength == 0 {
		t.Fatal(r, err)
	}
	r.Body.Close()
	request, _ := http.NewRequest(http.MethodGet, server.URL+"/v1/vocabularies/country", nil)
	request.Header.Set("Accept-Encoding", "gzip")
	r, err = http.DefaultClient.Do(request)
	if err != nil || r.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal(r.Header, err)
	}
	defer r.Body.Close()
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || !json.Valid(b) {
		t.Error(err)
	}
}

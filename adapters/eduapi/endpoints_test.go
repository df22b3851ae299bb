package eduapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
)

const elmNS = "http://data.europa.eu/snb/model/elm/"

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// values are the objects of a property, of whatever node of the course.
func values(item adapters.Item, property string) []string {
	var out []string
	for _, t := range item.Graph.Triples {
		if t.Pred.String() == property {
			out = append(out, t.Obj.String())
		}
	}
	slices.Sort(out)
	return out
}

// atPaths serves handlers by whole path.
func atPaths(t *testing.T, paths map[string]http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, ok := paths[r.URL.Path]; ok {
			h(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestDiscoveryDocumentNamesTheRoot(t *testing.T) {
	t.Parallel()
	const path = "/1edtech/eduapi/base/v1p0/discovery"
	for name, tt := range map[string]struct {
		document string
		complete bool
	}{
		"own origin":         {`{"openapi":"3.0.1","servers":[{"url":"/ims/eduapi/base/v1p0"}]}`, true},
		"an example's host":  {`{"openapi":"3.0.1","servers":[{"url":"https://www.imsglobal.org/ims/eduapi/base/v1p0"},{"url":"/x"}]}`, true},
		"a host inside":      {`{"servers":[{"url":"http://app01:8080/ims/eduapi/base/v1p0/"}]}`, true},
		"variables":          {`{"servers":[{"url":"https://{host}/ims/eduapi/base/{version}","variables":{"host":{"default":"x.example"},"version":{"default":"v1p0"}}}]}`, true},
		"relative to itself": {`{"servers":[{"url":"../../../../ims/eduapi/base/v1p0"}]}`, true},
		"no server":          {`{"openapi":"3.0.1"}`, false},
		"no document":        {`[]`, false},
		"a login page":       {`<html>`, false},
	} {
		base := atPaths(t, map[string]http.HandlerFunc{path: body(tt.document), "/ims/eduapi/base/v1p0/courseTemplates": listing(course("c1"))})
		got := first(t, base+path)
		if complete := got.end == nil && len(got.items) == 1; complete != tt.complete {
			t.Errorf("%s: %d courses, %v", name, len(got.items), got.end)
		}
	}
	if got := first(t, atPaths(t, nil)+path); got.end == nil || !strings.Contains(got.end.Error(), "discovery document") {
		t.Errorf("without the document: %v", got.end)
	}
}

func TestPathsThatNameTheServerOnly(t *testing.T) {
	t.Parallel()
	base := atPaths(t, map[string]http.HandlerFunc{
		"/ims/eduapi/base/v1p0/courseTemplates": listing(course("c1")), "/ims/eduapi/base/v1p0/courseOfferings": listing(`{"sourcedId":"o1","course":"c1","title":"Run"}`),
	})
	for _, path := range []string{"", "/", "/ims/eduapi/base/v1p0", "/ims/eduapi/base/v1p0/"} {
		if got := first(t, base+path); got.end != nil || len(got.items) != 1 || count(got.items[0], elmNS+"learningOpportunity") != 1 {
			t.Errorf("%q: %v", path, got)
		}
	}
	if got := first(t, base+"/elsewhere"); got.end == nil || !strings.Contains(got.end.Error(), "the API's root") {
		t.Errorf("%v", got.end)
	}
}

// A server may know the generic collections only, or leave out some of the others.
func TestGenericCollections(t *testing.T) {
	t.Parallel()
	got := first(t, serve(t, map[string]http.HandlerFunc{
		"educationTemplates": listing(
			`{"sourcedId":"c1","courseType":"standard","title":"Course","parent":"p1"}`, `{"sourcedId":"p1","collectionType":"program","title":"Programme","parent":["f1"]}`,
			`{"sourcedId":"k1","componentType":"lecture","title":"Lectures","parent":"c1"}`, `{"sourcedId":"f1","title":"Field of studies"}`),
		"educationOfferings": listing(`{"sourcedId":"o1","course":"c1","title":"Run","parent":["o2"]}`, `{"sourcedId":"o2","collection":"p1","title":"Cohort"}`,
			`{"sourcedId":"o3","component":"k1","parent":["o1"],"title":"Group A"}`),
		"collectionTemplates": status(http.StatusNotImplemented), "componentTemplates": status(http.StatusNotImplemented),
	}))
	if diff := cmp.Diff([]string{"c1", "p1", "f1"}, got.subjects()); diff != "" || got.end != nil || len(got.lost) != 0 {
		t.Fatalf("%s %v %v", diff, got.end, got.lost)
	}
	const u = "urn:schac:uniqueCourseId:uni.example:"
	for i, want := range []map[string][]string{
		{elmNS + "isPartOf": {u + "p1", u + "p1:offering:o2"}, elmNS + "learningActivitySpecification": values(got.items[0], elmNS+"learningActivitySpecification")},
		{elmNS + "isPartOf": {u + "f1"}, elmNS + "hasPart": {u + "c1"}},
		{elmNS + "hasPart": {u + "p1"}, "http://purl.org/dc/terms/type": {"http://data.europa.eu/snb/learning-opportunity/0f7dac46ca"}},
	} {
		for property, v := range want {
			if diff := cmp.Diff(v, values(got.items[i], property)); diff != "" || len(v) == 0 {
				t.Errorf("%s %s: %s", got.subjects()[i], property, diff)
			}
		}
	}
}

func TestNoCollectionsAtAll(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented} {
		got := first(t, serve(t, map[string]http.HandlerFunc{
			"courseTemplates": listing(course("c1")), "collectionTemplates": status(code), "collectionOfferings": status(code), "componentTemplates": status(code),
			"componentOfferings": status(code), "courseOfferings": status(code), "educationOfferings": status(code), "organizations": status(code), "academicSessions": status(code),
		}))
		if got.end != nil || len(got.items) != 1 {
			t.Errorf("%d: %v", code, got.end)
		}
	}
	for _, collection := range []string{"collectionTemplates", "courseOfferings", "componentTemplates", "componentOfferings"} {
		got := first(t, serve(t, map[string]http.HandlerFunc{"courseTemplates": listing(course("c1")), collection: status(http.StatusForbidden)}))
		if got.end == nil {
			t.Errorf("%s: a list that is refused is taken for none", collection)
		}
	}
}

// What a list leaves out is asked for by its id.
func TestWhatNoListHolds(t *testing.T) {
	t.Parallel()
	got := first(t, serve(t, map[string]http.HandlerFunc{
		"courseTemplates":           listing(`{"sourcedId":"c1","title":"Course","parent":["PS;A;1","gone"]}`),
		"courseOfferings":           listing(`{"sourcedId":"o1","course":"hidden","title":"Run"}`, `{"sourcedId":"o2","course":"c1","title":"Run","parent":["po"]}`, `{"sourcedId":"o3","course":"nowhere","title":"Run"}`),
		"educationTemplates/PS;A;1": body(`{"sourcedId":"PS;A;1","title":"Generic","parent":"above"}`),
		"educationTemplates/above":  body(`[{"sourcedId":"above","title":"Above"}]`),
		"courseTemplates/hidden":    body(`{"sourcedId":"hidden","title":"Hidden","recordStatus":"inactive"}`),
		"educationsOfferings/po":    body(`{"sourcedId":"po","collection":"p9","title":"Cohort"}`),
		"collectionTemplates/p9":    body(`{"sourcedId":"p9","collectionType":"program","title":"Programme"}`),
	}))
	if diff := cmp.Diff([]string{"c1", "hidden", "p9", "PS%3BA%3B1", "above"}, got.subjects()); diff != "" || got.end != nil {
		t.Fatalf("%s %v %v", diff, got.end, got.lost)
	}
	if len(got.lost) != 1 || !strings.HasSuffix(got.lost[0].Where, "/2/course") {
		t.Errorf("lost %v", got.lost)
	}
	if diff := cmp.Diff([]string{"false"}, values(got.items[1], "http://data.quality-link.eu/ontology/v1#isActive")); diff != "" {
		t.Error(diff)
	}
	failing := serve(t, map[string]http.HandlerFunc{
		"courseTemplates": listing(`{"sourcedId":"c1","title":"Course","parent":["f1"]}`), "educationTemplates/f1": status(http.StatusInternalServerError),
	})
	if got := first(t, failing); got.end == nil || len(got.items) != 1 {
		t.Errorf("a parent that cannot be fetched: %d courses, %v", len(got.items), got.end)
	}
}

// Look-ups that find nothing come to an end.
func TestLookupsEnd(t *testing.T) {
	t.Parallel()
	asked := 0
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf(`{"sourcedId":"c%d","title":"Course","parent":["x%d"]}`, i, i))
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/courseTemplates"):
			listing(many...)(w, r)
		case strings.Contains(r.URL.Path, "/educationTemplates/"):
			asked++
			fallthrough
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	if got := first(t, srv.URL); got.end != nil || len(got.items) != 300 || asked > 30 {
		t.Errorf("%d courses, %d look-ups, %v", len(got.items), asked, got.end)
	}
}

func TestComponentsOfEachOffering(t *testing.T) {
	t.Parallel()
	got := first(t, serve(t, map[string]http.HandlerFunc{
		"courseTemplates":    listing(course("c1")),
		"courseOfferings":    listing(`{"sourcedId":"o1","course":"c1","title":"Autumn"}`, `{"sourcedId":"o2","course":"c1","title":"Spring"}`),
		"componentTemplates": listing(`{"sourcedId":"lab","parent":["c1"],"componentType":"laboratory","title":"Lab"}`, `{"sourcedId":"x","parent":["nowhere"],"componentType":"lecture","title":"Lost"}`),
		"componentOfferings": listing(`{"sourcedId":"g1","component":"lab","parent":["o1"],"title":"Group A","startDate":"2027-02-01","maxNumberStudents":12,"offeringFormat":"onGround"}`,
			`{"sourcedId":"g2","component":"lab","parent":["o1"],"title":"Group B"}`, `{"sourcedId":"g3","component":"none","title":"Lost"}`),
	}))
	if got.end != nil || len(got.items) != 1 || len(got.lost) != 2 || got.lost[0].Field != "component" || got.lost[1].Field != "parent" {
		t.Fatalf("%v %v", got.end, got.lost)
	}
	item := got.items[0]
	if n := count(item, elmNS+"learningActivitySpecification"); n != 2 {
		t.Errorf("%d activities of two offerings", n)
	}
	titles := values(item, "http://purl.org/dc/terms/title")
	for _, title := range []string{"Group A", "Group B", "Group A, Group B", "Lab"} {
		if !slices.Contains(titles, title) {
			t.Errorf("no %q in %q", title, titles)
		}
	}
	for property, want := range map[string][]string{
		elmNS + "mode":                         {"http://data.europa.eu/snb/learning-assessment/9191af2ed9"},
		eduapi.Namespace + "startDate":         {"2027-02-01"},
		eduapi.Namespace + "maxNumberStudents": {"12"},
	} {
		if diff := cmp.Diff(want, values(item, property)); diff != "" {
			t.Error(diff)
		}
	}
}

// Links that are not between pages end nothing.
func TestOtherLinksAreNoPages(t *testing.T) {
	t.Parallel()
	all := courses(23)
	base := serve(t, map[string]http.HandlerFunc{"courseTemplates": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Link", `<https://uni.example/docs?x=1>; rel="service-doc", </style.css>; rel=preload`)
		fmt.Fprint(w, array(window(all, r.URL.Query(), 10)))
	}})
	if got := first(t, base); got.end != nil || len(got.items) != 23 {
		t.Errorf("%d courses, %v", len(got.items), got.end)
	}
}

// A server that caps the limit and ignores offset shows at the other end that it has more.
func TestMoreBehindARepeatedPage(t *testing.T) {
	t.Parallel()
	all := courses(30)
	for name, tt := range map[string]struct {
		has      int
		complete bool
	}{"more": {30, false}, "all": {7, true}} {
		base := serve(t, map[string]http.HandlerFunc{"courseTemplates": func(w http.ResponseWriter, r *http.Request) {
			list := slices.Clone(all[:tt.has])
			if r.URL.Query().Get("orderBy") == "desc" {
				slices.Reverse(list)
			}
			fmt.Fprint(w, array(list[:7]))
		}})
		if got := first(t, base); (got.end == nil) != tt.complete || len(got.items) != 7 {
			t.Errorf("%s: %d courses, %v", name, len(got.items), got.end)
		}
	}
}

// Organisations name what is above them in many ways.
func TestWaysToNameTheInstitution(t *testing.T) {
	t.Parallel()
	const top = `{"sourcedId":"top","name":"University","primaryCode":{"identifier":"uni.example"}}`
	for _, parent := range []string{`"top"`, `["top"]`, `{"sourcedId":"top"}`, `[{"sourcedId":"top"}]`, top} {
		for _, organization := range []string{`"dept"`, `{"sourcedId":"dept"}`, `["dept"]`} {
			base := serve(t, map[string]http.HandlerFunc{
				"courseTemplates":    listing(`{"sourcedId":"c1","title":"Course","organization":` + organization + `}`),
				"organizations":      listing(`{"sourcedId":"dept","name":"Department","parent":`+parent+`}`, top),
				"organizations/dept": status(http.StatusInternalServerError), // nobody needs to ask
			})
			got := first(t, base)
			if got.end != nil || len(got.items) != 1 || count(got.items[0], "http://purl.org/dc/terms/publisher") != 1 || count(got.items[0], eduapi.Namespace+"organization") != 1 {
				t.Errorf("%s below %s: %v", organization, parent, got.end)
			}
		}
	}
	base := serve(t, map[string]http.HandlerFunc{
		"courseTemplates": listing(`{"sourcedId":"c1","title":"Course","organization":"top"}`), "organizations": listing(strings.Replace(top, `"name"`, `"parent":null,"name"`, 1)),
	})
	if got := first(t, base); got.end != nil || count(got.items[0], "http://purl.org/dc/terms/publisher") != 1 {
		t.Errorf("without a parent: %v", got.end)
	}
}

func TestSpellingsOfLanguages(t *testing.T) {
	t.Parallel()
	for spelling, want := range map[string]string{"EN": "en", "en_US": "en-us", "eng": "en", "english": "en", "el-GR": "el-gr", "": ""} {
		base := serve(t, map[string]http.HandlerFunc{
			"courseTemplates": listing(fmt.Sprintf(`{"sourcedId":"c1","title":[{"recordLanguage":%q,"value":"Course"}]}`, spelling)),
		})
		for _, triple := range first(t, base).items[0].Graph.Triples {
			if l, ok := triple.Obj.(interface{ Lang() string }); ok && triple.Pred.String() == "http://purl.org/dc/terms/title" && l.Lang() != want {
				t.Errorf("%q: tag %q, want %q", spelling, l.Lang(), want)
			}
		}
	}
}

// A token that is shorter than a run ends it, and nothing is withdrawn.
func TestTokensThatEndOnTheWay(t *testing.T) {
	t.Parallel()
	for _, collection := range []string{"courseOfferings", "collectionTemplates", "componentOfferings", "educationTemplates/p1"} {
		base := serve(t, map[string]http.HandlerFunc{
			"courseTemplates": listing(`{"sourcedId":"c1","title":"Course","parent":"p1"}`), collection: status(http.StatusUnauthorized),
		})
		if got := read(t, eduapi.New(eduapi.Limits{}), at(base), time.Time{}); got.end == nil {
			t.Errorf("%s: a run that was shut out counts as complete", collection)
		}
	}
}

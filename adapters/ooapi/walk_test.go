package ooapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
)

// api answers bodies by path and remembers what it was asked.
type api struct {
	guard  sync.Mutex
	bodies map[string]string
	pages  int // behind which all is 404; 0 for no end
	asked  []string
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.guard.Lock()
	a.asked = append(a.asked, r.URL.Path)
	a.guard.Unlock()
	body, ok := a.bodies[r.URL.Path]
	if number, _ := strconv.Atoi(r.URL.Query().Get("pageNumber")); !ok || (a.pages > 0 && number > a.pages) {
		http.NotFound(w, r)
		return
	}
	if code, ok := map[string]int{"403": 403, "405": 405, "500": 500, "501": 501}[body]; ok {
		w.WriteHeader(code)
		return
	}
	fmt.Fprint(w, body)
}

func (a *api) count(path string) int {
	n := 0
	for _, p := range a.asked {
		if ok := strings.HasSuffix(p, path); ok {
			n++
		}
	}
	return n
}

func (a *api) start(t *testing.T) adapters.Source {
	t.Helper()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	src := at(srv.URL)
	src.Version = ""
	return src
}

func list(items ...string) string {
	return `{"hasNextPage":false,"items":[` + strings.Join(items, ",") + `]}`
}

// facts are the graph's triples about a node, by the last part of the property, of those that end so.
func facts(item adapters.Item, property string) []string {
	var out []string
	for _, t := range item.Graph.Triples {
		if strings.HasSuffix(t.Pred.String(), property) {
			out = append(out, strings.ReplaceAll(t.Subj.String()+" > "+t.Obj.String(), "urn:schac:uniqueCourseId:uni.example:", ""))
		}
	}
	slices.Sort(out)
	return out
}

func TestHierarchyHoldsInBothVersions(t *testing.T) {
	t.Parallel()
	for name, bodies := range map[string]map[string]string{
		"5": {
			"/courses":                  list(`{"courseId":"c1","name":"A","programs":["p1"],"educationSpecification":"s1"}`, `{"courseId":"c2","name":"B","programs":[{"programId":"p1","name":"P"}]}`),
			"/programs":                 list(`{"programId":"p1","name":"P","children":["p2"]}`, `{"programId":"p2","programType":"minor","name":"M","parent":"p1"}`),
			"/education-specifications": list(`{"educationSpecificationId":"s1","name":"S"}`),
		},
		"6": {
			"/courses":    list(`{"courseId":"c1","name":"A","programmeIds":["p1"]}`, `{"courseId":"c2","name":"B","programmes":[{"programmeId":"p1","name":"P"}]}`),
			"/programmes": list(`{"programmeId":"p1","name":"P","childIds":["p2"]}`, `{"programmeId":"p2","programmeType":"minor","name":"M","parentId":"p1"}`),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, ooapi.New(ooapi.Limits{}), (&api{bodies: bodies}).start(t))
			if got.end != nil || len(got.lost) > 0 || len(got.items) < 4 {
				t.Fatalf("%d items, %v, %v", len(got.items), got.lost, got.end)
			}
			var parts, wholes []string
			for _, i := range got.items {
				parts, wholes = append(parts, facts(i, "hasPart")...), append(wholes, facts(i, "isPartOf")...)
			}
			if diff := cmp.Diff([]string{"p1 > c1", "p1 > c2", "p1 > p2"}, parts); diff != "" {
				t.Errorf("hasPart %s", diff)
			}
			if diff := cmp.Diff([]string{"c1 > p1", "c2 > p1", "p2 > p1"}, wholes); diff != "" {
				t.Errorf("isPartOf %s", diff)
			}
			if name == "5" {
				if diff := cmp.Diff([]string{"c1 > s1"}, facts(got.items[0], "specialisationOf")); diff != "" {
					t.Errorf("specialisationOf %s", diff)
				}
				if !slices.Contains(got.subjects(), "s1") {
					t.Error("the education specification is no course of its own")
				}
			}
		})
	}
}

func TestCoursesThatNameNoProgrammeAreFoundInIt(t *testing.T) {
	t.Parallel()
	server := &api{bodies: map[string]string{
		"/courses": list(course("c1"), course("c2")), "/programs": list(`{"programId":"p1","name":"P"}`, `{"programId":"p2","name":"Q"}`),
		"/programs/p1/courses": list(course("c2")), "/programs/p2/courses": "403",
	}}
	got := read(t, ooapi.New(ooapi.Limits{}), server.start(t))
	if got.end != nil || len(got.items) != 4 {
		t.Fatalf("%v, %v", got.subjects(), got.end)
	}
	if diff := cmp.Diff([]string{"p1 > c2"}, facts(got.items[2], "hasPart")); diff != "" {
		t.Error(diff)
	}
}

func TestVersionByContent(t *testing.T) {
	t.Parallel()
	five := map[string]string{"/courses": list(`{"courseId":"c1","name":"A","teachingLanguage":"nld"}`), "/courses/c1/offerings": list(`{"offeringId":"o1"}`)}
	six := map[string]string{"/courses": list(`{"courseId":"c1","name":"A","teachingLanguages":["nl"]}`), "/courses/c1/course-offerings": list(`{"courseOfferingId":"o1"}`)}
	onlySix := map[string]string{"/programmes": list(`{"programmeId":"c1","name":"A","teachingLanguages":["nl"]}`), "/programmes/c1/programme-offerings": list(`{"programmeOfferingId":"o1"}`)}
	onlyFive := map[string]string{"/courses": "405", "/programs": list(`{"programId":"c1","name":"A","teachingLanguage":"nld"}`), "/programs/c1/offerings": list(`{"offeringId":"o1"}`)}
	for _, tt := range []struct {
		declared string
		bodies   map[string]string
		mapping  string
		finding  bool
	}{
		{"5", five, "ooapi5/3", false},
		{"v5.0", five, "ooapi5/3", false},
		{"", five, "ooapi5/3", false},
		{"6", five, "ooapi5/3", true},
		{"4", five, "ooapi5/3", true},
		{"6", six, "ooapi6/2", false},
		{"v6", six, "ooapi6/2", false},
		{"6.0", six, "ooapi6/2", false},
		{"", six, "ooapi6/2", false},
		{"5", six, "ooapi6/2", true},
		{"5", onlySix, "ooapi6/2", true},
		{"6", onlySix, "ooapi6/2", false},
		{"6", onlyFive, "ooapi5/3", true},
		{"5", onlyFive, "ooapi5/3", false},
	} {
		src := (&api{bodies: tt.bodies}).start(t)
		src.Version = tt.declared
		got := read(t, ooapi.New(ooapi.Limits{}), src)
		if len(got.items) != 1 || got.end != nil {
			t.Errorf("%q: %d items, %v, %v", tt.declared, len(got.items), got.lost, got.end)
			continue
		}
		item := got.items[0]
		found := slices.ContainsFunc(item.Notes, func(n adapters.Note) bool { return n.Field == "version" })
		if item.Mapping != tt.mapping || found != tt.finding || count(item, "learningOpportunity") > 0 || len(facts(item, "dc/terms/language")) != 1 {
			t.Errorf("%q: mapping %s, finding %t: %v", tt.declared, item.Mapping, found, item.Notes)
		}
		if offerings := facts(item, "elm/learningOpportunity"); len(offerings) != 1 {
			t.Errorf("%q: offerings %v", tt.declared, offerings)
		}
	}
}

func TestNoSuchAPI(t *testing.T) {
	t.Parallel()
	got := read(t, ooapi.New(ooapi.Limits{}), (&api{}).start(t))
	if got.end == nil || len(got.items) > 0 {
		t.Errorf("a server that has nothing was read completely: %v", got.subjects())
	}
	promised := &api{bodies: map[string]string{"/courses": `{"hasNextPage":true,"items":[` + course("c1") + `]}`, "/programs": list(`{"programId":"p1","name":"P"}`)}, pages: 1}
	if got := read(t, ooapi.New(ooapi.Limits{}), promised.start(t)); got.end == nil {
		t.Errorf("courses broke off, and the listing is complete: %v", got.subjects())
	}
	offered := &api{bodies: map[string]string{
		"/courses": list(course("c1")), "/courses/c1/offerings": `{"hasNextPage":true,"items":[{"offeringId":"o1"}]}`,
		"/courses/c1/components": `{"hasNextPage":true,"items":[{"componentId":"k1","name":"K"}]}`,
	}, pages: 1}
	if got := read(t, ooapi.New(ooapi.Limits{}), offered.start(t)); got.end == nil || len(got.items) > 0 {
		t.Errorf("offerings broke off, and the course is complete: %v", got.subjects())
	}
	broken := &api{bodies: map[string]string{"/courses": list(course("c1")), "/programs": "500"}}
	if got := read(t, ooapi.New(ooapi.Limits{}), broken.start(t)); got.end == nil || len(got.items) != 1 {
		t.Errorf("programmes failed, and the listing is complete: %v", got.subjects())
	}
}

// fiftyCourses have an offering each, all of which the institution lists, but for those in without.
func fiftyCourses(without ...int) *api {
	bodies := map[string]string{}
	var courses, offerings []string
	for i := range 50 {
		id := fmt.Sprintf("c%d", i)
		offering := fmt.Sprintf(`{"offeringId":"o%d","offeringType":"course","course":%q,"startDate":"2027-02-01"}`, i, id)
		courses = append(courses, course(id))
		bodies["/courses/"+id+"/offerings"] = list(offering)
		if !slices.Contains(without, i) {
			offerings = append(offerings, offering)
		}
	}
	bodies["/courses"] = list(courses...)
	bodies["/organizations"] = list(`{"organizationId":"r","organizationType":"root","name":"U"}`, `{"organizationId":"d","organizationType":"department","name":"D"}`)
	bodies["/organizations/r/offerings"] = list(offerings...)
	return &api{bodies: bodies}
}

func TestOfferingsOfAllInOneListing(t *testing.T) {
	t.Parallel()
	all := func(t *testing.T, server *api) int {
		t.Helper()
		got := read(t, ooapi.New(ooapi.Limits{}), server.start(t))
		n := 0
		for _, i := range got.items {
			n += len(facts(i, "elm/learningOpportunity"))
		}
		if got.end != nil || n != 50 {
			t.Errorf("%d offerings of 50, %v", n, got.end)
		}
		return server.count("/offerings")
	}
	if calls := all(t, fiftyCourses()); calls > 15 {
		t.Errorf("%d calls for offerings although one lists them all", calls)
	}
	if calls := all(t, fiftyCourses(3)); calls < 50 {
		t.Errorf("a listing that lacks a known offering was believed: %d calls", calls)
	}
	if calls := all(t, fiftyCourses(40)); calls < 15 {
		t.Errorf("a course without an entry in the listing was not asked: %d calls", calls)
	}
	for _, answer := range []string{"403", "500", `{"items":`, list(`7`)} {
		server := fiftyCourses()
		server.bodies["/organizations/r/offerings"] = answer
		all(t, server)
	}
	several := fiftyCourses()
	several.bodies["/organizations"] = list(`{"organizationId":"r","organizationType":"root","name":"U"}`, `{"organizationId":"q","organizationType":"root","name":"V"}`)
	all(t, several)
}

func TestComponentsAreAskedForWhereThereAreAny(t *testing.T) {
	t.Parallel()
	server := fiftyCourses()
	if read(t, ooapi.New(ooapi.Limits{}), server.start(t)); server.count("/components") > 26 {
		t.Errorf("%d calls for components that the server does not have", server.count("/components"))
	}
	none := fiftyCourses()
	none.bodies["/courses/c0/components"] = "405"
	if read(t, ooapi.New(ooapi.Limits{}), none.start(t)); none.count("/components") != 1 {
		t.Errorf("%d calls for components that the server does not know", none.count("/components"))
	}
	empty := &api{bodies: map[string]string{
		"/organizations": list(`{"organizationId":"r","organizationType":"root","name":"U"}`), "/organizations/r/components": list(),
	}}
	var many []string
	for i := range 120 {
		many = append(many, course(fmt.Sprintf("c%d", i)))
		empty.bodies[fmt.Sprintf("/courses/c%d/components", i)] = list()
	}
	empty.bodies["/courses"] = list(many...)
	if got := read(t, ooapi.New(ooapi.Limits{}), empty.start(t)); empty.count("/components") > 72 || len(got.items) != 120 {
		t.Errorf("%d courses, %d calls for components that no course has", len(got.items), empty.count("/components"))
	}
	failing := fiftyCourses()
	failing.bodies["/courses/c0/components"] = "500"
	if got := read(t, ooapi.New(ooapi.Limits{}), failing.start(t)); got.end == nil {
		t.Error("components failed, and the listing is complete")
	}
}

func TestLookUpsTurnIntoOneListing(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{}
	var courses, outcomes []string
	for i := range 40 {
		outcome := fmt.Sprintf(`{"learningOutcomeId":"l%d","name":[{"language":"en","value":"Outcome %d"}]}`, i, i)
		courses = append(courses, fmt.Sprintf(`{"courseId":"c%d","name":"C","learningOutcomeIds":["l%d"]}`, i, i))
		outcomes = append(outcomes, outcome)
		bodies[fmt.Sprintf("/learning-outcomes/l%d", i)] = outcome
	}
	bodies["/courses"], bodies["/learning-outcomes"] = list(courses...), list(outcomes[:35]...)
	for _, whole := range []string{bodies["/learning-outcomes"], "405", `{"items":[7,{}]}`} {
		bodies["/learning-outcomes"] = whole
		server := &api{bodies: bodies}
		got, found := read(t, ooapi.New(ooapi.Limits{}), server.start(t)), 0
		for _, i := range got.items {
			found += len(facts(i, "elm/learningOutcome"))
		}
		calls := 0
		for _, p := range server.asked {
			if strings.HasPrefix(p, "/learning-outcomes/") {
				calls++
			}
		}
		if found != 40 || got.end != nil {
			t.Errorf("%d outcomes of 40, %v", found, got.end)
		}
		if whole[0] == '{' && len(whole) > 100 && calls > 20 {
			t.Errorf("%d look-ups beside a listing", calls)
		}
	}
}

func TestOutcomesAreExpandedWhereThatSavesCalls(t *testing.T) {
	t.Parallel()
	for _, service := range []string{`{"supportedExpands":[{"path":"/courses/{courseId}","expandableObjects":["organisation","learning_outcomes"]}]}`, `{"supportedExpands":null}`} {
		bodies := map[string]string{"/": service, "/learning-outcomes": "403"}
		var courses []string
		for i := range 20 {
			var ids, outcomes []string
			for n := range 4 {
				id := fmt.Sprintf("l%d-%d", i, n)
				outcome := fmt.Sprintf(`{"learningOutcomeId":%q,"name":[{"language":"en","value":"Outcome %s"}]}`, id, id)
				ids, outcomes = append(ids, `"`+id+`"`), append(outcomes, outcome)
				bodies["/learning-outcomes/"+id] = outcome
			}
			c := fmt.Sprintf(`{"courseId":"c%d","name":"C","learningOutcomeIds":[%s]`, i, strings.Join(ids, ","))
			courses = append(courses, c+"}")
			bodies[fmt.Sprintf("/courses/c%d", i)] = c + `,"learningOutcomes":[` + strings.Join(outcomes, ",") + `]}`
		}
		bodies["/courses"] = list(courses...)
		server := &api{bodies: bodies}
		got, found := read(t, ooapi.New(ooapi.Limits{}), server.start(t)), 0
		for _, i := range got.items {
			found += len(facts(i, "elm/learningOutcome"))
		}
		if found != 80 || got.end != nil {
			t.Errorf("%d outcomes of 80, %v", found, got.end)
		}
		calls := 0
		for _, path := range server.asked {
			if strings.HasPrefix(path, "/learning-outcomes/") {
				calls++
			}
		}
		if expands := strings.Contains(service, "learning_outcomes"); expands && calls > 15 || !expands && calls != 80 {
			t.Errorf("%d look-ups; the server expands: %t", calls, expands)
		}
	}
}

func TestManyOfferingsOfACourse(t *testing.T) {
	t.Parallel()
	var all []string
	for i := range 30 {
		all = append(all, fmt.Sprintf(`{"offeringId":"o%d","course":"c%d"}`, i, i%2+1))
	}
	server := &api{bodies: map[string]string{"/courses": list(course("c1"), course("c2")), "/courses/c1/offerings": list(all...), "/courses/c2/offerings": list(all...)}}
	got := read(t, ooapi.New(ooapi.Limits{Offerings: 15}), server.start(t))
	for _, i := range got.items {
		if n := len(facts(i, "elm/learningOpportunity")); n != 15 || len(i.Notes) != 0 {
			t.Errorf("%d offerings of 15, of a server that gives those of all courses: %v", n, i.Notes)
		}
	}
	for _, i := range read(t, ooapi.New(ooapi.Limits{Offerings: 10}), server.start(t)).items {
		if n := len(facts(i, "elm/learningOpportunity")); n != 10 || len(i.Notes) != 1 || i.Notes[0].Field != "offerings" {
			t.Errorf("%d offerings, at most 10 are to be kept: %v", n, i.Notes)
		}
	}
}

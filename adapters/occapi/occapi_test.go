package occapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/federation"
)

// get is the plainest adapters.Get: no credentials, no retries.
func get(ctx context.Context, address string) (*adapters.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusNotModified {
			return nil, adapters.ErrUnchanged
		}
		return nil, &adapters.StatusError{URL: address, Code: resp.StatusCode}
	}
	return &adapters.Response{URL: address, Header: resp.Header, Body: resp.Body}, nil
}

// outcome of a run.
type outcome struct {
	items []adapters.Item
	lost  []*adapters.RecordError
	end   error
}

func (o outcome) subjects() []string {
	var out []string
	for _, i := range o.items {
		out = append(out, strings.TrimPrefix(i.Graph.Subject.String(), "urn:schac:uniqueCourseId:uni.example:"))
	}
	return out
}

func read(t *testing.T, lim occapi.Limits, path string) outcome {
	t.Helper()
	return readBy(t, occapi.New(lim), path, nil)
}

func readBy(t *testing.T, a *occapi.Adapter, path string, memory adapters.Memory) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	src := adapters.Source{Provider: "uni.example", Memory: memory, ManifestSource: federation.ManifestSource{Type: "occapi", Path: path}}
	var o outcome
	for item, err := range a.Read(ctx, get, src, time.Time{}) {
		var lost *adapters.RecordError
		switch {
		case errors.As(err, &lost):
			o.lost = append(o.lost, lost)
		case err != nil:
			o.end = err
		default:
			o.items = append(o.items, item)
		}
	}
	return o
}

// server answers by path below the institution; a value starting with a digit is a status. It keeps what was
// asked for.
type server struct {
	answers map[string]string
	guard   sync.Mutex // guards asked
	asked   []string
}

func (s *server) start(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.RequestURI(), "/v2/hei/uni.example")
		s.guard.Lock()
		s.asked = append(s.asked, path)
		s.guard.Unlock()
		body, ok := s.answers[path]
		var status int
		if n, _ := fmt.Sscanf(body, "%d", &status); !ok || n == 1 {
			w.WriteHeader(max(status, 404*btoi(!ok)))
			fmt.Fprint(w, `{"errors":[{"status":"404","title":"Endpoint not available."}]}`)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(body, "ORIGIN", "http://"+r.Host+"/v2/hei/uni.example"))
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/v2/hei/uni.example"
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

const hei = `{"data":{"type":"hei","id":"uni.example","attributes":{"title":[{"string":"Uni"}],"heiId":"uni.example"}}}`

func resource(kind, id, more string) string {
	return fmt.Sprintf(`{"type":%q,"id":%q,"attributes":{"title":[{"string":"The %s %s","lang":"en"}],"code":%q}%s}`, kind, id, kind, id, id, more)
}

func list(entries ...string) string { return `{"data":[` + strings.Join(entries, ",") + `]}` }

func TestRead(t *testing.T) {
	t.Parallel()
	course := func(id string) string { return resource("course", id, "") }
	tests := map[string]struct {
		answers  map[string]string
		want     []string
		lost     int
		complete bool
	}{
		"without links": {
			map[string]string{"": hei, "/course": list(course("c1"), course("c2")), "/programme": list(resource("programme", "p1", ""))},
			[]string{"programme%3Ap1", "c1", "c2"},
			0, true,
		},
		"links beside data": {map[string]string{
			"": strings.TrimSuffix(hei, "}") + `,"links":{"course":{"href":"ORIGIN/courses"}}}`, "/courses": list(course("c1")), "/course": list(course("c9")),
		}, []string{"c1"}, 0, true},
		"links within data, as strings": {map[string]string{
			"": strings.Replace(hei, `"attributes"`, `"links":{"course":"ORIGIN/courses"},"attributes"`, 1), "/courses": list(course("c1")),
		}, []string{"c1"}, 0, true},
		"links of another origin": {map[string]string{
			"": strings.TrimSuffix(hei, "}") + `,"links":{"course":{"href":"http://localhost:1/course"}}}`, "/course": list(course("c1")),
		}, []string{"c1"}, 0, true},
		"one object for a list": {map[string]string{"": hei, "/course": `{"data":` + course("c1") + `}`}, []string{"c1"}, 0, true},
		"programmes only":       {map[string]string{"": hei, "/programme": list(resource("programme", "p1", ""))}, []string{"programme%3Ap1"}, 0, true},
		"empty":                 {map[string]string{"": hei, "/course": list()}, nil, 0, true},
		"neither collection":    {map[string]string{"": hei}, nil, 0, false},
		"no such institution":   {map[string]string{}, nil, 0, false},
		"all institutions":      {map[string]string{"": list(resource("hei", "uni.example", ""))}, nil, 0, false},
		"the server's root":     {map[string]string{"": `{"data":{"type":"server","id":"x","attributes":{"serverName":"x"}}}`}, nil, 0, false},
		"errors with status 200": {map[string]string{
			"": hei, "/course": `{"errors":[{"status":"500"}]}`,
		}, nil, 0, false},
		"HTML":            {map[string]string{"": "<p>Log in"}, nil, 0, false},
		"cut off":         {map[string]string{"": hei, "/course": `{"data":[{"type":"course"`}, nil, 0, false},
		"empty answer":    {map[string]string{"": hei, "/course": ""}, nil, 0, false},
		"unchanged":       {map[string]string{"": "304"}, nil, 0, false},
		"failing courses": {map[string]string{"": hei, "/course": "500"}, nil, 0, false},
		"repeated entries": {map[string]string{
			"": hei, "/course": list(course("c1"), course("c1"), course("c2")),
		}, []string{"c1", "c2"}, 0, true},
		"lost entries": {map[string]string{
			"": hei, "/course": list(course("c1"), `{"type":"course","id":"c2"}`, `7`, `{"type":"course","id":"c3","attributes":{"title":[]}}`),
		}, []string{"c1"}, 3, true},
		"details": {map[string]string{
			"": hei, "/course": list(course("c1"), course("c2"), course("c3")), "/course/c1": `{"data":` + course("c1") + `}`, "/course/c2": "500", "/course/c3": "404",
		}, []string{"c1", "c3"}, 0, false},
		"the token ends on the way": {map[string]string{
			"": hei, "/course": list(course("c1"), course("c2")), "/course/c2": "401",
		}, []string{"c1"}, 0, false},
		"ids that would change the path": {map[string]string{
			"": hei, "/course": list(course(".."), course("a/b")), "/course/a%2Fb": `{"data":` + course("a/b") + `}`,
		}, []string{"..", "a%2Fb"}, 0, true},
		"pages all the same": {map[string]string{
			"": hei, "/course": `{"data":[` + course("c1") + `],"links":{"next":"ORIGIN/course?page=2"}}`, "/course?page=2": list(course("c2")),
		}, []string{"c1", "c2"}, 0, true},
		"pages in a circle": {map[string]string{
			"": hei, "/course": `{"data":[` + course("c1") + `],"links":{"next":"ORIGIN/course"}}`,
		}, nil, 0, false},
		"pages elsewhere": {map[string]string{
			"": hei, "/course": `{"data":[` + course("c1") + `],"links":{"next":"http://localhost:1/course"}}`,
		}, nil, 0, false},
		"a programme's courses fail": {map[string]string{
			"": hei, "/course": list(course("c1")), "/programme": list(resource("programme", "p1", ""), resource("programme", "p2", "")), "/programme/p1/course": "500",
		}, []string{"programme%3Ap2", "c1"}, 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, occapi.Limits{}, (&server{answers: tt.answers}).start(t))
			if diff := cmp.Diff(tt.want, got.subjects()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if complete := got.end == nil; complete != tt.complete || len(got.lost) != tt.lost {
				t.Errorf("complete %t, want %t (error %v); lost %v", complete, tt.complete, got.end, got.lost)
			}
			if errors.Is(got.end, adapters.ErrUnchanged) != (name == "unchanged") {
				t.Errorf("got %v", got.end)
			}
		})
	}
}

const elm = "http://data.europa.eu/snb/model/elm/"

// objects are the values of a property of the course.
func objects(item adapters.Item, property string) []string {
	var out []string
	for _, t := range item.Graph.Triples {
		if t.Pred.String() == property && t.Subj.String() == item.Graph.Subject.String() {
			out = append(out, t.Obj.String())
		}
	}
	slices.Sort(out)
	return out
}

func TestProgrammesAndCoursesNameEachOther(t *testing.T) {
	t.Parallel()
	meta := `,"meta":{"relatedProgramme":[{"programmeId":"p1"}]}`
	level := func(id, n string) string {
		return strings.Replace(resource("programme", id, ""), `"code"`, `"eqfLevelProvided":`+n+`,"code"`, 1)
	}
	base := (&server{answers: map[string]string{
		"": hei, "/programme": list(level("p1", "7"), level("p2", "6")), "/course": list(resource("course", "c1", meta), resource("course", "c2", "")),
		"/programme/p2/course": list(resource("course", "c1", ""), resource("course", "c2", "")),
		"/ounit":               list(resource("ounit", "o1", "")), "/ounit/o1/course": list(resource("course", "c2", "")),
	}}).start(t)
	got := read(t, occapi.Limits{}, base)
	if len(got.items) != 4 || got.end != nil {
		t.Fatalf("%v, error %v", got.subjects(), got.end)
	}
	const u = "urn:schac:uniqueCourseId:uni.example:"
	for i, want := range []map[string][]string{
		{elm + "hasPart": {u + "c1"}},
		{elm + "hasPart": {u + "c1", u + "c2"}},
		{elm + "isPartOf": {u + "programme%3Ap1", u + "programme%3Ap2"}, elm + "EQFLevel": {"http://data.europa.eu/snb/eqf/6"}},
		{elm + "isPartOf": {u + "programme%3Ap2"}, elm + "EQFLevel": {"http://data.europa.eu/snb/eqf/6"}},
	} {
		for property, values := range want {
			if diff := cmp.Diff(values, objects(got.items[i], property)); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", got.subjects()[i], property, diff)
			}
		}
	}
	if len(got.items[2].Notes) != 1 || len(got.items[3].Notes) != 0 {
		t.Errorf("notes %v and %v", got.items[2].Notes, got.items[3].Notes)
	}
	if n := len(objects(got.items[3], occapi.Namespace+"ounit")); n != 1 {
		t.Errorf("%d units", n)
	}
}

func TestInstancesOfTheCourse(t *testing.T) {
	t.Parallel()
	announced := `,"links":{"instance":{"href":"http://localhost:1/instances"}}`
	run := func(id, course string) string {
		return fmt.Sprintf(`{"type":"instance","id":%q,"attributes":{"startDate":"2027-02-01"},"relationships":{"course":{"data":{"type":"course","id":%q}}}}`, id, course)
	}
	s := &server{answers: map[string]string{
		"": hei, "/course": list(resource("course", "c1", announced), resource("course", "c2", "")),
		"/course/c1/instance": list(run("i1", "c1"), run("i1", "c1"), run("i2", "c2"), `{"type":"instance","id":"i3"}`),
	}}
	got := read(t, occapi.Limits{}, s.start(t))
	if len(got.items) != 2 || got.end != nil || len(objects(got.items[0], elm+"learningOpportunity")) != 1 || len(got.items[0].Notes) != 1 {
		t.Errorf("%+v", got)
	}
	if slices.Contains(s.asked, "/course/c2/instance") {
		t.Error("asked for instances that nobody announced")
	}
}

// Links to other hosts, ports and schemes are never followed.
func TestLinksStayOnTheOrigin(t *testing.T) {
	t.Parallel()
	var strayed sync.Map
	trap := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { strayed.Store(r.URL.String(), true) }))
	t.Cleanup(trap.Close)
	links := fmt.Sprintf(`,"links":{"self":%q,"instance":{"href":%q},"course":%q}`, trap.URL+"/self", trap.URL+"/instance", "//"+strings.TrimPrefix(trap.URL, "http://")+"/course")
	base := (&server{answers: map[string]string{
		"":        strings.TrimSuffix(hei, "}") + fmt.Sprintf(`,"links":{"course":%q,"programme":%q,"ounit":"file:///etc/passwd"}}`, trap.URL+"/c", trap.URL+"/p"),
		"/course": list(resource("course", "c1", links)), "/programme": list(resource("programme", "p1", links)), "/ounit": list(resource("ounit", "o1", links)),
	}}).start(t)
	if got := read(t, occapi.Limits{}, base); len(got.items) != 2 || got.end != nil {
		t.Errorf("%v, error %v", got.subjects(), got.end)
	}
	strayed.Range(func(address, _ any) bool {
		t.Errorf("followed %v", address)
		return true
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"": hei, "/course": list(resource("course", "c1", `,"links":{"instance":"ORIGIN/course/c1/instance"}`), strings.Replace(resource("course", "c2", ""), "The", strings.Repeat("x", 3000), 1)),
		"/course/c1/instance": list(`{"type":"instance","id":"i1","attributes":{}}`, `{"type":"instance","id":"i2","attributes":{}}`),
	}
	base := (&server{answers: answers}).start(t)
	if got := read(t, occapi.Limits{RecordBytes: 2000}, base); len(got.items) != 1 || len(got.lost) != 1 || !strings.HasSuffix(got.lost[0].Subject, ":c2") || got.end != nil {
		t.Errorf("%+v", got)
	}
	if got := read(t, occapi.Limits{PageBytes: 2000}, base); got.end == nil {
		t.Error("an answer over the limit was read")
	}
	if got := read(t, occapi.Limits{Offerings: 1}, base); len(got.lost) != 1 || got.lost[0].Subject != "c1" {
		t.Errorf("too many instances: %+v", got)
	}
	if got := read(t, occapi.Limits{}, "hei/uni.example"); got.end == nil {
		t.Error("a relative path was taken")
	}
}

func corpus(t *testing.T) string {
	t.Helper()
	root := os.Getenv("COURSEMESH_CORPUS")
	if root == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	return filepath.Join(root, "standards/data/occapi")
}

func fileText(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCorpusVersion1 reads the sample institution of version 1, whose links name another host.
func TestCorpusVersion1(t *testing.T) {
	t.Parallel()
	root := filepath.Join(corpus(t), "v1-data/hei/domain.tld")
	answers := make(map[string]string)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Name() == "index.json" {
			rel, _ := filepath.Rel(root, filepath.Dir(path))
			answers[strings.TrimSuffix("/"+strings.TrimPrefix(rel, "."), "/")] = fileText(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	checkSample(t, answers, 0, map[string]string{"duration": `P2Y`, "EQFLevel": "http://data.europa.eu/snb/eqf/6"})
}

// TestCorpusVersion2 reads the examples of version 2.
func TestCorpusVersion2(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(corpus(t), "v2-examples")
	const programme, course = "/programme/abcdef12-3456-7890-abcd-ef1234567890", "/course/aabbccdd-eeff-1122-3344-556677889900"
	answers := make(map[string]string)
	for path, name := range map[string]string{
		"": "InstitutionResource", "/programme": "ProgrammeCollection", programme: "ProgrammeResource", programme + "/course": "ProgrammeCourseCollection",
		"/course": "CourseCollection", course: "CourseResource", course + "/instance": "CourseInstanceCollection", "/ounit": "OunitCollection",
	} {
		answers[path] = fileText(t, dir, name+".json")
	}
	checkSample(t, answers, 1, map[string]string{"duration": `P2Y`, "EQFLevel": "http://data.europa.eu/snb/eqf/5"})
}

// checkSample reads the sample institution: one programme and one course in it.
func checkSample(t *testing.T, answers map[string]string, instances int, want map[string]string) {
	t.Helper()
	got := read(t, occapi.Limits{}, (&server{answers: answers}).start(t))
	if len(got.items) != 2 || len(got.lost) != 0 || got.end != nil {
		t.Fatalf("%v, lost %v, error %v", got.subjects(), got.lost, got.end)
	}
	programme, course := got.items[0], got.items[1]
	if diff := cmp.Diff([]string{course.Graph.Subject.String()}, objects(programme, elm+"hasPart")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{programme.Graph.Subject.String()}, objects(course, elm+"isPartOf")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{want["duration"]}, objects(programme, elm+"duration")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{want["EQFLevel"]}, objects(course, elm+"EQFLevel")); diff != "" {
		t.Error(diff)
	}
	if n := len(objects(course, elm+"learningOpportunity")); n != instances {
		t.Errorf("%d instances, want %d", n, instances)
	}
	for _, property := range []string{"creditPoint", "learningOutcome", "provenBy", "entryRequirement"} {
		if len(objects(course, elm+property)) != 1 {
			t.Errorf("%s: %v", property, objects(course, elm+property))
		}
	}
}

package eduapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
)

// memory keeps what an adapter leaves.
type memory struct{ text []byte }

func (m *memory) Recall() (io.ReadCloser, error) {
	if m.text == nil {
		return nil, nil
	}
	return io.NopCloser(bytes.NewReader(m.text)), nil
}

func (m *memory) Remember(write func(io.Writer) error) error {
	var b bytes.Buffer
	err := write(&b)
	m.text = b.Bytes()
	return err
}

// registry is a server that pages, sorts and filters, as far as a test lets it.
type registry struct {
	mu       sync.Mutex
	shelves  map[string][]map[string]any
	filters  string // how it takes filters: "", "ignored", "unknown" (no data), "refused", "required", "required, active only"
	noSort   bool
	requests []string // collection, "?" and the filter
}

var condition = regexp.MustCompile(`^(\w+)(>=|!=|=)'([^']*)'$`)

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	path := strings.Split(strings.TrimPrefix(req.URL.EscapedPath(), "/base/v1p0/"), "/")
	q := req.URL.Query()
	r.requests = append(r.requests, strings.TrimSuffix(strings.Join(path, "/")+"?"+q.Get("filter"), "?"))
	all, ok := r.shelves[path[0]]
	if !ok {
		http.NotFound(w, req)
		return
	}
	if len(path) == 2 {
		id, _ := url.PathUnescape(path[1])
		r.one(w, req, all, id)
		return
	}
	switch f := q.Get("filter"); {
	case r.noSort && q.Has("sort"), r.filters == "refused" && f != "", strings.HasPrefix(r.filters, "required") && f == "":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"imsx_codeMajor":"failure","imsx_severity":"error","imsx_codeMinor":"invalid_query_parameter"}`)
		return
	case r.filters == "unknown" && f != "", r.filters == "required, active only" && f != "recordStatus='active'":
		all = nil
	case r.filters != "ignored" && f != "":
		all = slices.DeleteFunc(slices.Clone(all), func(o map[string]any) bool { return !matches(o, f) })
	}
	texts := make([]string, len(all))
	for i, o := range all {
		b, _ := json.Marshal(o)
		texts[i] = string(b)
	}
	listing(texts...)(w, req)
}

func (r *registry) one(w http.ResponseWriter, req *http.Request, all []map[string]any, id string) {
	for _, o := range all {
		if o["sourcedId"] == id {
			_ = json.NewEncoder(w).Encode(o)
			return
		}
	}
	http.NotFound(w, req)
}

func matches(o map[string]any, filter string) bool {
	for _, part := range strings.Split(filter, " AND ") {
		m := condition.FindStringSubmatch(part)
		value, _ := o[m[1]].(string)
		if ok := map[string]bool{">=": value >= m[3], "=": value == m[3], "!=": value != m[3]}[m[2]]; !ok {
			return false
		}
	}
	return true
}

// set writes a record, changed now.
func (r *registry) set(collection string, at time.Time, record map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	record["dateLastModified"] = at.Format(time.RFC3339)
	if record["recordStatus"] == nil {
		record["recordStatus"] = "active"
	}
	list := slices.DeleteFunc(r.shelves[collection], func(o map[string]any) bool { return o["sourcedId"] == record["sourcedId"] })
	r.shelves[collection] = append(list, record)
}

func (r *registry) remove(collection, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shelves[collection] = slices.DeleteFunc(r.shelves[collection], func(o map[string]any) bool { return o["sourcedId"] == id })
}

func (r *registry) asked() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.requests
	r.requests = nil
	return out
}

// story is a registry with a source that is read again and again.
type story struct {
	t        *testing.T
	registry *registry
	memory   *memory
	source   adapters.Source
	now      time.Time
	since    time.Time // of the last run that was complete
}

func newStory(t *testing.T, filters string) *story {
	t.Helper()
	s := &story{
		t: t, memory: &memory{}, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC),
		registry: &registry{shelves: map[string][]map[string]any{"organizations": {}, "academicSessions": {}}, filters: filters},
	}
	srv := httptest.NewServer(s.registry)
	t.Cleanup(srv.Close)
	s.source = at(srv.URL + "/base/v1p0")
	s.source.Memory = s.memory
	old := s.now.Add(-1000 * time.Hour)
	for _, id := range []string{"c1", "c2", "c3"} {
		s.registry.set("courseTemplates", old, map[string]any{"sourcedId": id, "title": "Course " + id, "parent": []string{"p1"}, "organization": "o1"})
	}
	s.registry.set("collectionTemplates", old, map[string]any{"sourcedId": "p1", "title": "Programme", "collectionType": "program"})
	s.registry.set("courseOfferings", old, map[string]any{"sourcedId": "r1", "title": "Run", "course": "c1"})
	s.registry.set("organizations", old, map[string]any{"sourcedId": "o1", "name": "University", "primaryCode": map[string]any{"identifier": "uni.example"}})
	return s
}

// run reads the source a day later, by an adapter made anew.
func (s *story) run() outcome {
	s.t.Helper()
	s.now = s.now.Add(24 * time.Hour)
	got := read(s.t, eduapi.At(eduapi.Limits{}, &s.now), s.source, s.since)
	if got.end == nil || errors.Is(got.end, adapters.ErrUnchanged) {
		s.since = s.now
	}
	return got
}

// listed are the subjects of a complete run.
func (s *story) listed() []string {
	s.t.Helper()
	got := s.run()
	if got.end != nil {
		s.t.Fatalf("ended with %v", got.end)
	}
	return got.subjects()
}

func TestOnlyChangesAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newStory(t, "")
	if diff := cmp.Diff([]string{"c1", "c2", "c3", "p1"}, s.listed()); diff != "" {
		t.Fatal(diff)
	}
	s.registry.asked()
	if got := s.run(); !errors.Is(got.end, adapters.ErrUnchanged) {
		t.Fatalf("nothing changed, and the run ended with %v and %d courses", got.end, len(got.items))
	}
	for _, request := range s.registry.asked() {
		if collection, filter, _ := strings.Cut(request, "?"); filter == "" && len(s.registry.shelves[collection]) > 0 {
			t.Errorf("asked for %s, all of it", collection)
		}
	}

	s.registry.set("courseOfferings", s.now, map[string]any{"sourcedId": "r2", "title": "Second run", "course": "c1"})
	s.registry.set("courseTemplates", s.now, map[string]any{"sourcedId": "c2", "recordStatus": "deleted"})
	s.registry.set("courseTemplates", s.now, map[string]any{"sourcedId": "c3", "title": "Renamed"})
	got := s.run()
	if diff := cmp.Diff([]string{"c1", "c3", "p1"}, got.subjects()); diff != "" || got.end != nil {
		t.Errorf("%s %v", diff, got.end)
	}
	if diff := cmp.Diff([]string{"c2"}, got.deleted); diff != "" {
		t.Error(diff)
	}
	const elm = "http://data.europa.eu/snb/model/elm/"
	if n := count(got.items[0], elm+"learningOpportunity"); n != 2 {
		t.Errorf("%d offerings of a course that got a second one", n)
	}
	if n := count(got.items[2], elm+"hasPart"); n != 1 {
		t.Errorf("%d parts of a programme that lost two of three", n)
	}
	for _, request := range s.registry.asked() {
		if request == "courseTemplates" || request == "courseOfferings" {
			t.Errorf("asked for %s, all of it", request)
		}
	}
}

func TestServersThatCannotFilterByDate(t *testing.T) {
	t.Parallel()
	for _, filters := range []string{"ignored", "unknown", "refused"} {
		t.Run(filters, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, filters)
			want := []string{"c1", "c2", "c3", "p1"}
			if diff := cmp.Diff(want, s.listed()); diff != "" {
				t.Fatal(diff)
			}
			if got := s.run(); !errors.Is(got.end, adapters.ErrUnchanged) {
				t.Errorf("nothing changed, and the run ended with %v", got.end)
			}
			s.registry.remove("courseTemplates", "c2")
			if diff := cmp.Diff([]string{"c1", "c3", "p1"}, s.listed()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRecordsWithoutADateAreReadAnew(t *testing.T) {
	t.Parallel()
	s := newStory(t, "")
	s.listed()
	delete(s.registry.shelves["courseTemplates"][1], "dateLastModified")
	s.since = time.Time{}
	s.listed()
	s.registry.shelves["courseTemplates"][1]["title"] = "Renamed without a word"
	got := s.run()
	if title, _ := got.items[1].Graph.Title(); got.end != nil || !strings.HasPrefix(title, "Renamed") {
		t.Errorf("%q %v", title, got.end)
	}
}

func TestEverythingIsReadOnceAWeek(t *testing.T) {
	t.Parallel()
	s := newStory(t, "")
	walks := 0
	for day := range 17 {
		if day == 9 {
			s.registry.remove("courseTemplates", "c3") // without a word
		}
		s.registry.asked()
		got := s.run()
		if got.end != nil && !errors.Is(got.end, adapters.ErrUnchanged) {
			t.Fatal(got.end)
		}
		if slices.Contains(s.registry.asked(), "courseTemplates") {
			walks++
		}
	}
	if walks != 3 {
		t.Errorf("%d walks in 17 days", walks)
	}
	s.since = time.Time{} // what the last walk left
	if diff := cmp.Diff([]string{"c1", "c2", "p1"}, s.listed()); diff != "" {
		t.Error(diff)
	}
}

// A run whose outcome did not count, as when a withdrawal waits for approval, is given again.
func TestARunThatDidNotCountIsGivenAgain(t *testing.T) {
	t.Parallel()
	s := newStory(t, "")
	s.listed()
	since := s.since
	s.registry.set("courseTemplates", s.now, map[string]any{"sourcedId": "c2", "recordStatus": "deleted"})
	s.listed()
	for range 2 {
		s.since = since
		if got := s.run(); got.end != nil || len(got.deleted) != 1 {
			t.Errorf("ended with %v, %d deleted", got.end, len(got.deleted))
		}
	}
}

func TestALostMemoryIsNoLoss(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func([]byte) []byte{
		"gone": func([]byte) []byte { return nil }, "cut off": func(b []byte) []byte { return b[:len(b)/2] },
		"something else": func([]byte) []byte { return []byte("{}") }, "empty": func([]byte) []byte { return []byte{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, "")
			s.listed()
			s.memory.text = damage(s.memory.text)
			if diff := cmp.Diff([]string{"c1", "c2", "c3", "p1"}, s.listed()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Servers such as PeopleSoft answer no list without a filter.
func TestServersThatWantAFilter(t *testing.T) {
	t.Parallel()
	for _, filters := range []string{"required", "required, active only"} {
		t.Run(filters, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, filters)
			s.registry.noSort = true
			s.registry.set("courseTemplates", s.now.Add(-time.Hour), map[string]any{"sourcedId": "PSUNV;GRAD;0650;1003", "title": "Semicolons", "organization": "PS;1"})
			s.registry.set("organizations", s.now.Add(-time.Hour), map[string]any{"sourcedId": "PS;1", "name": "Faculty"})
			got := s.run()
			if diff := cmp.Diff([]string{"c1", "c2", "c3", "PSUNV%3BGRAD%3B0650%3B1003", "p1"}, got.subjects()); diff != "" || got.end != nil {
				t.Fatal(diff, got.end)
			}
			if n := count(got.items[3], eduapi.Namespace+"organization"); n != 1 {
				t.Errorf("%d departments", n)
			}
		})
	}
	s := newStory(t, "required")
	s.registry.shelves["courseTemplates"] = nil
	if got := s.run(); got.end == nil || !strings.Contains(got.end.Error(), "queryParameters") {
		t.Errorf("a server without an answer for any filter ended with %v", got.end)
	}
}

// A filter of the manifest stays on every request.
func TestTheManifestsFilterStays(t *testing.T) {
	t.Parallel()
	s := newStory(t, "")
	s.source.QueryParameters = map[string][]string{"filter": {"recordStatus='active'"}}
	s.listed()
	s.registry.asked()
	s.run()
	for _, request := range s.registry.asked() {
		if _, filter, filtered := strings.Cut(request, "?"); filtered && !strings.HasPrefix(filter, "recordStatus='active' AND ") {
			t.Errorf("asked for %s", request)
		}
	}
}

package occapi_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/occapi"
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

// dated is a course as a list has it, and as its own resource has it.
func dated(id, modified, content string) (entry, whole string) {
	attributes := func(more string) string {
		return fmt.Sprintf(`{"type":"course","id":%q,"attributes":{"title":[{"string":"Course %s","lang":"en"}],"code":%q,"lastModified":%q%s}}`, id, id, id, modified, more)
	}
	return attributes(""), `{"data":` + attributes(fmt.Sprintf(`,"courseContent":[{"multiline":%q,"lang":"en"}]`, content)) + `}`
}

// term is an institution whose courses change.
type term struct {
	*server
	base   string
	memory *memory
	now    time.Time
	listed []string
}

func newTerm(t *testing.T) *term {
	t.Helper()
	s := &term{server: &server{answers: map[string]string{"": hei}}, memory: &memory{}, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}
	for _, id := range []string{"c1", "c2", "c3"} {
		s.set(id, "2026-09-01T12:00:00Z", "What "+id+" is about")
	}
	s.base = s.start(t)
	return s
}

// set writes a course; its list is written by read.
func (s *term) set(id, modified, content string) {
	entry, whole := dated(id, modified, content)
	s.answers["/course/"+id] = whole
	if i := slices.IndexFunc(s.listed, func(e string) bool { return strings.Contains(e, `"id":"`+id+`"`) }); i >= 0 {
		s.listed[i] = entry
		return
	}
	s.listed = append(s.listed, entry)
}

// read is a run a day later, and the courses that it fetched.
func (s *term) read(t *testing.T) (outcome, []string) {
	t.Helper()
	s.now = s.now.Add(24 * time.Hour)
	s.answers["/course"] = list(s.listed...)
	s.asked = nil
	got := readBy(t, occapi.At(occapi.Limits{}, &s.now), s.base, s.memory)
	var fetched []string
	for _, path := range s.asked {
		if id, ok := strings.CutPrefix(path, "/course/"); ok {
			fetched = append(fetched, id)
		}
	}
	return got, fetched
}

// contents are what the courses are about.
func contents(o outcome) []string {
	var out []string
	for _, item := range o.items {
		for _, t := range item.Graph.Triples {
			if t.Pred.String() == elm+"noteLiteral" {
				out = append(out, t.Obj.String())
			}
		}
	}
	return out
}

func TestDetailsAreFetchedWhereLastModifiedMoved(t *testing.T) {
	t.Parallel()
	s := newTerm(t)
	run := func(what string, wanted ...string) outcome {
		t.Helper()
		got, fetched := s.read(t)
		if diff := cmp.Diff(wanted, fetched); diff != "" || got.end != nil {
			t.Errorf("%s: fetched (-want +got) %s error %v", what, diff, got.end)
		}
		return got
	}
	first := run("at first", "c1", "c2", "c3")
	again := run("nothing new")
	if diff := cmp.Diff(contents(first), contents(again)); diff != "" || len(contents(again)) != 3 {
		t.Errorf("the same courses became others: %s", diff)
	}
	s.set("c2", "2026-10-01T12:00:00Z", "Something else")
	s.set("c4", "2026-10-01T12:00:00Z", "A new one")
	got := run("one changed, one new", "c2", "c4")
	if diff := cmp.Diff([]string{"What c1 is about", "Something else", "What c3 is about", "A new one"}, contents(got)); diff != "" {
		t.Error(diff)
	}
	s.listed = s.listed[1:]
	if got := run("one gone"); len(got.items) != 3 {
		t.Errorf("%v", got.subjects())
	}
	s.listed = nil
	for _, id := range []string{"c1", "c2", "c3", "c4"} {
		s.set(id, "2026-10-01T12:00:00Z", "Anew")
	}
	run("one back, one changed", "c1", "c3")
	s.now = s.now.Add(30 * 24 * time.Hour)
	run("a month later", "c1", "c2", "c3", "c4")
	s.memory.text = s.memory.text[:len(s.memory.text)/2]
	if got, _ := s.read(t); got.end != nil || len(got.items) != 4 {
		t.Errorf("with half a memory: %v %v", got.subjects(), got.end)
	}
}

// A run that broke off need not be repeated.
func TestFailedRunsLeaveTheirDetails(t *testing.T) {
	t.Parallel()
	s := newTerm(t)
	s.answers["/course/c2"] = "500"
	if got, _ := s.read(t); got.end == nil || len(got.items) != 2 {
		t.Fatalf("%v %v", got.subjects(), got.end)
	}
	s.set("c2", "2026-09-01T12:00:00Z", "There again")
	if got, fetched := s.read(t); got.end != nil || len(got.items) != 3 || !slices.Equal(fetched, []string{"c2"}) {
		t.Errorf("%v %v, fetched %v", got.subjects(), got.end, fetched)
	}
}

// Without a date of change nothing says that a course is as it was.
func TestVersion1IsAlwaysFetched(t *testing.T) {
	t.Parallel()
	s := &term{server: &server{answers: map[string]string{"": hei, "/course/c1": `{"data":` + resource("course", "c1", "") + `}`}}, memory: &memory{}}
	s.listed, s.base = []string{resource("course", "c1", "")}, s.start(t)
	for range 2 {
		if got, fetched := s.read(t); got.end != nil || len(fetched) != 1 {
			t.Errorf("fetched %v, %v", fetched, got.end)
		}
	}
}

// An institution may list its courses by unit or programme only, and its programmes by unit.
func TestCoursesBelowUnitsAndProgrammes(t *testing.T) {
	t.Parallel()
	course := func(id string) string { return resource("course", id, "") }
	got := read(t, occapi.Limits{}, (&server{answers: map[string]string{
		"": hei, "/ounit": list(resource("ounit", "u1", ""), resource("ounit", "u2", "")),
		"/ounit/u1/programme": list(resource("programme", "p1", "")), "/ounit/u2/programme": list(resource("programme", "p1", "")),
		"/ounit/u1/course": list(course("c1"), course("c2")), "/programme/p1/course": list(course("c2"), course("c3"), `{"type":"course","id":"c4"}`),
	}}).start(t))
	if diff := cmp.Diff([]string{"programme%3Ap1", "c1", "c2", "c3"}, got.subjects()); diff != "" || got.end != nil || len(got.lost) != 1 {
		t.Fatalf("%s %v %v", diff, got.lost, got.end)
	}
	if n := len(objects(got.items[0], elm+"hasPart")); n != 2 {
		t.Errorf("%d parts", n)
	}
	if n := len(objects(got.items[0], occapi.Namespace+"ounit")); n != 2 {
		t.Errorf("%d units of the programme", n)
	}
}

// Collections are answered with 404 although a link announces them.
func TestLinksToNothing(t *testing.T) {
	t.Parallel()
	links := `,"links":{"course":{"href":"ORIGIN/course"},"programme":{"href":"ORIGIN/programme"},"ounit":{"href":"ORIGIN/ounit"}}}`
	base := (&server{answers: map[string]string{
		"": strings.TrimSuffix(hei, "}") + links, "/course": list(resource("course", "c1", `,"links":{"instance":{"href":"ORIGIN/course/c1/instance"}}`)),
	}}).start(t)
	if got := read(t, occapi.Limits{}, base); got.end != nil || len(got.items) != 1 {
		t.Errorf("%v %v", got.subjects(), got.end)
	}
}

// Ids are unique within an institution only, and the address may spell its code otherwise.
func TestIdsBelongToTheInstitution(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"Other.Example": "other.example", "uni.example": "uni.example", "": "uni.example", "no domain": "uni.example"} {
		base := (&server{answers: map[string]string{
			"": strings.Replace(hei, `"heiId":"uni.example"`, fmt.Sprintf(`"heiId":%q`, code), 1), "/course": list(resource("course", "c1", "")),
		}}).start(t)
		got := read(t, occapi.Limits{}, base)
		if got.end != nil || got.items[0].Graph.Subject.String() != "urn:schac:uniqueCourseId:"+want+":c1" {
			t.Errorf("%q: %v %v", code, got.items, got.end)
		}
	}
}

func TestLinksInBothPlacesAndForms(t *testing.T) {
	t.Parallel()
	for _, links := range []string{`{"instance":{"href":"ORIGIN/runs"}}`, `{"instance":"ORIGIN/runs"}`, `{"instance":"/v2/hei/uni.example/runs"}`} {
		for _, whole := range []string{
			`{"data":` + resource("course", "c1", `,"links":`+links) + `}`,
			`{"data":` + resource("course", "c1", "") + `,"links":` + links + `}`,
		} {
			base := (&server{answers: map[string]string{
				"": hei, "/course": list(resource("course", "c1", "")), "/course/c1": whole, "/runs": list(`{"type":"instance","id":"i1","attributes":{"startDate":"2027-02-01"}}`),
			}}).start(t)
			if got := read(t, occapi.Limits{}, base); got.end != nil || len(objects(got.items[0], elm+"learningOpportunity")) != 1 {
				t.Errorf("%s: %v", whole, got.end)
			}
		}
	}
	base := (&server{answers: map[string]string{
		"": hei, "/course": list(resource("course", "c1", `,"links":{"instance":"ORIGIN/runs"}`)), "/runs": list(`{"type":"instance","id":"i1","attributes":{"startDate":"2027-02-01"}}`),
		"/course/c1": `{"data":` + resource("course", "c1", `,"links":{"self":"ORIGIN/course/c1"}`) + `}`,
	}}).start(t)
	if got := read(t, occapi.Limits{}, base); got.end != nil || len(objects(got.items[0], elm+"learningOpportunity")) != 1 {
		t.Errorf("a link of the list alone: %v", got.end)
	}
}

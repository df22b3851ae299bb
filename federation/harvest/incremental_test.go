package harvest_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/harvest"
)

// shelf serves one document in the way of some server, and counts what it sends.
type shelf struct {
	body           string
	etag, modified string // sent with GET
	heeds          bool   // conditions
	head           int    // status of HEAD
	headModified   string
	heads, bodies  int
}

func (s *shelf) answer(rw http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path != "/a.ttl" {
		return true
	}
	if r.Method == http.MethodHead {
		s.heads++
		if s.headModified != "" {
			rw.Header().Set("Last-Modified", s.headModified)
		}
		rw.WriteHeader(s.head)
		return false
	}
	for name, value := range map[string]string{"ETag": s.etag, "Last-Modified": s.modified} {
		if value != "" {
			rw.Header().Set(name, value)
		}
	}
	if s.heeds && (s.etag != "" && r.Header.Get("If-None-Match") == s.etag || s.modified != "" && r.Header.Get("If-Modified-Since") == s.modified) {
		rw.WriteHeader(http.StatusNotModified)
		return false
	}
	s.bodies++
	fmt.Fprint(rw, s.body)
	return false
}

const monday, tuesday = "Mon, 23 Nov 2026 10:00:00 GMT", "Tue, 24 Nov 2026 10:00:00 GMT"

func TestUnchangedDocumentIsNotReadAgain(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("# a comment that fills the document\n", 100_000) // more than is read ahead
	for name, k := range map[string]struct {
		shelf         shelf
		bodies, heads int // of three harvests of the same
	}{
		"heeds the ETag":          {shelf{etag: `"1"`, heeds: true}, 1, 0},
		"heeds the date":          {shelf{modified: monday, heeds: true}, 1, 0},
		"heeds nothing, has ETag": {shelf{etag: `"1"`}, 3, 0}, // sent, but not read to its end
		"heeds nothing, has date": {shelf{modified: monday}, 3, 0},
		"only HEAD has a date":    {shelf{head: 200, headModified: monday}, 2, 2},
		"HEAD is not allowed":     {shelf{head: 405}, 3, 1},
		"HEAD says nothing":       {shelf{head: 200}, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := k.shelf
			s.body = document(course("urn:a", "A")) + big
			w := newWorld(t, func(w *world) { w.guard = s.answer })
			w.announce("/a.ttl")
			expect(t, "first", w.harvest(), 1, 1, 0, 0, 0)
			for range 2 {
				if r := w.harvest(); r.Fetched != 0 || len(r.Errors) != 0 {
					t.Fatalf("the same document was read again: %+v", r)
				}
			}
			if s.bodies != k.bodies || s.heads != k.heads {
				t.Errorf("%d bodies, %d HEAD requests", s.bodies, s.heads)
			}
			s.body, s.etag = document(course("urn:a", "A, new"))+big, strings.ReplaceAll(s.etag, "1", "2")
			s.modified, s.headModified = strings.ReplaceAll(s.modified, monday, tuesday), strings.ReplaceAll(s.headModified, monday, tuesday)
			expect(t, "changed", w.harvest(), 1, 0, 1, 0, 0)
		})
	}
}

// A document that could not be parsed is read again when it comes as before.
func TestUnchangedBrokenDocumentIsToldAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	w.harvest()
	w.serve("/a.ttl", "<urn:a> <urn:b> oops")
	for range 2 {
		r := w.harvest()
		if len(r.Errors) != 1 {
			t.Fatalf("%+v", r)
		}
		if e := r.Errors[0]; !strings.HasPrefix(e.Message, "no valid Turtle: ") || !strings.HasSuffix(e.Where, "/a.ttl 1:21") || strings.Contains(e.Message, "a.ttl") {
			t.Errorf("%+v", e)
		}
	}
	w.serve("/a.ttl", document(course("urn:a", "A")))
	if r := w.harvest(); len(r.Errors) != 0 || r.Withdrawn != 0 {
		t.Errorf("mended: %+v", r)
	}
}

// api serves courses of the Open Education API with their offerings.
type api struct {
	courses  []string
	etags    bool
	failAt   int // the request with this number fails; 0: none
	requests int
	bodies   int
}

const pageOf = 10

func (a *api) answer(rw http.ResponseWriter, r *http.Request) bool {
	path, ours := strings.CutPrefix(r.URL.Path, "/api/courses")
	if !ours {
		return true
	}
	if a.requests++; a.requests == a.failAt {
		rw.WriteHeader(http.StatusInternalServerError)
		return false
	}
	body := `{"items":[],"hasNextPage":false}`
	if path == "" {
		var page int
		_, _ = fmt.Sscan(r.URL.Query().Get("pageNumber"), &page)
		end := min(page*pageOf, len(a.courses))
		body = fmt.Sprintf(`{"pageSize":%d,"pageNumber":%d,"hasNextPage":%t,"items":[%s]}`, pageOf, page, end < len(a.courses), strings.Join(a.courses[(page-1)*pageOf:end], ","))
	}
	if etag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body))); a.etags {
		if rw.Header().Set("ETag", etag); r.Header.Get("If-None-Match") == etag {
			rw.WriteHeader(http.StatusNotModified)
			return false
		}
	}
	a.bodies++
	fmt.Fprint(rw, body)
	return false
}

func newAPI(n int) *api {
	a := &api{}
	for i := range n {
		a.courses = append(a.courses, fmt.Sprintf(`{"courseId":"c%d","name":[{"language":"en","value":"Course %d"}]}`, i, i))
	}
	return a
}

func (w *world) announceAPI() {
	w.announceSources(fmt.Sprintf(`{"type":"ooapi","version":"5","path":"https://%s/api","pageSize":10,"queryParameters":{"key":%q}}`, home, canary))
}

// TestCoursesOfASourceNeverListedCompletely: what its runs read is published after three of them, so it is counted.
func TestCoursesOfASourceNeverListedCompletely(t *testing.T) {
	t.Parallel()
	a := newAPI(15)
	w := newWorld(t, func(w *world) {
		w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/courses/c3/offerings") {
				rw.WriteHeader(http.StatusInternalServerError)
				return false
			}
			return a.answer(rw, r)
		}
	})
	w.announceAPI()
	w.harvest()
	if s := w.h.Sources(home)[0]; s.State != "incomplete" || s.Listed != 14 {
		t.Errorf("%s, %d courses", s.State, s.Listed)
	}
}

func TestUnchangedPagesAreNotReadAgain(t *testing.T) {
	t.Parallel()
	for name, etags := range map[string]bool{"heeds conditions": true, "knows none": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(35)
			a.etags = etags
			w := newWorld(t, func(w *world) { w.guard = a.answer })
			w.announceAPI()
			expect(t, "first", w.harvest(), 35, 35, 0, 0, 0)
			all := a.bodies
			r := w.harvest()
			expect(t, "the same", r, 35, 0, 0, 0, 0)
			if etags && a.bodies != all {
				t.Errorf("%d of %d answers were downloaded again", a.bodies-all, all)
			}
			if s := w.h.Sources(home)[0]; s.State != "unchanged" || s.Listed != 35 {
				t.Errorf("%+v", s)
			}
			a.courses[20] = strings.ReplaceAll(a.courses[20], "Course 20", "Course 20, new")
			a.bodies = 0
			expect(t, "one changed", w.harvest(), 35, 0, 1, 0, 0)
			if etags && a.bodies != 1 {
				t.Errorf("%d answers for one change", a.bodies)
			}
			a.courses = a.courses[:34]
			expect(t, "one gone", w.harvest(), 34, 0, 0, 1, 0)
			expect(t, "and the same again", w.harvest(), 34, 0, 0, 0, 0)
		})
	}
}

// What the last complete run read is the measure, not what was fetched last.
func TestChangeSeenByAFailedRunIsNotLost(t *testing.T) {
	t.Parallel()
	a := newAPI(35)
	a.etags = true
	w := newWorld(t, func(w *world) { w.guard = a.answer })
	w.announceAPI()
	w.harvest()
	a.courses[3] = strings.ReplaceAll(a.courses[3], "Course 3", "Course 3, new")
	a.failAt = a.requests + 20
	if r := w.harvest(); len(r.Errors) == 0 {
		t.Fatalf("the failure went unnoticed: %+v", r)
	}
	a.failAt, a.bodies = 0, 0
	w.harvest()
	if record, _ := w.record(home, "urn:schac:uniqueCourseId:uni.example:c3"); !strings.Contains(string(record.Graph), "Course 3, new") {
		t.Error("the change was lost")
	}
	if a.bodies != 0 {
		t.Errorf("%d answers were downloaded again", a.bodies)
	}
}

// A run that was killed is taken up where it ended, whatever the server knows of conditions.
func TestInterruptedRunIsTakenUp(t *testing.T) {
	t.Parallel()
	undisturbed := newAPI(35)
	whole := newWorld(t, func(w *world) { w.guard = undisturbed.answer })
	whole.announceAPI()
	whole.harvest()
	a := newAPI(35)
	w := newWorld(t)
	ctx, kill := context.WithCancel(t.Context())
	killAt := 25
	w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
		if goesOn := a.answer(rw, r); goesOn {
			return true
		}
		if a.requests == killAt {
			kill()
		}
		return false
	}
	w.announceAPI()
	if _, err := w.h.Domain(ctx, home, harvest.Options{}); err == nil {
		t.Fatal("the harvest was not interrupted")
	}
	w.reopen()
	interrupted := a.requests
	expect(t, "taken up", w.harvest(), 35, 35, 0, 0, 0)
	if a.requests > undisturbed.requests+1 || interrupted < killAt {
		t.Errorf("%d requests in all where an undisturbed run needs %d", a.requests, undisturbed.requests)
	}
	before := a.requests
	w.harvestWith(harvest.Options{Fresh: true})
	if a.requests-before != undisturbed.requests {
		t.Errorf("a fresh run asked %d times", a.requests-before)
	}
}

func TestDamagedSnapshotIsFetchedAgain(t *testing.T) {
	t.Parallel()
	a := newAPI(5)
	a.etags = true
	w := newWorld(t, func(w *world) { w.guard = a.answer })
	w.announceAPI()
	w.harvest()
	snapshots, _ := filepath.Glob(filepath.Join(w.dir, "snapshots", "bafk*"))
	for _, path := range snapshots {
		if err := os.WriteFile(path, []byte(`{"items":[]}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := w.harvest(); r.Withdrawn != 0 || len(r.Errors) == 0 {
		t.Errorf("a damaged snapshot was believed: %+v", r)
	}
	for range 3 { // each run meets one of the damaged ones
		w.harvest()
	}
	expect(t, "healed", w.harvest(), 5, 0, 0, 0, 0)
}

// Query parameters of a manifest may be keys: none of what is kept may hold them.
func TestThreat28ParametersStayOutOfWhatIsKept(t *testing.T) {
	t.Parallel()
	a := newAPI(25)
	a.courses[4] = `{"courseId":"c4"}` // rejected, with its place
	w := newWorld(t, func(w *world) { w.guard = a.answer })
	w.announceAPI()
	r := w.harvest()
	if len(r.Errors) != 1 || strings.Contains(fmt.Sprint(r), canary) {
		t.Errorf("%+v", r.Errors)
	}
	runs, err := w.h.Runs(w.h.Sources(home)[0].ID(), 10)
	if err != nil || len(runs) != 1 || strings.Contains(fmt.Sprint(runs), canary) {
		t.Errorf("%+v, %v", runs, err)
	}
	files, _ := filepath.Glob(filepath.Join(w.dir, "snapshots", "*"))
	for _, path := range files {
		if data, _ := os.ReadFile(path); strings.Contains(string(data), canary) || strings.Contains(path, canary) {
			t.Errorf("%s holds the parameter", path)
		}
	}
}

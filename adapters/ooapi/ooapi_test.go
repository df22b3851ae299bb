package ooapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/federation"
)

// get is the plainest adapters.Get: no credentials, no retries.
func get(ctx context.Context, url string) (*adapters.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		problem, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusNotModified {
			return nil, adapters.ErrUnchanged
		}
		return nil, &adapters.StatusError{URL: url, Code: resp.StatusCode, Problem: problem}
	}
	return &adapters.Response{URL: url, Header: resp.Header, Body: resp.Body}, nil
}

func at(path string) adapters.Source {
	return adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Type: "ooapi", Version: "5", Path: path}}
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

func read(t *testing.T, a *ooapi.Adapter, src adapters.Source) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
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

func course(id string) string {
	return fmt.Sprintf(`{"courseId":%q,"primaryCode":{"codeType":"identifier","code":%q},"name":[{"language":"en","value":"Course %s"}]}`, id, id, id)
}

func courses(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = course("c" + strconv.Itoa(i+1))
	}
	return out
}

func ids(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "c" + strconv.Itoa(i+1)
	}
	return out
}

// server answers like an Open Education API with whatever quirk a test gives it.
type server struct {
	courses []string
	page    func(w http.ResponseWriter, number, size int, items []string)
	other   http.HandlerFunc // everything but /courses; nil answers 404
}

func (s server) start(t *testing.T) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v5/courses" {
			if s.other == nil {
				http.NotFound(w, r)
				return
			}
			s.other(w, r)
			return
		}
		number, _ := strconv.Atoi(r.URL.Query().Get("pageNumber"))
		size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
		s.page(w, number, size, s.courses)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/v5"
}

// slice is page number (from 1) of items.
func slice(items []string, number, size int) []string {
	from := min((number-1)*size, len(items))
	return items[from:min(from+size, len(items))]
}

func array(items []string) string { return "[" + strings.Join(items, ",") + "]" }

// plainPage is what the standard asks for.
func plainPage(w http.ResponseWriter, number, size int, items []string) {
	fmt.Fprintf(w, `{"pageSize":%d,"pageNumber":%d,"hasPreviousPage":%t,"hasNextPage":%t,"totalPages":%d,"items":%s}`,
		size, number, number > 1, number*size < len(items), (len(items)+size-1)/size, array(slice(items, number, size)))
}

func TestPaging(t *testing.T) {
	t.Parallel()
	bare := func(w http.ResponseWriter, number, size int, items []string) {
		fmt.Fprintf(w, `{"items":%s}`, array(slice(items, number, size)))
	}
	tests := map[string]struct {
		courses  int
		pageSize int
		page     func(w http.ResponseWriter, number, size int, items []string)
		want     int
		complete bool
	}{
		"as the standard says":      {23, 10, plainPage, 23, true},
		"nothing":                   {0, 10, plainPage, 0, true},
		"a full last page":          {20, 10, plainPage, 20, true},
		"numbers as text":           {23, 10, quoted, 23, true},
		"no envelope fields":        {23, 10, bare, 23, true},
		"caps the size silently":    {23, 250, func(w http.ResponseWriter, n, _ int, items []string) { bare(w, n, 5, items) }, 23, true},
		"caps the size and says so": {23, 250, func(w http.ResponseWriter, n, _ int, items []string) { plainPage(w, n, 5, items) }, 23, true},
		"a bare array":              {7, 10, func(w http.ResponseWriter, _, _ int, items []string) { fmt.Fprint(w, array(items)) }, 7, true},
		"one object for items": {1, 10, func(w http.ResponseWriter, _, _ int, items []string) {
			fmt.Fprintf(w, `{"hasNextPage":false,"items":%s}`, items[0])
		}, 1, true},
		"a course on its own": {1, 10, func(w http.ResponseWriter, _, _ int, items []string) { fmt.Fprint(w, items[0]) }, 1, true},
		"items null":          {0, 10, func(w http.ResponseWriter, _, _ int, _ []string) { fmt.Fprint(w, `{"items":null}`) }, 0, true},
		"always another page": {23, 10, func(w http.ResponseWriter, n, size int, items []string) {
			fmt.Fprintf(w, `{"hasNextPage":true,"items":%s}`, array(slice(items, n, size)))
		}, 23, true},
		"repeats its last page": {23, 10, func(w http.ResponseWriter, n, size int, items []string) {
			fmt.Fprintf(w, `{"hasNextPage":true,"items":%s}`, array(slice(items, min(n, 3), size)))
		}, 23, true},
		"ignores pageNumber, all on one page": {7, 10, func(w http.ResponseWriter, _, size int, items []string) {
			fmt.Fprintf(w, `{"hasNextPage":true,"pageSize":10,"items":%s}`, array(slice(items, 1, size)))
		}, 7, true},
		"ignores pageNumber, more behind": {23, 10, func(w http.ResponseWriter, _, size int, items []string) {
			fmt.Fprintf(w, `{"hasNextPage":true,"pageSize":10,"items":%s}`, array(slice(items, 1, size)))
		}, 10, false},
		"404 behind the last page": {23, 10, func(w http.ResponseWriter, n, size int, items []string) {
			if n > 3 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			bare(w, n, size, items)
		}, 23, true},
		"404 where a page was promised": {23, 10, func(w http.ResponseWriter, n, size int, items []string) {
			if n > 2 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			plainPage(w, n, size, items)
		}, 20, false},
		"an error on the way": {23, 10, func(w http.ResponseWriter, n, size int, items []string) {
			if n > 1 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			plainPage(w, n, size, items)
		}, 10, false},
		"refuses the page size": {23, 250, func(w http.ResponseWriter, n, size int, items []string) {
			if size != 0 {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			plainPage(w, n, 10, items)
		}, 23, true},
		"pages overlap": {23, 10, func(w http.ResponseWriter, n, _ int, items []string) {
			from := min(max(0, (n-1)*10-2), len(items))
			fmt.Fprintf(w, `{"hasNextPage":%t,"items":%s}`, n < 3, array(items[from:min(from+12, len(items))]))
		}, 23, true},
		"HTML":     {3, 10, func(w http.ResponseWriter, _, _ int, _ []string) { fmt.Fprint(w, "<!doctype html><p>Log in") }, 0, false},
		"no items": {3, 10, func(w http.ResponseWriter, _, _ int, _ []string) { fmt.Fprint(w, `{"detail":"hello"}`) }, 0, false},
		"empty":    {3, 10, func(http.ResponseWriter, int, int, []string) {}, 0, false},
		"cut off":  {3, 10, func(w http.ResponseWriter, _, _ int, _ []string) { fmt.Fprint(w, `{"items":[{"courseId":"c1"`) }, 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := at(server{courses: courses(tt.courses), page: tt.page}.start(t))
			src.PageSize = tt.pageSize
			got := read(t, ooapi.New(ooapi.Limits{}), src)
			if diff := cmp.Diff(ids(tt.want), got.subjects()); diff != "" && tt.want > 0 {
				t.Errorf("courses (-want +got):\n%s", diff)
			}
			if tt.want == 0 && len(got.items) > 0 {
				t.Errorf("got %d courses, want none", len(got.items))
			}
			if complete := got.end == nil; complete != tt.complete {
				t.Errorf("complete %t, want %t (error %v)", complete, tt.complete, got.end)
			}
		})
	}
}

func quoted(w http.ResponseWriter, number, size int, items []string) {
	fmt.Fprintf(w, `{"pageSize":"%d","pageNumber":"%d","hasNextPage":"%t","totalPages":"%d","items":%s}`,
		size, number, number*size < len(items), (len(items)+size-1)/size, array(slice(items, number, size)))
}

func TestPathWithAndWithoutSlash(t *testing.T) {
	t.Parallel()
	base := server{courses: courses(3), page: plainPage}.start(t)
	for _, path := range []string{base, base + "/", base + "?key=1", base + "/#top"} {
		if got := read(t, ooapi.New(ooapi.Limits{}), at(path)); len(got.items) != 3 || got.end != nil {
			t.Errorf("%s: %d courses, error %v", path, len(got.items), got.end)
		}
	}
}

func TestPageSizeOfTheManifest(t *testing.T) {
	t.Parallel()
	for wanted, asked := range map[int]int{0: 250, 1: 10, 30: 20, 100: 100, 1000: 250} {
		var got int
		src := at(server{page: func(w http.ResponseWriter, n, size int, items []string) {
			got = size
			plainPage(w, n, size, items)
		}}.start(t))
		src.PageSize = wanted
		read(t, ooapi.New(ooapi.Limits{}), src)
		if got != asked {
			t.Errorf("pageSize %d in the manifest: asked for %d, want %d", wanted, got, asked)
		}
	}
}

func TestOverloadedServerAnswersNothingOnce(t *testing.T) {
	t.Parallel()
	calls := 0
	got := read(t, ooapi.New(ooapi.Limits{}), at(server{courses: courses(3), page: func(w http.ResponseWriter, n, size int, items []string) {
		if calls++; calls > 1 {
			plainPage(w, n, size, items)
		}
	}}.start(t)))
	if len(got.items) != 3 || got.end != nil {
		t.Errorf("%d courses, error %v", len(got.items), got.end)
	}
}

func TestUnchanged(t *testing.T) {
	t.Parallel()
	notModified := func(w http.ResponseWriter, _, _ int, _ []string) { w.WriteHeader(http.StatusNotModified) }
	got := read(t, ooapi.New(ooapi.Limits{}), at(server{page: notModified}.start(t)))
	if !errors.Is(got.end, adapters.ErrUnchanged) {
		t.Errorf("got %v, want ErrUnchanged", got.end)
	}
	later := func(w http.ResponseWriter, n, size int, items []string) {
		if n > 1 {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		plainPage(w, n, size, items)
	}
	src := at(server{courses: courses(23), page: later}.start(t))
	src.PageSize = 10
	if got := read(t, ooapi.New(ooapi.Limits{}), src); got.end == nil || errors.Is(got.end, adapters.ErrUnchanged) {
		t.Errorf("304 on the second page: got %v, want an incomplete listing", got.end)
	}
}

func TestOfferings(t *testing.T) {
	t.Parallel()
	offering := func(id, course string) string {
		return fmt.Sprintf(`{"offeringId":%q,"offeringType":"course","course":%q,"startDate":"2027-02-01","endDate":"2027-06-01"}`, id, course)
	}
	tests := map[string]struct {
		answer  func(w http.ResponseWriter, course string)
		courses int
		found   int // offerings in all
		fails   bool
	}{
		"404 is none": {func(w http.ResponseWriter, _ string) { w.WriteHeader(http.StatusNotFound) }, 3, 0, false},
		"one each":    {func(w http.ResponseWriter, c string) { fmt.Fprintf(w, `{"items":[%s]}`, offering("o1", c)) }, 3, 3, false},
		"of another course": {func(w http.ResponseWriter, _ string) {
			fmt.Fprintf(w, `{"hasNextPage":false,"items":[%s,%s]}`, offering("o1", "c1"), offering("o2", "c2"))
		}, 3, 2, false},
		"components": {func(w http.ResponseWriter, _ string) {
			fmt.Fprint(w, `{"hasNextPage":false,"items":[{"offeringId":"o1","offeringType":"component"}]}`)
		}, 3, 0, false},
		"500 is incomplete": {func(w http.ResponseWriter, c string) {
			if c == "c2" {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			fmt.Fprint(w, `{"items":[]}`)
		}, 2, 0, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := func(w http.ResponseWriter, r *http.Request) {
				if id, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/v5/courses/"), "/offerings"); ok {
					tt.answer(w, id)
					return
				}
				http.NotFound(w, r)
			}
			got := read(t, ooapi.New(ooapi.Limits{}), at(server{courses: courses(3), page: plainPage, other: other}.start(t)))
			found := 0
			for _, item := range got.items {
				found += count(item, "http://data.europa.eu/snb/model/elm/learningOpportunity")
			}
			if len(got.items) != tt.courses || found != tt.found || (got.end != nil) != tt.fails {
				t.Errorf("%d courses with %d offerings, error %v; want %d with %d", len(got.items), found, got.end, tt.courses, tt.found)
			}
		})
	}
}

func count(item adapters.Item, property string) int {
	n := 0
	for _, t := range item.Graph.Triples {
		if t.Pred.String() == property {
			n++
		}
	}
	return n
}

func TestServerThatFailsForEveryCourseIsLeftAlone(t *testing.T) {
	t.Parallel()
	calls := 0
	other := func(w http.ResponseWriter, _ *http.Request) { calls++; w.WriteHeader(http.StatusServiceUnavailable) }
	got := read(t, ooapi.New(ooapi.Limits{}), at(server{courses: courses(100), page: plainPage, other: other}.start(t)))
	var incomplete *ooapi.IncompleteError
	if !errors.As(got.end, &incomplete) || calls > 10 {
		t.Errorf("error %v after %d calls", got.end, calls)
	}
}

func TestRecordErrorsNamePlaceFieldAndFix(t *testing.T) {
	t.Parallel()
	items := []string{course("c1"), `{"courseId":"c2","name":[]}`, `{"name":[{"value":"No id"}]}`, `"text"`, `{"courseId":"c5","ext":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}`}
	base := server{courses: items, page: func(w http.ResponseWriter, n, _ int, items []string) {
		plainPage(w, n, 10, items)
	}}.start(t)
	got := read(t, ooapi.New(ooapi.Limits{Depth: 98}), at(base))
	var brief []string
	for _, e := range got.lost {
		brief = append(brief, strings.TrimPrefix(e.Where, base)+" "+e.Field)
		if e.Message == "" || e.Fix == "" {
			t.Errorf("no message or fix: %+v", e)
		}
	}
	want := []string{
		"/courses?pageNumber=1&pageSize=250#/items/1/name name",
		"/courses?pageNumber=1&pageSize=250#/items/2/courseId courseId",
		"/courses?pageNumber=1&pageSize=250#/items/3 items",
		"/courses?pageNumber=1&pageSize=250#/items/4 items",
	}
	if diff := cmp.Diff(want, brief); diff != "" {
		t.Error(diff)
	}
	if len(got.items) != 1 || got.end != nil {
		t.Errorf("%d courses, error %v", len(got.items), got.end)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	big := `{"courseId":"c1","name":[{"value":"` + strings.Repeat("x", 5000) + `"}]}`
	base := server{courses: []string{big, course("c2")}, page: plainPage}.start(t)
	if got := read(t, ooapi.New(ooapi.Limits{RecordBytes: 4000}), at(base)); len(got.lost) != 1 || len(got.items) != 1 || got.end != nil {
		t.Errorf("record over the limit: %+v", got)
	}
	if got := read(t, ooapi.New(ooapi.Limits{PageBytes: 4000}), at(base)); got.end == nil {
		t.Error("page over the limit was read")
	}
	endless := func(w http.ResponseWriter, n, _ int, _ []string) {
		fmt.Fprintf(w, `{"hasNextPage":true,"items":[%s]}`, course("c"+strconv.Itoa(n)))
	}
	if got := read(t, ooapi.New(ooapi.Limits{Pages: 7}), at(server{page: endless}.start(t))); got.end == nil || len(got.items) != 7 {
		t.Errorf("endless listing: %d courses, error %v", len(got.items), got.end)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	base := server{courses: courses(50), page: plainPage}.start(t)
	n := 0
	var end error
	for _, err := range ooapi.New(ooapi.Limits{}).Read(ctx, get, at(base), time.Time{}) {
		if n++; n == 2 {
			cancel()
		}
		end = err
	}
	if !errors.Is(end, context.Canceled) {
		t.Errorf("ended with %v after %d", end, n)
	}
	for range ooapi.New(ooapi.Limits{}).Read(t.Context(), get, at(base), time.Time{}) {
		break // a consumer that stops gets no further call
	}
}

package eduapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
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

func at(path string) adapters.Source {
	return adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Type: "edu-api", Version: "1", Path: path}}
}

// outcome of a run.
type outcome struct {
	items   []adapters.Item
	deleted []string
	lost    []*adapters.RecordError
	end     error
}

func (o outcome) subjects() []string {
	var out []string
	for _, i := range o.items {
		out = append(out, local(i))
	}
	return out
}

func local(i adapters.Item) string {
	return strings.TrimPrefix(i.Graph.Subject.String(), "urn:schac:uniqueCourseId:uni.example:")
}

func read(t *testing.T, a *eduapi.Adapter, src adapters.Source, since time.Time) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var o outcome
	for item, err := range a.Read(ctx, get, src, since) {
		var lost *adapters.RecordError
		switch {
		case errors.As(err, &lost):
			o.lost = append(o.lost, lost)
		case err != nil:
			o.end = err
		case item.Deleted:
			o.deleted = append(o.deleted, local(item))
		default:
			o.items = append(o.items, item)
		}
	}
	return o
}

func first(t *testing.T, path string) outcome {
	t.Helper()
	return read(t, eduapi.New(eduapi.Limits{}), at(path), time.Time{})
}

func course(id string) string {
	return fmt.Sprintf(`{"sourcedId":%q,"recordStatus":"active","primaryCode":{"identifier":%q},"title":[{"recordLanguage":"en","value":"Course %s"}]}`, id, id, id)
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

func array(items []string) string { return "[" + strings.Join(items, ",") + "]" }

// window is what lies behind offset, up to limit.
func window(items []string, q url.Values, most int) []string {
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit > most {
		limit = most
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	from := min(offset, len(items))
	return items[from:min(from+limit, len(items))]
}

// serve answers for the collections it has; others are 404.
func serve(t *testing.T, collections map[string]http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, ok := collections[strings.TrimPrefix(r.URL.Path, "/base/v1p0/")]; ok {
			h(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/base/v1p0"
}

func listing(items ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Total-Count", strconv.Itoa(len(items)))
		fmt.Fprint(w, array(window(items, r.URL.Query(), 1000)))
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	all := courses(23)
	linked := func(most int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			part := window(all, r.URL.Query(), most)
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			if next := offset + len(part); next < len(all) {
				w.Header().Add("Link", fmt.Sprintf(`<http://inside:8080/x/courseTemplates?limit=%d&offset=0>; rel="first", <http://inside:8080/x/courseTemplates?limit=%d&offset=%d>; rel="next"`, most, most, next))
			} else {
				w.Header().Add("Link", `<http://inside:8080/x/courseTemplates?offset=0>; rel="first"`)
			}
			fmt.Fprint(w, array(part))
		}
	}
	bare := func(most int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, array(window(all, r.URL.Query(), most))) }
	}
	behind := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			part := window(all, r.URL.Query(), 10)
			if len(part) == 0 {
				w.WriteHeader(status)
				return
			}
			fmt.Fprint(w, array(part))
		}
	}
	tests := map[string]struct {
		serve    http.HandlerFunc
		pageSize int
		want     int
		complete bool
	}{
		"total count":              {listing(all...), 10, 23, true},
		"next links":               {linked(10), 10, 23, true},
		"next links, caps":         {linked(5), 500, 23, true},
		"nothing stated":           {bare(100), 10, 23, true},
		"caps the limit silently":  {bare(7), 500, 23, true},
		"404 behind the last page": {behind(http.StatusNotFound), 10, 23, true},
		"204 behind the last page": {behind(http.StatusNoContent), 10, 23, true},
		"wrapped": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"courseTemplates":%s}`, array(window(all, r.URL.Query(), 10)))
		}, 10, 23, true},
		"wrapped under another name": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"count":3,"data":%s}`, array(window(all, r.URL.Query(), 10)))
		}, 10, 23, true},
		"refuses the order": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("sort") {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			bare(10)(w, r)
		}, 10, 23, true},
		"refuses the limit": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("limit") {
				w.WriteHeader(http.StatusUnprocessableEntity)
				return
			}
			bare(10)(w, r)
		}, 500, 23, true},
		"refuses everything":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }, 10, 0, false},
		"ignores limit and offset": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, array(all)) }, 10, 23, true},
		"ignores offset, more behind": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, array(all[:10]))
		}, 10, 10, false},
		"ignores offset, states the total": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Total-Count", "23")
			fmt.Fprint(w, array(all[:7]))
		}, 10, 7, false},
		"a total that is never reached": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Total-Count", "40")
			fmt.Fprint(w, array(window(all, r.URL.Query(), 10)))
		}, 10, 23, false},
		"an error on the way": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("offset") != "0" {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			bare(10)(w, r)
		}, 10, 10, false},
		"the token ends on the way": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("offset") != "0" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			bare(10)(w, r)
		}, 10, 10, false},
		"304":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, 10, 0, false},
		"no such list":    {http.NotFound, 10, 0, false},
		"status info":     {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"imsx_codeMajor":"failure"}`) }, 10, 0, false},
		"HTML":            {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>Log in") }, 10, 0, false},
		"an empty answer": {func(http.ResponseWriter, *http.Request) {}, 10, 0, false},
		"cut off":         {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `[{"sourcedId":"c1"`) }, 10, 0, false},
		"nothing":         {listing(), 10, 0, true},
		"a record alone":  {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, all[0]) }, 10, 1, true},
		"links in a circle": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", `<?offset=0&limit=10>; rel=next`)
			fmt.Fprint(w, array(all[:10]))
		}, 10, 10, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := at(serve(t, map[string]http.HandlerFunc{"courseTemplates": tt.serve}))
			src.PageSize = tt.pageSize
			got := read(t, eduapi.New(eduapi.Limits{}), src, time.Time{})
			if len(got.items) != tt.want {
				t.Errorf("got %d courses, want %d", len(got.items), tt.want)
			}
			if diff := cmp.Diff(ids(tt.want), got.subjects()); diff != "" && tt.want > 0 {
				t.Errorf("courses (-want +got):\n%s", diff)
			}
			if complete := got.end == nil; complete != tt.complete {
				t.Errorf("complete %t, want %t (error %v)", complete, tt.complete, got.end)
			}
			if errors.Is(got.end, adapters.ErrUnchanged) && name != "304" {
				t.Error("taken for unchanged")
			}
		})
	}
}

func TestEndlessListsEnd(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	base := serve(t, map[string]http.HandlerFunc{"courseTemplates": func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, array([]string{course("c" + strconv.FormatInt(n.Add(1), 10))}))
	}})
	if got := read(t, eduapi.New(eduapi.Limits{Pages: 30}), at(base), time.Time{}); got.end == nil || n.Load() > 31 {
		t.Errorf("%d pages, error %v", n.Load(), got.end)
	}
}

func TestOfferingsBelongToTheirTemplates(t *testing.T) {
	t.Parallel()
	offering := func(id, ref string) string {
		return fmt.Sprintf(`{"sourcedId":%q,%s,"recordStatus":"active","title":"Run %s"}`, id, ref, id)
	}
	base := serve(t, map[string]http.HandlerFunc{
		"courseTemplates": listing(course("c1"), course("c2")),
		"courseOfferings": listing(offering("o1", `"course":"c1"`), offering("o2", `"course":{"sourcedId":"c2"}`), offering("o1", `"course":"c1"`),
			offering("o3", `"course":"c9"`), `{"sourcedId":"o4","course":"c1","recordStatus":"deleted"}`),
		"collectionTemplates":  listing(`{"sourcedId":"p1","collectionType":"program","title":"Programme"}`, course("c2")),
		"collectionOfferings":  listing(offering("o5", `"collection":"p1"`)),
		"componentTemplates":   listing(`{"sourcedId":"k1","parent":["c1"],"componentType":"exam","title":"Exam"}`),
		"organizations/broken": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	})
	got := first(t, base)
	if diff := cmp.Diff([]string{"c1", "c2", "p1"}, got.subjects()); diff != "" || got.end != nil {
		t.Fatalf("%s error %v", diff, got.end)
	}
	for i, want := range []map[string]int{{"learningOpportunity": 1, "provenBy": 1}, {"learningOpportunity": 1}, {"learningOpportunity": 1}} {
		for _, property := range []string{"learningOpportunity", "provenBy"} {
			if n := count(got.items[i], "http://data.europa.eu/snb/model/elm/"+property); n != want[property] {
				t.Errorf("%s: %d %s, want %d", got.subjects()[i], n, property, want[property])
			}
		}
	}
	if len(got.lost) != 2 || got.lost[0].Field != "sourcedId" || got.lost[1].Field != "course" {
		t.Errorf("lost %v", got.lost)
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

func TestDeletedTemplatesAreNews(t *testing.T) {
	t.Parallel()
	got := first(t, serve(t, map[string]http.HandlerFunc{
		"courseTemplates": listing(course("c1"), `{"sourcedId":"c2","recordStatus":"Deleted"}`),
	}))
	if diff := cmp.Diff([]string{"c2"}, got.deleted); diff != "" || got.end != nil || len(got.items) != 1 || len(got.lost) != 0 {
		t.Errorf("%s %+v", diff, got)
	}
}

func TestMissingReferencesLeaveCoursesOut(t *testing.T) {
	t.Parallel()
	with := func(id, org string) string { return strings.Replace(course(id), "{", `{"organization":"`+org+`",`, 1) }
	base := serve(t, map[string]http.HandlerFunc{
		"courseTemplates":     listing(with("c1", "gone"), with("c2", "broken"), with("c3", "a;b/c")),
		"organizations/a;b/c": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"sourcedId":"a;b/c","name":"Dept"}`) },
		"organizations/broken": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		},
	})
	got := first(t, base)
	if diff := cmp.Diff([]string{"c1", "c3"}, got.subjects()); diff != "" || got.end == nil {
		t.Errorf("%s error %v", diff, got.end)
	}
	if n := count(got.items[1], eduapi.Namespace+"organization"); n != 1 {
		t.Errorf("%d departments", n)
	}
}

func TestPersonsAreNeverAskedFor(t *testing.T) {
	t.Parallel()
	var asked atomic.Value
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, word := range []string{"person", "staff", "student", "enrollment", "affiliation"} {
			if strings.Contains(strings.ToLower(r.URL.Path), word) {
				asked.Store(r.URL.Path)
			}
		}
		fmt.Fprint(w, `[]`)
	}))
	t.Cleanup(srv.Close)
	if got := first(t, srv.URL); got.end != nil || asked.Load() != nil {
		t.Errorf("asked for %v, error %v", asked.Load(), got.end)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	run := `{"sourcedId":"o%d","course":"c1","title":"Run"}`
	base := serve(t, map[string]http.HandlerFunc{
		"courseTemplates": listing(course("c1"), course("c2")+strings.Repeat(" ", 10), `{"sourcedId":"c3","title":"`+strings.Repeat("x", 5000)+`"}`),
		"courseOfferings": listing(fmt.Sprintf(run, 1), fmt.Sprintf(run, 2), fmt.Sprintf(run, 3)),
	})
	got := read(t, eduapi.New(eduapi.Limits{RecordBytes: 4000, Offerings: 2}), at(base), time.Time{})
	if len(got.items) != 2 || len(got.lost) != 1 || got.lost[0].Subject != "c3" || len(got.items[0].Notes) != 1 || got.end != nil {
		t.Errorf("%+v", got)
	}
	for name, lim := range map[string]eduapi.Limits{"answers": {PageBytes: 4000}, "held records": {HeldBytes: 100}} {
		if got := read(t, eduapi.New(lim), at(base), time.Time{}); got.end == nil {
			t.Errorf("%s over the limit were read", name)
		}
	}
	if got := first(t, "courses"); got.end == nil {
		t.Error("a relative path was taken")
	}
}

func TestReaderMayStop(t *testing.T) {
	t.Parallel()
	base := serve(t, map[string]http.HandlerFunc{"courseTemplates": listing(courses(9)...)})
	n := 0
	for range eduapi.New(eduapi.Limits{}).Read(t.Context(), get, at(base), time.Time{}) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d items", n)
	}
}

// TestCorpus reads the synthetic records that were written after the standard.
func TestCorpus(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	collections := make(map[string]http.HandlerFunc)
	for _, name := range []string{"courseTemplates", "courseOfferings", "collectionTemplates"} {
		body, err := os.ReadFile(filepath.Join(corpus, "standards/data/edu-api", name+"-synthetic.json"))
		if err != nil {
			t.Fatal(err)
		}
		collections[name] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
	}
	organization, err := os.ReadFile(filepath.Join(corpus, "standards/data/edu-api/organizations-synthetic.json"))
	if err != nil {
		t.Fatal(err)
	}
	collections["organizations/org-0001"] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(organization) }
	got := first(t, serve(t, collections))
	if diff := cmp.Diff([]string{"ct-0001", "col-0001"}, got.subjects()); diff != "" || got.end != nil || len(got.lost) != 0 || len(got.deleted) != 1 {
		t.Fatalf("%s lost %v deleted %v error %v", diff, got.lost, got.deleted, got.end)
	}
	for property, want := range map[string]int{
		"http://data.europa.eu/snb/model/elm/learningOpportunity": 1, "http://data.europa.eu/snb/model/elm/isPartOf": 1,
		"http://data.europa.eu/snb/model/elm/EQFLevel": 1, "http://data.europa.eu/snb/model/elm/creditPoint": 1,
		"http://data.europa.eu/snb/model/elm/providedBy": 2 /* and of the programme */, "http://purl.org/dc/terms/publisher": 1,
		"http://data.europa.eu/snb/model/elm/mode": 1, "http://data.europa.eu/snb/model/elm/learningSchedule": 1,
	} {
		if n := count(got.items[0], property); n != want {
			t.Errorf("%d %s, want %d", n, property, want)
		}
	}
}

package institutions_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/node/demo/institutions"
)

// web serves an institution and fetches from it under its own name.
type web struct {
	inst institutions.Institution
	dir  string
	srv  *httptest.Server
}

func serve(t *testing.T, inst institutions.Institution) web {
	t.Helper()
	root := t.TempDir()
	if err := institutions.WriteTo(root); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(institutions.Handler(root, inst))
	t.Cleanup(srv.Close)
	return web{inst, root, srv}
}

func (w web) do(ctx context.Context, address string, header http.Header) (*http.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if u.Host != w.inst.Domain {
		return nil, errors.New("request to another host: " + address)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.srv.URL+u.RequestURI(), nil)
	if err != nil {
		return nil, err
	}
	req.Header = header
	return http.DefaultClient.Do(req)
}

func (w web) get(ctx context.Context, address string) (*adapters.Response, error) {
	resp, err := w.do(ctx, address, http.Header{})
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, &adapters.StatusError{URL: address, Code: resp.StatusCode}
	}
	media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return &adapters.Response{URL: address, MediaType: media, Header: resp.Header, Body: resp.Body}, err
}

func (w web) text(t *testing.T, address string) (status int, body string) {
	t.Helper()
	resp, err := w.do(t.Context(), address, http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func (w web) manifest(t *testing.T) (federation.Manifest, error) {
	t.Helper()
	status, body := w.text(t, w.inst.ManifestURL())
	if status != http.StatusOK {
		t.Fatalf("%s: status %d", w.inst.ManifestURL(), status)
	}
	return federation.ParseManifest([]byte(body), true)
}

var readers = map[string]adapters.Adapter{
	"elm": elmrdf.New(rdf.Limits{}), "ooapi": ooapi.New(ooapi.Limits{}), "edu-api": eduapi.New(eduapi.Limits{}), "occapi": occapi.New(occapi.Limits{}),
}

// harvest reads what the manifest announces.
func (w web) harvest(t *testing.T) (items []adapters.Item, lost []*adapters.RecordError) {
	t.Helper()
	m, err := w.manifest(t)
	if err != nil || len(m.Sources) != 1 || len(m.Problems) > 0 {
		t.Fatalf("manifest: %+v, %v", m, err)
	}
	for item, err := range readers[m.Sources[0].Type].Read(t.Context(), w.get, adapters.Source{ManifestSource: m.Sources[0], Provider: w.inst.Domain}, time.Time{}) {
		var record *adapters.RecordError
		switch {
		case errors.As(err, &record):
			lost = append(lost, record)
		case err != nil:
			t.Fatal(err)
		case !item.Deleted:
			items = append(items, item)
		}
	}
	return items, lost
}

func TestEveryInstitutionCanBeHarvested(t *testing.T) {
	t.Parallel()
	for _, inst := range institutions.All() {
		if inst.Courses == 0 {
			continue
		}
		t.Run(inst.Domain, func(t *testing.T) {
			t.Parallel()
			items, lost := serve(t, inst).harvest(t)
			if len(items) != inst.Courses {
				t.Errorf("%d courses, want %d", len(items), inst.Courses)
			}
			if len(lost) != unusable[inst.Domain] {
				t.Errorf("lost: %v", lost)
			}
			for _, item := range items {
				if len(item.Notes) > 0 && rich[inst.Domain] {
					t.Errorf("%s: %v", item.Where, item.Notes)
				}
				check(t, inst, item.Graph)
			}
		})
	}
}

// unusable courses have no name.
var unusable = map[string]int{"oosterveen.example": 1, "brzezina.example": 1}

// rich catalogues say everything of every course; the others are there to show what is missing.
var rich = map[string]bool{"nordlund.example": true, "valmares.example": true, "falkenried.example": true, "oosterveen.example": true}

// check that a course has everything that the profile requires and that people look for.
func check(t *testing.T, inst institutions.Institution, g elm.Graph) {
	t.Helper()
	iri := "https://" + inst.Domain + "/"
	normal, removed := g.Normalise(elm.Naming{ProviderIRI: iri})
	if removed != (elm.Removed{}) {
		t.Errorf("%s: person data: %+v", g.Subject, removed)
	}
	c := elm.View(g.Subject.String(), normal.Triples)
	if len(c.Title) < 2 || len(c.Description) < 2 || len(c.Identifiers) == 0 || len(c.Languages) == 0 {
		t.Errorf("%s: title %v, description in %d languages", c.IRI, c.Title, len(c.Description))
	}
	if rich[inst.Domain] {
		checkRich(t, c)
	}
	canonical, err := normal.Canonical()
	if err != nil {
		t.Fatalf("%s: %v", c.IRI, err)
	}
	triples, err := rdf.ParseCanonical(canonical)
	if err == nil {
		err = elm.Check(c.IRI, triples)
	}
	if err != nil {
		t.Errorf("%s: %v", c.IRI, err)
	}
}

func checkRich(t *testing.T, c elm.Course) {
	t.Helper()
	if c.ECTS == nil || len(c.EQF) != 1 || len(c.ISCED) != 1 || len(c.Languages) == 0 || len(c.Outcomes) == 0 || len(c.Offerings) == 0 || len(c.Identifiers) == 0 || len(c.Assessment) == 0 {
		t.Errorf("%s lacks something: %+v", c.IRI, c)
	}
	for _, o := range c.Outcomes {
		if len(o.Title) < 2 {
			t.Errorf("%s: outcome %v", c.IRI, o.Title)
		}
	}
	for _, o := range c.Offerings {
		if o.Start == "" || o.End <= o.Start || len(o.Deadlines) != 1 || o.Capacity == nil || len(o.Modes) != 1 || o.Language == "" || len(o.Providers) == 0 {
			t.Errorf("%s lacks something: %+v", o.IRI, o)
		}
		if o.Start < "2026" || o.Start > "2028" {
			t.Errorf("%s starts on %s", o.IRI, o.Start)
		}
	}
}

func TestCatalogueIsVaried(t *testing.T) {
	t.Parallel()
	esco, priced, required, open, past, modes, types, titles, languages := 0, 0, 0, 0, 0, map[string]int{}, map[string]int{}, map[string]int{}, map[string]bool{}
	for _, inst := range institutions.All() {
		if inst.Courses == 0 {
			continue
		}
		items, _ := serve(t, inst).harvest(t)
		for _, item := range items {
			c := elm.View(item.Graph.Subject.String(), item.Graph.Triples)
			titles[c.Title["en"]+c.Title["en-gb"]]++
			for lang := range c.Title {
				languages[strings.ToLower(lang[:2])] = true
			}
			for _, kind := range c.Types {
				types[kind]++
			}
			for _, o := range c.Outcomes {
				esco += len(o.ESCO)
			}
			required += min(1, len(c.Requirements))
			for _, o := range c.Offerings {
				priced += len(o.Prices)
				for _, m := range o.Modes {
					modes[m]++
				}
				if o.OpenToNonEnrolled != nil && *o.OpenToNonEnrolled {
					open++
				}
				if o.End < "2026-08" {
					past++
				}
			}
		}
	}
	if esco < 20 || priced < 30 || required < 30 || open < 3 || past < 4 || len(modes) < 3 || len(types) < 3 || len(languages) < 9 {
		t.Errorf("ESCO %d, priced %d, with requirements %d, open %d, past %d, modes %v, types %v, languages %v", esco, priced, required, open, past, modes, types, languages)
	}
	for title, n := range titles {
		if n > 1 || title == "" {
			t.Errorf("%d courses are called %q", n, title)
		}
	}
}

func TestBrokenManifest(t *testing.T) {
	t.Parallel()
	for _, inst := range institutions.All() {
		if inst.Courses > 0 {
			continue
		}
		w := serve(t, inst)
		if err := institutions.WriteManifest(w.dir, inst, []string{"x"}); err != nil {
			t.Fatal(err)
		}
		if m, err := w.manifest(t); err == nil {
			t.Errorf("%s parses: %+v", inst.ManifestURL(), m)
		}
	}
}

func TestManifestListsPublishers(t *testing.T) {
	t.Parallel()
	const id = "12D3KooWEZXjE41uU4EL2gpkAQeDXYok6wghN7wwNVPF5bwkaNfS"
	for _, inst := range institutions.All() {
		if inst.Courses == 0 {
			continue
		}
		w := serve(t, inst)
		if m, err := w.manifest(t); err != nil || m.Publishers != nil {
			t.Errorf("%s: publishers %v before any was written, %v", inst.Domain, m.Publishers, err)
		}
		if err := institutions.WriteManifest(w.dir, inst, []string{id}); err != nil {
			t.Fatal(err)
		}
		// Publishers count in a well-known manifest only, wherever the sources are announced.
		found := false
		for _, name := range []string{"quality-link-manifest", "quality-link-manifest.json", "quality-link-manifest.yaml"} {
			status, body := w.text(t, "https://"+inst.Domain+"/.well-known/"+name)
			if status != http.StatusOK {
				continue
			}
			m, err := federation.ParseManifest([]byte(body), false)
			if err != nil || m.Publishers == nil || len(*m.Publishers) != 1 || string((*m.Publishers)[0]) != id {
				t.Errorf("%s: %+v, %v", inst.Domain, m, err)
			}
			found = true
			break
		}
		if !found {
			t.Errorf("%s has no well-known manifest", inst.Domain)
		}
		if err := institutions.WriteManifest(w.dir, inst, []string{}); err != nil {
			t.Fatal(err)
		}
		if m, err := w.manifest(t); err != nil || m.Publishers == nil || len(*m.Publishers) != 0 {
			t.Errorf("%s: an empty list reads as %v, %v", inst.Domain, m.Publishers, err)
		}
	}
}

func TestAnnouncement(t *testing.T) {
	t.Parallel()
	var dns, wellKnown int
	for _, inst := range institutions.All() {
		switch inst.Discovery {
		case institutions.DNS:
			dns++
			if !strings.HasPrefix(inst.TXT(), "v=qldiscover1; m=https://"+inst.Domain+"/") {
				t.Errorf("%s: TXT %q", inst.Domain, inst.TXT())
			}
		case institutions.WellKnown:
			wellKnown++
			if inst.TXT() != "" || !strings.Contains(inst.ManifestURL(), "/.well-known/quality-link-manifest") {
				t.Errorf("%s: TXT %q, manifest %s", inst.Domain, inst.TXT(), inst.ManifestURL())
			}
		}
		if !federation.ValidProvider(inst.Domain) || !strings.HasSuffix(inst.Domain, ".example") || len(inst.Country) != 2 || inst.Name == "" {
			t.Errorf("%+v", inst)
		}
	}
	if dns != 1 || wellKnown != 8 {
		t.Errorf("%d by DNS, %d by well-known URL", dns, wellKnown)
	}
}

func TestConditionalRequestsAndLiveEdits(t *testing.T) {
	t.Parallel()
	inst := institutions.All()[0]
	w := serve(t, inst)
	first, err := w.do(t.Context(), inst.SourceURL(), http.Header{})
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Body.Close()
	if got := first.Header.Get("Content-Type"); got != "text/turtle; charset=utf-8" {
		t.Errorf("media type %q", got)
	}
	again := func(name, value string) int {
		resp, err := w.do(t.Context(), inst.SourceURL(), http.Header{name: {value}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	etag := first.Header.Get("ETag")
	if got := again("If-None-Match", etag); got != http.StatusNotModified {
		t.Errorf("If-None-Match: status %d", got)
	}
	if got := again("If-Modified-Since", first.Header.Get("Last-Modified")); got != http.StatusNotModified {
		t.Errorf("If-Modified-Since: status %d", got)
	}
	file := filepath.Join(inst.Dir(w.dir), "opendata", "courses.ttl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(string(text), "Linear Algebra", "Linear Algebra and Geometry", 1)
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := again("If-None-Match", etag); got != http.StatusOK {
		t.Errorf("after an edit: status %d", got)
	}
	if _, body := w.text(t, inst.SourceURL()); !strings.Contains(body, "Linear Algebra and Geometry") {
		t.Error("the edit is not served")
	}
}

func TestNothingOutsideTheDirectoryIsServed(t *testing.T) {
	t.Parallel()
	inst := institutions.All()[0]
	w := serve(t, inst)
	handler := institutions.Handler(w.dir, inst)
	for _, path := range []string{"/../valmares.example/dados/catalogo.ttl", "/opendata/../../valmares.example/dados/catalogo.ttl", "/..%2fvalmares.example/dados/catalogo.ttl", "/", "/opendata", "/nothing"} {
		req := httptest.NewRequest(http.MethodGet, "http://x/", nil)
		req.URL.Path, req.URL.RawPath = path, ""
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, req)
		if answer.Code == http.StatusOK {
			t.Errorf("%s: status 200", path)
		}
	}
}

func institution(t *testing.T, standard, version string) institutions.Institution {
	t.Helper()
	for _, i := range institutions.All() {
		if i.Standard == standard && i.Version() == version {
			return i
		}
	}
	t.Fatalf("no institution speaks %s %s", standard, version)
	panic("unreachable")
}

// TestAPIs: requests below the source's address, and what the status and body of the answer show.
func TestAPIs(t *testing.T) {
	t.Parallel()
	for _, api := range []struct {
		standard, version string
		answers           map[string]string
		breaks            string // a file of the collection that the first request needs
		first             string
	}{
		{"ooapi", "5", map[string]string{
			"/courses":                             `^200 \{"pageSize":10,"pageNumber":1,"hasPreviousPage":false,"hasNextPage":true,"totalPages":2,`,
			"/courses?pageNumber=2&pageSize=10":    `^200 .*"hasPreviousPage":true,"hasNextPage":false`,
			"/courses?pageNumber=9":                `^200 .*"items":\[\]\}$`,
			"/courses?pageSize=13":                 `^200 \{"pageSize":10,`,
			"/courses?pageSize=250":                `^200 .*"hasNextPage":false,"totalPages":1`,
			"/courses/nobody":                      `^404 .*"status":"404"`,
			"/courses/nobody/offerings":            `^404 `,
			"/courses/..%2f..%2fcourses/offerings": `^404 `,
			"/organizations?pageSize=20":           `^200 .*schacHome`,
			"/persons":                             `^404 `,
		}, "ooapi/v5/courses.json", "/courses"},
		{"ooapi", "6", map[string]string{
			"/courses?pageSize=250":            `^200 .*"teachingLanguages"`,
			"/programmes":                      `^200 .*"programmeId"`,
			"/organisations":                   `^200 .*schac_home`,
			"/learning-outcomes":               `^200 .*"totalPages":1`,
			"/courses/nobody/course-offerings": `^404 `,
			"/programs":                        `^404 `,
			"/courses/x/learning-components":   `^404 `,
		}, "oeapi/v6/courses.json", "/courses"},
		{"edu-api", "1.0", map[string]string{
			"/courseTemplates":                                     `^200 \[\{.*"recordStatus":"deleted"`,
			"/courseTemplates?limit=1&offset=2":                    `^200 \[.*"sourcedId":"CRS;HIS-118"`,
			"/courseTemplates?offset=99":                           `^200 \[\]$`,
			"/courseTemplates?limit=0":                             `^400 .*invalid_query_parameter`,
			"/courseTemplates?offset=x":                            `^400 `,
			"/courseTemplates?sort=sourcedId&orderBy=desc&limit=1": `^200 \[.*SOC-099`,
			"/courseTemplates?filter=dateLastModified%3E%3D%272026-05-01T00:00:00Z%27": `^200 \[\{"courseType"[^{]*\{.*SOC-099.*\}\]$`,
			"/courseTemplates?filter=dateLastModified%3E%3D%272030-01-01T00:00:00Z%27": `^200 \[\]$`,
			"/courseTemplates?filter=title~%27x%27":                                    `^400 `,
			"/courseTemplates/CRS%3BHIS-118":                                           `^200 \{.*Historia gospodarcza`,
			"/courseTemplates/nobody":                                                  `^404 .*unknown_object`,
			"/componentTemplates":                                                      `^404 `,
			"/persons":                                                                 `^404 `,
		}, "eduapi/v1p0/courseTemplates.json", "/courseTemplates"},
		{"occapi", "2", map[string]string{
			"":                        `^200 .*"type":"hei".*"course":\{"href":"https://sanvalerio.example/occapi/v2/hei/sanvalerio.example/course"\}`,
			"/":                       `^200 .*"type":"hei"`,
			"/course":                 `^200 \{"data":\[\{`,
			"/programme":              `^200 .*"length":"4/2"`,
			"/course/nobody":          `^404 .*Endpoint not available`,
			"/course/nobody/instance": `^200 .*"data":\[\]`,
			"/ounit":                  `^404 `,
			"/course/a/b/c":           `^404 `,
			"/..%2f..%2fx":            `^404 `,
		}, "occapi/v2/hei/sanvalerio.example/hei.json", ""},
	} {
		t.Run(api.standard+api.version, func(t *testing.T) {
			t.Parallel()
			inst := institution(t, api.standard, api.version)
			w := serve(t, inst)
			for request, want := range api.answers {
				status, body := w.text(t, inst.SourceURL()+request)
				if got := fmt.Sprintf("%d %s", status, strings.TrimSpace(body)); !regexp.MustCompile(`(?s)` + want).MatchString(got) {
					t.Errorf("%s: status %d, %.120s", request, status, body)
				}
			}
			if err := os.WriteFile(filepath.Join(inst.Dir(w.dir), filepath.FromSlash(api.breaks)), []byte(`[{"id":`), 0o600); err != nil {
				t.Fatal(err)
			}
			if status, _ := w.text(t, inst.SourceURL()+api.first); status != http.StatusInternalServerError {
				t.Errorf("a broken file: status %d", status)
			}
		})
	}
}

// TestCourseCollectionsSayLess: OCCAPI tells some things of a course only in the course's own resource.
func TestCourseCollectionsSayLess(t *testing.T) {
	t.Parallel()
	inst := institution(t, "occapi", "2")
	w := serve(t, inst)
	_, list := w.text(t, inst.SourceURL()+"/course")
	id := regexp.MustCompile(`"type":"course","id":"([^"]+)"`).FindStringSubmatch(list)
	if id == nil || strings.Contains(list, "bibliography") {
		t.Fatalf("the collection: %.200s", list)
	}
	if _, one := w.text(t, inst.SourceURL()+"/course/"+id[1]); !strings.Contains(one, "bibliography") {
		t.Errorf("the course: %.200s", one)
	}
	if _, all := w.text(t, inst.SourceURL()+"/course/"+id[1]+"/instance"); strings.Count(all, `"type":"instance"`) != 1 {
		t.Errorf("its instances: %.200s", all)
	}
}

func TestWriteToTwice(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for range 2 {
		if err := institutions.WriteTo(root); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, e := range entries {
		dirs = append(dirs, e.Name())
	}
	want := []string{
		"brzezina.example", "falkenried.example", "kivijarvi.example", "montagut.example", "nordlund.example",
		"oosterveen.example", "ponte-alliance.example", "rochebrise.example", "sanvalerio.example", "valmares.example",
	}
	if diff := cmp.Diff(want, dirs); diff != "" {
		t.Error(diff)
	}
}

// The alliance's catalogue names each course's own institution, and holds what it promises of members that are silent.
func TestAllianceNamesItsMembers(t *testing.T) {
	t.Parallel()
	alliance := institutions.Ponte()
	items, lost := serve(t, alliance.Institution).harvest(t)
	if len(lost) > 0 {
		t.Errorf("lost: %v", lost)
	}
	courses := map[string]int{}
	for _, item := range items {
		check(t, alliance.Institution, item.Graph)
		for _, org := range item.Graph.Organisations() {
			for _, schac := range org.Schac {
				courses[schac]++
			}
		}
	}
	silent := 0
	for _, m := range alliance.Silent {
		silent += courses[m.ID]
	}
	if silent != alliance.Courses || len(courses) != len(alliance.Members) || len(alliance.Silent) != 3 {
		t.Errorf("courses by member: %v", courses)
	}
}

package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/node/validate"
)

func validatorOf(t testing.TB) *validate.Validator {
	t.Helper()
	checker, err := profile.New()
	if err != nil {
		t.Fatal(err)
	}
	return &validate.Validator{Checker: checker, Adapters: map[string]adapters.Adapter{"elm": elmrdf.New(rdf.Limits{})}}
}

func TestQualityOfCoursesAndProviders(t *testing.T) {
	t.Parallel()
	n := sample(t)
	var list api.List[course.Course]
	n.json("/v1/courses?provider=uni.example", &list)
	sum := 0
	for _, c := range list.Items {
		sum += c.Completeness
		if c.Completeness <= 0 || c.Completeness >= 100 || len(c.Missing) == 0 || len(c.Microcredential) != 13 {
			t.Errorf("%s: %d %%, missing %v, %d elements", c.IRI, c.Completeness, c.Missing, len(c.Microcredential))
		}
		states := map[string]string{}
		for _, e := range c.Microcredential {
			states[e.Name] = e.State
		}
		if states["title"] != profile.Stated || states["country"] != profile.Derived || states["quality_assurance"] != profile.Derived || states["supervision"] != profile.NotStated {
			t.Errorf("%s: %v", c.IRI, states)
		}
	}
	var one api.ProviderDetail
	n.json("/v1/providers/uni.example", &one)
	if one.Completeness == nil || *one.Completeness != sum/len(list.Items) {
		t.Errorf("completeness of the provider %v, of its courses %d/%d", one.Completeness, sum, len(list.Items))
	}
	n.json("/v1/providers/silent.example", &one)
	if one.Completeness != nil {
		t.Errorf("a provider without courses is complete to %d %%", *one.Completeness)
	}
	for page, want := range map[string]string{"/courses/" + list.Items[0].ID: "Quality assurance", "/network": " %</td>"} {
		if w := n.get(page); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, without %q", page, w.Code, want)
		}
	}
}

func (n *node) post(target, media string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, target, body)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	w := httptest.NewRecorder()
	n.api.ServeHTTP(w, r)
	return w
}

const document = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix dcterms: <http://purl.org/dc/terms/> .
<urn:c> a ql:LearningOpportunitySpecification ; dcterms:title "Tides"@en .`

func TestValidate(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for name, media := range map[string]string{"by its media type": "text/turtle; charset=utf-8", "by its bytes": "", "said to be a form": "application/x-www-form-urlencoded"} {
		w := n.post("/v1/validate?provider=uni.example", media, strings.NewReader(document))
		var got profile.Report
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: status %d, %v", name, w.Code, err)
		}
		if got.Conforms || got.Courses != 1 || got.Total != 5 || len(got.Findings) != 5 || got.Findings[0].Where != "document 2:1 <urn:c>" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for name, k := range map[string]struct {
		target, media string
		body          io.Reader
		status        int
	}{
		"empty":             {"/v1/validate", "text/turtle", nil, http.StatusBadRequest},
		"a form":            {"/v1/validate", "multipart/form-data; boundary=x", strings.NewReader(document), http.StatusUnsupportedMediaType},
		"no media type":     {"/v1/validate", "text/", strings.NewReader(document), http.StatusUnsupportedMediaType},
		"too large":         {"/v1/validate", "text/turtle", io.LimitReader(blanks{}, 9<<20), http.StatusRequestEntityTooLarge},
		"unknown parameter": {"/v1/validate?povider=uni.example", "text/turtle", strings.NewReader(document), http.StatusBadRequest},
		"no provider":       {"/v1/validate?provider=nobody", "text/turtle", strings.NewReader(document), http.StatusBadRequest},
	} {
		w := n.post(k.target, k.media, k.body)
		var problem api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != k.status || problem.Status != k.status || problem.Detail == "" {
			t.Errorf("%s: status %d, want %d: %s (%v)", name, w.Code, k.status, w.Body, err)
		}
	}
}

type blanks struct{}

func (blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestThreat19ValidationsOfOneClient: a client that asks without end is told to wait, others are not.
func TestThreat19ValidationsOfOneClient(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	var w *httptest.ResponseRecorder
	for i := range 40 {
		if w = n.post("/v1/validate", "text/turtle", strings.NewReader(document)); w.Code != http.StatusOK {
			if i != 30 {
				t.Errorf("refused after %d documents", i)
			}
			break
		}
	}
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/validate", strings.NewReader(document))
	r.RemoteAddr = "[2001:db8::1]:1234"
	other := httptest.NewRecorder()
	n.api.ServeHTTP(other, r)
	if other.Code != http.StatusOK {
		t.Errorf("another client: status %d", other.Code)
	}
}

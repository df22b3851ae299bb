package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	n := sample(t)
	for target, want := range map[string]api.Problem{
		"/v1/courses?lnguage=en":                      {Status: 400, Parameter: "lnguage", Suggestion: "language"},
		"/v1/courses?language=english":                {Status: 400, Parameter: "language", Suggestion: "en"},
		"/v1/courses?mode=online":                     {Status: 400, Parameter: "mode", Suggestion: "920fbb3cbe"},
		"/v1/courses?provider=uni.exmple":             {Status: 400, Parameter: "provider", Suggestion: "uni.example"},
		"/v1/courses?country=Atlantis":                {Status: 400, Parameter: "country"},
		"/v1/courses?isced=99999":                     {Status: 400, Parameter: "isced"},
		"/v1/courses?eqf=9":                           {Status: 400, Parameter: "eqf"},
		"/v1/courses?sort=titel":                      {Status: 400, Parameter: "sort", Suggestion: "title"},
		"/v1/courses?limit=101":                       {Status: 400, Parameter: "limit"},
		"/v1/courses?limit=0":                         {Status: 400, Parameter: "limit"},
		"/v1/courses?limit=1e1":                       {Status: 400, Parameter: "limit"},
		"/v1/courses?limit=5&limit=6":                 {Status: 400, Parameter: "limit"},
		"/v1/courses?ects.gte=NaN":                    {Status: 400, Parameter: "ects.gte"},
		"/v1/courses?active=yes":                      {Status: 400, Parameter: "active"},
		"/v1/courses?start.gte=soon":                  {Status: 400, Parameter: "start.gte"},
		"/v1/courses?facets=langage":                  {Status: 400, Parameter: "facets", Suggestion: "language"},
		"/v1/courses?fields=tilte":                    {Status: 400, Parameter: "fields", Suggestion: "title"},
		"/v1/courses?cursor=AAAA":                     {Status: 410},
		"/v1/courses?cursor=AQAA":                     {Status: 400},
		"/v1/courses?cursor=%00":                      {Status: 400, Parameter: "cursor"},
		"/v1/courses?q=%ff":                           {Status: 400, Parameter: "q"},
		"/v1/courses?q=" + strings.Repeat("a", 401):   {Status: 400, Parameter: "q"},
		"/v1/courses?q=" + strings.Repeat("a+", 40):   {Status: 400},
		"/v1/courses?id=a&identifier=b":               {Status: 400, Parameter: "identifier"},
		"/v1/courses?" + strings.Repeat("id=a&", 101): {Status: 400, Parameter: "id"},
		"/v1/courses?q=%zz":                           {Status: 400, Parameter: "query"},
		"/v1/node?verbose=1":                          {Status: 400, Parameter: "verbose"},
		"/v1/resolve":                                 {Status: 400, Parameter: "id"},
		"/v1/resolve?id=nothing":                      {Status: 404},
		"/v1/courses/nothing":                         {Status: 404},
		"/v1/courses/nothing/record":                  {Status: 404},
		"/v1/providers/nobody.example":                {Status: 404},
		"/v1/providers/uni.example/discovery":         {Status: 404},
		"/v1/vocabularies/nothing":                    {Status: 404},
		"/v1/nothing":                                 {Status: 404},
		"/v1/courses/a/b/c":                           {Status: 404},
		"/metrics":                                    {Status: 404},
		"/v1/admin/harvest":                           {Status: 404},
		"/v1/courses?q=" + strings.Repeat("a", 9000):  {Status: 414},
	} {
		w := n.get(target)
		var got api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Errorf("%.60s: %d %v", target, w.Code, err)
			continue
		}
		if w.Code != want.Status || got.Status != want.Status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60s: status %d, want %d: %+v", target, w.Code, want.Status, got)
		}
		if got.Parameter != want.Parameter || want.Suggestion != "" && got.Suggestion != want.Suggestion {
			t.Errorf("%.60s: %+v, want %+v", target, got, want)
		}
		if got.Title == "" || got.Detail == "" || !strings.HasPrefix(got.Type, "/docs#problem-") {
			t.Errorf("%.60s: incomplete: %+v", target, got)
		}
		if docs := n.get("/docs").Body.String(); !strings.Contains(docs, `id="`+strings.TrimPrefix(got.Type, "/docs#")+`"`) {
			t.Errorf("/docs does not explain %s", got.Type)
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, "TRACE", "WEIRD"} {
		w := httptest.NewRecorder()
		n.api.ServeHTTP(w, httptest.NewRequest(method, "/v1/courses", strings.NewReader("{}")))
		if w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for _, target := range []string{"/", "/network", "/docs", "/v1/courses", "/v1/nothing", "/openapi.json", "/livez", "/courses/x", "/nothing"} {
		h := n.get(target, "Accept", "text/html, application/json;q=0.5").Header()
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s: %q", target, name, h.Get(name))
			}
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy %q", target, policy)
		}
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodOptions, "/v1/courses", nil)
	n.api.ServeHTTP(w, r)
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "Authorization, If-None-Match, Last-Event-ID",
	} {
		if w.Header().Get(name) != want {
			t.Errorf("preflight: %s: %q", name, w.Header().Get(name))
		}
	}
	for _, name := range []string{"Link", "ETag", "RateLimit", "Retry-After", "Coursemesh-Catalogue-Root"} {
		if !strings.Contains(w.Header().Get("Access-Control-Expose-Headers"), name) {
			t.Errorf("%s is not exposed", name)
		}
	}
}

// The OpenAPI document names every route of the router, and every reference in it resolves.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	var doc map[string]any
	n.json("/openapi.json", &doc)
	if v, _ := doc["openapi"].(string); !strings.HasPrefix(v, "3.1") {
		t.Errorf("version %v", doc["openapi"])
	}
	ids := map[string]bool{}
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			operation(t, path, op.(map[string]any), ids)
			if method != "get" {
				continue
			}
			if w := n.get(strings.NewReplacer("{id}", "x", "{name}", "eqf").Replace(path)); strings.Contains(w.Body.String(), "no-route") {
				t.Errorf("%s is documented and not routed", path)
			}
		}
	}
	if len(ids) < 15 {
		t.Errorf("only %d operations", len(ids))
	}
	references(t, doc, doc)
}

func operation(t *testing.T, path string, op map[string]any, ids map[string]bool) {
	t.Helper()
	id := op["operationId"].(string)
	if ids[id] || op["summary"] == "" {
		t.Errorf("%s: operation %q is twice there or has no summary", path, id)
	}
	ids[id] = true
	for _, part := range strings.Split(path, "/") {
		if strings.HasPrefix(part, "{") && !declares(op, strings.Trim(part, "{}"), "path") {
			t.Errorf("%s: %s is not declared", path, part)
		}
	}
	if _, ok := op["responses"].(map[string]any)["200"]; !ok {
		t.Errorf("%s: no answer", path)
	}
}

func declares(op map[string]any, name, in string) bool {
	for _, p := range op["parameters"].([]any) {
		if p := p.(map[string]any); p["name"] == name && p["in"] == in {
			return true
		}
	}
	return false
}

func references(t *testing.T, doc map[string]any, v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			references(t, doc, e)
		}
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			var at any = doc
			for _, part := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
				name, _ := url.PathUnescape(part)
				at = at.(map[string]any)[name]
				if at == nil {
					t.Errorf("%s leads nowhere", ref)
					return
				}
			}
		}
		for _, e := range v {
			references(t, doc, e)
		}
	}
}

func TestProviders(t *testing.T) {
	t.Parallel()
	n := sample(t)
	var list api.List[map[string]any]
	n.json("/v1/providers", &list)
	courses := map[string]any{}
	for _, p := range list.Items {
		courses[p["id"].(string)] = p["courses"]
	}
	if courses["uni.example"] != 2.0 || courses["lyon.example"] != 1.0 || courses["silent.example"] != 0.0 {
		t.Errorf("%v", courses)
	}
	var detail api.ProviderDetail
	n.json("/v1/providers/"+url.PathEscape("https://uni.example/org"), &detail)
	if detail.ID != "uni.example" || len(detail.Publishers) != 1 || !detail.Publishers[0].Effective {
		t.Errorf("%+v", detail)
	}
	var found struct {
		Probes []struct{ Outcome, Reason string }
	}
	if n.json("/v1/providers/silent.example/discovery", &found); len(found.Probes) != 2 {
		t.Errorf("%+v", found)
	}
}

func TestNode(t *testing.T) {
	t.Parallel()
	var got map[string]any
	sample(t).json("/v1/node", &got)
	for _, key := range []string{"publisher", "courses", "local", "catalogue_root", "authority_root", "heads_root", "limits", "name", "version", "peer"} {
		if got[key] == nil {
			t.Errorf("no %s in %v", key, got)
		}
	}
	if got["courses"] != 3.0 || got["local"] != 0.0 {
		t.Errorf("%v", got)
	}
}

func TestReadyAndMetrics(t *testing.T) {
	t.Parallel()
	n := sample(t)
	if w := n.get("/readyz"); w.Code != http.StatusOK {
		t.Errorf("readyz: %d %s", w.Code, w.Body)
	}
	n.get("/v1/courses/anything-a-client-sends")
	w := httptest.NewRecorder()
	n.api.Metrics().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{`coursemesh_courses 3`, `coursemesh_http_requests_total{route="/v1/courses/:id",status="404"} 1`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if strings.Contains(w.Body.String(), "anything-a-client-sends") {
		t.Error("paths become labels")
	}
}

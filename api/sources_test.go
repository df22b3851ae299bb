package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/store"
)

// harvested is one source with one run.
type harvested struct{}

const hidden = "canary-of-the-operator"

func (harvested) state() harvest.SourceState {
	return harvest.SourceState{
		Domain: "uni.example", State: "incomplete", Listed: 7, Failures: 1, Last: now, Problem: hidden,
		Spec: federation.ManifestSource{
			ID: "main", Type: "ooapi", Version: "5", Path: "https://uni.example/" + hidden, Auth: federation.Auth{Type: "httpheader"},
			Headers: map[string]string{"X-Key": hidden}, QueryParameters: map[string][]string{"key": {hidden}},
		},
	}
}

func (h harvested) Sources(string) []harvest.SourceState { return []harvest.SourceState{h.state()} }

func (h harvested) Find(name string) (harvest.SourceState, error) {
	if name != "main" && name != h.state().ID() {
		return harvest.SourceState{}, store.ErrNotFound
	}
	return h.state(), nil
}

func (h harvested) Runs(source string, _ int) ([]harvest.Run, error) {
	if run, _ := h.RunLog("r1"); source == h.state().ID() {
		return []harvest.Run{run}, nil
	}
	return nil, nil
}

func (harvested) RunLog(id string) (harvest.Run, bool) {
	return harvest.Run{
		ID: "r1", Domain: "uni.example", Source: "main", State: "incomplete", Problem: hidden, Started: now, Ended: now.Add(time.Second), Asked: 3,
		Report: harvest.Report{
			Fetched: 8, Rejected: 1, Errors: []harvest.Problem{{Subject: "urn:x", Where: hidden, Message: hidden, Fix: hidden}},
			Quality: &profile.Quality{Courses: 7, Violations: 2, Findings: []profile.Sort{{
				Property: "elm:EQFLevel", Count: 2, Message: hidden, Fix: hidden, Examples: []profile.Example{{Where: hidden, Value: hidden}},
			}}},
		},
	}, id == "r1"
}

// Everybody sees state, times and counts; the log is the operator's.
func TestSourcesAndRuns(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	admin := api.Admin(api.AdminConfig{Public: n.api, Metrics: n.api.Metrics()})
	id := harvested{}.state().ID()
	for _, path := range []string{"/v1/sources", "/v1/sources?domain=uni.example", "/v1/sources/" + id + "/runs", "/v1/runs/r1"} {
		w := n.get(path)
		if w.Code != http.StatusOK || strings.Contains(w.Body.String(), hidden) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	var sources api.List[network.SourceSummary]
	n.json("/v1/sources", &sources)
	if len(sources.Items) != 1 || sources.Items[0].Courses != 7 || sources.Items[0].State != "incomplete" || sources.Items[0].Refresh != 1 {
		t.Errorf("%+v", sources.Items)
	}
	for _, path := range []string{"/v1/sources/none/runs", "/v1/runs/none"} {
		if w := n.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	ask := func(path string, into any) int {
		w := httptest.NewRecorder()
		admin.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		_ = json.Unmarshal(w.Body.Bytes(), into)
		return w.Code
	}
	var run network.SourceRun
	if code := ask("/v1/runs/r1", &run); code != http.StatusOK || run.Log == nil || len(run.Log.Errors) != 1 || run.Log.Errors[0].Where != hidden {
		t.Errorf("%d %+v", code, run)
	}
	if q := run.Quality; q == nil || q.Findings[0].Message != hidden {
		t.Errorf("%+v", q)
	}
	var public network.SourceRun
	if n.json("/v1/runs/r1", &public); public.Quality == nil || public.Quality.Courses != 7 || public.Quality.Findings[0].Count != 2 {
		t.Errorf("%+v", public.Quality)
	}
	var runs api.List[network.SourceRun]
	if code := ask("/v1/sources/main/runs", &runs); code != http.StatusOK || len(runs.Items) != 1 || runs.Items[0].Counts.Requests != 3 {
		t.Errorf("%d %+v", code, runs)
	}
	if code := ask("/v1/sources/none/runs", &runs); code != http.StatusNotFound {
		t.Errorf("%d", code)
	}
}

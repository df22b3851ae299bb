package harvest_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/harvest"
)

// kept is everything in the data directory, by hash.
func (w *world) kept() map[string]string {
	w.t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path) //nolint:gosec // below the test's own directory
		files[path] = fmt.Sprintf("%x", sha256.Sum256(data))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return files
}

// try runs a trial and fails when anything was kept of it.
func (w *world) try(q harvest.TrialRequest) (harvest.Trial, error) {
	w.t.Helper()
	before := w.kept()
	trial, err := w.h.Try(w.t.Context(), q, func(harvest.Event) {})
	if diff := cmp.Diff(before, w.kept()); diff != "" {
		w.t.Errorf("a trial left something behind:\n%s", diff)
	}
	return trial, err
}

func TestTrialStoresNothing(t *testing.T) {
	t.Parallel()
	w, _ := guarded(t)
	w.announceSources(allMethods(t)...)
	w.serve("/open/a.ttl", document(course("urn:open", "open"), "<urn:bad> a ql:LearningOpportunitySpecification .\n", "<urn:worse> a ql:LearningOpportunitySpecification .\n"))
	for _, k := range []struct {
		q                harvest.TrialRequest
		sources, courses int
	}{
		{harvest.TrialRequest{Target: home}, 4, 4},
		{harvest.TrialRequest{Target: "https://" + home + "/.well-known/quality-link-manifest.json"}, 4, 4},
		{harvest.TrialRequest{Target: "https://" + home + "/open/a.ttl"}, 1, 1},
		{harvest.TrialRequest{Target: "https://" + home + "/signed/a.ttl", Source: map[string]any{"auth": map[string]any{"type": "httpsig"}}}, 1, 1},
		{harvest.TrialRequest{Target: "https://" + home + "/header/a.ttl", Source: map[string]any{"type": "elm", "auth": map[string]any{"type": "httpheader", "field": "X-Api-Key", "value": sealed(t, canary)}}}, 1, 1},
	} {
		trial, err := w.try(k.q)
		if err != nil || len(trial.Sources) != k.sources || trial.Provider != home {
			t.Fatalf("%s: %+v, %v", k.q.Target, trial, err)
		}
		courses := 0
		for _, s := range trial.Sources {
			courses += s.Courses
			if s.State != "complete" || s.Standard != "elm" || s.Requests["/"] != 1 {
				t.Errorf("%s: %+v", k.q.Target, s)
			}
		}
		if courses != k.courses {
			t.Errorf("%s: %d courses", k.q.Target, courses)
		}
	}
	trial, _ := w.try(harvest.TrialRequest{Target: "https://" + home + "/open/a.ttl"})
	s := trial.Sources[0]
	if len(s.Findings) != 1 || s.Findings[0].Count != 2 || s.Findings[0].Severity != "error" || s.Findings[0].Fix == "" || s.Rejected != 2 {
		t.Errorf("the same finding twice is one, counted: %+v", s.Findings)
	}
	if len(s.Samples) != 1 || s.Samples[0].Title["en"] != "open" || s.Samples[0].Subject != "urn:open" {
		t.Errorf("%+v", s.Samples)
	}
}

func TestTrialOfASourceThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl", "/b.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	trial, err := w.try(harvest.TrialRequest{Target: home})
	if err != nil || len(trial.Sources) != 2 || trial.Sources[0].State != "complete" || trial.Sources[1].State != "incomplete" {
		t.Fatalf("%+v, %v", trial, err)
	}
	if p := trial.Sources[1].Problem; p == nil || !strings.Contains(p.Message, "404") || p.Fix == "" {
		t.Errorf("%+v", p)
	}
	w.serve("/page", "<!doctype html><title>Welcome</title>")
	if _, err := w.try(harvest.TrialRequest{Target: "https://" + home + "/page"}); !errors.Is(err, harvest.ErrTarget) || !strings.Contains(err.Error(), "a web page") {
		t.Errorf("a web page: %v", err)
	}
}

// TestTrialCountsWhatOfferingsShare: one habit of a server is one finding, though every offering has its own id.
func TestTrialCountsWhatOfferingsShare(t *testing.T) {
	t.Parallel()
	a := newAPI(4)
	w := newWorld(t, func(w *world) {
		w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
			id, ours := strings.CutSuffix(r.URL.Path, "/offerings")
			if id = path.Base(id); !ours || !strings.HasPrefix(id, "c") {
				return a.answer(rw, r)
			}
			fmt.Fprintf(rw, `{"hasNextPage":false,"items":[{"offeringId":"o-%s","offeringType":"course","course":%q,"name":[{"language":"en","value":"Run"}],
				"priceInformation":[{"costType":"total costs","amount":"1,2%s","currency":"EUR"}]}]}`, id, id, id)
			return false
		}
	})
	w.announceAPI()
	trial, err := w.try(harvest.TrialRequest{Target: home})
	if err != nil {
		t.Fatal(err)
	}
	var counts []int
	for _, f := range trial.Sources[0].Findings {
		if strings.Contains(f.Message, "no amount") {
			counts = append(counts, f.Count)
		}
	}
	if !slices.Equal(counts, []int{4}) {
		t.Errorf("%v: %+v", counts, trial.Sources[0].Findings)
	}
}

func TestTrialStopsAtItsLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve("/a.ttl", document(course("urn:a", "A"), course("urn:b", "B"), course("urn:c", "C")))
	trial, err := w.try(harvest.TrialRequest{Target: "https://" + home + "/a.ttl", Limit: 2})
	if err != nil || trial.Sources[0].State != "limited" || trial.Sources[0].Courses != 2 {
		t.Errorf("%+v, %v", trial, err)
	}
}

// A trial sees that a secret belongs to somebody else, and does not take one for its own.
func TestThreat30TrialBindsNothing(t *testing.T) {
	t.Parallel()
	w, _ := guarded(t)
	secret := sealed(t, canary)
	q := harvest.TrialRequest{Target: "https://" + home + "/header/a.ttl", Source: map[string]any{"type": "elm", "auth": map[string]any{"type": "httpheader", "field": "X-Api-Key", "value": secret}}}
	if trial, err := w.try(q); err != nil || trial.Sources[0].State != "complete" {
		t.Fatalf("%+v, %v", trial, err)
	}
	w.announceSources(source("header", fmt.Sprintf(`{"type":"httpheader","field":"X-Api-Key","value":%q}`, secret)))
	expect(t, "the institution's own use", w.harvest(), 1, 1, 0, 0, 0)
	q.Provider = "other.example"
	trial, err := w.try(q)
	if err != nil || trial.Sources[0].State != "incomplete" || !strings.Contains(trial.Sources[0].Problem.Message, "another institution") {
		t.Errorf("%+v, %v", trial, err)
	}
}

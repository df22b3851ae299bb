package harvest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/harvest"
)

// TestMissingManifestSaysWhatWasAnswered: and what to do, and when its courses go away.
func TestMissingManifestSaysWhatWasAnswered(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		answer  func(http.ResponseWriter)
		message string
		after   int // days until something is lost
		fix     string
	}{
		"gone":        {func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusGone) }, "HTTP status 410", 7, "withdrawn on"},
		"not found":   {func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusNotFound) }, "HTTP status 404", 7, "withdrawn on"},
		"unavailable": {func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusServiceUnavailable) }, "HTTP status 503", 90, "marked stale"},
		"forbidden":   {func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusForbidden) }, "HTTP status 403", 90, "marked stale"},
		"a web page":  {func(rw http.ResponseWriter) { fmt.Fprint(rw, "<!doctype html><title>Maintenance</title>") }, "web page", 7, "mend it"},
	} {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprint(name, ", known before: ", known), func(t *testing.T) {
				t.Parallel()
				down := !known
				w := newWorld(t, func(w *world) {
					w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
						if down && strings.HasPrefix(r.URL.Path, "/.well-known/") {
							k.answer(rw)
							return false
						}
						return true
					}
				})
				w.announce("/a.ttl")
				w.serve("/a.ttl", document(course("urn:a", "A")))
				if known {
					w.harvest()
				}
				down = true
				first, _ := w.h.Domain(t.Context(), home, harvest.Options{})
				w.now = w.now.Add(48 * time.Hour)
				report, err := w.h.Domain(t.Context(), home, harvest.Options{})
				if !errors.Is(err, harvest.ErrNoManifest) || len(report.Errors) != 1 {
					t.Fatalf("%+v, %v", report.Errors, err)
				}
				p := report.Errors[0]
				if !strings.Contains(p.Message, k.message) || !strings.HasPrefix(p.Where, "https://uni.example/.well-known/quality-link-manifest") || !strings.Contains(err.Error(), p.Fix) {
					t.Errorf("%+v", p)
				}
				if p.Fix != first.Errors[0].Fix {
					t.Errorf("the time begins anew: %q, then %q", first.Errors[0].Fix, p.Fix)
				}
				day := w.now.Add(time.Duration(k.after-2) * 24 * time.Hour).Format("2 January 2006")
				if known && (!strings.Contains(p.Fix, k.fix) || !strings.Contains(p.Fix, day) || !strings.HasSuffix(p.Where, ".json")) {
					t.Errorf("%q names neither %q nor %s", p.Fix, k.fix, day)
				}
				if !known && !strings.Contains(p.Fix, "put a manifest at") {
					t.Errorf("%q", p.Fix)
				}
				if d, _ := w.h.Discovery(home); d.Problem != p.Message {
					t.Errorf("what is kept of the search says %q", d.Problem)
				}
			})
		}
	}
}

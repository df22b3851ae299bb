package harvest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// TestSourceWithoutCourses: a source that can be read and holds no course is reported, with what was looked for.
func TestSourceWithoutCourses(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, 0, 1)
	set.Programmes = nil
	for _, standard := range testserver.Standards {
		if standard == testserver.NTriples {
			continue // its document has not one byte, which is an error of its own
		}
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			s := testserver.New(testserver.Config{Standard: standard, Set: set, Base: "https://" + home})
			w := newWorld(t, func(w *world) {
				w.more = map[string]adapters.Adapter{"edu-api": eduapi.New(eduapi.Limits{}), "occapi": occapi.New(occapi.Limits{})}
				w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
					if strings.HasPrefix(r.URL.Path, "/.well-known/") {
						return true
					}
					s.ServeHTTP(rw, r)
					return false
				}
			})
			announced := s.Source()
			w.announceSources(fmt.Sprintf(`{"type":%q,"version":%q,"path":%q}`, announced.Type, announced.Version, announced.Path))
			report, err := w.h.Domain(t.Context(), home, harvest.Options{})
			if err != nil || report.Fetched != 0 || len(report.Errors) != 0 || len(report.Notes) != 1 || report.Findings != 1 {
				t.Fatalf("%+v, %v", report, err)
			}
			what := map[string]string{"elm": "ql:LearningOpportunitySpecification", "ooapi": "/courses", "edu-api": "/courseTemplates", "occapi": "programmes"}[announced.Type]
			p := report.Notes[0]
			if p.Severity != profile.Warning || p.Where != announced.Path || !strings.Contains(p.Message, what) || p.Fix == "" {
				t.Errorf("%+v", p)
			}
			trial, err := w.try(harvest.TrialRequest{Target: home})
			if err != nil || len(trial.Sources[0].Findings) != 1 || trial.Sources[0].Findings[0].Message != p.Message {
				t.Errorf("source test: %+v, %v", trial, err)
			}
		})
	}
}

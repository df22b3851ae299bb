package harvest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// The standard of an address that nobody described is recognised, and the courses behind it are found.
func TestTrialRecognisesEveryStandard(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, 12, 1)
	for _, standard := range testserver.Standards {
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			s := testserver.New(testserver.Config{Standard: standard, Set: set, Base: "https://" + home})
			w := newWorld(t, func(w *world) {
				w.more = map[string]adapters.Adapter{"edu-api": eduapi.New(eduapi.Limits{}), "occapi": occapi.New(occapi.Limits{})}
				w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
					s.ServeHTTP(rw, r)
					return false
				}
			})
			announced := s.Source()
			trial, err := w.try(harvest.TrialRequest{Target: announced.Path, Provider: home, Limit: 5})
			if err != nil {
				t.Fatal(err)
			}
			got := trial.Sources[0]
			if got.Standard != announced.Type || got.Detected == "" || strings.TrimRight(got.Path, "/") != strings.TrimRight(announced.Path, "/") {
				t.Errorf("%s %s at %s (%s), announced %s at %s", got.Standard, got.Version, got.Path, got.Detected, announced.Type, announced.Path)
			}
			if version, _, _ := strings.Cut(announced.Version, "."); got.Standard != "elm" && !strings.HasPrefix(got.Version, version) {
				t.Errorf("version %q, announced %q", got.Version, announced.Version)
			}
			if got.Problem != nil || got.Courses != 5 || got.State != "limited" || len(got.Samples) != 5 || got.Samples[0].Title == nil || len(got.Requests) == 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

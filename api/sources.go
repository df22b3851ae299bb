package api

import (
	"fmt"
	"net/http"
	"time"

	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// Sources is what the node tells of the sources that it harvests.
type Sources interface {
	Sources(domain string) []harvest.SourceState
	Find(name string) (harvest.SourceState, error)
	Runs(source string, n int) ([]harvest.Run, error)
	RunLog(id string) (harvest.Run, bool)
}

type listSources struct {
	Domain string `query:"domain" doc:"Provider id"`
	Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"1000"`
	Cursor string `query:"cursor" maxLength:"20" doc:"From next"`
}

type oneSource struct {
	ID string `path:"id" doc:"Id of a source"`
}

type oneRun struct {
	ID string `path:"id" doc:"Id of a run"`
}

// runsShown of a source: a month of hourly ones.
const runsShown = 750

// sourceRoutes are there only on a node that harvests.
func (a *API) sourceRoutes() {
	if a.cfg.Sources == nil {
		return
	}
	get(a, route{path: "/v1/sources", id: "listSources", tag: "Sources", summary: "Sources that this node harvests", body: List[network.SourceSummary]{}},
		func(c *call, _ *listSources) (response, error) {
			return pageOf(a, c, a.sources(c.query.Get("domain"), false).Items)
		})
	get(a, route{path: "/v1/sources/{id}/runs", id: "listRuns", tag: "Sources", summary: "Runs of one source in the last 30 days, newest first", body: List[network.SourceRun]{}},
		func(c *call, _ *oneSource) (response, error) {
			runs, err := a.sourceRuns(c.id(), false)
			return response{value: runs, header: a.rootHeaders()}, err
		})
	get(a, route{path: "/v1/runs/{id}", id: "getRun", tag: "Sources", summary: "One run: state, times and counts", body: network.SourceRun{}},
		func(c *call, _ *oneRun) (response, error) {
			run, err := a.sourceRun(c.id(), false)
			return response{value: run}, err
		})
}

// privateSources serve the same addresses to the operator, with details and logs.
func (a *API) privateSources(mux *http.ServeMux) {
	if a.cfg.Sources == nil {
		return
	}
	serve := func(pattern string, of func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v, err := of(r)
			if err != nil {
				a.fail(w, r, err)
				return
			}
			reply(w, http.StatusOK, v)
		})
	}
	serve("GET /v1/sources", func(r *http.Request) (any, error) { return a.sources(r.URL.Query().Get("domain"), true), nil })
	serve("GET /v1/sources/{id}/runs", func(r *http.Request) (any, error) { return a.sourceRuns(r.PathValue("id"), true) })
	serve("GET /v1/runs/{id}", func(r *http.Request) (any, error) { return a.sourceRun(r.PathValue("id"), true) })
}

func (a *API) sources(domain string, details bool) List[network.SourceSummary] {
	out := []network.SourceSummary{}
	for _, s := range a.cfg.Sources.Sources(domain) {
		out = append(out, source(s, details))
	}
	return listOf(out)
}

func source(s harvest.SourceState, details bool) network.SourceSummary {
	out := network.SourceSummary{
		ID: s.ID(), Domain: s.Domain, Source: s.Spec.Key(), Name: s.Spec.Name, Standard: s.Spec.Type, Version: s.Spec.Version,
		Access: s.Spec.Auth.Type, State: s.State, Courses: s.Listed, Failures: s.Failures,
		Last: known(s.Last), Complete: known(s.Complete), Stale: known(s.Stale), Refresh: s.Interval().Hours(),
	}
	if out.State == "" {
		out.State = "new"
	}
	if out.Access == "" {
		out.Access = "none"
	}
	if details {
		out.Details = &network.SourceDetails{Path: s.Spec.Path, ByHand: s.ByHand, Problem: s.Problem}
	}
	return out
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (a *API) sourceRuns(name string, details bool) (List[network.SourceRun], error) {
	id := name
	if details { // people at the command line may name it as they like
		s, err := a.cfg.Sources.Find(name)
		if err != nil {
			return List[network.SourceRun]{}, err
		}
		id = s.ID()
	}
	runs, err := a.cfg.Sources.Runs(id, runsShown)
	if err != nil {
		return List[network.SourceRun]{}, inside(err)
	}
	out := []network.SourceRun{}
	for _, r := range runs {
		out = append(out, runOf(r, false))
	}
	if len(out) == 0 && !details {
		return List[network.SourceRun]{}, fmt.Errorf("%w: this node has no runs of a source with the id %q", errNotFound, clip(name, 200))
	}
	return listOf(out), nil
}

func (a *API) sourceRun(id string, details bool) (network.SourceRun, error) {
	r, ok := a.cfg.Sources.RunLog(id)
	if !ok {
		return network.SourceRun{}, fmt.Errorf("%w: no run has the id %q; they are kept for 30 days", errNotFound, clip(id, 200))
	}
	return runOf(r, details), nil
}

func runOf(r harvest.Run, details bool) network.SourceRun {
	out := network.SourceRun{
		ID: r.ID, Source: harvest.SourceID(r.Domain, r.Source), Domain: r.Domain, State: r.State, Started: r.Started.UTC(), Ended: r.Ended.UTC(),
		Counts: network.RunCounts{
			Requests: r.Asked, Unchanged: r.Same, Fetched: r.Report.Fetched, New: r.Report.New, Changed: r.Report.Changed,
			Withdrawn: r.Report.Withdrawn, Rejected: r.Report.Rejected, Findings: r.Report.Findings, Persons: r.Report.Removed,
		},
	}
	if out.Quality = r.Report.Quality; out.Quality != nil && !details {
		counts := out.Quality.Counts()
		out.Quality = &counts
	}
	if details {
		out.Log = &network.RunLog{Name: r.Source, Problem: r.Problem, Errors: entries(r.Report.Errors), Findings: entries(r.Report.Notes)}
	}
	return out
}

func entries(problems []harvest.Problem) []network.RunEntry {
	out := make([]network.RunEntry, len(problems))
	for i, p := range problems {
		out[i] = network.RunEntry(p)
	}
	return out
}

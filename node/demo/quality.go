package demo

import (
	"context"
	"fmt"

	"github.com/coursemesh/coursemesh/federation/harvest"
	"golang.org/x/sync/errgroup"
)

// Quality is what the node that harvests an institution finds in its source, for those who maintain it.
type Quality struct {
	Courses      int               `json:"courses"` // that can be used, programmes included
	Rejected     int               `json:"rejected"`
	Completeness float64           `json:"completeness"` // share of the facts that learners look for which its courses state
	Stated       map[string]int    `json:"stated"`       // courses that state a fact, by fact
	Findings     []harvest.Finding `json:"findings"`     // each with the field and the fix in the source's own terms
}

// inspect lets each node read the sources of its institutions once more, as `source test` does, and tells what is
// to be mended.
func (f *federation) inspect(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(len(f.nodes))
	for i := range f.result.Institutions {
		inst := &f.result.Institutions[i]
		if inst.Version == "" {
			continue
		}
		g.Go(func() (err error) {
			inst.Quality, err = f.quality(ctx, inst.Domain)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, inst := range f.result.Institutions {
		f.report(inst)
	}
	return nil
}

func (f *federation) quality(ctx context.Context, domain string) (*Quality, error) {
	var trial harvest.Trial
	if err := f.reads[domain].Command(ctx, &trial, "source", "test", domain, "--limit", "0"); err != nil {
		return nil, err
	}
	q := &Quality{Stated: map[string]int{}, Findings: []harvest.Finding{}}
	for _, s := range trial.Sources {
		q.Courses += s.Courses
		q.Rejected += s.Rejected
		q.Findings = append(q.Findings, s.Findings...)
		for fact, n := range s.Stated {
			q.Stated[fact] += n
		}
	}
	sum := 0
	for _, n := range q.Stated {
		sum += n
	}
	if q.Courses > 0 {
		q.Completeness = float64(sum) / float64(q.Courses*len(harvest.Facts()))
	}
	return q, nil
}

// report tells one institution's quality.
func (f *federation) report(inst InstitutionResult) {
	q := inst.Quality
	if q == nil {
		f.opts.Tell("%s: nothing can be read, so nothing can be said of its courses", inst.Name)
		return
	}
	f.opts.Tell("%s (%s %s): %d courses state %.0f %% of what learners look for; %s", inst.Name, inst.Standard, inst.Version,
		q.Courses, 100*q.Completeness, plural(len(q.Findings), "thing to mend", "things to mend"))
	for _, finding := range q.Findings {
		f.opts.Tell("    %s, %s: %s. Fix: %s", finding.Severity, plural(finding.Count, "time", "times"), finding.Message, finding.Fix)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

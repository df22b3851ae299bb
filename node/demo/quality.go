package demo

import (
	"context"
	"fmt"

	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"golang.org/x/sync/errgroup"
)

// Quality is what the node that harvests an institution finds in its source, for those who maintain it.
type Quality struct {
	Courses      int               `json:"courses"`      // that can be used, programmes included
	Rejected     int               `json:"rejected"`     // that cannot
	Conforming   int               `json:"conforming"`   // to the application profile
	Completeness int               `json:"completeness"` // percent of what learners look for that is stated, as courses have it
	Missing      []profile.Missed  `json:"missing"`      // what is not stated, and by how many courses
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
	q := &Quality{Findings: []harvest.Finding{}, Missing: []profile.Missed{}}
	for _, s := range trial.Sources { // the samples have one each
		q.Courses += s.Courses
		q.Rejected += s.Rejected
		q.Findings = append(q.Findings, s.Findings...)
		if s.Quality != nil {
			q.Conforming, q.Completeness, q.Missing = s.Quality.Conforming, s.Quality.Completeness, s.Quality.Missing
		}
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
	mend := 0
	for _, finding := range q.Findings {
		if finding.Severity != profile.Info {
			mend++
		}
	}
	f.opts.Tell("%s (%s %s): %d courses, %d of which conform to the profile; %d %% of what learners look for is stated; %s", inst.Name, inst.Standard, inst.Version,
		q.Courses, q.Conforming, q.Completeness, plural(mend, "thing to mend", "things to mend"))
	for _, finding := range q.Findings {
		if finding.Severity == profile.Info {
			f.opts.Tell("    %s: %s", finding.Severity, finding.Message)
			continue
		}
		f.opts.Tell("    %s, %s: %s. Fix: %s\n        first at %s", finding.Severity, plural(finding.Count, "time", "times"), finding.Message, finding.Fix, finding.Where)
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

package authority

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// ShowsEvidence says that the domain is known, so that its manifest counts as evidence.
func (a *Authority) ShowsEvidence(domain string) bool {
	_, ok := a.roster.Load().domains[domain]
	return ok
}

// Run checks every known domain at once and then hourly, until ctx ends. Domains that showed a manifest have a round
// of their own, so that those that never answer keep nobody waiting.
func (a *Authority) Run(ctx context.Context) error {
	showed := func(e Evidence) bool { return e.URL != "" }
	var g errgroup.Group
	g.Go(func() error { return a.rounds(ctx, showed) })
	g.Go(func() error { return a.rounds(ctx, func(e Evidence) bool { return !showed(e) }) })
	g.Go(func() error { return a.newcomers(ctx) })
	return g.Wait()
}

// newcomers checks domains that became known meanwhile, without waiting for a round.
func (a *Authority) newcomers(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-a.learnt:
			a.checkThose(ctx, func(e Evidence) bool { return e.Checked.IsZero() })
		}
	}
}

func (a *Authority) rounds(ctx context.Context, of func(Evidence) bool) error {
	for {
		a.checkThose(ctx, of)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(checkEvery - rand.N(jitter)):
		}
	}
}

// CheckAll checks the evidence of every known domain, several at a time.
func (a *Authority) CheckAll(ctx context.Context) {
	a.checkThose(ctx, func(Evidence) bool { return true })
}

func (a *Authority) checkThose(ctx context.Context, of func(Evidence) bool) {
	var g errgroup.Group
	g.SetLimit(checkers)
	for _, p := range sorted(a.roster.Load().domains) {
		if held, _ := a.Evidence(p.ID); ctx.Err() != nil || !of(held) {
			continue
		}
		g.Go(func() error {
			if _, err := a.Check(ctx, p.ID); err != nil && ctx.Err() == nil {
				a.cfg.Log.Debug("evidence not obtained", "domain", p.ID, "error", err)
			}
			return nil
		})
	}
	_ = g.Wait()
}

// AtRisk lists evidence of manifests that cannot be read now: what they said counts for a time only, or no longer.
func (a *Authority) AtRisk() []Evidence {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []Evidence
	for _, e := range a.evidence {
		if e.URL != "" && !e.Failing.IsZero() {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(x, y Evidence) int { return cmp.Compare(x.Domain, y.Domain) })
	return out
}

// alert tells the operator once that evidence is at risk, and once that it is lost or good again.
func (a *Authority) alert(old, now Evidence) {
	switch {
	case now.Spent && !old.Spent && (old.Publishers != nil || old.Delegates != nil):
		a.cfg.Log.Error("evidence no longer counts", "domain", now.Domain, "failing_since", now.Failing, "problem", now.Problem)
	case old.URL != "" && !now.Failing.IsZero() && old.Failing.IsZero():
		a.cfg.Log.Warn("evidence not obtained; what is held still counts", "domain", now.Domain, "until", now.Expires(), "problem", now.Problem)
	case old.URL != "" && now.Failing.IsZero() && !old.Failing.IsZero():
		a.cfg.Log.Info("evidence obtained again", "domain", now.Domain, "url", now.URL)
	}
}

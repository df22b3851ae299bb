package harvest

import (
	"context"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	documentsHeld  = 4 // whole documents that are parsed at a time
	defaultRefresh = 24 * time.Hour
	minRefresh     = time.Hour
	retryAfter     = time.Hour // after a failed harvest, doubled while it goes on failing
	jitter         = 10        // up to a tenth later, so that nodes do not come all at once
)

// Run harvests the configured domains by their refresh times, until ctx ends.
func (h *Harvester) Run(ctx context.Context) error {
	var g errgroup.Group
	slots := newSlots(h.cfg.Patience)
	for _, domain := range h.cfg.Domains {
		g.Go(func() error { return h.schedule(ctx, domain, slots) })
	}
	g.Go(func() error { return h.watch(ctx) })
	g.Go(func() error { return h.tidy(ctx) })
	return g.Wait()
}

func (h *Harvester) schedule(ctx context.Context, domain string, slots *slots) error {
	for pause := h.remaining(domain); ; pause = later(pause) {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
		slots.do(ctx, func() { pause = h.harvestDue(ctx, domain) })
	}
}

// harvestDue harvests a domain and says how long to leave it alone.
func (h *Harvester) harvestDue(ctx context.Context, domain string) time.Duration {
	report, err := h.Domain(ctx, domain, Options{Scheduled: true})
	pause := h.refresh(domain)
	if err != nil {
		pause = min(pause, retryAfter)
		h.cfg.Log.Warn("harvest failed", "domain", domain, "error", err, "again_in", pause)
		return pause
	}
	h.cfg.Log.Info("harvested", "domain", domain, "fetched", report.Fetched, "new", report.New,
		"changed", report.Changed, "withdrawn", report.Withdrawn, "rejected", report.Rejected)
	return pause
}

func later(pause time.Duration) time.Duration { return pause + rand.N(pause/jitter+1) }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// refresh is how long a domain may be left alone: until the first of its sources is due again.
func (h *Harvester) refresh(domain string) time.Duration {
	pause := defaultRefresh
	for _, s := range h.Sources(domain) {
		pause = min(pause, s.Interval())
	}
	return pause
}

// Interval between two scheduled runs of a source: what its manifest asks, a day by default. After failures it
// is asked again sooner, but never more often than hourly.
func (s SourceState) Interval() time.Duration {
	asked := time.Duration(s.Spec.Refresh * float64(time.Hour))
	if asked <= 0 {
		asked = defaultRefresh
	}
	asked = max(asked, minRefresh)
	if s.Failures > 0 {
		return min(asked, retryAfter<<min(s.Failures-1, 8))
	}
	return asked
}

// due says that a source may be asked again.
func (h *Harvester) due(s SourceState) bool {
	return s.Last.IsZero() || h.cfg.Now().Sub(s.Last) >= s.Interval()
}

// remaining is how long a domain that was harvested before a restart is left alone still.
func (h *Harvester) remaining(domain string) time.Duration {
	var last time.Time
	for _, s := range h.Sources(domain) {
		if s.Last.IsZero() {
			return 0
		}
		if last.IsZero() || s.Last.Before(last) {
			last = s.Last
		}
	}
	if last.IsZero() {
		return 0
	}
	return max(0, h.refresh(domain)-h.cfg.Now().Sub(last))
}

// tidy forgets old runs and snapshots once a day, also of sources that are no longer there.
func (h *Harvester) tidy(ctx context.Context) error {
	for {
		if err := h.forgetRuns(""); err != nil {
			h.cfg.Log.Warn("old runs not removed", "error", err)
		}
		if err := h.pruneSnapshots(); err != nil {
			h.cfg.Log.Warn("old snapshots not removed", "error", err)
		}
		if err := sleep(ctx, 24*time.Hour); err != nil {
			return err
		}
	}
}

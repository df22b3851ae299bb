package harvest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation/store"
)

const (
	failuresCount = 3   // failed runs that count as a finished listing
	guardShare    = 0.3 // the loss guard: more than this share
	guardRecords  = 50  // and more than this many records
)

// conclude withdraws after a complete listing, and keeps the source's state and the run's log.
func (r *run) conclude(outcome error) error {
	s := &r.state
	s.Last, s.Problem = r.started, ""
	switch {
	case outcome == nil:
		s.State = "complete"
		if err := r.complete(); err != nil {
			return err
		}
	case errors.Is(outcome, adapters.ErrUnchanged):
		s.State, s.Failures, s.Complete = "unchanged", 0, r.started
	case errors.Is(outcome, access.ErrElsewhere):
		s.State = "elsewhere"
		s.Failures++ // so that sources which the domain shares out among nodes count as finished, too
		s.Finished = s.Finished || s.Failures >= failuresCount
	default:
		s.State, s.Problem = "incomplete", outcome.Error()
		s.Failures++
		s.Finished = s.Finished || s.Failures >= failuresCount
		r.report.fail(r.failure(outcome))
	}
	r.opts.tell(Event{Domain: s.Domain, Source: s.Spec.Key(), Done: r.report.Fetched, Message: s.State})
	if err := r.h.sources.Put(sourceKey(s.Domain, s.Spec.Key()), *s); err != nil {
		return err
	}
	id := runID(s.Domain, s.Spec.Key(), r.started)
	return r.h.runs.Put(id, Run{
		ID: id, Domain: s.Domain, Source: s.Spec.Key(), State: s.State, Problem: s.Problem,
		Started: r.started, Ended: r.h.cfg.Now(), Report: r.report,
	})
}

// failure is what the publisher reads of a run that ended early.
func (r *run) failure(outcome error) Problem {
	p := Problem{Where: r.place(r.state.Spec.Path), Message: r.place(outcome.Error()), Fix: "mend the source and harvest again; its courses stay until then"}
	if refused := (*access.Refusal)(nil); errors.As(outcome, &refused) {
		p.Message, p.Fix = refused.Where+": "+refused.Message, refused.Fix
	}
	return p
}

// complete withdraws what the listing no longer holds, unless the loss guard waits for approval.
func (r *run) complete() error {
	key := sourceKey(r.state.Domain, r.state.Spec.Key())
	gone, err := r.gone(key)
	if err != nil {
		return err
	}
	before := len(r.owners.listed(key))
	if !r.opts.AllowLoss && len(gone) > guardRecords && float64(len(gone)) > guardShare*float64(before) {
		r.state.State = "held"
		r.report.fail(Problem{
			Where: r.place(r.state.Spec.Path), Message: fmt.Sprintf("%d of %d courses are missing: withdrawal waits for approval", len(gone), before),
			Fix: "if that is right, harvest again with --allow-loss",
		})
		return nil
	}
	for _, k := range gone {
		r.drafts[k] = draft{}
		r.report.Withdrawn++
	}
	r.state.Finished, r.state.Failures, r.state.Complete = true, 0, r.started
	r.state.Mapping = r.mapping()
	r.state.ETag, r.state.Modified = r.fetched.validators()
	for _, k := range r.owners.listed(key) {
		if r.listed(k) {
			r.seen[k] = true
		}
	}
	keys := slices.Sorted(maps.Keys(r.seen))
	return r.h.listings.Put(key, listing{Domain: r.state.Domain, Order: r.state.Order, Keys: keys})
}

// gone lists keys this source listed before and no longer does, that no other source lists.
func (r *run) gone(source string) ([]string, error) {
	var out []string
	for _, k := range r.owners.listed(source) {
		if r.listed(k) || r.owners.others(k, source) {
			continue
		}
		if d, ok := r.drafts[k]; ok && d.cid.Defined() {
			continue
		}
		_, err := r.h.cfg.DB.Entry(r.h.self, k)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

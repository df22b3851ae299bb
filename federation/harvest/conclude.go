package harvest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation/store"
)

const (
	failuresCount = 3   // failed runs that count as a finished listing
	guardShare    = 0.3 // the loss guard: more than this share
	guardRecords  = 50  // and more than this many records
	emptyListings = 2   // complete listings of nothing in a row that withdraw everything
)

// conclude withdraws after a complete listing, and keeps the source's state and the run's log.
func (r *run) conclude(outcome error) error {
	s := &r.state
	s.Last, s.Problem = r.started, ""
	switch {
	case outcome == nil:
		s.State = "complete"
		r.barren()
		if err := r.complete(); err != nil {
			return err
		}
	case errors.Is(outcome, adapters.ErrUnchanged):
		s.State, s.Failures, s.Empty, s.Doubted, s.Complete = "unchanged", 0, 0, 0, r.started
	case errors.Is(outcome, access.ErrElsewhere):
		s.State = "elsewhere"
		s.Failures++ // so that sources which the domain shares out among nodes count as finished, too
		s.Finished = s.Finished || s.Failures >= failuresCount
	default:
		s.State, s.Problem = "incomplete", outcome.Error()
		s.Failures++
		s.Finished = s.Finished || s.Failures >= failuresCount
		if s.Complete.IsZero() {
			s.Listed = max(s.Listed, len(r.seen)) // what is known of it, while no listing was complete
		}
		r.report.fail(r.failure(outcome))
	}
	r.opts.tell(Event{Domain: s.Domain, Source: s.Spec.Key(), Done: r.report.Fetched, Message: s.State})
	if err := r.h.sources.Put(sourceKey(s.Domain, s.Spec.Key()), *s); err != nil {
		return err
	}
	r.report.Quality = r.quality()
	log := Run{
		ID: runID(s.ID(), r.started), Domain: s.Domain, Source: s.Spec.Key(), State: s.State, Problem: s.Problem,
		Started: r.started, Ended: r.h.cfg.Now(), Report: r.report,
	}
	if r.answers != nil {
		log.Asked, log.Same = r.answers.asked, r.answers.same
	}
	return r.h.log(log)
}

// failure is what the publisher reads of a run that ended early.
func (r *run) failure(outcome error) Problem {
	const until = "harvest again; its courses stay until then"
	where := r.place(r.state.Spec.Path)
	p := Problem{Where: where, Fix: "mend the source and " + until}
	var unreadable *adapters.DocumentError
	var refused *access.Refusal
	var status *adapters.StatusError
	switch {
	case errors.As(outcome, &unreadable):
		p.Where, p.Message, p.Fix = r.place(unreadable.Where), unreadable.Message, unreadable.Fix+", then "+until
	case errors.As(outcome, &refused):
		p.Message, p.Fix = refused.Where+": "+refused.Message, refused.Fix
	default:
		if errors.As(outcome, &status) && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden) {
			p.Fix = "check auth in the manifest and its secret, or let this node in, then " + until
		}
		p.Message = r.place(outcome.Error())
		for rest, again := strings.CutPrefix(p.Message, where+": "); again; rest, again = strings.CutPrefix(rest, where+": ") {
			p.Message = rest // the place is said once
		}
	}
	return p
}

// complete withdraws what the listing no longer holds, unless that needs approval or a second look.
func (r *run) complete() error {
	key := sourceKey(r.state.Domain, r.state.Spec.Key())
	gone, err := r.gone(key)
	if err != nil {
		return err
	}
	if doubt := r.doubts(len(gone)); doubt != nil {
		r.state.State = "held"
		r.report.fail(*doubt)
		return nil
	}
	for _, k := range gone {
		r.drafts[k] = draft{}
		r.report.Withdrawn++
	}
	if err := r.handOver(key); err != nil {
		return err
	}
	for _, k := range r.before {
		if r.listed(k) {
			r.seen[k] = true
		}
	}
	s := &r.state
	s.Finished, s.Failures, s.Complete, s.Empty, s.Listed = true, 0, r.started, 0, len(r.seen)
	s.Nameless, s.Doubted = r.nameless, 0
	s.Basis, s.Mappings = r.basis(), slices.Sorted(maps.Keys(r.mapped))
	switch {
	case r.delayed > 0:
		s.Basis = "" // so that the next run looks at them again
	case r.answers != nil && r.answers.asBefore():
		s.State = "unchanged"
	}
	if r.answers != nil {
		if err := r.answers.settle(); err != nil {
			return err
		}
	}
	keys := slices.Sorted(maps.Keys(r.seen))
	return r.owners.put(key, listing{Domain: s.Domain, Order: s.Order, Keys: keys})
}

// doubts is why a complete listing is not acted on yet: it lost too much (the loss guard), what it lost may be
// among the entries that lost their identity, or it suddenly holds nothing, which a server that lost its database
// says just as politely.
func (r *run) doubts(gone int) *Problem {
	before := len(r.before)
	fix := "if that is right, harvest again with --allow-loss"
	switch {
	case r.opts.AllowLoss:
		return nil
	case gone > guardRecords && float64(gone) > guardShare*float64(before):
		return &Problem{Where: r.place(r.state.Spec.Path), Message: fmt.Sprintf("%d of %d courses are missing: withdrawal waits for approval", gone, before), Fix: fix}
	case gone > 0 && r.nameless > max(r.state.Nameless, r.state.Doubted):
		r.state.Doubted = r.nameless
		return &Problem{
			Where:   r.place(r.state.Spec.Path),
			Message: fmt.Sprintf("%d entries have no identity, and %d courses listed before are missing, which may be the same: the next run withdraws them if nothing has changed", r.nameless, gone),
			Fix:     "give every entry the id that it had; " + fix,
		}
	case len(r.seen)+len(r.broken) > 0 || gone == 0:
		return nil
	}
	if r.state.Empty++; r.state.Empty >= emptyListings {
		return nil
	}
	return &Problem{
		Where:   r.place(r.state.Spec.Path),
		Message: fmt.Sprintf("the source lists nothing, and %d courses before: the next run withdraws them if it still does", before),
		Fix:     "list the courses again; " + fix,
	}
}

// handOver lets the other sources that list what this one has let go of be read anew, so that theirs counts now.
func (r *run) handOver(source string) error {
	for _, k := range r.before {
		if r.listed(k) {
			continue
		}
		for _, other := range r.owners.of(k) {
			if other == source {
				continue
			}
			state, err := r.h.sources.Get(other)
			if err != nil || state.Basis == "" {
				continue
			}
			state.Basis = ""
			if err := r.h.sources.Put(other, state); err != nil {
				return err
			}
		}
	}
	return nil
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

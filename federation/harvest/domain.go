package harvest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Domain finds the manifest of a provider, harvests its sources and publishes what changed.
// The report holds what was achieved also when an error is returned.
func (h *Harvester) Domain(ctx context.Context, domain string, opts Options) (Report, error) {
	report, err := h.domain(ctx, domain, opts)
	h.unlisted(&report)
	return report, err
}

// domain leaves it to the caller to tell what the head has no place for.
func (h *Harvester) domain(ctx context.Context, domain string, opts Options) (Report, error) {
	defer h.lock(domain)()
	h.cfg.Evidence(ctx, domain)
	found, known, err := h.discover(ctx, domain, opts)
	if err != nil {
		return Report{}, err
	}
	if found.Manifest == nil {
		return h.missing(ctx, known)
	}
	opts.tell(Event{Domain: domain, Message: "manifest found at " + found.ManifestURL})
	a := announcement{domain: domain, manifest: *found.Manifest}
	a.manifest.Withdrawn = a.manifest.Withdrawn && !byDNS(found)
	return h.manifest(ctx, a, opts)
}

// announcement is a manifest and the provider id from which it was found.
type announcement struct {
	domain   string
	manifest federation.Manifest
	local    map[string]string // source key -> local file it is read from
	partial  bool              // given by hand: says nothing about sources it does not name
}

// manifest harvests every announced source in order, then publishes one head.
func (h *Harvester) manifest(ctx context.Context, a announcement, opts Options) (Report, error) {
	report := Report{Errors: []Problem{}}
	if err := h.pruneSnapshots(); err != nil {
		h.cfg.Log.Warn("old snapshots not removed", "error", err)
	}
	for _, p := range a.manifest.Problems {
		report.note(Problem{Where: "manifest " + p.Where, Message: p.Message, Fix: p.Fix})
	}
	drafts := map[string]draft{}
	if a.manifest.Withdrawn {
		a.manifest.Sources = nil
	}
	if err := h.runAll(ctx, a, drafts, opts, &report); err != nil {
		return report, err
	}
	if opts.Source != "" {
		a.partial = true
	}
	if !a.partial && (a.manifest.LeftOut == 0 || a.manifest.Withdrawn) { // a misspelt source has not left
		if err := h.leave(ctx, a, drafts, &report); err != nil {
			return report, err
		}
	}
	return h.close(ctx, a.domain, drafts, report)
}

// runAll runs the sources in the order of the manifest.
func (h *Harvester) runAll(ctx context.Context, a announcement, drafts map[string]draft, opts Options, report *Report) error {
	ran := false
	for i, spec := range a.manifest.Sources {
		state, err := h.announced(a, i, spec)
		if err != nil {
			return err
		}
		if opts.Source != "" && opts.Source != spec.Key() || opts.Scheduled && !h.due(state) {
			continue
		}
		ran = true
		r := &run{h: h, state: state, spec: spec, opts: opts, drafts: drafts, file: a.local[spec.Key()]}
		if err := r.execute(ctx); err != nil {
			return err
		}
		report.add(r.report)
	}
	if opts.Source != "" && !ran {
		return fmt.Errorf("source %s of %s %w: the manifest does not name it", opts.Source, a.domain, store.ErrNotFound)
	}
	return nil
}

func (h *Harvester) close(ctx context.Context, domain string, drafts map[string]draft, report Report) (Report, error) {
	head, err := h.publish(ctx, drafts)
	if err == nil && h.leftOut(domain, head) {
		report.Unlisted = append(report.Unlisted, domain)
	}
	if head.CID.Defined() {
		report.Head = head.CID.String()
	}
	return report, err
}

// announced brings the state of a source up to date with its manifest.
func (h *Harvester) announced(a announcement, order int, spec federation.ManifestSource) (SourceState, error) {
	key := sourceKey(a.domain, spec.Key())
	state, _ := h.sources.Get(key) // absent: the zero state
	if state.Publisher != h.self { // what another key listed completely, this one has not
		state.Publisher, state.Finished, state.Failures = h.self, false, 0
	}
	state.Domain, state.Order, state.Spec, state.Absent, state.ByHand = a.domain, order, access.Redacted(spec), 0, a.partial
	state.Stale = time.Time{} // its manifest was read
	return state, h.sources.Put(key, state)
}

// absentChecks is how many manifests in a row must lack a source before its courses are withdrawn.
const absentChecks = 2

// leave withdraws what belongs to sources that the manifest no longer names: after one further check,
// at once when the institution withdrew everything.
func (h *Harvester) leave(ctx context.Context, a announcement, drafts map[string]draft, report *Report) error {
	named := map[string]bool{}
	for _, spec := range a.manifest.Sources {
		named[spec.Key()] = true
	}
	for _, state := range h.Sources(a.domain) {
		if named[state.Spec.Key()] {
			continue
		}
		if state.Absent++; state.Absent < absentChecks && !a.manifest.Withdrawn {
			if err := h.sources.Put(sourceKey(a.domain, state.Spec.Key()), state); err != nil {
				return err
			}
			continue
		}
		if err := h.drop(state, drafts, report); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// drop withdraws everything a source owns and forgets the source.
func (h *Harvester) drop(state SourceState, drafts map[string]draft, report *Report) error {
	owners := h.owners()
	key := sourceKey(state.Domain, state.Spec.Key())
	for _, k := range owners.listed(key) {
		if owners.others(k, key) {
			continue
		}
		if _, err := h.cfg.DB.Entry(h.self, k); err == nil {
			drafts[k] = draft{}
			report.Withdrawn++
		}
	}
	return errors.Join(owners.drop(key), h.sources.Delete(key), h.memory(key).forget())
}

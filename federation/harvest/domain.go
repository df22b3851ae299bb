package harvest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/federation"
)

// ErrNoManifest says that no domain of the search order announces sources; the discovery tells why.
var ErrNoManifest = errors.New("no manifest found")

// Domain finds the manifest of a provider, harvests its sources and publishes what changed.
// The report holds what was achieved also when an error is returned.
func (h *Harvester) Domain(ctx context.Context, domain string, opts Options) (Report, error) {
	defer h.lock(domain)()
	h.cfg.Evidence(ctx, domain)
	found, err := h.discover(ctx, domain, opts.Website)
	if err != nil {
		return Report{}, err
	}
	if found.Manifest == nil {
		return Report{}, noManifest(domain)
	}
	opts.tell(Event{Domain: domain, Message: "manifest found at " + found.ManifestURL})
	return h.manifest(ctx, announcement{domain: domain, manifest: *found.Manifest}, opts)
}

func noManifest(domain string) error {
	return fmt.Errorf("%s: %w; `coursemesh discover %s` lists every place tried and the reason", domain, ErrNoManifest, domain)
}

// Discover searches a provider's manifest and remembers every probe. Only a cancelled search is an error.
// The manifest is without its secrets.
func (h *Harvester) Discover(ctx context.Context, domain, website string) (discovery.Result, error) {
	found, err := h.discover(ctx, domain, website)
	return redacted(found), err
}

// redacted is a result fit to be stored and shown.
func redacted(found discovery.Result) discovery.Result {
	if found.Manifest != nil {
		m := access.RedactedManifest(*found.Manifest)
		found.Manifest = &m
	}
	return found
}

func (h *Harvester) discover(ctx context.Context, domain, website string) (discovery.Result, error) {
	if known, ok := h.cfg.Known(domain); ok && website == "" {
		website = known.Website
	}
	found, err := discovery.Search(ctx, h.cfg.Fetch, domain, website)
	if err != nil {
		return found, err
	}
	d := Discovery{Result: redacted(found), Checked: h.cfg.Now()}
	if found.Manifest == nil {
		d.Problem = ErrNoManifest.Error()
	} else {
		d.Manifest = found.Manifest.Problems
	}
	return found, h.discoveries.Put(domain, d)
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
	for i, spec := range a.manifest.Sources {
		state, err := h.announced(a.domain, i, spec)
		if err != nil {
			return report, err
		}
		r := &run{h: h, state: state, spec: spec, opts: opts, drafts: drafts, file: a.local[spec.Key()], report: Report{}}
		if err := r.execute(ctx); err != nil {
			return report, err
		}
		report.add(r.report)
	}
	if !a.partial && (a.manifest.LeftOut == 0 || a.manifest.Withdrawn) { // a misspelt source has not left
		if err := h.leave(ctx, a, drafts, &report); err != nil {
			return report, err
		}
	}
	return h.close(ctx, drafts, report)
}

func (h *Harvester) close(ctx context.Context, drafts map[string]draft, report Report) (Report, error) {
	head, err := h.publish(ctx, drafts)
	if head.CID.Defined() {
		report.Head = head.CID.String()
	}
	return report, err
}

// announced brings the state of a source up to date with its manifest.
func (h *Harvester) announced(domain string, order int, spec federation.ManifestSource) (SourceState, error) {
	key := sourceKey(domain, spec.Key())
	state, _ := h.sources.Get(key) // absent: the zero state
	state.Domain, state.Order, state.Spec, state.Absent = domain, order, access.Redacted(spec), 0
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
	owners, err := h.owners()
	if err != nil {
		return err
	}
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
	return errors.Join(h.listings.Delete(key), h.sources.Delete(key), h.memory(key).forget())
}

// runID sorts by domain, source and time.
func runID(domain, source string, started time.Time) string {
	return fmt.Sprintf("%s|%s|%020d", domain, source, started.UnixNano())
}

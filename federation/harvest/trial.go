package harvest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/store"
)

// TrialRequest asks what a source holds: of a DOMAIN or a manifest every source, of a data file or URL that one.
type TrialRequest struct {
	Target   string         `json:"target"`
	Provider string         `json:"provider,omitempty"` // for whom it would speak; default the domain of the address
	Website  string         `json:"website,omitempty"`
	Source   map[string]any `json:"source,omitempty"` // keys of a manifest's source beside path: type, version, auth, headers, ...
	Limit    int            `json:"limit,omitempty"`  // courses read of each source; 0: all
}

// Trial is what a reading of sources found. Nothing of it was kept.
type Trial struct {
	Target   string        `json:"target"`
	Provider string        `json:"provider"`
	Manifest string        `json:"manifest,omitempty"` // where the sources are announced
	Problems []Problem     `json:"manifest_problems"`
	Sources  []SourceTrial `json:"sources"`
}

// nobody is the provider of a file that does not say for whom it speaks.
const nobody = "unknown.invalid"

// Try reads sources as a harvest would and keeps nothing: no record, no head, no snapshot, no state.
// A source that cannot be read is no error; its trial says why.
func (h *Harvester) Try(ctx context.Context, q TrialRequest, progress func(Event)) (Trial, error) {
	trial := Trial{Target: q.Target, Problems: []Problem{}, Sources: []SourceTrial{}}
	if len(q.Source) > 0 && !isURL(q.Target) {
		return trial, fmt.Errorf("%s %w so: type, access and the like are said of a URL; a manifest says them itself, and a file is ELM", q.Target, ErrTarget)
	}
	a, reason, err := h.tried(ctx, q, &trial)
	if err != nil {
		return trial, err
	}
	trial.Provider = a.domain
	for _, p := range a.manifest.Problems {
		trial.Problems = append(trial.Problems, Problem{Where: "manifest " + p.Where, Message: p.Message, Fix: p.Fix})
	}
	gate := h.gate(h.bound)
	for i, spec := range a.manifest.Sources {
		r := &run{
			h: h, spec: spec, opts: Options{Progress: progress}, file: a.local[spec.Key()], broken: map[string]bool{},
			state: SourceState{Domain: a.domain, Order: i, Spec: access.Redacted(spec)},
			trial: newSourceTrial(spec, reason),
		}
		r.trial.Path = r.place(spec.Path)
		r.try(ctx, gate, q.Limit)
		if ctx.Err() != nil {
			return trial, ctx.Err()
		}
		trial.Sources = append(trial.Sources, *r.trial)
	}
	return trial, nil
}

// bound is who used a ciphertext first, as far as anybody did.
func (h *Harvester) bound(ciphertext []byte, to access.Binding) (access.Binding, error) {
	salt, err := h.salts.Get(saltName)
	if errors.Is(err, store.ErrNotFound) {
		return to, nil
	}
	if err != nil {
		return to, err
	}
	first, err := h.bindings.Get(bindingName(salt, ciphertext))
	if errors.Is(err, store.ErrNotFound) {
		return to, nil
	}
	return first.Binding, err
}

// try reads one source into its trial.
func (r *run) try(ctx context.Context, gate *access.Gate, limit int) {
	t, started := r.trial, time.Now()
	defer func() { t.Seconds = time.Since(started).Seconds() }()
	adapter, err := r.enter(gate)
	if err == nil {
		err = r.items(ctx, adapter, func(item adapters.Item) error { return r.weigh(item, cmp.Or(item.Mapping, adapter.Mapping()), limit) })
	}
	if err == nil {
		r.barren()
	}
	r.gather()
	t.Quality = r.quality()
	t.conclude()
	t.Removed, t.Rejected = r.report.Removed, r.report.Rejected
	switch {
	case err == nil:
		t.State = "complete"
	case errors.Is(err, errLimit):
		t.State = "limited"
	case errors.Is(err, access.ErrElsewhere):
		t.State = "elsewhere"
	default:
		t.State = "incomplete"
		problem := r.failure(err)
		t.Problem = &problem
	}
}

var errLimit = errors.New("enough")

// weigh judges an item as a run would.
func (r *run) weigh(item adapters.Item, mapping string, limit int) error {
	t := r.trial
	if item.Deleted {
		t.Deleted++
		return nil
	}
	if limit > 0 && r.report.Fetched >= limit {
		return errLimit
	}
	if r.report.Fetched++; r.report.Fetched%10 == 0 {
		r.opts.tell(Event{Domain: r.state.Domain, Source: r.state.Spec.Key(), Done: r.report.Fetched})
	}
	for _, n := range item.Notes {
		r.report.note(r.finding(item, n))
	}
	r.judge(item)
	record, problem := r.statement(item, mapping)
	if problem != nil {
		r.reject(*problem)
	} else if err := t.count(record, item.Where); err != nil {
		return err
	}
	r.gather()
	return nil
}

// gather moves what was noted to the trial, where the same finding is kept once.
func (r *run) gather() {
	for _, p := range r.report.Errors {
		r.trial.find(lost, p)
	}
	for _, p := range r.report.Notes {
		r.trial.find(cmp.Or(p.Severity, profile.Warning), p)
	}
	r.report.Errors, r.report.Notes = nil, nil
}

// counted counts the bytes and requests of a trial.
func (t *SourceTrial) counted(address string, body io.ReadCloser) io.ReadCloser {
	t.Requests[place(t.Path, address)]++
	return &counting{body, &t.Bytes}
}

type counting struct {
	io.ReadCloser
	n *int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	*c.n += int64(n)
	return n, err
}

// place is an address below the source's root, ids left out: courses, courses/*/offerings.
func place(root, address string) string {
	root, _, _ = strings.Cut(root, "?")
	address, _, _ = strings.Cut(address, "?")
	rest, below := strings.CutPrefix(address, strings.TrimRight(root, "/"))
	rest = strings.Trim(rest, "/")
	if !below || rest == "" {
		return "/"
	}
	segments := strings.Split(rest, "/")
	for i := 1; i < len(segments); i += 2 {
		segments[i] = "*"
	}
	return strings.Join(segments, "/")
}

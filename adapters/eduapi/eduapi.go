// Package eduapi reads Edu-API 1.0 of 1EdTech and maps its course and collection templates, with their
// offerings and components, to course graphs.
//
// A run first brings a mirror of the server's collections up to date: all of them anew, or, where the server proves
// that it can filter by date of change, only what changed since the last complete run. Then every template is mapped
// from the mirror, so that each run is a complete listing however little was fetched. Persons, their affiliations
// and enrolments are never asked for. The mapping is one table (Rules), from which docs/mapping/eduapi.md is written.
// Facts that the European Learning Model has no place for stay in the graph under the standard's own terms
// (Namespace).
package eduapi

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// Limits bound what is taken from a server.
type Limits = source.Limits

// Adapter reads Edu-API sources. It keeps no state between runs but what it leaves in the source's memory, and is
// safe for concurrent use.
type Adapter struct {
	limits Limits
	now    func() time.Time
}

// New makes an adapter.
func New(limits Limits) *Adapter { return &Adapter{limits.WithDefaults(), time.Now} }

const mapping = "eduapi1/3"

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return mapping }

// Accept is what servers are asked for: that of the discovery document gives nothing else.
func (a *Adapter) Accept() string { return "application/json" }

var (
	_ adapters.Adapter   = (*Adapter)(nil)
	_ adapters.Accepting = (*Adapter)(nil)
)

// mirrorLife is how long a mirror is only brought up to date: records without a date of change, and records that
// vanish without a status, are seen by a walk over everything only.
const mirrorLife = 7 * 24 * time.Hour

// Read lists the source. When since is set and an earlier run left a mirror, only what changed is asked for; a source
// without changes ends with ErrUnchanged.
//
// A course whose organisation or session cannot be fetched is left out, the walk goes on, and the sequence
// ends with an error, so that nothing is withdrawn.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, src adapters.Source, since time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		w := &walk{Walk: source.NewWalk(yield), client: newClient(get, src, a.limits), provider: src.Provider, memory: src.Memory, since: since, now: a.now()}
		w.End(w.run(ctx))
	}
}

// walk is one run over a source.
type walk struct {
	*source.Walk
	client     *client
	provider   string
	memory     adapters.Memory
	since, now time.Time
}

func (w *walk) run(ctx context.Context) error {
	if err := w.client.settle(ctx); err != nil {
		return err
	}
	if m := w.recall(); m != nil {
		switch w.client.update(ctx, m, w.since) {
		case same:
			if m.Mapping == mapping && w.since.After(m.Since) {
				return adapters.ErrUnchanged
			}
			return w.conclude(ctx, m, nil)
		case moved:
			return w.conclude(ctx, m, nil)
		}
	}
	m := newMirror(w.client.Limits)
	m.Walked = w.now
	err := w.client.fill(ctx, m)
	if part := (*partial)(nil); err != nil && !errors.As(err, &part) {
		return err
	}
	return w.conclude(ctx, m, err)
}

// conclude maps what is mirrored. A mirror counts for the next run when the run was complete.
func (w *walk) conclude(ctx context.Context, m *mirror, missing error) error {
	if missing == nil {
		if err := w.client.lookups(ctx, m); err != nil {
			missing = err
		}
	}
	w.client.Known = m.object
	if err := w.give(ctx, index(m), missing == nil); err != nil {
		return err
	}
	if err := errors.Join(missing, w.Incomplete()); err != nil {
		return err
	}
	m.Mapping, m.Since = mapping, w.since
	return m.remember(w.memory)
}

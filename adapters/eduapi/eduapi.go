// Package eduapi reads Edu-API 1.0 of 1EdTech and maps its course and collection templates, with their
// offerings, to course graphs.
//
// Offerings and components are listed first and held by the template they belong to; then the templates
// are walked page by page. Organisations and academic sessions are looked up when a record names them.
// The mapping is one table (Rules), from which docs/mapping/eduapi.md is written. Facts that the European
// Learning Model has no place for stay in the graph under the standard's own terms (Namespace). Persons,
// their affiliations and enrolments are never asked for.
//
// Offerings of components, such as the hours of a laboratory, are not read.
package eduapi

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// Limits bound what is taken from a server.
type Limits = source.Limits

// Adapter reads Edu-API sources and is safe for concurrent use. Between runs it remembers which sources it
// has walked to the end, and nothing of what was in them.
type Adapter struct {
	limits Limits

	guard  sync.Mutex     // guards walked
	walked map[string]int // runs without a walk since the last complete one, by source
}

// New makes an adapter.
func New(limits Limits) *Adapter {
	return &Adapter{limits: limits.WithDefaults(), walked: make(map[string]int)}
}

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return "eduapi1/1" }

var _ adapters.Adapter = (*Adapter)(nil)

// skipsInARow is how often a source may be taken for unchanged before it is walked again: records without a
// date of change, and records that vanish without a status, are seen by a walk only.
const skipsInARow = 6

// Read lists the source. When since is set, this adapter has walked the source before, and the server proves
// that it can filter by date of change, a source without changes since then ends with ErrUnchanged.
//
// A course whose organisation or session cannot be fetched is left out, the walk goes on, and the sequence
// ends with an error, so that nothing is withdrawn.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, src adapters.Source, since time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		c := newClient(get, src, a.limits)
		key := src.Provider + " " + src.Path
		if a.maySkip(key, since) && c.unchanged(ctx, since) {
			a.skipped(key)
			yield(adapters.Item{}, adapters.ErrUnchanged)
			return
		}
		w := walk{client: c, provider: src.Provider, Walk: source.NewWalk(yield), kinds: make(map[string]*kind)}
		err := w.run(ctx)
		if err == nil {
			a.complete(key)
		}
		w.End(err)
	}
}

func (a *Adapter) maySkip(key string, since time.Time) bool {
	a.guard.Lock()
	defer a.guard.Unlock()
	skips, walked := a.walked[key]
	return walked && !since.IsZero() && skips < skipsInARow
}

func (a *Adapter) skipped(key string) {
	a.guard.Lock()
	defer a.guard.Unlock()
	a.walked[key]++
}

func (a *Adapter) complete(key string) {
	a.guard.Lock()
	defer a.guard.Unlock()
	a.walked[key] = 0
}

// kind is what becomes a course graph: a template, its offerings, and the words for both.
type kind struct {
	templates, offerings string // collections
	parent               string // field of an offering that names its template
	typeField            string
	rules                []Rule
	fields               adapters.Fields
	optional             bool // servers without it answer that there is no such collection
}

var (
	courses = &kind{templates: "courseTemplates", offerings: "courseOfferings", parent: "course", typeField: "courseType", rules: courseRules, fields: source.FieldsOf(courseRules, offeringRules)}
	groups  = &kind{
		templates: "collectionTemplates", offerings: "collectionOfferings", parent: "collection", typeField: "collectionType",
		rules: collectionRules, fields: source.FieldsOf(collectionRules, offeringRules), optional: true,
	}
)

// walk is one run over a source.
type walk struct {
	*source.Walk
	client   *client
	provider string
	kinds    map[string]*kind // of the templates seen, by sourcedId
}

func (w *walk) run(ctx context.Context) error {
	components, err := w.hold(ctx, "componentTemplates", "parent")
	if err != nil {
		return err
	}
	for _, k := range []*kind{courses, groups} {
		if err := w.templates(ctx, k, components); err != nil {
			return err
		}
	}
	return w.Incomplete()
}

// templates walks one kind of templates with their offerings.
func (w *walk) templates(ctx context.Context, k *kind, components *held) error {
	offerings, err := w.hold(ctx, k.offerings, k.parent)
	if err != nil {
		return err
	}
	err = w.client.list(ctx, k.templates, func(rec source.Record) error {
		item, err := w.read(ctx, k, rec, offerings, components)
		return w.Hand(ctx, item, err)
	})
	if k.optional && absent(err) {
		err = nil
	}
	if err != nil {
		return err
	}
	return w.orphans(ctx, k, offerings)
}

// absent says that the server does not have the collection.
func absent(err error) bool {
	switch source.Status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return false
}

// read turns one template into an item.
func (w *walk) read(ctx context.Context, k *kind, rec source.Record, offerings, components *held) (adapters.Item, error) {
	obj, err := rec.Decode(w.client.Limits, "sourcedId")
	if err != nil {
		return adapters.Item{}, err
	}
	id := obj.Text("sourcedId")
	if id == "" {
		return adapters.Item{}, errNoID(rec.Place)
	}
	if other := w.kinds[id]; other != nil && other != k {
		return adapters.Item{}, &adapters.RecordError{
			Where: rec.In("sourcedId").String(), Field: "sourcedId",
			Message: "an entry of " + other.templates + " has the same id", Fix: "give every record an id of its own",
		}
	}
	if err := w.First(id); err != nil {
		return adapters.Item{}, err
	}
	w.kinds[id] = k
	in := input{Entry: source.Entry{Place: rec.Place, Object: obj}, kind: k, provider: w.provider}
	in.offerings, in.notes = offerings.take(id, w.client.Limits)
	if k == courses {
		in.components, _ = components.take(id, w.client.Limits) // listed as lost already
	}
	if strings.EqualFold(obj.Text("recordStatus"), "deleted") {
		return deleted(in, id)
	}
	if in.refs, err = w.client.references(ctx, obj, in.offerings); err != nil {
		return adapters.Item{}, err
	}
	return mapTemplate(in)
}

// orphans reports offerings whose template was not listed.
func (w *walk) orphans(ctx context.Context, k *kind, offerings *held) error {
	for _, rec := range offerings.rest() {
		err := w.Hand(ctx, adapters.Item{}, &adapters.RecordError{
			Where: rec.In(k.parent).String(), Field: k.parent,
			Message: "the offering belongs to nothing in " + k.templates, Fix: fmt.Sprintf("list the template, or name the right one in %s", k.parent),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

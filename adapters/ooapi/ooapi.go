// Package ooapi reads the Open Education API, version 5, and maps its courses and course offerings
// to course graphs.
//
// A listing is walked page by page, each course with its offerings; organisations, academic
// sessions and education specifications are looked up when a course names them. The mapping is one
// table (Rules), from which docs/mapping/ooapi5.md is written. Facts that the European Learning
// Model has no place for stay in the graph under the standard's own terms (Namespace). Persons are
// never mapped.
//
// Version 6 is recognised and refused; programmes are not read yet.
package ooapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// Limits bound what is taken from a server.
type Limits = source.Limits

// IncompleteError ends a run in which some courses could not be read completely.
type IncompleteError = source.IncompleteError

// Adapter reads OOAPI sources. It keeps no state between runs and is safe for concurrent use.
type Adapter struct{ limits Limits }

// New makes an adapter.
func New(limits Limits) *Adapter { return &Adapter{limits: limits.WithDefaults()} }

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return "ooapi5/1" }

var _ adapters.Adapter = (*Adapter)(nil)

// Read walks /courses. The standard has no query by date of change, so since is not used; a server
// that answers the first page with 304 ends the run with ErrUnchanged.
//
// When offerings or a named object of a course cannot be fetched, the course is left out, the walk
// goes on, and the sequence ends with an error, so that nothing is withdrawn.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, src adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		w := walk{client: newClient(get, src, a.limits), provider: src.Provider, Walk: source.NewWalk(yield)}
		w.End(w.client.list(ctx, func(rec source.Record) error { return w.course(ctx, rec) }, "courses"))
	}
}

// walk is one run over a source.
type walk struct {
	*source.Walk
	client   *client
	provider string
}

func (w *walk) course(ctx context.Context, rec source.Record) error {
	item, err := w.read(ctx, rec)
	if errors.Is(err, ErrVersion6) {
		return err
	}
	return w.Hand(ctx, item, err)
}

// read turns one entry of the listing into an item, with its offerings and what it refers to.
func (w *walk) read(ctx context.Context, rec source.Record) (adapters.Item, error) {
	obj, err := rec.Decode(w.client.Limits, "courseId")
	if err != nil {
		return adapters.Item{}, err
	}
	if field := versionSix(obj); field != "" {
		return adapters.Item{}, fmt.Errorf("%s: %w", rec.In(field), ErrVersion6)
	}
	id := obj.Text("courseId")
	if id == "" {
		return adapters.Item{}, errNoID(rec.Place)
	}
	if err := w.First(id); err != nil {
		return adapters.Item{}, err
	}
	offerings, notes, err := w.client.offerings(ctx, id)
	if err != nil {
		return adapters.Item{}, err
	}
	refs, err := w.client.references(ctx, obj, offerings)
	if err != nil {
		return adapters.Item{}, err
	}
	return mapCourse(input{Entry: source.Entry{Place: rec.Place, Object: obj}, offerings: offerings, refs: refs, provider: w.provider, notes: notes})
}

// ErrVersion6 says that the server speaks version 6, whatever the manifest says.
var ErrVersion6 = errors.New("the entries are of version 6 of the API, which is not read yet; offer version 5 beside it and name it in path")

// versionSix names a field of the course that only version 6 has, or "".
func versionSix(o source.Object) string {
	for _, field := range []string{"teachingLanguages", "modesOfDelivery", "organisationId", "programmeIds", "learningOutcomeIds"} {
		if _, ok := o[field]; ok {
			return field
		}
	}
	return ""
}

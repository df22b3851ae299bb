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
	"strconv"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
)

// Limits bound what is taken from a server; a zero field means the default.
type Limits struct {
	PageBytes   int64 // of one answer; default 32 MiB
	RecordBytes int   // of one course or offering; default 2 MiB
	Depth       int   // of nested JSON; default 64
	Pages       int   // of one listing; default 100,000
	Offerings   int   // of one course; default 2,000
}

func (l Limits) withDefaults() Limits {
	l.PageBytes = orDefault(l.PageBytes, 32<<20)
	l.RecordBytes = orDefault(l.RecordBytes, 2<<20)
	l.Depth = orDefault(l.Depth, 64)
	l.Pages = orDefault(l.Pages, 100_000)
	l.Offerings = orDefault(l.Offerings, 2_000)
	return l
}

func orDefault[T int | int64](v, fallback T) T {
	if v > 0 {
		return v
	}
	return fallback
}

// Adapter reads OOAPI sources. It keeps no state between runs and is safe for concurrent use.
type Adapter struct{ limits Limits }

// New makes an adapter.
func New(limits Limits) *Adapter { return &Adapter{limits: limits.withDefaults()} }

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return "ooapi5/1" }

var _ adapters.Adapter = (*Adapter)(nil)

// failuresInARow is how many courses in a row may fail for the server's sake before a run gives up.
const failuresInARow = 5

// Read walks /courses. The standard has no query by date of change, so since is not used; a server
// that answers the first page with 304 ends the run with ErrUnchanged.
//
// When offerings or a named object of a course cannot be fetched, the course is left out, the walk
// goes on, and the sequence ends with an error, so that nothing is withdrawn.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, source adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		c := newClient(get, source, a.limits)
		w := walk{client: c, provider: source.Provider, yield: yield, seen: make(map[string]struct{})}
		if err := w.run(ctx); err != nil && !w.stopped {
			yield(adapters.Item{}, err)
		}
	}
}

// walk is one run over a source.
type walk struct {
	client   *client
	provider string
	yield    func(adapters.Item, error) bool
	seen     map[string]struct{} // course ids: a listing that shifts under the reader repeats courses
	stopped  bool                // the consumer wants no more
	failed   int                 // courses left out for the server's sake
	row      int                 // of them, in a row
	lost     error               // the first such failure
}

var errStopped = errors.New("the reader stopped")

func (w *walk) run(ctx context.Context) error {
	err := w.client.list(ctx, func(rec record) error { return w.course(ctx, rec) }, "courses")
	if err != nil {
		return err
	}
	if w.lost != nil {
		return &IncompleteError{Courses: w.failed, Err: w.lost}
	}
	return nil
}

// IncompleteError ends a run in which some courses could not be read completely.
type IncompleteError struct {
	Courses int // left out
	Err     error
}

func (e *IncompleteError) Error() string {
	return "listing incomplete, " + strconv.Itoa(e.Courses) + " course(s) left out: " + e.Err.Error()
}

func (e *IncompleteError) Unwrap() error { return e.Err }

func (w *walk) course(ctx context.Context, rec record) error {
	item, err := w.read(ctx, rec)
	var lost *adapters.RecordError
	switch {
	case errors.Is(err, errRepeated):
		return nil
	case err == nil, errors.As(err, &lost):
		w.row = 0
		return w.hand(item, err)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if errors.Is(err, ErrVersion6) {
		return err
	}
	if w.lost == nil {
		w.lost = err
	}
	w.failed++
	w.row++
	if w.row >= failuresInARow {
		return &IncompleteError{Courses: w.failed, Err: w.lost}
	}
	return nil
}

func (w *walk) hand(item adapters.Item, err error) error {
	if w.yield(item, err) {
		return nil
	}
	w.stopped = true
	return errStopped
}

var errRepeated = errors.New("course seen before")

// read turns one entry of the listing into an item, with its offerings and what it refers to.
func (w *walk) read(ctx context.Context, rec record) (adapters.Item, error) {
	obj, err := rec.object(w.client.limits)
	if err != nil {
		return adapters.Item{}, err
	}
	if field := versionSix(obj); field != "" {
		return adapters.Item{}, fmt.Errorf("%s: %w", rec.in(field), ErrVersion6)
	}
	id := obj.text("courseId")
	if id == "" {
		return adapters.Item{}, errNoID(rec.place)
	}
	if _, again := w.seen[id]; again {
		return adapters.Item{}, errRepeated
	}
	w.seen[id] = struct{}{}
	offerings, notes, err := w.client.offerings(ctx, id)
	if err != nil {
		return adapters.Item{}, err
	}
	refs, err := w.client.references(ctx, obj, offerings)
	if err != nil {
		return adapters.Item{}, err
	}
	return mapCourse(input{entry: entry{rec.place, obj}, offerings: offerings, refs: refs, provider: w.provider, notes: notes})
}

// ErrVersion6 says that the server speaks version 6, whatever the manifest says.
var ErrVersion6 = errors.New("the entries are of version 6 of the API, which is not read yet; offer version 5 beside it and name it in path")

// versionSix names a field of the course that only version 6 has, or "".
func versionSix(o object) string {
	for _, field := range []string{"teachingLanguages", "modesOfDelivery", "organisationId", "programmeIds", "learningOutcomeIds"} {
		if _, ok := o[field]; ok {
			return field
		}
	}
	return ""
}

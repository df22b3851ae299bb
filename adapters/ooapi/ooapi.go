// Package ooapi reads the Open Education API, versions 5 and 6, and maps its courses, programmes and education
// specifications, with their offerings and components, to course graphs.
//
// Listings are walked page by page. What an entry refers to (organisations, academic sessions, learning outcomes)
// is looked up and kept for the run; where an API lists such things whole, one listing takes the place of many
// look-ups. The mapping is one table for each version (Rules), from which docs/mapping/ooapi5.md and ooapi6.md are
// written. Facts that the European Learning Model has no place for stay in the graph under the standard's own terms
// (Namespace5, Namespace6). Persons, their groups and their associations are never asked for and never mapped.
//
// Which version is read is told by the manifest, and by the answers where they show another. Offerings of components,
// which are timetables, are not read.
package ooapi

import (
	"context"
	"iter"
	"net/http"
	"strings"
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

// Mapping names the mapping of version 5; every item names its own.
func (a *Adapter) Mapping() string { return five.mapping }

var _ adapters.Adapter = (*Adapter)(nil)

// Read walks courses, then programmes, then education specifications. The standard has no query by date of change,
// so since is not used; a server that answers the first page with 304 ends the run with ErrUnchanged.
//
// When offerings or a named object of a course cannot be fetched, the course is left out, the walk
// goes on, and the sequence ends with an error, so that nothing is withdrawn.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, src adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		w := newWalk(source.NewWalk(yield), newClient(get, src, a.limits), src)
		w.End(w.run(ctx))
	}
}

// walk is one run over a source.
type walk struct {
	*source.Walk
	client   *client
	provider string

	declared int // major version by the manifest, 0 when it says none
	version  *version
	settled  bool            // the answers have shown the version
	findings []adapters.Note // about the source as a whole, for the next item

	kinds    map[string]*kind // of the ids seen
	members  members
	partless int // programmes in a row whose courses the server does not list
	branches map[*branch]*stock

	rootID    string // of the institution, "" when there is not exactly one
	rootAsked bool
	heldBytes int64 // of branches listed whole
}

func newWalk(w *source.Walk, c *client, src adapters.Source) *walk {
	out := &walk{
		Walk: w, client: c, provider: src.Provider, declared: src.Major(), version: versionOf(src.Major()),
		kinds: make(map[string]*kind), members: make(members), branches: make(map[*branch]*stock),
	}
	c.listen = out.listen
	return out
}

// run walks what the server has. Programmes and education specifications are optional, and so are courses where
// there is anything else.
func (w *walk) run(ctx context.Context) error {
	courses := w.list(ctx, w.version.courses)
	if courses != nil && !absent(courses) {
		return courses
	}
	programmes := w.programmes(ctx)
	if programmes != nil && !absent(programmes) {
		return programmes
	}
	if specifications := w.version.specifications; specifications != nil {
		if err := w.list(ctx, specifications); err != nil && !absent(err) {
			return err
		}
	}
	if programmes != nil {
		return courses // an API without either is no such API
	}
	return nil
}

// programmes walks the programmes. A server that has shown no version yet may have the other's collection.
func (w *walk) programmes(ctx context.Context) error {
	err := w.list(ctx, w.version.programmes)
	if err == nil || w.settled || !absent(err) {
		return err
	}
	other := five
	if w.version == five {
		other = six
	}
	if second := w.list(ctx, other.programmes); !absent(second) {
		return second
	}
	return err
}

// list walks one collection.
func (w *walk) list(ctx context.Context, k *kind) error {
	return w.client.list(ctx, func(rec source.Record) error {
		item, err := w.read(ctx, w.current(k), rec)
		if err == nil {
			item.Notes = append(item.Notes, w.findings...)
			w.findings = nil
		}
		return w.Hand(ctx, item, err)
	}, k.collection)
}

// current is the kind in the version that the answers have shown.
func (w *walk) current(k *kind) *kind {
	switch k {
	case five.courses, six.courses:
		return w.version.courses
	case five.programmes, six.programmes:
		return w.version.programmes
	}
	return k
}

// absent says that the server does not have the collection. A listing that broke off is no such thing.
func absent(err error) bool {
	if brokeOff(err) {
		return false
	}
	switch source.Status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return false
}

// read turns one entry of a listing into an item, with its offerings, its components and what they refer to.
func (w *walk) read(ctx context.Context, k *kind, rec source.Record) (adapters.Item, error) {
	obj, err := rec.Decode(w.client.Limits, k.id)
	if err != nil {
		return adapters.Item{}, err
	}
	id := strings.Clone(obj.Text(k.id)) // outlives the entry, of which it is a part
	if id == "" {
		return adapters.Item{}, errNoID(k, rec.Place)
	}
	if other := w.kinds[id]; other != nil && other != k {
		return adapters.Item{}, &adapters.RecordError{
			Where: rec.In(k.id).String(), Field: k.id, Message: "a " + other.name + " has the same id", Fix: "give every object an id of its own",
		}
	}
	if err := w.First(id); err != nil {
		return adapters.Item{}, err
	}
	w.kinds[id] = k
	in := input{Entry: source.Entry{Place: rec.Place, Object: obj}, version: w.version, kind: k, provider: w.provider}
	if err := w.complete(ctx, &in, id); err != nil {
		return adapters.Item{}, err
	}
	return in.item()
}

// complete fetches what belongs to an entry, and what that refers to.
func (w *walk) complete(ctx context.Context, in *input, id string) error {
	if b := in.kind.offerings; b != nil {
		found, err := w.stock(b).of(ctx, in.kind, id)
		if err != nil {
			return err
		}
		in.offerings, in.notes = found.entries, found.notes
	}
	for _, b := range in.kind.components {
		found, err := w.stock(b).of(ctx, in.kind, id)
		if err != nil {
			return err
		}
		for _, e := range found.entries {
			in.components = append(in.components, component{e, b.tests})
		}
		in.notes = append(in.notes, found.notes...)
	}
	if err := w.parts(ctx, in, id); err != nil {
		return err
	}
	var err error
	in.refs, err = w.client.references(ctx, in)
	in.notes = append(in.notes, w.client.Spent()...)
	return err
}

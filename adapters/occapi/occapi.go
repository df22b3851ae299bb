// Package occapi reads the Open Course Catalogue API, versions 1 and 2, and maps the programmes, courses and
// course instances of one institution to course graphs.
//
// The manifest's path is the institution's resource, .../hei/{heiId}. Collections are found by the links of
// the resources that announce them, on the same origin only, else by the paths of the standard. They are not
// paged, so they are read whole; then each course is fetched, since its own resource says more. Both versions
// are read by their shape, whatever the manifest calls them. The mapping is one table (Rules), from which
// docs/mapping/occapi.md is written. Facts that the European Learning Model has no place for stay in the graph
// under the standard's own terms (Namespace).
package occapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// Limits bound what is taken from a server. Of one answer 256 MiB are taken by default, since collections
// are not paged.
type Limits = source.Limits

const collectionBytes = 256 << 20

// Adapter reads OCCAPI sources. It keeps no state between runs and is safe for concurrent use.
type Adapter struct{ limits Limits }

// New makes an adapter.
func New(limits Limits) *Adapter {
	if limits.PageBytes <= 0 {
		limits.PageBytes = collectionBytes
	}
	return &Adapter{limits: limits.WithDefaults()}
}

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return "occapi2/1" }

var _ adapters.Adapter = (*Adapter)(nil)

// Read walks the institution. The standard has no query by date of change, and an instance may change without
// its course, so since is not used; a server that answers the first request with 304 ends the run with
// ErrUnchanged.
//
// A course that cannot be fetched is left out, the walk goes on, and the sequence ends with an error, so that
// nothing is withdrawn.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, src adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		w := walk{
			Walk: source.NewWalk(yield), client: &client{source.NewClient(get, src.Path, a.limits)},
			catalogue: newCatalogue(src.Provider),
		}
		w.End(w.run(ctx))
	}
}

// walk is one run over a source.
type walk struct {
	*source.Walk
	*catalogue
	client *client
}

// ErrNotInstitution says that the path leads elsewhere.
var ErrNotInstitution = errors.New("this is no institution's resource; give the address that ends in /hei/ and the institution's SCHAC code in path")

func (w *walk) run(ctx context.Context) error {
	if _, err := w.client.Root(); err != nil {
		return err
	}
	address := w.client.URL(nil)
	hei, err := w.client.document(ctx, address)
	if err != nil {
		return err
	}
	w.institution, err = resource(source.Record{Place: source.Place{URL: hei.url, Pointer: "/data"}, Raw: hei.data}, w.client.Limits)
	if err != nil || w.institution.kind != "hei" {
		return fmt.Errorf("%s: %w", address, ErrNotInstitution)
	}
	if err := w.collect(ctx, hei); err != nil {
		return err
	}
	return w.give(ctx)
}

// collect lists programmes, courses, units, and what belongs to what.
func (w *walk) collect(ctx context.Context, hei document) error {
	noProgrammes, err := w.listed(ctx, "programme", w.client.follow(hei, "programme", "programme"), w.addProgramme)
	if err != nil {
		return err
	}
	noCourses, err := w.listed(ctx, "course", w.client.follow(hei, "course", "course"), w.addCourse)
	if err != nil {
		return err
	}
	if noProgrammes && noCourses {
		return fmt.Errorf("%s: neither the programme nor the course collection is there; nothing can be read", hei.url)
	}
	if err := w.contents(ctx); err != nil {
		return err
	}
	return w.units(ctx, hei)
}

// listed hands the entries of a collection to add, and reports whether the server lacks it.
func (w *walk) listed(ctx context.Context, kind, address string, add func(entry)) (lacking bool, err error) {
	err = w.client.list(ctx, address, func(rec source.Record) error {
		e, err := resource(rec, w.client.Limits)
		var lost *adapters.RecordError
		if errors.As(err, &lost) {
			if lost.Subject != "" {
				lost.Subject = w.subject(kind, lost.Subject)
			}
			return w.Hand(ctx, adapters.Item{}, lost)
		}
		add(e)
		return nil
	})
	if absent(err) {
		return true, nil
	}
	return false, err
}

// related hands the entries of a collection below another resource to add. What is wrong with an entry is
// told where it is listed itself; a server without the collection relates nothing.
func (w *walk) related(ctx context.Context, address string, add func(entry)) error {
	if address == "" {
		return nil
	}
	err := w.client.list(ctx, address, func(rec source.Record) error {
		if e, err := resource(rec, w.client.Limits); err == nil {
			add(e)
		}
		return nil
	})
	if absent(err) {
		return nil
	}
	return err
}

// absent says that the server does not have the collection.
func absent(err error) bool {
	switch source.Status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return false
}

// contents asks each programme for its courses, which need not name their programmes. A programme whose courses
// cannot be fetched is left out.
func (w *walk) contents(ctx context.Context) error {
	whole := make([]entry, 0, len(w.programmes))
	for _, p := range w.programmes {
		err := w.related(ctx, w.client.link(p.Get("links"), p.URL, "course", "programme", p.id, "course"), func(c entry) { w.relate(c.id, p.id) })
		if err == nil {
			whole = append(whole, p)
			continue
		}
		if err := w.Hand(ctx, adapters.Item{}, err); err != nil {
			return err
		}
	}
	w.programmes = whole
	return nil
}

// units asks each organisational unit for its programmes and courses.
func (w *walk) units(ctx context.Context, hei document) error {
	var found []entry
	if err := w.related(ctx, w.client.follow(hei, "ounit", "ounit"), func(u entry) { found = append(found, u) }); err != nil {
		return err
	}
	for _, u := range found {
		for _, kind := range []string{"programme", "course"} {
			address := w.client.link(u.Get("links"), u.URL, kind, "ounit", u.id, kind)
			if err := w.related(ctx, address, func(e entry) { w.place(kind, e.id, u) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// give hands over what was collected.
func (w *walk) give(ctx context.Context) error {
	for _, p := range w.programmes {
		item, err := w.mapProgramme(p)
		if err := w.Hand(ctx, item, err); err != nil {
			return err
		}
	}
	for _, c := range w.courses {
		item, err := w.course(ctx, c)
		if err := w.Hand(ctx, item, err); err != nil {
			return err
		}
	}
	return nil
}

// course fetches what the collection does not say of a course.
func (w *walk) course(ctx context.Context, c entry) (adapters.Item, error) {
	full, err := w.client.detail(ctx, c)
	if err != nil {
		return adapters.Item{}, err
	}
	instances, notes, err := w.client.instances(ctx, full)
	if err != nil {
		return adapters.Item{}, err
	}
	return w.mapCourse(full, instances, notes)
}

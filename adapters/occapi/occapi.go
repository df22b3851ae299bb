// Package occapi reads the Open Course Catalogue API, versions 1 and 2, and maps the programmes, courses and
// course instances of one institution to course graphs.
//
// The manifest's path is the institution's resource, .../hei/{heiId}. Collections are found by the links of
// the resources that announce them, on the same origin only, else by the paths of the standard. They are not
// paged, so they are read entry by entry and kept compressed; then each course is fetched, since its own resource says
// more, unless an earlier run did and lastModified has not moved. Both versions are read by their shape, whatever the
// manifest calls them. The mapping is one table (Rules), from which docs/mapping/occapi.md is written. Facts that the
// European Learning Model has no place for stay in the graph under the standard's own terms (Namespace).
package occapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// Limits bound what is taken from a server. Of one answer 256 MiB are taken by default, since collections
// are not paged.
type Limits = source.Limits

const collectionBytes = 256 << 20

// Adapter reads OCCAPI sources. It keeps no state between runs but what it leaves in the source's memory, and is safe
// for concurrent use.
type Adapter struct {
	limits Limits
	now    func() time.Time
}

// New makes an adapter.
func New(limits Limits) *Adapter {
	if limits.PageBytes <= 0 {
		limits.PageBytes = collectionBytes
	}
	return &Adapter{limits.WithDefaults(), time.Now}
}

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return "occapi2/3" }

// Accept is the media type of JSON:API, which the standard serves; some servers have plain JSON only.
func (a *Adapter) Accept() string { return "application/vnd.api+json, application/json;q=0.9" }

var (
	_ adapters.Adapter   = (*Adapter)(nil)
	_ adapters.Accepting = (*Adapter)(nil)
)

// Read walks the institution. The standard has no query by date of change, and an instance may change without
// its course, so since is not used; a server that answers the first request with 304 ends the run with
// ErrUnchanged.
//
// A course that cannot be fetched is left out, the walk goes on, and the sequence ends with an error, so that
// nothing is withdrawn.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, src adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		w := walk{Walk: source.NewWalk(yield), client: &client{source.NewClient(get, src.Path, a.limits)}}
		w.End(w.read(ctx, src, a.now()))
	}
}

// walk is one run over a source.
type walk struct {
	*source.Walk
	*catalogue
	client  *client
	details *details
}

// read keeps what was fetched, whatever the run comes to.
func (w *walk) read(ctx context.Context, src adapters.Source, now time.Time) error {
	var err error
	if w.details, err = newDetails(src.Memory, w.client.Limits, now); err != nil {
		return err
	}
	err = w.run(ctx, src.Provider)
	if errors.Is(err, adapters.ErrUnchanged) {
		return err
	}
	if err == nil {
		err = w.Incomplete()
	}
	if failed := w.details.save(src.Memory, err == nil); failed != nil {
		return failed
	}
	return err
}

// ErrNotInstitution says that the path leads elsewhere.
var ErrNotInstitution = errors.New("this is no institution's resource; give the address that ends in /hei/ and the institution's SCHAC code in path")

func (w *walk) run(ctx context.Context, provider string) error {
	if _, err := w.client.Root(); err != nil {
		return err
	}
	address := w.client.URL(nil)
	hei, err := w.client.document(ctx, address, func(source.Record) error { return nil })
	if err != nil {
		return err
	}
	institution, err := resource(source.Record{Place: source.Place{URL: hei.url, Pointer: "/data"}, Raw: hei.data}, w.client.Limits)
	if err != nil || institution.kind != "hei" {
		return fmt.Errorf("%s: %w", address, ErrNotInstitution)
	}
	if w.catalogue, err = newCatalogue(provider, institution, w.client.Limits); err != nil {
		return err
	}
	if err := w.collect(ctx, hei); err != nil {
		return err
	}
	return w.give(ctx)
}

// give hands over what was collected.
func (w *walk) give(ctx context.Context) error {
	for _, p := range w.programmes {
		item, err := w.mapProgramme(p)
		if err := w.Hand(ctx, item, err); err != nil {
			return err
		}
	}
	for rec, err := range w.courses.All() {
		if err != nil {
			return err
		}
		item, err := w.course(ctx, rec)
		if err := w.Hand(ctx, item, err); err != nil {
			return err
		}
	}
	return nil
}

// course fetches what the collection does not say of a course.
func (w *walk) course(ctx context.Context, rec source.Record) (adapters.Item, error) {
	c, err := resource(rec, w.client.Limits)
	if err != nil {
		return adapters.Item{}, err
	}
	full, err := w.client.whole(ctx, c, w.details)
	if err != nil {
		return adapters.Item{}, err
	}
	instances, notes, err := w.client.instances(ctx, full)
	if err != nil {
		return adapters.Item{}, err
	}
	return w.mapCourse(full, instances, notes)
}

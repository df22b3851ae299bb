package occapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// collect lists programmes, courses, units, and what belongs to what. The standard lets an institution list courses by
// unit or programme only, and programmes by unit only.
func (w *walk) collect(ctx context.Context, hei document) error {
	noProgrammes, err := w.listed(ctx, "programme", w.client.follow(hei, "programme", "programme"), w.addProgramme)
	if err != nil {
		return err
	}
	noCourses, err := w.listed(ctx, "course", w.client.follow(hei, "course", "course"), w.addCourse)
	if err != nil {
		return err
	}
	noUnits, err := w.units(ctx, hei)
	if err != nil {
		return err
	}
	if noProgrammes && noCourses && noUnits {
		return fmt.Errorf("%s: neither programmes nor courses nor organisational units are listed; nothing can be read", hei.url)
	}
	return w.contents(ctx)
}

// listed hands the entries of a collection to add, and reports whether the server lacks it.
func (w *walk) listed(ctx context.Context, kind, address string, add func(entry, source.Record) error) (lacking bool, err error) {
	if address == "" {
		return true, nil
	}
	err = w.client.list(ctx, address, func(rec source.Record) error {
		e, err := resource(rec, w.client.Limits)
		var lost *adapters.RecordError
		if errors.As(err, &lost) {
			return w.lose(ctx, kind, rec, lost)
		}
		return add(e, rec)
	})
	if absent(err) {
		return true, nil
	}
	return false, err
}

// lose reports an entry that cannot be read, once for all collections that list it.
func (w *walk) lose(ctx context.Context, kind string, rec source.Record, lost *adapters.RecordError) error {
	if lost.Subject != "" {
		if !w.first(kind, lost.Subject) {
			return nil
		}
		lost.Subject = w.subject(kind, lost.Subject)
	}
	return w.Hand(ctx, adapters.Item{}, lost)
}

// absent says that the server does not have the collection.
func absent(err error) bool {
	switch source.Status(err) {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusNotImplemented:
		return true
	}
	return false
}

// contents asks each programme for its courses, which need not name their programmes, and need not be listed elsewhere.
// A programme whose courses cannot be fetched is left out.
func (w *walk) contents(ctx context.Context) error {
	whole := make([]entry, 0, len(w.programmes))
	for _, p := range w.programmes {
		address := w.client.link(p.Get("links"), p.URL, "course", "programme", p.id, "course")
		_, err := w.listed(ctx, "course", address, func(c entry, rec source.Record) error {
			if err := w.addCourse(c, rec); err != nil {
				return err
			}
			w.relate(c.id, p.id)
			return nil
		})
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
func (w *walk) units(ctx context.Context, hei document) (lacking bool, err error) {
	var found []entry
	lacking, err = w.listed(ctx, "ounit", w.client.follow(hei, "ounit", "ounit"), func(u entry, _ source.Record) error {
		if w.first("ounit", u.id) {
			found = append(found, u)
		}
		return nil
	})
	if err != nil {
		return lacking, err
	}
	for _, u := range found {
		if err := w.unit(ctx, u, "programme", w.addProgramme); err != nil {
			return false, err
		}
		if err := w.unit(ctx, u, "course", w.addCourse); err != nil {
			return false, err
		}
	}
	return lacking, nil
}

func (w *walk) unit(ctx context.Context, u entry, kind string, add func(entry, source.Record) error) error {
	address := w.client.link(u.Get("links"), u.URL, kind, "ounit", u.id, kind)
	_, err := w.listed(ctx, kind, address, func(e entry, rec source.Record) error {
		w.place(kind, e.id, u)
		return add(e, rec)
	})
	return err
}

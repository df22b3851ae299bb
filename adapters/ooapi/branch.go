package ooapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// branch is what hangs on courses or programmes: their offerings, their components.
type branch struct {
	sub     string   // collection below one course: courses/{id}/<sub>
	whole   []string // listing of all of them; {root} stands for the institution
	ids     []string // fields that hold the id of an entry, best first
	owner   string   // field that names the course,
	ownerID string   // and the field of the course in there
	wants   func(source.Object) bool
	tests   bool // components of a collection for tests
	must    bool // a server that refuses it is not read completely; else there is nothing to read
}

const (
	root       = "{root}"
	wholeAfter = 10 // courses asked one by one before the listing of all is tried
	emptyAfter = 50 // courses without components, after which the listing of all is believed when it has none either
	trustAfter = 20 // courses without an entry in that listing that are asked all the same
	refusals   = 25 // in a row, after which a branch that need not be there is not asked for
)

// stock gives the entries of one branch, course by course. After some courses it tries to list the branch whole, which
// saves a call for every course. Such a listing may be narrower than it seems, for an institution may count only its
// own and not those of its departments: so it has to hold all that was found before, and courses that have nothing in
// it are asked until enough of them had nothing.
type stock struct {
	*branch
	walk *walk

	asked, refused, missing int                        // courses asked; of them in a row refused; without an entry in held
	known                   map[string]bool            // ids found one by one
	held                    map[string][]source.Record // of the listing of all, by course; nil while there is none
	done                    bool                       // the listing of all has been tried
}

// found is what one course has of a branch.
type found struct {
	entries []source.Entry
	notes   []adapters.Note
}

func (w *walk) stock(b *branch) *stock {
	s := w.branches[b]
	if s == nil {
		s = &stock{branch: b, walk: w, known: make(map[string]bool)}
		w.branches[b] = s
	}
	return s
}

// of gives the entries of one course or programme.
func (s *stock) of(ctx context.Context, k *kind, id string) (found, error) {
	if !source.Addressable(id) || s.refused >= refusals {
		return found{}, nil
	}
	if !s.done && s.held == nil && s.asked >= wholeAfter {
		if err := s.list(ctx); err != nil {
			return found{}, err
		}
	}
	if records := s.held[id]; len(records) > 0 || (s.held != nil && s.missing >= trustAfter) {
		return s.take(k, id, records), nil
	}
	out, err := s.ask(ctx, k, id)
	if s.held != nil && err == nil {
		if s.missing++; len(out.entries) > 0 {
			s.held = nil // the whole listing lacks some
		}
	}
	return out, err
}

// ask fetches the entries of one course.
func (s *stock) ask(ctx context.Context, k *kind, id string) (found, error) {
	var out found
	err := s.walk.client.list(ctx, func(rec source.Record) error { return s.add(&out, k, id, rec) }, k.collection, id, s.sub)
	s.asked++
	switch {
	case err == nil, errors.Is(err, errEnough):
		s.refused = 0
	case absent(err), !s.must && refused(err):
		s.refuse(err)
		return found{}, nil
	default:
		return found{}, err
	}
	for _, e := range out.entries {
		s.known[s.id(e.Object)] = true
	}
	return out, nil
}

var errEnough = errors.New("enough entries")

// refuse counts the courses for which the server has no such collection. 404 also means that the one course has none.
func (s *stock) refuse(err error) {
	s.refused++
	switch code := source.Status(err); {
	case s.must:
		s.refused = 0 // what a course needs is always asked for
	case code != http.StatusNotFound && code != http.StatusGone:
		s.refused = refusals
	}
}

// take decodes the records of one course that are held.
func (s *stock) take(k *kind, id string, records []source.Record) (out found) {
	for _, rec := range records {
		if s.add(&out, k, id, rec) != nil {
			break
		}
	}
	return out
}

// add decodes a record and keeps it when it is the course's. errEnough ends the course.
func (s *stock) add(out *found, k *kind, id string, rec source.Record) error {
	lim := s.walk.client.Limits
	obj, err := rec.Decode(lim, k.id)
	var lost *adapters.RecordError
	switch {
	case errors.As(err, &lost):
		out.notes = source.Lost(out.notes, lost)
	case !s.belongs(obj, k, id):
	case len(out.entries) == lim.Offerings:
		out.notes = append(out.notes, adapters.Note{
			Field: s.sub, Value: id, Message: fmt.Sprintf("the %s has more than %d %s; the first are kept", k.name, lim.Offerings, s.sub), Fix: "leave out those that are long past",
		})
		return errEnough
	default:
		out.entries = append(out.entries, source.Entry{Place: rec.Place, Object: obj})
	}
	return nil
}

// belongs reports whether an entry is the course's: some servers answer every such request with all they have.
func (s *stock) belongs(o source.Object, k *kind, id string) bool {
	if s.wants != nil && !s.wants(o) {
		return false
	}
	owners := named(o, s.owner, k.id)
	return len(owners) == 0 || slices.ContainsFunc(owners, func(owner string) bool { return strings.EqualFold(owner, id) })
}

// id of an entry, which outlives it.
func (s *stock) id(o source.Object) string { return strings.Clone(first(o, s.ids...)) }

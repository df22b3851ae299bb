package source

import (
	"context"
	"errors"
	"strconv"

	"github.com/coursemesh/coursemesh/adapters"
)

// failuresInARow is how many courses in a row may fail for the server's sake before a run gives up.
const failuresInARow = 5

// Walk hands the courses of one run to the reader of the sequence.
//
// When something that belongs to a course cannot be fetched, the course is left out and the walk goes
// on; End then gives an error, so that nothing is withdrawn.
type Walk struct {
	yield   func(adapters.Item, error) bool
	seen    map[string]struct{} // ids: a listing that shifts under the reader repeats courses
	stopped bool                // the reader wants no more
	failed  int                 // courses left out for the server's sake
	row     int                 // of them, in a row
	lost    error               // the first such failure
}

// NewWalk makes the walk of one run.
func NewWalk(yield func(adapters.Item, error) bool) *Walk {
	return &Walk{yield: yield, seen: make(map[string]struct{})}
}

var (
	errStopped  = errors.New("the reader stopped")
	errRepeated = errors.New("course seen before")
)

// First gives an error that Hand takes for 'nothing to hand over' when the id was there before. The id is kept, so it must
// not be a part of a longer text.
func (w *Walk) First(id string) error {
	if _, again := w.seen[id]; again {
		return errRepeated
	}
	w.seen[id] = struct{}{}
	return nil
}

// Hand takes what became of one entry of a listing: an item, a lost record, or the failure of the
// server. An error ends the walk.
func (w *Walk) Hand(ctx context.Context, item adapters.Item, err error) error {
	var lost *adapters.RecordError
	switch {
	case errors.Is(err, errRepeated):
		return nil
	case err == nil, errors.As(err, &lost):
		w.row = 0
		return w.give(item, err)
	case ctx.Err() != nil:
		return ctx.Err()
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

func (w *Walk) give(item adapters.Item, err error) error {
	if w.yield(item, err) {
		return nil
	}
	w.stopped = true
	return errStopped
}

// Incomplete is the error of a run that left courses out; nil when it left out none.
func (w *Walk) Incomplete() error {
	if w.lost == nil {
		return nil
	}
	return &IncompleteError{Courses: w.failed, Err: w.lost}
}

// End ends the sequence with what the run came to.
func (w *Walk) End(err error) {
	if err == nil {
		err = w.Incomplete()
	}
	if err != nil && !w.stopped {
		w.yield(adapters.Item{}, err)
	}
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

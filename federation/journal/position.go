package journal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Position is how far somebody has read.
type Position struct {
	Seq uint64 // of the last line read
	// Horizon is where the journal ended when somebody began at the beginning, until that is read: withdrawals up to
	// there are no news.
	Horizon uint64

	state uint64 // of the journal that gave it
}

// At is a position further on.
func (p Position) At(seq uint64) Position {
	p.Seq = seq
	return p
}

// What callers tell apart.
var (
	ErrPosition = errors.New("this is no position; take one from cursor or next")
	ErrTooOld   = errors.New("this position is too old, or of another node or another state of its database: begin at the beginning, or with the newest dump and its position")
	ErrNotReady = errors.New("the catalogue is not read yet")
)

// End is the position after the newest line: what comes after it is yet to happen.
func (j *Journal) End() Position {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return Position{Seq: j.last, state: j.state}
}

// Beginning is the position before every line.
func (j *Journal) Beginning() Position {
	j.mu.RLock()
	defer j.mu.RUnlock()
	return Position{Horizon: j.last, state: j.state}
}

// Text names a position for others: the run of the program that gives it, and the numbers. It fails with ErrNotReady
// on a node that never ran.
func (j *Journal) Text(p Position) (string, error) {
	j.mu.RLock()
	defer j.mu.RUnlock()
	if len(j.runs) == 0 {
		return "", ErrNotReady
	}
	text := fmt.Sprintf("%016x-%d", j.runs[len(j.runs)-1].ID, p.Seq)
	if p.Horizon > p.Seq {
		text += fmt.Sprintf("-%d", p.Horizon)
	}
	return text, nil
}

// Parse reads a position and tells whether it can be read on from: ErrPosition or ErrTooOld when it cannot.
func (j *Journal) Parse(text string) (Position, error) {
	run, p, err := parse(text)
	if err != nil {
		return Position{}, err
	}
	j.mu.RLock()
	defer j.mu.RUnlock()
	reached := max(p.Seq, p.Horizon)
	if end, known := j.endOf(run); !known || reached > end || reached < j.forgotten {
		return Position{}, ErrTooOld
	}
	p.state = j.state
	return p, nil
}

func parse(text string) (run uint64, p Position, err error) {
	parts := strings.Split(text, "-")
	if len(parts) != 2 && len(parts) != 3 || len(parts[0]) != 16 {
		return 0, p, ErrPosition
	}
	var errs [3]error
	run, errs[0] = strconv.ParseUint(parts[0], 16, 64)
	p.Seq, errs[1] = strconv.ParseUint(parts[1], 10, 64)
	if len(parts) == 3 {
		p.Horizon, errs[2] = strconv.ParseUint(parts[2], 10, 64)
	}
	if errors.Join(errs[:]...) != nil {
		return 0, p, ErrPosition
	}
	return run, p, nil
}

// endOf is the last number that a run can have given; j.mu is held.
func (j *Journal) endOf(run uint64) (end uint64, known bool) {
	for i, r := range j.runs {
		if r.ID != run {
			continue
		}
		if i+1 < len(j.runs) {
			return j.runs[i+1].From, true
		}
		return j.last, true
	}
	return 0, false
}

// After reads up to limit lines after a position, and returns those that are news and the position to go on from.
// More tells that there is more to read. Lines that are being written are not there yet.
func (j *Journal) After(p Position, limit int) (lines []Line, next Position, more bool, err error) {
	j.mu.RLock()
	last, state := j.last, j.state
	j.mu.RUnlock()
	if p.state != state {
		return nil, p, false, ErrTooOld
	}
	if lines, err = j.rows.After(p.Seq, limit+1); err != nil {
		return nil, p, false, err
	}
	lines = lines[:sort.Search(len(lines), func(i int) bool { return lines[i].Seq > last })]
	if more = len(lines) > limit; more {
		lines = lines[:limit]
		last = lines[limit-1].Seq
	}
	next = p.At(max(last, p.Seq))
	return slices.DeleteFunc(lines, func(l Line) bool { return l.Gone && l.Seq <= p.Horizon }), next, more, nil
}

// Wait blocks until there is a line after a position. It fails when ctx ends, with ErrEnded when Run does, and with
// ErrTooOld when the journal was made anew.
func (j *Journal) Wait(ctx context.Context, p Position) error {
	for {
		j.mu.RLock()
		last, moved, state := j.last, j.moved, j.state
		j.mu.RUnlock()
		switch {
		case p.state != state:
			return ErrTooOld
		case last > p.Seq:
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-j.ended:
			return ErrEnded
		case <-moved:
		}
	}
}

// ErrEnded says that the journal is kept no longer.
var ErrEnded = errors.New("the node stops")

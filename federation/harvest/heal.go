package harvest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
)

// ErrTwice says that this node's publisher key has signed two heads of one number too often to go on.
var ErrTwice = errors.New("the publisher key signs in two places")

// healPauses come before each new epoch of a day that a proof makes necessary: the first one heals a mishap at once; when
// that was not the end of it, whoever runs the other node gets time to stop it before the next one is spent.
var healPauses = []time.Duration{0, 10 * time.Minute, time.Hour}

const healAgain = 24 * time.Hour

// errWaits is ErrTwice with the time at which this node tries again by itself.
type errWaits struct{ until time.Time }

func (e *errWaits) Unwrap() error { return ErrTwice }

func (e *errWaits) Error() string {
	return fmt.Sprintf("%v: stop the other node that has it, and this one signs in a new epoch at %s; or make a new key "+
		"(coursemesh key rotate --publisher) and put its id into your manifests", ErrTwice, e.until.UTC().Format(time.DateTime+" MST"))
}

// heal counts a new epoch that a proof makes necessary. Somebody else who signs with this key could
// otherwise make two nodes outbid each other without end.
func (l *ledger) heal(now time.Time) error {
	var recent []int64
	for _, at := range l.healed {
		if now.Sub(time.Unix(at, 0)) < healAgain {
			recent = append(recent, at)
		}
	}
	if n := len(recent); n > 0 {
		due := time.Unix(recent[0], 0).Add(healAgain)
		if n < len(healPauses) {
			due = time.Unix(recent[n-1], 0).Add(healPauses[n])
		}
		if now.Before(due) {
			return &errWaits{due}
		}
	}
	l.healed = append(recent, now.Unix())
	return nil
}

// watch opens a new epoch as soon as a proof makes the held head worthless, or when the pause is over.
func (h *Harvester) watch(ctx context.Context) error {
	var seen uint64
	var said string
	for {
		pause := healAgain
		if err := h.mend(ctx); err != nil {
			if waits := (*errWaits)(nil); errors.As(err, &waits) {
				pause = max(waits.until.Sub(h.cfg.Now()), time.Second)
			}
			if err.Error() != said {
				said = err.Error()
				h.cfg.Log.Error("two heads of this node's publisher have one number", "error", err)
			}
		}
		var err error
		if seen, err = h.await(ctx, seen, pause); err != nil {
			return err
		}
	}
}

// await returns when the database has changed since, or the pause is over.
func (h *Harvester) await(ctx context.Context, since uint64, pause time.Duration) (uint64, error) {
	timed, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	seen, err := h.cfg.DB.Wait(timed, since)
	if timed.Err() != nil && ctx.Err() == nil {
		return since, nil
	}
	return seen, err
}

// mend publishes what is held once more, when it no longer counts.
func (h *Harvester) mend(ctx context.Context) error {
	proven, err := h.cfg.DB.Proven(h.self)
	if err != nil || proven == 0 {
		return err
	}
	held, err := h.cfg.DB.Head(h.self)
	if errors.Is(err, store.ErrNotFound) || err == nil && held.Epoch > proven {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = h.publish(ctx, nil)
	return err
}

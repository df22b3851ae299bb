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

const (
	healings  = 3 // new epochs a day because of proofs
	healAgain = 24 * time.Hour
)

// heal counts a new epoch that a proof makes necessary. Somebody else who signs with this key could
// otherwise make two nodes outbid each other without end.
func (l *ledger) heal(now time.Time) error {
	var recent []int64
	for _, at := range l.healed {
		if now.Sub(time.Unix(at, 0)) < healAgain {
			recent = append(recent, at)
		}
	}
	if len(recent) >= healings {
		return fmt.Errorf("%w: %d new epochs within a day did not help; stop the other node that has it, or make a new key "+
			"(coursemesh key rotate --publisher) and put its id into your manifests", ErrTwice, healings)
	}
	l.healed = append(recent, now.Unix())
	return nil
}

// watch opens a new epoch as soon as a proof makes the held head worthless.
func (h *Harvester) watch(ctx context.Context) error {
	var seen uint64
	for {
		if err := h.mend(ctx); err != nil {
			h.cfg.Log.Error("two heads of this node's publisher have one number", "error", err)
		}
		var err error
		if seen, err = h.cfg.DB.Wait(ctx, seen); err != nil {
			return err
		}
	}
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

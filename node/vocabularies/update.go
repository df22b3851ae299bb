package vocabularies

import (
	"context"
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Request asks for one update.
type Request struct {
	From      []string `json:"from,omitempty"`       // files, directories, URLs; none asks the endpoint for everything
	Complete  bool     `json:"complete,omitempty"`   // each vocabulary found is given whole: what is missing goes
	AllowLoss bool     `json:"allow_loss,omitempty"` // even when that is much
	DryRun    bool     `json:"dry_run,omitempty"`    // only report
}

// Report says what an update did.
type Report struct {
	Version      int                 `json:"version"` // in force; 0 when only embedded lists are
	Changed      bool                `json:"changed"` // whether there is a new version, or would be
	Sources      []Source            `json:"sources"`
	Vocabularies []vocabulary.Change `json:"vocabularies"` // those that the sources speak of
}

// Source says what was found where.
type Source struct {
	From     string `json:"from"`
	Format   string `json:"format"`
	Concepts int    `json:"concepts"`
	Ignored  int    `json:"ignored"` // concepts of vocabularies that this program does not use
}

// ErrLoss says that a complete list would take away suspiciously much.
var ErrLoss = errors.New("too much would go")

// A list that was cut off looks like a complete one with less in it.
const (
	lossShare = 10 // one in
	lossFree  = 3  // concepts of one vocabulary may go unasked
)

// Update reads the sources, checks what they say together with what is in force, and, when that changes
// anything, makes it the next version. An error leaves everything as it was.
func (s *Store) Update(ctx context.Context, q Request) (Report, error) {
	s.updating.Lock()
	defer s.updating.Unlock()
	update, sources, err := s.collect(ctx, q.From)
	if err != nil {
		return Report{}, err
	}
	for name, list := range update {
		list.Complete = q.Complete
		update[name] = list
	}
	if err := update.Check(); err != nil {
		return Report{}, err
	}
	next := version{Number: s.held.Number + 1, Updated: s.cfg.Now().UTC(), Sources: names(sources), Lists: s.held.Lists.With(update)}
	if err := next.Lists.Check(); err != nil {
		return Report{}, err
	}
	report := Report{Version: s.held.Number, Sources: sources, Vocabularies: vocabulary.Changes(s.held.Lists, next.Lists, update)}
	report.Changed = changes(report.Vocabularies)
	if err := loss(report.Vocabularies); err != nil && !q.AllowLoss {
		return Report{}, err
	}
	if q.DryRun || !report.Changed {
		return report, nil
	}
	if err := s.keep(next); err != nil {
		return Report{}, err
	}
	report.Version = next.Number
	return report, nil
}

func names(sources []Source) []string {
	var out []string
	for _, s := range sources {
		out = append(out, s.From)
	}
	return out
}

func changes(list []vocabulary.Change) bool {
	for _, c := range list {
		if len(c.Added)+len(c.Removed)+len(c.Labels)+c.Codes > 0 {
			return true
		}
	}
	return false
}

func loss(list []vocabulary.Change) error {
	for _, c := range list {
		if n := len(c.Removed); n > lossFree && n*lossShare > c.Before {
			return fmt.Errorf("%w: %s would lose %d of %d concepts, for example %s; is the list complete? "+
				"Leave --complete out to keep them, or add --allow-loss", ErrLoss, c.Vocabulary, n, c.Before, c.Removed[0])
		}
	}
	return nil
}

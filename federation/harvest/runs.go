package harvest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
)

// Run is the log of one source's run.
type Run struct {
	ID      string    `json:"id"`
	Domain  string    `json:"domain"`
	Source  string    `json:"source"`
	State   string    `json:"state"` // complete, unchanged, held, incomplete; elsewhere: its secrets are for other nodes
	Problem string    `json:"problem,omitempty"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Asked   int       `json:"requests"` // answers, 304 included
	Same    int       `json:"answers_unchanged"`
	Report  Report    `json:"report"`
}

const (
	runLife    = 30 * 24 * time.Hour
	runErrors  = 500 // kept in a log
	runNotes   = 200
	idBytes    = 8
	runsListed = 1000 // at most, of one source
)

// SourceID names a source in addresses and on the command line.
func SourceID(domain, source string) string {
	sum := sha256.Sum256([]byte(sourceKey(domain, source)))
	return hex.EncodeToString(sum[:idBytes])
}

// runID is the source's id and the time, so that the runs of a source are in order.
func runID(source string, started time.Time) string {
	return fmt.Sprintf("%s-%016x", source, started.UnixNano())
}

// ID of the source.
func (s SourceState) ID() string { return SourceID(s.Domain, s.Spec.Key()) }

// log keeps a run, and drops those of the same source whose time is over.
func (h *Harvester) log(run Run) error {
	run.Report.Errors = run.Report.Errors[:min(len(run.Report.Errors), runErrors)]
	run.Report.Notes = run.Report.Notes[:min(len(run.Report.Notes), runNotes)]
	source, _, _ := strings.Cut(run.ID, "-")
	if err := h.forgetRuns(source); err != nil {
		return err
	}
	return h.runs.Put(run.ID, run)
}

// forgetRuns drops old runs of a source, of all sources for "".
func (h *Harvester) forgetRuns(source string) error {
	oldest := h.cfg.Now().Add(-runLife)
	var old []string
	for id, run := range h.runs.All(source) {
		if run.Started.Before(oldest) {
			old = append(old, id)
		} else if source != "" {
			break // they are in order of time
		}
	}
	for _, id := range old {
		if err := h.runs.Delete(id); err != nil {
			return err
		}
	}
	return nil
}

// Runs lists the newest runs of a source, by its id, newest first. Those of 30 days are kept.
func (h *Harvester) Runs(source string, n int) ([]Run, error) {
	if len(source) != 2*idBytes {
		return nil, nil
	}
	return h.runs.Last(source+"-", min(n, runsListed))
}

// Run returns the log of one run.
func (h *Harvester) RunLog(id string) (Run, bool) {
	run, err := h.runs.Get(id)
	return run, err == nil
}

// Find resolves what a person calls a source: its id, its key in the manifest, or a domain that has only one.
func (h *Harvester) Find(name string) (SourceState, error) {
	var found []SourceState
	for _, s := range h.sources.All("") {
		switch name {
		case s.ID():
			return s, nil
		case s.Spec.Key(), s.Domain, s.Spec.Name:
			found = append(found, s)
		}
	}
	switch len(found) {
	case 0:
		return SourceState{}, fmt.Errorf("source %q %w; `coursemesh source list` shows those there are", name, store.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return SourceState{}, fmt.Errorf("%q %w: it names %d sources; use the id that `coursemesh source list` shows", name, ErrTarget, len(found))
}

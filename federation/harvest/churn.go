package harvest

import (
	"bytes"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// volatile facts change from day to day without anybody having worked on the course.
var volatile = map[string]bool{vocabulary.EnrolledLearnerCount: true}

const volatileEvery = 24 * time.Hour

// waits says that a record differs from the held one in volatile facts only, and that the held one is not a day
// old: every change costs each node of the federation a record.
func (r *run) waits(held, record federation.Record) bool {
	age := r.h.cfg.Now().Sub(time.Unix(held.Issued, 0))
	if age < 0 || age >= volatileEvery || held.Source.Domain != record.Source.Domain || held.Licence != record.Licence || held.Credit != record.Credit {
		return false
	}
	then, ok := lasting(held.Graph)
	now, also := lasting(record.Graph)
	return ok && also && bytes.Equal(then, now)
}

// lasting is the canonical form of a graph without its volatile facts. Labels of blank nodes depend on them, so it
// is made anew.
func lasting(graph []byte) ([]byte, bool) {
	triples, err := rdf.ParseCanonical(graph)
	if err != nil {
		return nil, false
	}
	kept := triples[:0]
	for _, t := range triples {
		if !volatile[t.Pred.String()] {
			kept = append(kept, t)
		}
	}
	out, err := rdf.Canonical(kept)
	return out, err == nil
}

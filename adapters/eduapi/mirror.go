package eduapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// mirror is what the server holds of the collections that courses are made of. Records stay undecoded, which
// takes a fraction of the memory.
type mirror struct {
	state
	shelves map[string]*shelf // by collection
	limits  Limits
	bytes   int64
}

// state is what a mirror knows of itself.
type state struct {
	Mapping string          `json:"mapping"` // of the run that left it
	Since   time.Time       `json:"since"`   // what that run was told: the next one is told more when that run counted
	Walked  time.Time       `json:"walked"`  // everything was read last
	Whole   map[string]bool `json:"whole"`   // collections to be read whole: records without id or date of change
}

// shelf is one collection.
type shelf struct {
	records []source.Record
	at      map[string]int // by sourcedId
}

func newMirror(lim Limits) *mirror {
	return &mirror{state: state{Whole: make(map[string]bool)}, shelves: make(map[string]*shelf), limits: lim}
}

// shelf is the collection's own; a new one when there is none.
func (m *mirror) shelf(collection string) *shelf {
	s := m.shelves[collection]
	if s == nil {
		s = &shelf{at: make(map[string]int)}
		m.shelves[collection] = s
	}
	return s
}

// size is the number of records of a collection.
func (m *mirror) size(collection string) int { return len(m.shelf(collection).at) }

// object is a record of a collection, decoded; nil when it is not there.
func (m *mirror) object(collection, id string) source.Object {
	s := m.shelf(collection)
	i, ok := s.at[id]
	if !ok {
		return nil
	}
	obj, err := s.records[i].Decode(m.limits, "sourcedId")
	if err != nil {
		return nil
	}
	return obj
}

// put keeps a record. Of two with one id the first counts, since a listing that shifts under the reader repeats
// records; news replaces what was there. Records that cannot be read are kept too, so that each run reports them.
func (m *mirror) put(collection string, rec source.Record, news bool) error {
	obj, err := rec.Decode(m.limits, "sourcedId")
	id := obj.Text("sourcedId")
	if lost := (*adapters.RecordError)(nil); errors.As(err, &lost) {
		id = lost.Subject
	}
	if _, dated := dateOf(obj); !dated || id == "" {
		m.Whole[collection] = true
	}
	s := m.shelf(collection)
	i, known := s.at[id]
	if known && !news {
		return nil
	}
	if known {
		m.bytes -= s.records[i].Weight()
		s.records[i].Raw = nil
		delete(s.at, id)
	}
	if err == nil && passing[collection] && !live(obj) {
		return nil
	}
	return m.add(collection, id, rec)
}

func (m *mirror) add(collection, id string, rec source.Record) error {
	var small bytes.Buffer
	if err := json.Compact(&small, rec.Raw); err == nil {
		rec.Raw = small.Bytes()
	}
	if m.bytes += rec.Weight(); m.bytes > m.limits.HeldBytes {
		return fmt.Errorf("%s: more than %d bytes of current records; give long past ones the recordStatus inactive", rec.URL, m.limits.HeldBytes)
	}
	s := m.shelf(collection)
	if id != "" {
		s.at[strings.Clone(id)] = len(s.records) // the id outlives the decoded record
	}
	s.records = append(s.records, rec)
	return nil
}

// passing are collections whose records count only while they are active.
var passing = map[string]bool{
	courses.offerings: true, groups.offerings: true, genericOfferings: true, componentOfferings: true, componentTemplates: true,
}

// all hands over the records of a collection, in the order in which they came.
func (m *mirror) all(collection string) []source.Record {
	s := m.shelf(collection)
	out := make([]source.Record, 0, len(s.records))
	for _, rec := range s.records {
		if rec.Raw != nil {
			out = append(out, rec)
		}
	}
	return out
}

// kept is a record as a memory holds it.
type kept struct {
	Collection string          `json:"c"`
	URL        string          `json:"u"`
	Pointer    string          `json:"p"`
	Raw        json.RawMessage `json:"r"`
}

// recall is the mirror that an earlier run left; nil when everything is to be read anew.
func (w *walk) recall() *mirror {
	if w.since.IsZero() {
		return nil
	}
	m, headed := newMirror(w.client.Limits), false
	err := source.Recall(w.memory, 2*w.client.HeldBytes, func(line []byte) error {
		if !headed {
			headed = true
			err := json.Unmarshal(line, &m.state)
			if m.Whole == nil {
				m.Whole = make(map[string]bool)
			}
			return err
		}
		var k kept
		if err := json.Unmarshal(line, &k); err != nil {
			return err
		}
		return m.put(k.Collection, source.Record{Place: source.Place{URL: k.URL, Pointer: k.Pointer}, Raw: k.Raw}, false)
	})
	if age := w.now.Sub(m.Walked); err != nil || !headed || age < 0 || age > mirrorLife {
		return nil
	}
	return m
}

// remember leaves the mirror for the next run.
func (m *mirror) remember(memory adapters.Memory) error {
	return source.Remember(memory, func(put func(any) error) error {
		if err := put(m.state); err != nil {
			return err
		}
		for _, collection := range mirrored {
			for _, rec := range m.all(collection) {
				if err := put(kept{collection, rec.URL, rec.Pointer, rec.Raw}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// live says that the record is neither deleted nor inactive.
func live(o source.Object) bool { return !spelt(o, "deleted", "inactive") }

// gone says that the record is deleted.
func gone(o source.Object) bool { return spelt(o, "deleted") }

func spelt(o source.Object, statuses ...string) bool {
	status := source.Spelling(o.Text("recordStatus"))
	for _, s := range statuses {
		if status == s {
			return true
		}
	}
	return false
}

// dateOf is the date of the record's last change.
func dateOf(o source.Object) (time.Time, bool) {
	s := o.Text("dateLastModified")
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

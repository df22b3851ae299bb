package store

import (
	"bytes"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	bolt "go.etcd.io/bbolt"
)

// checkHeads opens every kept head. Losing an old one costs its memory; without the current one nobody knows what the
// keys should be.
func (e *examiner) checkHeads(s *set) {
	if s.sumErr != nil {
		e.found(Finding{What: "head", Where: string(s.publisher), Problem: "what trimming has left: " + s.sumErr.Error()}, s.mendSummary)
	}
	places := map[string]string{}
	for i, r := range s.heads {
		at := headAt{key: r.key}
		err := at.open(r, s.publisher)
		if err == nil && at.end() > e.report.LastChange+1 && e.alone() {
			err = fmt.Errorf("%w: its changes lie beyond the end of the log", ErrCorrupt)
		}
		if err == nil {
			s.good = append(s.good, at)
			d, _ := digestOf(at.CID, prefixRaw)
			places[string(d[:])] = string(r.key[:16])
			e.checkSwitch(s, at)
			continue
		}
		if i == len(s.heads)-1 {
			s.unknown = true
			continue
		}
		e.found(Finding{
			What: "head", Where: fmt.Sprintf("an old head of %s", s.publisher), Problem: err.Error(),
			Fix: fixScrub + ", which drops it: peers that hold an older one read the whole set",
		}, s.dropOld(r.key))
	}
	e.checkPlaces(s, places)
	if n := len(s.good); n > 0 && !s.unknown && !released(s.good[n-1].key) {
		s.current = &s.good[n-1].Held
	}
}

func (h *headAt) open(r row, p federation.PublisherID) error {
	value, err := openRow(r.key, r.value)
	if err != nil {
		return err
	}
	if h.headRow, err = decodeHead(value); err != nil {
		return err
	}
	if h.Held, err = openHeld(h.envelope); err != nil {
		return err
	}
	if h.Publisher != p || len(r.key) < 16 || !bytes.HasPrefix(r.key, place(h.Epoch, h.Seq)) {
		return fmt.Errorf("%w: it lies in the place of another head", ErrCorrupt)
	}
	return nil
}

// checkSwitch wants to know whose the lines of a head are.
func (e *examiner) checkSwitch(s *set, h headAt) {
	if s.sumErr != nil || h.end() <= s.sum.floor || s.switched[h.first] {
		return
	}
	e.found(Finding{What: "log", Where: fmt.Sprintf("change %d", h.first), Problem: fmt.Sprintf("it is not noted that this and the following are changes of %s", s.publisher)},
		func(tx *bolt.Tx) error {
			return putRow(tx.Bucket(bucketSwitches), number(h.first), switchRow{publisher: s.publisher, head: h.CID}.encode())
		})
}

// checkPlaces compares the list of heads by their hash with the heads.
func (e *examiner) checkPlaces(s *set, places map[string]string) {
	same := len(places) == len(s.places)
	for _, r := range s.places {
		value, err := openRow(r.key, r.value)
		same = same && err == nil && places[string(r.key)] == string(value)
	}
	if same || len(s.good) < len(s.heads) && !e.mending {
		return // of damaged heads only
	}
	e.found(Finding{What: "head", Where: string(s.publisher), Problem: "the list of its heads by hash does not agree with the heads"}, func(tx *bolt.Tx) error {
		b, err := emptied(tx, s.publisher, subPlaces)
		if err != nil {
			return err
		}
		for hash, at := range places {
			if err := putRow(b, []byte(hash), []byte(at)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *examiner) checkGone(s *set) {
	for _, r := range s.gone {
		value, err := openRow(r.key, r.value)
		if err == nil {
			_, err = decodeGone(value)
		}
		if err != nil {
			e.found(Finding{What: "set", Where: fmt.Sprintf("a key that %s had", s.publisher), Problem: err.Error(), Fix: fixScrub + ", which forgets the history of that key"},
				inShelf(s.publisher, func(to shelf) error { return to.gone.Delete(r.key) }))
		}
	}
}

package store

import (
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// Lost is a record of a current set whose block was damaged or is missing. A scrub notes it; whoever can get the
// block again (from a peer, by harvesting) stages it.
type Lost struct {
	Publisher federation.PublisherID `json:"publisher"`
	Key       string                 `json:"key"`
	CID       cid.Cid                `json:"cid"`
}

func (l Lost) name() string { return string(l.Publisher) + " " + l.CID.String() }

const lostTable = "lost"

// Lost lists what a scrub noted and is still wanted: current, and not there. What is settled is forgotten.
func (db *DB) Lost() ([]Lost, error) {
	table := TableOf[Lost](db, lostTable)
	var out []Lost
	for name, l := range table.All("") {
		wanted, err := db.wanted(l)
		if err != nil {
			return nil, err
		}
		if wanted {
			out = append(out, l)
			continue
		}
		if err := table.Delete(name); err != nil && !errors.Is(err, ErrReadOnly) {
			return nil, err
		}
	}
	return out, nil
}

// wanted says that a record is current and not there.
func (db *DB) wanted(l Lost) (bool, error) {
	entry, err := db.Entry(l.Publisher, l.Key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil || entry.CID != l.CID {
		return false, err
	}
	_, err = db.Record(l.CID)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
		return true, nil
	}
	return false, err
}

func (db *DB) noteLost(lost []Lost) error {
	table := TableOf[Lost](db, lostTable)
	for _, l := range lost {
		if err := table.Put(l.name(), l); err != nil {
			return fmt.Errorf("note what is lost: %w", err)
		}
	}
	return nil
}

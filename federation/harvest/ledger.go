package harvest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// position is a head's place in its publisher's order.
type position struct {
	Epoch uint64 `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

func (p position) after(o position) bool {
	return p.Epoch > o.Epoch || (p.Epoch == o.Epoch && p.Seq > o.Seq)
}

// ledger remembers the last signed position in a file of its own, fsynced before a head can be seen by
// anybody. A database that fell behind it (restored, or a lost write) must not sign that position again.
type ledger struct {
	path string
	last position
	// healed are the times (Unix seconds) of the epochs opened because two heads of one number were proven.
	healed []int64
}

// ledgerFile is the form of the file.
type ledgerFile struct {
	position
	Healed []int64 `json:"healed,omitempty"`
}

func openLedger(dir string) (*ledger, error) {
	l := &ledger{path: filepath.Join(dir, "head.json")}
	data, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	var file ledgerFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s is damaged (%w); it keeps this node from signing one number twice: "+
			"restore it, or write the highest epoch any peer shows for this publisher plus one into it", l.path, err)
	}
	l.last, l.healed = file.position, file.Healed
	return l, nil
}

// next is the position after the held head; a new epoch when the file has seen a later one, or when two
// heads of one number were proven up to the epoch of the held one.
func (l *ledger) next(held position, proven uint64) position {
	behind := l.last.after(held)
	if epoch := max(l.last.Epoch, held.Epoch); behind || proven > 0 && proven >= epoch {
		return position{max(epoch, proven) + 1, 1}
	}
	if held.Epoch == 0 {
		return position{1, 1}
	}
	return position{held.Epoch, held.Seq + 1}
}

// write makes the position durable.
func (l *ledger) write(p position) error {
	data, err := json.Marshal(ledgerFile{p, l.healed})
	if err != nil {
		return err
	}
	if err := replaceFile(l.path, append(data, '\n')); err != nil {
		return fmt.Errorf("head ledger: %w", err)
	}
	l.last = p
	return nil
}

// replaceFile writes beside the file, syncs, renames, and syncs the directory.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

package harvest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// memory is the file that an adapter keeps of a source between runs. It lies among the snapshots, since it
// holds the source's own bytes, and goes when they go.
type memory struct{ dir, name string }

func (h *Harvester) memory(source string) memory {
	sum := sha256.Sum256([]byte(source))
	return memory{filepath.Join(h.cfg.Dir, snapshotDir), "memory." + hex.EncodeToString(sum[:16])}
}

// memory of the run's source; a local file and a trial have none.
func (r *run) memory() adapters.Memory {
	if r.file != "" || r.trial != nil {
		return nil
	}
	m := r.h.memory(sourceKey(r.state.Domain, r.state.Spec.Key()))
	if r.opts.Fresh {
		return forgetful{m}
	}
	return m
}

// forgetful is a memory of which nothing is recalled.
type forgetful struct{ memory }

func (forgetful) Recall() (io.ReadCloser, error) { return nil, nil }

func (m memory) path() string { return filepath.Join(m.dir, m.name) }

// sibling is a file of the same source for another purpose.
func (m memory) sibling(purpose string) string {
	return filepath.Join(m.dir, purpose+strings.TrimPrefix(m.name, "memory."))
}

func (m memory) Recall() (io.ReadCloser, error) {
	f, err := os.Open(m.path())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &storageError{err}
	}
	return f, nil
}

// Remember replaces the file at once or not at all.
func (m memory) Remember(write func(io.Writer) error) error {
	if err := os.MkdirAll(m.dir, 0o700); err != nil {
		return &storageError{err}
	}
	f, err := os.CreateTemp(m.dir, m.name+".*")
	if err != nil {
		return &storageError{err}
	}
	if err = errors.Join(write(f), f.Close()); err == nil {
		err = os.Rename(f.Name(), m.path())
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return &storageError{err}
	}
	return nil
}

func (m memory) forget() error {
	for _, path := range []string{m.path(), m.sibling("answers.")} {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

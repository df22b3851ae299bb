package harvest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
)

const (
	snapshotDir  = "snapshots"
	snapshotLife = 30 * 24 * time.Hour
	keptAnswers  = 64 // answers of a run that items may still point at
)

// responses are the answers a run has read to their end, newest last.
type responses struct{ done []response }

type response struct {
	url      string
	snapshot cid.Cid
}

func (r *responses) add(done response) {
	if r.done = append(r.done, done); len(r.done) > keptAnswers {
		r.done = r.done[1:]
	}
}

// snapshot finds the answer that a place in the source lies in.
func (r *responses) snapshot(where string) cid.Cid {
	for i := len(r.done) - 1; i >= 0; i-- {
		if strings.HasPrefix(where, r.done[i].url) {
			return r.done[i].snapshot
		}
	}
	return cid.Undef
}

func (h *Harvester) snapshotPath(name string) string {
	return filepath.Join(h.cfg.Dir, snapshotDir, filepath.Base(name))
}

// record copies a body to the snapshots while it is read; the copy counts when it was read to its end.
func (r *run) record(url string, held answer, body io.ReadCloser) (*recording, error) {
	dir := filepath.Join(r.h.cfg.Dir, snapshotDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "reading.*")
	if err != nil {
		return nil, err
	}
	return &recording{run: r, url: url, answer: held, body: body, file: f, hash: sha256.New()}, nil
}

// recording is a body that leaves a snapshot behind.
type recording struct {
	run      *run
	url      string
	answer   answer
	body     io.ReadCloser
	file     *os.File
	hash     hash.Hash
	finished bool
}

func (r *recording) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.hash.Write(p[:n])
	if _, failed := r.file.Write(p[:n]); failed != nil {
		return n, &storageError{failed}
	}
	if errors.Is(err, io.EOF) && !r.finished {
		r.finished = true
		if failed := r.finish(); failed != nil {
			return n, &storageError{failed}
		}
	}
	return n, err
}

// finish names the copy by its hash.
func (r *recording) finish() error {
	name, err := hashed(r.hash)
	if err != nil {
		return err
	}
	if err := os.Rename(r.file.Name(), r.run.h.snapshotPath(name.String())); err != nil {
		return err
	}
	r.answer.Said = name.String()
	r.run.fetched.add(response{r.url, name})
	return r.run.answers.note(r.answer, true)
}

func hashed(h hash.Hash) (cid.Cid, error) {
	sum, err := multihash.Encode(h.Sum(nil), multihash.SHA2_256)
	return cid.NewCidV1(cid.Raw, sum), err
}

// Close also reads what an adapter left of a short answer: a decoder stops at the end of its document, and
// what was not read to its end is downloaded again.
func (r *recording) Close() error {
	if !r.finished {
		_, _ = io.Copy(io.Discard, io.LimitReader(readerOnly{r}, leftOver)) // an error leaves it unfinished
	}
	if !r.finished {
		_ = os.Remove(r.file.Name())
	}
	return errors.Join(r.body.Close(), r.file.Close())
}

const leftOver = 64 << 10

type readerOnly struct{ io.Reader }

// held is a snapshot being read again. It is hashed on the way, since disks forget.
type heldSnapshot struct {
	file *os.File
	cid  cid.Cid
	hash hash.Hash
}

func (h *Harvester) openSnapshot(name string) (*heldSnapshot, error) {
	id, err := cid.Decode(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(h.snapshotPath(name))
	return &heldSnapshot{f, id, sha256.New()}, err
}

func (s *heldSnapshot) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	s.hash.Write(p[:n])
	if errors.Is(err, io.EOF) {
		if now, failed := hashed(s.hash); failed != nil || now != s.cid {
			_ = os.Remove(s.file.Name()) // so that it is downloaded again
			return n, fmt.Errorf("snapshot %s is damaged and was removed; harvest again", s.cid)
		}
	}
	return n, err
}

func (s *heldSnapshot) Close() error { return s.file.Close() }

// pruneSnapshots removes what is older than its lifetime; it looks once an hour, since there may be many.
func (h *Harvester) pruneSnapshots() error {
	now, last := h.cfg.Now().Unix(), h.pruned.Load()
	if last != 0 && now-last < int64(time.Hour/time.Second) || !h.pruned.CompareAndSwap(last, now) {
		return nil
	}
	dir := filepath.Join(h.cfg.Dir, snapshotDir)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if info, failed := e.Info(); failed == nil && h.cfg.Now().Sub(info.ModTime()) > snapshotLife {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

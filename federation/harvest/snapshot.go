package harvest

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
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
type responses struct {
	done []response
}

type response struct {
	url            string
	snapshot       cid.Cid
	etag, modified string
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

// validators are those of a source that is one document.
func (r *responses) validators() (etag, modified string) {
	if len(r.done) != 1 {
		return "", ""
	}
	return r.done[0].etag, r.done[0].modified
}

// keep copies a body to the snapshots while it is read; the copy counts when it was read to its end.
func (r *responses) keep(dir, url string, header http.Header, body io.ReadCloser) (io.ReadCloser, error) {
	dir = filepath.Join(dir, snapshotDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "reading.*")
	if err != nil {
		return nil, err
	}
	return &recording{
		responses: r, body: body, file: f, dir: dir, hash: sha256.New(),
		response: response{url: url, etag: header.Get("ETag"), modified: header.Get("Last-Modified")},
	}, nil
}

// recording is a body that leaves a snapshot behind.
type recording struct {
	response
	responses *responses
	body      io.ReadCloser
	file      *os.File
	dir       string
	hash      hash.Hash
	finished  bool
}

func (r *recording) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	r.hash.Write(p[:n])
	if _, failed := r.file.Write(p[:n]); failed != nil {
		return n, failed
	}
	if errors.Is(err, io.EOF) && !r.finished {
		r.finished = true
		if failed := r.finish(); failed != nil {
			return n, failed
		}
	}
	return n, err
}

// finish names the copy by its hash.
func (r *recording) finish() error {
	sum, err := multihash.Encode(r.hash.Sum(nil), multihash.SHA2_256)
	if err != nil {
		return err
	}
	r.snapshot = cid.NewCidV1(cid.Raw, sum)
	if err := os.Rename(r.file.Name(), filepath.Join(r.dir, r.snapshot.String())); err != nil {
		return err
	}
	if r.responses.done = append(r.responses.done, r.response); len(r.responses.done) > keptAnswers {
		r.responses.done = r.responses.done[1:]
	}
	return nil
}

func (r *recording) Close() error {
	if !r.finished {
		_ = os.Remove(r.file.Name())
	}
	return errors.Join(r.body.Close(), r.file.Close())
}

// pruneSnapshots removes what is older than its lifetime.
func (h *Harvester) pruneSnapshots() error {
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

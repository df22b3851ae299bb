package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"
)

// block is what a check remembers of a sound block.
type block struct {
	mark   uint64
	length uint32 // of the envelope
}

// inventory lists sound blocks by their marks, in order.
type inventory []block

func (v inventory) find(d digest) (length uint32, ok bool) {
	i, ok := slices.BinarySearchFunc(v, markOf(d[:]), func(b block, mark uint64) int {
		switch {
		case b.mark < mark:
			return -1
		case b.mark > mark:
			return 1
		}
		return 0
	})
	if !ok {
		return 0, false
	}
	return v[i].length, true
}

var errNoRecord = errors.New("these bytes are what they were stored as, and no valid record")

// blocks hashes every block and opens it as a record: form, signature, graph.
func (e *examiner) blocks() error {
	batch := make([]row, 0, walkBatch)
	flush := func() error {
		err := e.judgeBlocks(batch)
		batch = batch[:0]
		return err
	}
	err := e.rows(bucketBlocks, "blocks", func(r row) error {
		if batch = append(batch, r); len(batch) < walkBatch {
			return nil
		}
		return flush()
	})
	return errors.Join(err, flush())
}

// judgeBlocks works on all processors: checking signatures and graphs takes the most time of a check.
func (e *examiner) judgeBlocks(batch []row) error {
	lengths, problems := make([]int, len(batch)), make([]error, len(batch))
	group, ctx := errgroup.WithContext(e.ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, r := range batch {
		group.Go(func() error {
			lengths[i], problems[i] = judgeBlock(r)
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, r := range batch {
		e.report.Blocks++
		if err := problems[i]; err != nil {
			e.badBlock(r.key, err)
		}
		if problems[i] == nil || errors.Is(problems[i], errNoRecord) {
			e.held = append(e.held, block{markOf(r.key), uint32(lengths[i])}) // keys come in order
		}
	}
	return nil
}

func judgeBlock(r row) (length int, err error) {
	if len(r.key) != sha256.Size {
		return 0, fmt.Errorf("%w: its key is no hash", ErrCorrupt)
	}
	p, err := split(r.value)
	if err != nil {
		return 0, err
	}
	data, err := p.open()
	switch {
	case err != nil:
		return 0, err
	case sha256.Sum256(data) != digest(r.key):
		return 0, ErrCorrupt
	case len(data) != p.length:
		return 0, fmt.Errorf("%w: it has %d bytes and says %d", ErrCorrupt, len(data), p.length)
	}
	if _, err := federation.OpenRecord(data); err != nil {
		return len(data), fmt.Errorf("%w: %w", errNoRecord, err)
	}
	return len(data), nil
}

func (e *examiner) badBlock(key []byte, err error) {
	where := fmt.Sprintf("%x", key)
	if len(key) == sha256.Size {
		where = digest(key).cid(cid.Raw).String()
	}
	if errors.Is(err, errNoRecord) {
		e.found(Finding{
			What: "record", Where: where, Problem: err.Error(),
			Fix: "no damage of this file: its publisher signed something that no node accepts; `coursemesh publisher list` tells who, and only a new head of theirs replaces it",
		}, nil)
		return
	}
	if len(key) == sha256.Size {
		e.bad = append(e.bad, digest(key))
	}
	e.found(Finding{
		What: "block", Where: where, Problem: err.Error() + "; it is not served",
		Fix: fixScrub + ", which takes it out and has it fetched again",
	}, remover(bucketBlocks, key))
}

// unreferenced counts the blocks that neither a set nor a history refers to, which is no damage; a scrub removes them,
// but those of a transfer that may be under way.
func (e *examiner) unreferenced() error {
	keep, err := e.db.mark(e.ctx, keptVersions)
	if err != nil {
		return err // what is damaged was found before
	}
	var from []byte
	for more := true; more; {
		var victims [][]byte
		if victims, from, more, err = e.db.unmarked(keep, from, e.young()); err != nil {
			return err
		}
		for _, key := range victims {
			e.report.Unreferenced++
			e.report.UnreferencedBytes += e.sizeOf(key)
		}
	}
	if !e.mending || e.report.Unreferenced == 0 || e.let {
		return nil
	}
	e.report.Removed, _, err = e.db.Collect(e.ctx, e.young())
	return err
}

func (e *examiner) young() int64 {
	if e.options.Young == 0 {
		return 1 << 62
	}
	return e.options.Young
}

func (e *examiner) sizeOf(key []byte) (n int64) {
	_ = e.db.view(func(tx *bolt.Tx) error {
		n = int64(len(tx.Bucket(bucketBlocks).Get(key)))
		return nil
	})
	return n
}

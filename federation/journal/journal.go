// Package journal keeps what changed in the effective catalogue, in order, so that others can follow it and hold a
// copy: what precedence decides, once, whoever published it how often.
//
// It follows the catalogue and writes into the store, where it survives restarts; what changed while it was not
// watching is found at the next start. Only the last line of each course is kept, so that reading from the beginning
// gives the whole catalogue, and reading on from any position what has become different since. Withdrawals are
// remembered for a year; a position before a forgotten one is too old.
//
// A position belongs to the database it was given by. One of another node, or of a state of the database that was
// lost, is refused rather than misread.
//
// Left out is what this node alone shows (class local) and what its operator hides: a copy is equal to the node's dump.
package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// Config of a Journal. DB and Catalogue are required.
type Config struct {
	DB        *store.DB
	Catalogue *catalogue.Catalogue
	// Note is what to remember of a record when its key is withdrawn, since the record may go, too; nil: nothing.
	Note func(key string, record cid.Cid) string
	Log  *slog.Logger
}

// Line is the last that happened to a key.
type Line = store.JournalLine

// Journal is safe for concurrent use; readers wait for nobody.
type Journal struct {
	cfg   Config
	rows  store.Journal
	ended chan struct{} // closed when Run returns

	writing sync.Mutex // one comparison at a time; guards what follows
	begun   bool       // this run is noted in the store
	merged  bool       // the catalogue has been read
	stale   bool       // everything is to be compared anew

	mu        sync.RWMutex // guards what readers see
	runs      []store.JournalRun
	last      uint64
	forgotten uint64
	state     uint64        // rises when the journal is made anew
	moved     chan struct{} // closed and replaced when last rises
}

// New opens the journal; Run keeps it.
func New(cfg Config) (*Journal, error) {
	if cfg.Note == nil {
		cfg.Note = func(string, cid.Cid) string { return "" }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	j := &Journal{cfg: cfg, rows: store.JournalOf(cfg.DB), ended: make(chan struct{}), moved: make(chan struct{}), stale: true}
	if err := j.reload(); err != nil && !errors.Is(err, store.ErrCorrupt) {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return j, nil
}

// reload reads what is kept in memory.
func (j *Journal) reload() error {
	runs, err := j.rows.Runs()
	if err != nil {
		return err
	}
	j.mu.Lock()
	j.runs = runs
	j.mu.Unlock()
	return j.advance()
}

// advance shows readers what was written.
func (j *Journal) advance() error {
	last, forgotten, err := j.rows.Bounds()
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last, j.forgotten = last, forgotten
	close(j.moved)
	j.moved = make(chan struct{})
	return nil
}

// repairEvery is how soon a comparison that failed is tried again.
const repairEvery = 5 * time.Second

// Run follows the catalogue until ctx ends; once. A database that cannot be written to holds the journal up and
// nothing else.
func (j *Journal) Run(ctx context.Context) error {
	defer close(j.ended)
	ctx, cancel := context.WithCancel(ctx)
	var repairing sync.WaitGroup
	repairing.Go(func() { j.repair(ctx) })
	defer repairing.Wait()
	defer cancel()
	return j.cfg.Catalogue.Follow(ctx, func(changed []catalogue.Item, removed []string) error {
		j.writing.Lock()
		defer j.writing.Unlock()
		j.merged = true
		j.compare(ctx, wantsOf(changed, removed))
		return nil
	})
}

func (j *Journal) repair(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(repairEvery):
		}
		j.writing.Lock()
		if j.merged && j.stale && j.cfg.DB.Writable() == nil {
			j.compare(ctx, nil)
		}
		j.writing.Unlock()
	}
}

// compare brings the journal to what is wanted, or to the whole catalogue after a failure and at the start.
func (j *Journal) compare(ctx context.Context, wants []store.JournalWant) {
	err := j.bring(ctx, wants)
	if errors.Is(err, store.ErrCorrupt) {
		j.cfg.Log.Error("the journal of changes is damaged and made anew; who follows it begins anew, too", "error", err)
		if err = j.anew(); err == nil {
			err = j.bring(ctx, nil)
		}
	}
	if err != nil && ctx.Err() == nil {
		j.cfg.Log.Error("changes of the catalogue were not noted; it is tried again", "error", err)
	}
	j.stale = err != nil
}

func (j *Journal) bring(ctx context.Context, wants []store.JournalWant) error {
	if err := j.begin(); err != nil {
		return err
	}
	if j.stale {
		return j.whole(ctx)
	}
	return j.put(ctx, wants)
}

// begin notes this run, so that positions tell its lines from those of a state of the database that was lost.
func (j *Journal) begin() error {
	if j.begun {
		return nil
	}
	if err := j.rows.Begin(rand.Uint64()); err != nil {
		return err
	}
	j.begun = true
	return j.reload()
}

// anew throws a damaged journal away. Every position is too old then.
func (j *Journal) anew() error {
	j.begun, j.stale = false, true
	if err := j.rows.Reset(); err != nil {
		return err
	}
	j.mu.Lock()
	j.state++
	j.mu.Unlock()
	return j.reload()
}

// batch is how many keys are compared and lines written at once. Each is a commit, which in a first run goes all over the
// table of keys: small ones would hold up what else is to be written.
const batch = 4096

// whole compares every key.
func (j *Journal) whole(ctx context.Context) error {
	var wants []store.JournalWant
	for want, err := range j.everything() {
		if err != nil {
			return err
		}
		if wants = append(wants, want); len(wants) < batch {
			continue
		}
		if err := j.put(ctx, wants); err != nil {
			return err
		}
		wants = wants[:0]
	}
	if err := j.put(ctx, wants); err != nil {
		return err
	}
	return j.advance() // a commit that was thought to have failed may be there
}

// everything is what is wanted of all keys: those of the catalogue, and between them, for both come in order, those that
// only the journal still has.
func (j *Journal) everything() iter.Seq2[store.JournalWant, error] {
	return func(yield func(store.JournalWant, error) bool) {
		next, stop := iter.Pull2(j.rows.Live())
		defer stop()
		key, err, more := next()
		for item := range j.cfg.Catalogue.Items("") {
			for ; more && err == nil && key < item.Key; key, err, more = next() {
				if !yield(store.JournalWant{Key: key}, nil) {
					return
				}
			}
			if more && err == nil && key == item.Key {
				key, err, more = next()
			}
			if !yield(wantOf(item), err) || err != nil {
				return
			}
		}
		for ; more; key, err, more = next() {
			if !yield(store.JournalWant{Key: key}, err) || err != nil {
				return
			}
		}
	}
}

// put brings the keys to what is wanted, in batches.
func (j *Journal) put(ctx context.Context, wants []store.JournalWant) error {
	for len(wants) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(batch, len(wants))
		lines, err := j.rows.Differ(wants[:n])
		if err != nil {
			return err
		}
		if err := j.write(lines); err != nil {
			return err
		}
		wants = wants[n:]
	}
	return nil
}

func (j *Journal) write(lines []Line) error {
	if len(lines) == 0 {
		return nil
	}
	for i, line := range lines {
		if line.Gone {
			lines[i].Note = j.cfg.Note(line.Key, line.CID)
		}
	}
	if err := j.rows.Append(lines); err != nil {
		return err
	}
	return j.advance()
}

// wantsOf is what followers are told: what changed is there now, what was removed is not.
func wantsOf(changed []catalogue.Item, removed []string) []store.JournalWant {
	wants := make([]store.JournalWant, 0, len(changed)+len(removed))
	for _, item := range changed {
		wants = append(wants, wantOf(item))
	}
	for _, key := range removed {
		wants = append(wants, store.JournalWant{Key: key})
	}
	return wants
}

// wantOf leaves out what only this node shows.
func wantOf(item catalogue.Item) store.JournalWant {
	if item.Class == federation.Local {
		return store.JournalWant{Key: item.Key}
	}
	return store.JournalWant{Key: item.Key, CID: item.CID}
}

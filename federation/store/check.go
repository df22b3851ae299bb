package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Finding is one thing that is wrong with a database, and what to do about it.
type Finding struct {
	What    string `json:"what"`  // file, page, number, block, record, head, set, tree, log, proof, table or journal
	Where   string `json:"where"` // path, page, CID, key, number of a change
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
	Mended  bool   `json:"mended,omitempty"` // by a scrub
}

// Report is the outcome of a Check or a Scrub.
type Report struct {
	Sound    bool      `json:"sound"` // nothing was found, or all of it was mended and nothing has to be fetched again
	File     string    `json:"file"`
	Bytes    int64     `json:"bytes"`
	Format   uint64    `json:"format"`
	Pages    int       `json:"pages"` // looked at, apart from free ones; of a running node as many as a second allows
	Found    int       `json:"found"` // of which the list has the first 1,000
	Findings []Finding `json:"findings"`

	Publishers        int    `json:"publishers"`
	Records           int    `json:"records"` // that current sets refer to
	Blocks            int    `json:"blocks"`
	Changes           int    `json:"changes"`     // lines of the change log
	LastChange        uint64 `json:"last_change"` // where followers have to be in the end
	Unreferenced      int    `json:"unreferenced"`
	UnreferencedBytes int64  `json:"unreferenced_bytes"`

	// Rewritable says that every page can be reached, and only the order of keys or the list of free pages is wrong: a new
	// file made from the rows has neither fault.
	Rewritable bool `json:"-"`

	Mended    int    `json:"mended,omitempty"`
	Removed   int    `json:"removed,omitempty"` // blocks that nothing referred to
	Lost      []Lost `json:"lost,omitempty"`    // the first 1,000 records that have to be fetched again or harvested anew
	LostCount int    `json:"lost_count,omitempty"`
	Released  int    `json:"released,omitempty"` // sets that have to be fetched again or harvested anew
}

// maxFindings of a list; damage beyond is counted.
const maxFindings = 1000

// CheckOptions of a Check or a Scrub.
type CheckOptions struct {
	// Progress is called after each piece of work; nil: nobody wants to know.
	Progress func(stage string, done int)
	// Young is the time (Unix seconds) from which on a block that nothing refers to may belong to a transfer
	// under way; a scrub leaves it.
	Young int64
}

// How damage is mended, as findings say it.
const (
	fixScrub   = "run `coursemesh db scrub`"
	fixRestore = "this cannot be mended in place: restore a backup (`coursemesh restore`), or move the file away and keep keys/ and head.json: the node then fetches foreign sets from its peers and harvests its own anew"
)

// Check looks whether the database is sound: its file, every row, every hash, every signature, every tree against its
// signed head. It writes nothing and reads in pieces, so that a running node goes on meanwhile. An error
// says that the check could not be done; what it found is in the report.
func (db *DB) Check(ctx context.Context, options CheckOptions) (Report, error) {
	e := newExaminer(ctx, db, options)
	return e.run()
}

// examiner does one Check or Scrub.
type examiner struct {
	ctx     context.Context
	db      *DB
	options CheckOptions
	mending bool
	report  Report
	fixes   []mending
	used    int64 // bytes of pages in use
	held    inventory
	bad     []digest // damaged blocks, in order
	lost    []Lost
	torn    []span // lines of the log that are gone
	let     bool   // a set was let go, so its blocks are wanted again
}

// mending is what a scrub does about a finding.
type mending struct {
	finding int // in the list; beyond it when the list is full
	do      func(*bolt.Tx) error
}

func newExaminer(ctx context.Context, db *DB, options CheckOptions) *examiner {
	if options.Progress == nil {
		options.Progress = func(string, int) {}
	}
	return &examiner{ctx: ctx, db: db, options: options, report: Report{File: db.path, Findings: []Finding{}}}
}

// stages in the order in which what comes later rests on what came before.
func (e *examiner) run() (Report, error) {
	whole, err := e.file()
	if err != nil || !whole {
		return e.end(err)
	}
	for _, stage := range []struct {
		name string
		do   func() error
	}{
		{"numbers", e.numbers},
		{"change log", e.log},
		{"switches", e.switches},
		{"blocks", e.blocks},
		{"sets", e.sets},
		{"proofs", e.proofs},
		{"tables", e.tables},
		{"journal", e.journal},
		{"unreferenced blocks", e.unreferenced},
	} {
		if err := e.stage(stage.name, stage.do); err != nil || e.report.Format == 0 {
			return e.end(err) // without a format nobody knows how to read on
		}
	}
	return e.end(nil)
}

// stage turns a damaged page into a finding; what else fails ends the check.
func (e *examiner) stage(name string, do func() error) error {
	err := do()
	if errors.Is(err, ErrCorrupt) {
		e.found(Finding{What: "page", Where: name, Problem: err.Error(), Fix: fixRestore}, nil)
		err = nil
	}
	return errors.Join(err, e.mend(), e.ctx.Err())
}

func (e *examiner) end(err error) (Report, error) {
	e.report.Sound = err == nil && e.report.Found == e.report.Mended && e.report.LostCount == 0 && e.report.Released == 0
	return e.report, err
}

// found notes a finding and, when it can be mended, how.
func (e *examiner) found(f Finding, mend func(*bolt.Tx) error) {
	if f.Fix == "" {
		f.Fix = fixScrub
	}
	e.report.Found++
	if len(e.report.Findings) < maxFindings {
		e.report.Findings = append(e.report.Findings, f)
	}
	if e.mending && mend != nil {
		e.fixes = append(e.fixes, mending{e.report.Found - 1, mend})
	}
}

// mendBatch findings are mended in one transaction.
const mendBatch = 1000

func (e *examiner) mend() error {
	fixes := e.fixes
	e.fixes = nil
	for len(fixes) > 0 {
		n := min(len(fixes), mendBatch)
		err := e.db.update(func(tx *bolt.Tx) error {
			for _, f := range fixes[:n] {
				if err := f.do(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("mend: %w", err)
		}
		e.mended(fixes[:n])
		fixes = fixes[n:]
	}
	return nil
}

func (e *examiner) mended(fixes []mending) {
	e.report.Mended += len(fixes)
	for _, f := range fixes {
		if f.finding < len(e.report.Findings) {
			e.report.Findings[f.finding].Mended = true
		}
	}
}

// row is a copy.
type row struct{ key, value []byte }

// copied lets rows outlive their transaction. The value of what should be a row and is a bucket is nil.
func copied(key, value []byte) (row, error) { return row{bytes.Clone(key), bytes.Clone(value)}, nil }

// rows visits the rows of a top-level bucket, in transactions of some hundreds each.
func (e *examiner) rows(name []byte, stage string, visit func(row) error) error {
	done := 0
	for r, err := range walk(e.db, func(tx *bolt.Tx) *bolt.Bucket { return tx.Bucket(name) }, "", copied) {
		if err == nil {
			err = visit(r)
		}
		if err != nil {
			return err
		}
		if done++; done%walkBatch == 0 {
			e.options.Progress(stage, done)
			if err := e.ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// remover takes a row out of a top-level bucket.
func remover(bucket, key []byte) func(*bolt.Tx) error {
	return func(tx *bolt.Tx) error { return tx.Bucket(bucket).Delete(key) }
}

package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// signed is the record of a course, as a node stores it.
func (p publisher) signed(t testing.TB, i int, title string) store.Block {
	t.Helper()
	_, _, subject, err := federation.SplitKey(courseKey(i))
	if err != nil {
		t.Fatal(err)
	}
	graph := fmt.Sprintf("<%s> <http://purl.org/dc/terms/title> %q .\n", subject, title) +
		fmt.Sprintf("<%s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/LearningOpportunitySpecification> .\n", subject)
	data, err := federation.Record{
		Kind: federation.KindCourse, Subject: subject, Provider: "uni.example", Graph: []byte(graph),
		Source: federation.Source{Domain: "uni.example", ID: "courses"}, Mapping: "elmrdf/1", Issued: 1_750_000_000,
	}.Seal(p.key)
	if err != nil {
		t.Fatal(err)
	}
	return store.Block{CID: federation.CIDOf(data), Data: data}
}

// sound is a closed database of two publishers with everything that a store can hold: current and past records,
// withdrawals, several heads, documents.
type sound struct {
	dir        string
	publishers []publisher
	blocks     map[cid.Cid][]byte // of current sets
	entries    map[federation.PublisherID][]store.Entry
	heads      map[federation.PublisherID]store.Held
}

func newSound(t testing.TB, courses int) sound {
	t.Helper()
	s := sound{
		dir: quickDir(t), publishers: []publisher{newPublisher(t), newPublisher(t)},
		blocks: map[cid.Cid][]byte{}, entries: map[federation.PublisherID][]store.Entry{}, heads: map[federation.PublisherID]store.Held{},
	}
	db := openAt(t, s.dir)
	for _, p := range s.publishers {
		old := make([]cid.Cid, courses)
		for version := range 3 {
			var blocks []store.Block
			var ops []store.Op
			for i := range courses {
				if version > 0 && i%(version+1) != 0 {
					continue
				}
				b := p.signed(t, i, fmt.Sprintf("Course %d, version %d", i, version))
				blocks, ops = append(blocks, b), append(ops, put(courseKey(i), old[i], b))
				old[i] = b.CID
			}
			publish(t, db, p, blocks, ops...)
		}
		publish(t, db, p, nil, store.Op{Key: courseKey(1), Old: old[1]})
		s.note(t, db, p)
	}
	for i := range 5 {
		if err := store.TableOf[string](db, "runs").Put(fmt.Sprint("run ", i), "a document of some length"); err != nil {
			t.Fatal(err)
		}
	}
	s.journal(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *sound) journal(t testing.TB, db *store.DB) {
	t.Helper()
	var lines []store.JournalLine
	for i, e := range s.entries[s.publishers[0].id] {
		lines = append(lines, store.JournalLine{Key: e.Key, CID: e.CID, Gone: i%5 == 0})
	}
	j := store.JournalOf(db)
	if err := errors.Join(j.Begin(7), j.Append(lines)); err != nil {
		t.Fatal(err)
	}
}

func (s *sound) note(t testing.TB, db *store.DB, p publisher) {
	t.Helper()
	var err error
	s.entries[p.id] = entries(t, db, p)
	if s.heads[p.id], err = db.Head(p.id); err != nil {
		t.Fatal(err)
	}
	for _, e := range s.entries[p.id] {
		if s.blocks[e.CID], err = db.Record(e.CID); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *sound) file() string { return filepath.Join(s.dir, "coursemesh.db") }

// copy is the same database in a directory of its own.
func (s *sound) copy(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	return written(t, data)
}

// quickDir lies in memory where there is such a place: hundreds of databases are made, and waiting for the disk would be
// most of the time.
func quickDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "coursemesh-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func written(t testing.TB, data []byte) string {
	t.Helper()
	dir := quickDir(t)
	if err := os.WriteFile(filepath.Join(dir, "coursemesh.db"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// check looks at a database that nobody has open. A file that cannot be opened is a finding.
func check(t testing.TB, dir string) store.Report {
	t.Helper()
	db, err := store.OpenToCheck(dir)
	if f, ok := store.FileFinding(dir, err); ok {
		return store.Report{Found: 1, Findings: []store.Finding{f}}
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	report, err := db.Check(context.Background(), store.CheckOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestCheckOfASoundDatabase finds nothing, counts right, and leaves no trace.
func TestCheckOfASoundDatabase(t *testing.T) {
	t.Parallel()
	s := newSound(t, 40)
	before, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, s.dir)
	if !r.Sound || r.Found != 0 || r.Publishers != 2 || r.Records != 78 || r.Blocks != 2*(40+20+14) || r.Unreferenced != 0 || r.Format != 1 || r.LastChange != uint64(r.Changes) {
		t.Errorf("%+v", r)
	}
	after, err := os.ReadFile(s.file())
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed; %v", err)
	}
	db := openAt(t, s.dir)
	if err := db.Stage(t.Context(), []store.Block{s.publishers[0].signed(t, 99, "nobody refers to it")}); err != nil {
		t.Fatal(err)
	}
	r, err = db.Check(t.Context(), store.CheckOptions{})
	if err != nil || !r.Sound || r.Unreferenced != 1 || r.UnreferencedBytes == 0 {
		t.Errorf("in a running node: %+v, %v", r, err)
	}
	r, err = db.Scrub(t.Context(), store.CheckOptions{})
	if err != nil || !r.Sound || r.Removed != 1 || r.Mended != 0 {
		t.Errorf("scrub: %+v, %v", r, err)
	}
}

// TestCheckWhileOthersWrite: sets are switched while a running node is checked, and nothing is found.
func TestCheckWhileOthersWrite(t *testing.T) {
	t.Parallel()
	s := newSound(t, 20)
	db, p := openAt(t, s.dir, store.Keep(5, 10, time.Hour)), s.publishers[0] // old lines go meanwhile
	done := make(chan struct{})
	go func() {
		defer close(done)
		old := cid.Undef
		for i := range 60 {
			b := p.signed(t, 1000, fmt.Sprint("version ", i))
			if err := db.Stage(context.Background(), []store.Block{b}); err != nil {
				t.Error(err)
				return
			}
			if _, err := db.Switch(context.Background(), p.id, []store.Op{put(courseKey(1000), old, b)}, p.seal); err != nil {
				t.Error(err)
				return
			}
			old = b.CID
		}
	}()
	for checks := 0; ; checks++ {
		r, err := db.Check(t.Context(), store.CheckOptions{})
		if err != nil || !r.Sound {
			t.Fatalf("%+v, %v", r.Findings, err)
		}
		select {
		case <-done:
			if checks == 0 {
				t.Error("nothing was checked meanwhile")
			}
			return
		default:
		}
	}
}

package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"
)

// place of a value in a database: the buckets that lead to it, and its key.
type valuePlace struct {
	path []string
	key  string
}

func (p valuePlace) bucket(tx *bolt.Tx) *bolt.Bucket {
	b := tx.Bucket([]byte(p.path[0]))
	for _, name := range p.path[1:] {
		b = b.Bucket([]byte(name))
	}
	return b
}

// values lists every value of a database.
func values(t *testing.T, dir string) (places []valuePlace) {
	t.Helper()
	raw(t, dir, func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			places = append(places, below(b, []string{string(name)})...)
			return nil
		})
	})
	return places
}

func below(b *bolt.Bucket, path []string) (places []valuePlace) {
	_ = b.ForEach(func(key, value []byte) error {
		if value == nil {
			places = append(places, below(b.Bucket(key), append(slices.Clone(path), string(key)))...)
			return nil
		}
		places = append(places, valuePlace{path, string(key)})
		return nil
	})
	return places
}

// raw changes a closed database behind the store's back.
func raw(t *testing.T, dir string, do func(*bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, "coursemesh.db"), 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(do), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// damage flips a bit of a value or cuts it. A block's row begins with one byte for its packing and five for the time it
// was staged, which decides nothing but when an unused block goes; they are left alone.
func damage(r *rand.Rand, p valuePlace, value []byte) (damaged []byte, what string) {
	damaged, from := bytes.Clone(value), 0
	if p.path[0] == "blocks" {
		from = 6
	}
	if r.IntN(4) == 0 {
		n := from + r.IntN(len(value)-from)
		return damaged[:n], fmt.Sprintf("cut to %d of %d bytes", n, len(value))
	}
	at := from + r.IntN(len(value)-from)
	damaged[at] ^= 1 << r.IntN(8)
	return damaged, fmt.Sprintf("bit flipped in byte %d of %d", at, len(value))
}

// TestThreat04DamagedValues flips bits in values of a store with real records, and cuts them. Each is found, none is
// served, and after a scrub and what a second node gives, everything is as it was.
func TestThreat04DamagedValues(t *testing.T) {
	t.Parallel()
	s := newSound(t, 12)
	places := values(t, s.copy(t))
	r := rand.New(rand.NewPCG(4, 44))
	for range rounds(25, 500) {
		dir, p := s.copy(t), places[r.IntN(len(places))]
		var what string
		raw(t, dir, func(tx *bolt.Tx) error {
			b := p.bucket(tx)
			var value []byte
			value, what = damage(r, p, b.Get([]byte(p.key)))
			return b.Put([]byte(p.key), value)
		})
		what = fmt.Sprintf("%q %q: %s", p.path, p.key, what)
		if found := check(t, dir); found.Sound || found.Found == 0 {
			t.Fatalf("%s: not found", what)
		}
		s.neverWrong(t, dir)
		s.comesBack(t, dir, what)
	}
}

// neverWrong reads everything; each answer is right or an error.
func (s *sound) neverWrong(t *testing.T, dir string) (missing int) {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		return 1
	}
	defer db.Close()
	return s.served(t, db)
}

func (s *sound) served(t *testing.T, db *store.DB) (missing int) {
	t.Helper()
	for c, want := range s.blocks {
		data, err := db.Get(c)
		if err == nil && !bytes.Equal(data, want) {
			t.Fatalf("served %q for %s", data, c)
		}
		if err != nil {
			missing++
		}
	}
	for _, p := range s.publishers {
		for _, want := range s.entries[p.id] {
			got, err := db.Entry(p.id, want.Key)
			if err == nil && got != want {
				t.Fatalf("served %+v for %+v", got, want)
			}
			if err != nil {
				missing++
			}
		}
		if head, err := db.Head(p.id); err != nil {
			missing++
		} else if head.CID != s.heads[p.id].CID && head.Compare(s.heads[p.id].Head) >= 0 {
			t.Fatalf("served head %+v", head.Head)
		}
	}
	return missing
}

// comesBack scrubs, takes from the sound database what is lost, as a peer would give it, and wants all of it.
func (s *sound) comesBack(t *testing.T, dir, what string) {
	t.Helper()
	report, err := store.ScrubDir(t.Context(), dir, store.CheckOptions{})
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if report.Mended == 0 {
		if refused(report) {
			return
		}
		t.Fatalf("%s: nothing was mended: %+v", what, report.Findings)
	}
	db, err := store.Open(dir)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer db.Close()
	s.give(t, db)
	again, err := db.Check(t.Context(), store.CheckOptions{})
	if err != nil || !again.Sound {
		t.Fatalf("%s: afterwards %+v, %v; scrub found %+v", what, again.Findings, err, report.Findings)
	}
	for _, p := range s.publishers {
		head, err := db.Head(p.id)
		if diff := cmp.Diff(s.entries[p.id], entries(t, db, p), byCID); diff != "" || err != nil || head.CID != s.heads[p.id].CID {
			t.Fatalf("%s: %v, head %s, %s", what, err, head.CID, diff)
		}
		if ops, err := db.OpsSince(p.id, head.CID); err != nil || len(ops) != 0 {
			t.Fatalf("%s: peers cannot be served: %v, %v; %+v", what, ops, err, report.Findings)
		}
	}
	if s.served(t, db) > 0 {
		t.Fatalf("%s: not all came back", what)
	}
}

// refused says that the report tells to restore a backup.
func refused(r store.Report) bool {
	return slices.ContainsFunc(r.Findings, func(f store.Finding) bool { return f.What == "page" || f.What == "file" })
}

// give does what peers do: they give the records that are lost and the sets that were let go.
func (s *sound) give(t *testing.T, db *store.DB) {
	t.Helper()
	lost, err := db.Lost()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lost {
		if err := db.Stage(t.Context(), []store.Block{{CID: l.CID, Data: s.blocks[l.CID]}}); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := db.Lost(); err != nil || len(left) != 0 {
		t.Fatalf("%v, %v", left, err)
	}
	for _, p := range s.publishers {
		if _, err := db.Head(p.id); !errors.Is(err, store.ErrNotFound) {
			continue
		}
		var ops []store.Op
		for _, e := range s.entries[p.id] {
			if err := db.Stage(t.Context(), []store.Block{{CID: e.CID, Data: s.blocks[e.CID]}}); err != nil {
				t.Fatal(err)
			}
			ops = append(ops, store.Op{Key: e.Key, New: e.CID, Domain: e.Domain, Bytes: e.Bytes})
		}
		if _, err := db.Switch(t.Context(), p.id, ops, func(store.Next) ([]byte, error) { return s.heads[p.id].Envelope, nil }); err != nil {
			t.Fatal(err)
		}
	}
}

// TestThreat04DamagedFile flips bits anywhere in the file, and cuts it: what check calls sound is served whole and
// right, everything else is found, and no wrong byte is ever served.
func TestThreat04DamagedFile(t *testing.T) {
	t.Parallel()
	s := newSound(t, 12)
	whole, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(4, 45))
	found := 0
	for i := range rounds(40, 500) {
		file, what := bytes.Clone(whole), ""
		if i%5 == 4 {
			file = file[:r.IntN(len(file))]
			what = fmt.Sprintf("cut to %d bytes", len(file))
		} else {
			at := r.IntN(len(file))
			file[at] ^= 1 << r.IntN(8)
			what = fmt.Sprintf("bit flipped in byte %d, page %d", at%os.Getpagesize(), at/os.Getpagesize())
		}
		dir := written(t, file)
		report := check(t, dir)
		missing := s.neverWrong(t, dir)
		if report.Sound && missing > 0 {
			t.Fatalf("%s: called sound, and %d answers are missing", what, missing)
		}
		if report.Found > 0 {
			found++
			if openable(dir) == nil {
				s.comesBack(t, dir, what)
			}
		}
		for _, f := range report.Findings {
			if f.Problem == "" || f.Fix == "" || f.Where == "" {
				t.Fatalf("%s: %+v", what, f)
			}
		}
	}
	t.Logf("%d found", found)
	if found == 0 {
		t.Error("no damage was ever found")
	}
}

// openable is nil for a file that can be opened at all.
func openable(dir string) error {
	db, err := store.OpenToCheck(dir)
	if err != nil {
		return err
	}
	return db.Close()
}

// TestScrubWritesAFileAnew whose keys are out of order, since a bit of one was flipped.
func TestScrubWritesAFileAnew(t *testing.T) {
	t.Parallel()
	s := newSound(t, 12)
	file, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	key := []byte(s.entries[s.publishers[0].id][4].Key)
	for at := 0; ; at += len(key) {
		i := bytes.Index(file[at:], key)
		if i < 0 {
			break
		}
		at += i
		file[at] ^= 16 // "course" becomes "sourse", wherever it stands
	}
	dir := written(t, file)
	if r := check(t, dir); r.Sound || r.Findings[0].What != "page" || !strings.Contains(r.Findings[0].Fix, "writes the file anew") {
		t.Fatalf("%+v", r)
	}
	s.comesBack(t, dir, "keys out of order")
}

// TestScrubFindsWhatIsMissing: rows that are gone altogether.
func TestScrubFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newSound(t, 12)
	p := string(s.publishers[0].id)
	for name, path := range map[string][]string{
		"block": {"blocks"}, "head": {"publishers", p, "heads"}, "place": {"publishers", p, "places"}, "key": {"publishers", p, "keys"},
		"node": {"publishers", p, "nodes"}, "line": {"log"}, "switch": {"switches"}, "number": {"meta"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := s.copy(t)
			raw(t, dir, func(tx *bolt.Tx) error {
				b := valuePlace{path: path}.bucket(tx)
				c := b.Cursor()
				key, _ := c.Last()
				if name == "block" {
					d := s.entries[s.publishers[0].id][3].CID.Hash()
					key = d[2:]
				}
				if name == "number" {
					key = []byte("trimmed")
				}
				return b.Delete(bytes.Clone(key))
			})
			if r := check(t, dir); r.Sound {
				t.Fatalf("%+v", r)
			}
			s.comesBack(t, dir, name)
		})
	}
}

// TestScrubLeavesDamagedPages: writing into a file whose pages are damaged could make it worse.
func TestScrubLeavesDamagedPages(t *testing.T) {
	t.Parallel()
	s := newSound(t, 12)
	file, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	dir := written(t, file[:len(file)/2])
	db, err := store.OpenToScrub(dir)
	if err != nil {
		if f, ok := store.FileFinding(dir, err); !ok || f.Fix == "" {
			t.Errorf("%v", err)
		}
		return
	}
	defer db.Close()
	r, err := db.Scrub(context.Background(), store.CheckOptions{})
	if err != nil || r.Sound || r.Mended != 0 || !refused(r) {
		t.Errorf("%+v, %v", r, err)
	}
}

package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"pgregory.net/rapid"
)

// write brings the journal to what is wanted as its writer does.
func write(t rapid.TB, j store.Journal, wants ...store.JournalWant) []store.JournalLine {
	lines, err := j.Differ(wants)
	if err == nil && len(lines) > 0 {
		err = j.Append(lines)
	}
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// follower holds a copy and reads on from where it is.
type follower struct {
	seq  uint64
	held map[string]cid.Cid
}

func (f *follower) read(t rapid.TB, j store.Journal, page int) {
	for {
		lines, err := j.After(f.seq, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if line.Seq <= f.seq || line.Born == 0 || line.Born > line.Seq {
				t.Fatalf("after %d: %+v", f.seq, line)
			}
			if f.seq, f.held[line.Key] = line.Seq, line.CID; line.Gone {
				delete(f.held, line.Key)
			}
		}
		if len(lines) < page {
			return
		}
	}
}

// Whoever reads the journal from any point on, in pages of any size, while it is written, ends with what it was
// brought to, unless withdrawals before that point were forgotten.
func TestJournalModel(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		now := time.Unix(1_750_000_000, 0)
		db, err := store.Open(fmt.Sprintf("%s/%d", dir, run), store.Clock(func() time.Time { return now }), store.KeepGone(3))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		j := store.JournalOf(db)
		model := map[string]cid.Cid{}
		followers := []*follower{{held: map[string]cid.Cid{}}}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-5, 60).Draw(t, "hours")) * time.Hour)
			wants := map[string]store.JournalWant{}
			for range rapid.IntRange(1, 4).Draw(t, "wants") {
				w := store.JournalWant{Key: courseKey(rapid.IntRange(0, 5).Draw(t, "course"))}
				if version := rapid.IntRange(-2, 3).Draw(t, "version"); version >= 0 {
					w.CID = envelope(w.Key, version).CID
				}
				wants[w.Key] = w
			}
			want := slices.Collect(maps.Values(wants))
			write(t, j, want...)
			for _, w := range want {
				if model[w.Key] = w.CID; !w.CID.Defined() {
					delete(model, w.Key)
				}
			}
			if again := write(t, j, want...); len(again) > 0 {
				t.Fatalf("what is so already gives lines: %+v", again)
			}
			switch f := rapid.SampledFrom(followers).Draw(t, "follower"); rapid.IntRange(0, 3).Draw(t, "do") {
			case 0:
				followers = append(followers, &follower{held: map[string]cid.Cid{}})
			case 1:
				followers = append(followers, &follower{f.seq, maps.Clone(f.held)})
			case 2:
				f.check(t, j, model)
			}
		}
		live := map[string]bool{}
		for key, err := range j.Live() {
			if err != nil {
				t.Fatal(err)
			}
			live[key] = true
		}
		if len(live) != len(model) {
			t.Fatalf("%d live keys, want %d", len(live), len(model))
		}
		for _, f := range followers {
			f.check(t, j, model)
		}
	})
}

func (f *follower) check(t *rapid.T, j store.Journal, model map[string]cid.Cid) {
	if _, forgotten, err := j.Bounds(); err != nil || f.seq < forgotten && len(f.held) > 0 {
		f.seq, f.held = 0, map[string]cid.Cid{} // it has to begin anew
	}
	f.read(t, j, rapid.IntRange(1, 9).Draw(t, "page"))
	if diff := cmp.Diff(model, f.held, byCID); diff != "" {
		t.Fatalf("a follower's copy: %s", diff)
	}
}

func TestJournalForgetsByAge(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_750_000_000, 0)
	db := open(t, store.Clock(func() time.Time { return now }))
	j := store.JournalOf(db)
	a, b := courseKey(1), courseKey(2)
	write(t, j, store.JournalWant{Key: a, CID: envelope(a, 1).CID}, store.JournalWant{Key: b, CID: envelope(b, 1).CID})
	write(t, j, store.JournalWant{Key: a})
	now = now.Add(364 * 24 * time.Hour)
	write(t, j, store.JournalWant{Key: b, CID: envelope(b, 2).CID})
	if lines, err := j.After(0, 9); err != nil || len(lines) != 2 || !lines[0].Gone || lines[1].Born != 2 {
		t.Errorf("%+v, %v", lines, err)
	}
	now = now.Add(2 * 24 * time.Hour)
	write(t, j, store.JournalWant{Key: b, CID: envelope(b, 3).CID})
	lines, err := j.After(0, 9)
	if err != nil || len(lines) != 1 || lines[0].Key != b {
		t.Errorf("%+v, %v", lines, err)
	}
	if last, forgotten, err := j.Bounds(); err != nil || last != 5 || forgotten != 3 {
		t.Errorf("last %d, forgotten %d, %v", last, forgotten, err)
	}
	write(t, j, store.JournalWant{Key: a, CID: envelope(a, 1).CID})
	if lines, err = j.After(5, 9); err != nil || len(lines) != 1 || lines[0].Born != 6 {
		t.Errorf("what comes again after it was forgotten: %+v, %v", lines, err)
	}
}

func TestJournalRunsAndReset(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openAt(t, dir)
	j := store.JournalOf(db)
	if runs, err := j.Runs(); err != nil || len(runs) != 0 {
		t.Errorf("%v, %v", runs, err)
	}
	key := courseKey(1)
	var want []store.JournalRun
	for i := range uint64(3) {
		if err := j.Begin(100 + i); err != nil {
			t.Fatal(err)
		}
		want = append(want, store.JournalRun{ID: 100 + i, From: i})
		write(t, j, store.JournalWant{Key: key, CID: envelope(key, int(i)).CID})
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	j = store.JournalOf(openAt(t, dir))
	runs, err := j.Runs()
	if diff := cmp.Diff(want, runs); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if err := errors.Join(j.Reset(), j.Reset()); err != nil {
		t.Fatal(err)
	}
	if last, _, err := j.Bounds(); err != nil || last != 0 {
		t.Errorf("%d, %v", last, err)
	}
	if lines := write(t, j, store.JournalWant{Key: key, CID: federation.CIDOf(nil)}); len(lines) != 1 {
		t.Errorf("%v", lines)
	}
}

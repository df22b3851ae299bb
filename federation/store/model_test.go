package store_test

import (
	"context"
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

// model is what a database with one publisher should hold.
type model struct {
	t       *rapid.T
	tb      testing.TB
	dir     string
	options []store.Option
	db      *store.DB
	clock   time.Time
	p       publisher

	version  int
	set      map[string]store.Entry
	past     []state // every head with the set it described
	versions map[string][]cid.Cid
	log      []store.Change
}

type state struct {
	head store.Held
	set  map[string]store.Entry
}

func newModel(t *rapid.T, tb testing.TB, p publisher, heads, lines uint64) *model {
	m := &model{
		t: t, tb: tb, dir: tb.TempDir(), clock: time.Unix(1_750_000_000, 0), p: p,
		set: map[string]store.Entry{}, versions: map[string][]cid.Cid{},
	}
	m.options = []store.Option{
		store.Clock(func() time.Time { return m.clock }),
		store.Keep(heads, lines, 1000*time.Hour),
	}
	m.reopen()
	return m
}

func (m *model) reopen() {
	if m.db != nil {
		m.must(m.db.Close())
	}
	db, err := store.Open(m.dir, m.options...)
	m.must(err)
	m.db = db
}

func (m *model) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// step switches to a random next set.
func (m *model) step() {
	m.clock = m.clock.Add(time.Hour)
	keys := rapid.SliceOfNDistinct(rapid.IntRange(0, 19), 0, 15, rapid.ID).Draw(m.t, "keys")
	var ops []store.Op
	var blocks []store.Block
	set := maps.Clone(m.set)
	for _, k := range keys {
		key := courseKey(k)
		old, had := set[key]
		if had && rapid.IntRange(0, 2).Draw(m.t, "what") == 0 {
			ops = append(ops, store.Op{Key: key, Old: old.CID})
			delete(set, key)
			continue
		}
		m.version++
		// Sometimes a key gets back what some key had before.
		b := envelope(fmt.Sprint(rapid.IntRange(0, 3).Draw(m.t, "family")), m.version-rapid.IntRange(0, 3).Draw(m.t, "back"))
		if b.CID == old.CID {
			continue
		}
		blocks = append(blocks, b)
		domain := rapid.SampledFrom([]string{"uni.example", "alliance.example"}).Draw(m.t, "domain")
		op := put(key, old.CID, b)
		op.Domain = domain
		ops = append(ops, op)
		set[key] = store.Entry{Key: key, CID: b.CID, Domain: domain, Bytes: len(b.Data)}
	}
	m.must(m.db.Stage(context.Background(), blocks))
	held, err := m.db.Switch(context.Background(), m.p.id, rapid.Permutation(ops).Draw(m.t, "order"), m.p.seal)
	m.must(err)
	m.note(held, ops, set)
}

func (m *model) note(held store.Held, ops []store.Op, set map[string]store.Entry) {
	m.set = set
	m.past = append(m.past, state{held, set})
	slices.SortFunc(ops, func(a, b store.Op) int { return cmpKeys(a.Key, b.Key) })
	if len(ops) == 0 {
		ops = []store.Op{{}}
	}
	for _, op := range ops {
		m.log = append(m.log, store.Change{Seq: uint64(len(m.log) + 1), Publisher: m.p.id, Head: held.CID, Op: op})
		if op.New.Defined() {
			m.versions[op.Key] = append(m.versions[op.Key], op.New)
		}
	}
}

func cmpKeys(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func sorted(set map[string]store.Entry) []store.Entry {
	return slices.SortedFunc(maps.Values(set), func(a, b store.Entry) int { return cmpKeys(a.Key, b.Key) })
}

// net is the difference of two sets.
func net(from, to map[string]store.Entry) (ops []store.Op) {
	for key, old := range from {
		if _, ok := to[key]; !ok {
			ops = append(ops, store.Op{Key: key, Old: old.CID})
		}
	}
	for key, e := range to {
		if from[key].CID != e.CID {
			ops = append(ops, store.Op{Key: key, Old: from[key].CID, New: e.CID, Domain: e.Domain, Bytes: e.Bytes})
		}
	}
	slices.SortFunc(ops, func(a, b store.Op) int { return cmpKeys(a.Key, b.Key) })
	return ops
}

// history is what the key had, newest first, each once.
func (m *model) history(key string) (out []cid.Cid) {
	for _, c := range slices.Backward(m.versions[key]) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out[:min(len(out), 20)]
}

func (m *model) check() {
	m.checkSet()
	m.checkHeads()
	m.checkHistories()
	m.checkLog()
}

func (m *model) equal(what string, want, got any) {
	m.t.Helper()
	if diff := cmp.Diff(want, got, byCID); diff != "" {
		m.t.Fatalf("%s: %s", what, diff)
	}
}

func (m *model) checkSet() {
	m.equal("entries", sorted(m.set), entries(m.tb, m.db, m.p))
	if len(m.past) == 0 {
		return
	}
	now := m.past[len(m.past)-1].head
	root, err := federation.RootOf(context.Background(), func(yield func(string, cid.Cid) bool) {
		for key, e := range m.set {
			if !yield(key, e.CID) {
				return
			}
		}
	})
	m.must(err)
	if now.Root != root || now.Count != uint64(len(m.set)) {
		m.t.Fatalf("root %s of %d records, want %s of %d", now.Root, now.Count, root, len(m.set))
	}
	nodes := 0
	m.must(federation.TreeNodes(context.Background(), treeBlocks{m.db}, root, func(cid.Cid) error { nodes++; return nil }))
	if rows, err := m.db.Rows(m.p.id); err != nil || rows.Nodes != nodes || rows.Heads != rows.Places {
		m.t.Fatalf("%+v, but the tree has %d nodes; %v", rows, nodes, err)
	}
}

// treeBlocks reads tree nodes by CID as the gateway does.
type treeBlocks struct{ db *store.DB }

func (b treeBlocks) Get(_ context.Context, c cid.Cid) ([]byte, error) { return b.db.Get(c) }
func (b treeBlocks) Put(context.Context, cid.Cid, []byte) error       { return errors.New("read-only") }

// checkHeads allows the log to end before old heads, never before the last one.
func (m *model) checkHeads() {
	reached := true
	for i, s := range slices.Backward(m.past) {
		ops, err := m.db.OpsSince(m.p.id, s.head.CID)
		if errors.Is(err, store.ErrTooOld) && i < len(m.past)-1 {
			reached = false
			continue
		}
		m.must(err)
		if !reached {
			m.t.Fatalf("the log reaches head %d but not the one after", i)
		}
		m.equal(fmt.Sprintf("operations since head %d", i), net(s.set, m.set), ops)
		at, err := m.db.HeadAt(m.p.id, s.head.CID)
		m.must(err)
		m.equal("head", s.head, at)
	}
}

func (m *model) checkHistories() {
	for k := range 20 {
		key := courseKey(k)
		want := m.history(key)
		got, err := m.db.History(m.p.id, key)
		current, isSet := m.set[key]
		switch {
		case errors.Is(err, store.ErrNotFound) && !isSet: // never there, or forgotten
		case err != nil:
			m.t.Fatal(err)
		case len(got) > len(want) || !slices.Equal(got, want[:len(got)]):
			m.t.Fatalf("history of %s: %v, want %v", key, got, want)
		case isSet && (len(got) == 0 || got[0] != current.CID):
			m.t.Fatalf("history of %s lacks %s", key, current.CID)
		}
	}
}

func (m *model) checkLog() {
	if got := m.db.LastChange(); got != uint64(len(m.log)) {
		m.t.Fatalf("last change %d, want %d", got, len(m.log))
	}
	changes, err := m.db.Changes(0, len(m.log)+1)
	if errors.Is(err, store.ErrTooOld) {
		after := len(m.log)
		for after > 0 && m.log[after-1].Head == m.log[len(m.log)-1].Head {
			after-- // the lines of the current head are always there
		}
		changes, err = m.db.Changes(uint64(after), 1000)
		m.must(err)
		m.equal("changes", m.log[after:], changes)
		return
	}
	m.must(err)
	m.equal("changes", m.log[:len(changes)], changes)
	if len(changes) != len(m.log) {
		m.t.Fatalf("%d changes, want %d", len(changes), len(m.log))
	}
}

// collect removes all that can go, and nothing else.
func (m *model) collect() {
	m.clock = m.clock.Add(time.Hour)
	_, _, err := m.db.Collect(context.Background(), m.clock.Unix())
	m.must(err)
	kept := map[cid.Cid]struct{}{}
	for k := range 20 {
		versions, err := m.db.History(m.p.id, courseKey(k))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			m.t.Fatal(err)
		}
		for _, c := range versions {
			kept[c] = struct{}{}
			if _, err := m.db.Get(c); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	if rows, err := m.db.Rows(m.p.id); err != nil || rows.Blocks != len(kept) {
		m.t.Fatalf("%d blocks, want %d; %v", rows.Blocks, len(kept), err)
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	p := newPublisher(t)
	rapid.Check(t, func(rt *rapid.T) {
		heads := rapid.Uint64Range(2, 30).Draw(rt, "heads")
		lines := rapid.Uint64Range(1, 400).Draw(rt, "lines")
		m := newModel(rt, t, p, heads, lines)
		defer func() { _ = m.db.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"switch":  func(rt *rapid.T) { m.t = rt; m.step() },
			"switch2": func(rt *rapid.T) { m.t = rt; m.step() },
			"reopen":  func(rt *rapid.T) { m.t = rt; m.reopen() },
			"collect": func(rt *rapid.T) { m.t = rt; m.collect() },
			"":        func(rt *rapid.T) { m.t = rt; m.check() },
		})
	})
}

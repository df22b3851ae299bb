package journal_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/journal"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// publisher is trusted for everything below a domain, as the class says.
type publisher struct {
	key   crypto.PrivKey
	trust authority.Trust
}

func newPublisher(t testing.TB, class federation.Class) publisher {
	t.Helper()
	key, public, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := federation.PublisherOf(public)
	if err != nil {
		t.Fatal(err)
	}
	return publisher{key, authority.Trust{ID: id, Provider: "*", Class: class}}
}

// node is a store, its catalogue and the journal of that.
type node struct {
	t         testing.TB
	dir       string
	db        *store.DB
	catalogue *catalogue.Catalogue
	journal   *journal.Journal
	stop      func()
}

func start(t testing.TB, dir string, publishers ...publisher) *node {
	t.Helper()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	before, err := store.JournalOf(db).Runs()
	if err != nil {
		t.Fatal(err)
	}
	config := authority.Config{DB: db, Now: time.Now, Providers: []federation.Provider{{ID: "uni.example"}}}
	for _, p := range publishers {
		config.Trust = append(config.Trust, p.trust)
	}
	known, err := authority.New(config)
	if err != nil {
		t.Fatal(err)
	}
	c := catalogue.New(catalogue.Config{DB: db, Authority: known})
	j, err := journal.New(journal.Config{DB: db, Catalogue: c, Note: func(key string, _ cid.Cid) string { return "of " + key }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = c.Run(ctx) })
	running.Go(func() { _ = j.Run(ctx) })
	n := &node{t: t, dir: dir, db: db, catalogue: c, journal: j}
	n.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(n.stop)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if runs, err := store.JournalOf(db).Runs(); err != nil || len(runs) > len(before) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the journal does not begin")
		}
	}
	n.settle()
	return n
}

// settle waits until the journal has what is stored.
func (n *node) settle() {
	n.t.Helper()
	if err := n.catalogue.Update(context.Background()); err != nil {
		n.t.Fatal(err)
	}
	if err := n.catalogue.Settle(context.Background()); err != nil {
		n.t.Fatal(err)
	}
}

func key(i int) string { return fmt.Sprintf("course|uni.example|urn:x:%d", i) }

func recordOf(p publisher, i, version int) []byte {
	return fmt.Appendf(nil, "%s says %d of course %d", p.trust.ID, version, i)
}

// says publishes versions of courses; a version of 0 withdraws.
func (n *node) says(p publisher, versions map[int]int) {
	n.t.Helper()
	var ops []store.Op
	var blocks []store.Block
	for i, version := range versions {
		op := store.Op{Key: key(i), Domain: "uni.example"}
		if old, err := n.db.Entry(p.trust.ID, op.Key); err == nil {
			op.Old = old.CID
		}
		if version > 0 {
			data := recordOf(p, i, version)
			op.New, op.Bytes = federation.CIDOf(data), len(data)
			blocks = append(blocks, store.Block{CID: op.New, Data: data})
		}
		if op.Old != op.New {
			ops = append(ops, op)
		}
	}
	if err := n.db.Stage(context.Background(), blocks); err != nil {
		n.t.Fatal(err)
	}
	_, err := n.db.Switch(context.Background(), p.trust.ID, ops, func(next store.Next) ([]byte, error) {
		return federation.Head{
			Epoch: 1, Seq: next.Prev.Seq + 1, Prev: next.Prev.CID, Root: next.Root, Count: next.Count, Bytes: next.Bytes,
			Domains: []string{"uni.example"}, Issued: 1,
		}.Seal(p.key)
	})
	if err != nil {
		n.t.Fatal(err)
	}
	n.settle()
}

// read is what there is after a position, as "key version"; gone keys have a minus.
func (n *node) read(p journal.Position) (out []string, next journal.Position) {
	n.t.Helper()
	for more := true; more; {
		var lines []journal.Line
		var err error
		if lines, p, more, err = n.journal.After(p, 2); err != nil {
			n.t.Fatal(err)
		}
		for _, line := range lines {
			text := line.Key[len("course|uni.example|"):]
			if line.Gone {
				text = "-" + text + " " + line.Note
			} else {
				data, err := n.db.Get(line.CID)
				if err != nil {
					n.t.Fatal(err)
				}
				text += " " + string(data[len(data)-len("5 of course 1"):][:1])
			}
			out = append(out, text)
		}
	}
	return out, p
}

func (n *node) wants(p journal.Position, want ...string) journal.Position {
	n.t.Helper()
	got, next := n.read(p)
	if diff := cmp.Diff(want, got); diff != "" {
		n.t.Error(diff)
	}
	return next
}

// What two publishers say changes once: only what precedence decides is noted.
func TestEffectiveChangesOnce(t *testing.T) {
	t.Parallel()
	member, ministry := newPublisher(t, federation.Member), newPublisher(t, federation.Authoritative)
	n := start(t, t.TempDir(), member, ministry)
	n.says(ministry, map[int]int{1: 1, 2: 1})
	p := n.wants(n.journal.Beginning(), "urn:x:1 1", "urn:x:2 1")
	n.says(member, map[int]int{1: 2})
	p = n.wants(p, "urn:x:1 2", "-urn:x:2 of "+key(2))
	n.says(ministry, map[int]int{1: 3, 2: 3})
	p = n.wants(p)
	n.says(member, map[int]int{1: 4})
	p = n.wants(p, "urn:x:1 4")
	n.says(member, map[int]int{1: 0, 2: 5})
	n.says(member, map[int]int{1: 6})
	n.wants(p, "urn:x:2 5", "urn:x:1 6")
	n.wants(n.journal.Beginning(), "urn:x:2 5", "urn:x:1 6")
}

// What the operator hides leaves, and comes back when it is shown again.
func TestHiddenIsWithdrawn(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, federation.Member)
	n := start(t, t.TempDir(), p)
	n.says(p, map[int]int{1: 1, 2: 1})
	at := n.wants(n.journal.Beginning(), "urn:x:1 1", "urn:x:2 1")
	b := catalogue.Block{What: catalogue.BlockCourse, Value: "urn:x:1", Reason: "test"}
	if err := n.catalogue.Block(t.Context(), b, time.Now()); err != nil {
		t.Fatal(err)
	}
	n.settle()
	at = n.wants(at, "-urn:x:1 of "+key(1))
	if err := n.catalogue.Unblock(t.Context(), b.What, b.Value); err != nil {
		t.Fatal(err)
	}
	n.settle()
	n.wants(at, "urn:x:1 1")
}

// Positions stay good through restarts, and what changed in between is noted then.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir, p := t.TempDir(), newPublisher(t, federation.Member)
	n := start(t, dir, p)
	n.says(p, map[int]int{1: 1, 2: 1, 3: 1})
	text, err := n.journal.Text(n.wants(n.journal.Beginning(), "urn:x:1 1", "urn:x:2 1", "urn:x:3 1"))
	if err != nil {
		t.Fatal(err)
	}
	n.stop()
	n = start(t, dir) // nobody is trusted any more
	at, err := n.journal.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	n.wants(at, "-urn:x:1 of "+key(1), "-urn:x:2 of "+key(2), "-urn:x:3 of "+key(3))
	n.wants(n.journal.Beginning())
	n.stop()
	n = start(t, dir, p)
	if at, err = n.journal.Parse(text); err != nil {
		t.Fatal(err)
	}
	n.wants(at, "urn:x:1 1", "urn:x:2 1", "urn:x:3 1")
}

// A position of a state of the database that was lost is refused, although the same numbers were given again.
func TestOlderStatePutBack(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, federation.Member)
	n := start(t, t.TempDir(), p)
	n.says(p, map[int]int{1: 1, 2: 1})
	kept, err := n.journal.Text(n.journal.End())
	if err != nil {
		t.Fatal(err)
	}
	back := t.TempDir()
	if err := n.db.Copy(filepath.Join(back, "coursemesh.db")); err != nil {
		t.Fatal(err)
	}
	n.says(p, map[int]int{3: 1, 4: 1})
	lost, err := n.journal.Text(n.journal.End())
	if err != nil {
		t.Fatal(err)
	}
	beginning, err := n.journal.Text(n.journal.Beginning())
	if err != nil {
		t.Fatal(err)
	}
	n.stop()
	n = start(t, back, p)
	n.says(p, map[int]int{5: 1, 6: 1, 7: 1})
	for _, text := range []string{lost, beginning} {
		if _, err := n.journal.Parse(text); !errors.Is(err, journal.ErrTooOld) {
			t.Errorf("%s of the lost state: %v", text, err)
		}
	}
	at, err := n.journal.Parse(kept)
	if err != nil {
		t.Fatal(err)
	}
	n.wants(at, "urn:x:5 1", "urn:x:6 1", "urn:x:7 1")
	other := start(t, t.TempDir(), p)
	if _, err := other.journal.Parse(kept); !errors.Is(err, journal.ErrTooOld) {
		t.Errorf("a position of another node: %v", err)
	}
}

func TestPositionsThatAreNone(t *testing.T) {
	t.Parallel()
	n := start(t, t.TempDir())
	good, err := n.journal.Text(n.journal.Beginning())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.journal.Parse(good); err != nil {
		t.Errorf("%s: %v", good, err)
	}
	for _, text := range []string{"", "x", "-", "12", good + "-", good + "-x", good + "-1-1", good[1:], "x" + good[1:], good[:17], good[:17] + "-1", good[:17] + "99999999999999999999"} {
		if _, err := n.journal.Parse(text); !errors.Is(err, journal.ErrPosition) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{good[:17] + "7", good + "-7"} {
		if _, err := n.journal.Parse(text); !errors.Is(err, journal.ErrTooOld) {
			t.Errorf("%q, which is yet to come: %v", text, err)
		}
	}
}

// A node that never ran has no positions to give.
func TestBeforeTheFirstRun(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	j, err := journal.New(journal.Config{DB: db})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Text(j.Beginning()); !errors.Is(err, journal.ErrNotReady) {
		t.Error(err)
	}
}

// A reader waits until there is more, until it gives up, or until the journal ends.
func TestWait(t *testing.T) {
	t.Parallel()
	p := newPublisher(t, federation.Member)
	n := start(t, t.TempDir(), p)
	end := n.journal.End()
	woken := make(chan error, 1)
	go func() { woken <- n.journal.Wait(t.Context(), end) }()
	n.says(p, map[int]int{1: 1})
	if err := <-woken; err != nil {
		t.Error(err)
	}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if err := n.journal.Wait(given, n.journal.End()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	end = n.journal.End()
	go func() { woken <- n.journal.Wait(context.Background(), end) }()
	n.stop()
	if err := <-woken; !errors.Is(err, journal.ErrEnded) {
		t.Error(err)
	}
}

// A damaged journal is made anew; positions of the old one are refused.
func TestDamagedJournalIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir, p := t.TempDir(), newPublisher(t, federation.Member)
	n := start(t, dir, p)
	n.says(p, map[int]int{1: 1, 2: 1})
	text, err := n.journal.Text(n.journal.End())
	if err != nil {
		t.Fatal(err)
	}
	n.stop()
	damage(t, filepath.Join(dir, "coursemesh.db"), key(2))
	n = start(t, dir, p)
	n.says(p, map[int]int{2: 2})
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := n.journal.Parse(text); errors.Is(err, journal.ErrTooOld) && n.journal.End().Seq == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the damaged journal stays")
		}
	}
	n.wants(n.journal.Beginning(), "urn:x:1 1", "urn:x:2 2")
}

// damage flips a bit of the key in the journal's lines, where it stands behind its length.
func damage(t *testing.T, file, key string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	needle := append([]byte{byte(len(key))}, key...)
	hits := 0
	for i := 0; i+len(needle)+4 < len(data); i++ {
		if string(data[i:i+len(needle)]) == string(needle) && data[i-1] < 16 { // the number of its first line, not a length
			data[i+len(needle)-1] ^= 1
			hits++
		}
	}
	if hits == 0 {
		t.Fatal("no line of the journal found in the file")
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

package store_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

const (
	childDir = "STORE_TEST_CHILD_DIR"
	soak     = "COURSEMESH_SOAK"
)

// rounds is the short number unless the soak run is asked for.
func rounds(short, long int) int {
	if os.Getenv(soak) == "1" {
		return long
	}
	return short
}

// childPublisher is the same in every process.
func childPublisher() publisher {
	key, pub, err := crypto.GenerateEd25519Key(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		panic(err)
	}
	id, err := federation.PublisherOf(pub)
	if err != nil {
		panic(err)
	}
	return publisher{id, key}
}

// child stages and switches until it is killed, and acknowledges each switch on standard output.
func child(dir string) int {
	db, err := store.Open(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = db.Close() }()
	p := childPublisher()
	fmt.Println("open")
	for {
		held, err := childStep(db, p)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println("head", held.Seq, held.CID)
	}
}

// childStep sets the keys that the number of the head selects.
func childStep(db *store.DB, p publisher) (store.Held, error) {
	head, err := db.Head(p.id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.Held{}, err
	}
	var blocks []store.Block
	var ops []store.Op
	for _, k := range childKeys(head.Seq + 1) {
		entry, err := db.Entry(p.id, courseKey(k))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return store.Held{}, err
		}
		b := envelope(courseKey(k), int(head.Seq+1))
		blocks = append(blocks, b)
		ops = append(ops, put(courseKey(k), entry.CID, b))
	}
	if err := db.Stage(context.Background(), blocks); err != nil {
		return store.Held{}, err
	}
	return db.Switch(context.Background(), p.id, ops, p.seal)
}

func childKeys(seq uint64) (keys []int) {
	r := rand.New(rand.NewPCG(seq, 1))
	for range 20 {
		keys = append(keys, r.IntN(10_000))
	}
	return dedupe(keys)
}

func dedupe(keys []int) (out []int) {
	seen := map[int]bool{}
	for _, k := range keys {
		if !seen[k] {
			seen[k] = true
			out = append(out, k)
		}
	}
	return out
}

// TestThreat1KilledProcessLosesNothing: what the child acknowledged is there after SIGKILL, whole.
func TestThreat1KilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acknowledged := uint64(0)
	for range rounds(12, 1000) {
		acknowledged = max(acknowledged, killOne(t, dir))
		start := time.Now()
		db, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("ready after %v", took)
		}
		checkChild(t, db, acknowledged)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if acknowledged == 0 {
		t.Error("no child ever switched")
	}
}

func killOne(t *testing.T, dir string) (acknowledged uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == "open" {
			time.AfterFunc(time.Duration(10+rand.IntN(90))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			continue
		}
		var c string
		if _, err := fmt.Sscanf(lines.Text(), "head %d %s", &acknowledged, &c); err != nil {
			t.Fatalf("child says %q", lines.Text())
		}
	}
	if err := cmd.Wait(); err == nil || problems.Len() > 0 {
		t.Fatalf("child ended by itself: %v %s", err, problems.String())
	}
	return acknowledged
}

// checkChild requires all of the last head: entries, blocks, root.
func checkChild(t *testing.T, db *store.DB, acknowledged uint64) {
	t.Helper()
	p := childPublisher()
	head, err := db.Head(p.id)
	if errors.Is(err, store.ErrNotFound) && acknowledged == 0 {
		return
	}
	if err != nil || head.Seq < acknowledged || head.Seq > acknowledged+1 {
		t.Fatalf("head is %d, acknowledged was %d; %v", head.Seq, acknowledged, err)
	}
	want := map[string]store.Entry{}
	for seq := range head.Seq {
		for _, k := range childKeys(seq + 1) {
			b := envelope(courseKey(k), int(seq+1))
			want[courseKey(k)] = store.Entry{Key: courseKey(k), CID: b.CID, Domain: "uni.example", Bytes: len(b.Data)}
		}
	}
	got := entries(t, db, p)
	if diff := cmp.Diff(sorted(want), got, byCID); diff != "" {
		t.Fatal(diff)
	}
	root, err := federation.RootOf(context.Background(), func(yield func(string, cid.Cid) bool) {
		for _, e := range got {
			if _, err := db.Get(e.CID); err != nil {
				t.Fatal(err)
			}
			if !yield(e.Key, e.CID) {
				return
			}
		}
	})
	if err != nil || root != head.Root {
		t.Fatalf("root %s, head says %s; %v", root, head.Root, err)
	}
}

// TestThreat4FlippedBitsAreNeverServed damages one bit at a time: every answer is right or an error.
func TestThreat4FlippedBitsAreNeverServed(t *testing.T) {
	t.Parallel()
	dir, p, blocks := damageable(t)
	whole, err := os.ReadFile(filepath.Join(dir, "coursemesh.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(4, 4))
	found := 0
	for range rounds(150, 500) {
		damaged := bytes.Clone(whole)
		// The two pages in front say which transaction is the last: one damaged means the one before.
		at := 2*os.Getpagesize() + r.IntN(len(whole)-2*os.Getpagesize())
		damaged[at] ^= 1 << r.IntN(8)
		found += serve(t, damaged, p, blocks)
	}
	if found == 0 {
		t.Error("no flipped bit was ever found")
	}
}

// TestThreat4TruncatedFileIsReported cuts the file anywhere.
func TestThreat4TruncatedFileIsReported(t *testing.T) {
	t.Parallel()
	dir, p, blocks := damageable(t)
	whole, err := os.ReadFile(filepath.Join(dir, "coursemesh.db"))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(4, 5))
	for range rounds(20, 200) {
		serve(t, whole[:r.IntN(len(whole))], p, blocks)
	}
}

func damageable(t *testing.T) (dir string, p publisher, blocks []store.Block) {
	dir, p = t.TempDir(), newPublisher(t)
	db := openAt(t, dir)
	var ops []store.Op
	for i := range 300 {
		b := envelope(courseKey(i), i)
		blocks = append(blocks, b)
		ops = append(ops, put(courseKey(i), cid.Undef, b))
	}
	publish(t, db, p, blocks, ops...)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, p, blocks
}

// serve reads everything from a damaged file and counts what was found out.
func serve(t *testing.T, file []byte, p publisher, blocks []store.Block) (found int) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "coursemesh.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(dir)
	if err != nil {
		return 1
	}
	defer func() { _ = db.Close() }()
	for i, b := range blocks {
		data, err := db.Get(b.CID)
		if err != nil {
			found++
		} else if !bytes.Equal(data, b.Data) {
			t.Fatalf("served %q for %q", data, b.Data)
		}
		entry, err := db.Entry(p.id, courseKey(i))
		if err != nil {
			found++
		} else if entry.CID != b.CID || entry.Bytes != len(b.Data) || entry.Domain != "uni.example" {
			t.Fatalf("served %+v", entry)
		}
	}
	for entry, err := range db.Entries(p.id, "") {
		if err != nil {
			found++
		} else if b := envelopeOf(entry.Key); entry.CID != b.CID {
			t.Fatalf("served %+v", entry)
		}
	}
	changes, err := db.Changes(0, 1000)
	if err != nil {
		found++
	}
	for _, c := range changes {
		if b := envelopeOf(c.Key); c.New != b.CID || c.Publisher != p.id {
			t.Fatalf("served %+v", c)
		}
	}
	return found
}

func envelopeOf(key string) store.Block {
	var i int
	_, _ = fmt.Sscanf(key[strings.LastIndex(key, "/")+1:], "%d", &i)
	return envelope(courseKey(i), i)
}

// TestThreat4DamagedBlockIsRepaired by staging it again.
func TestThreat4DamagedBlockIsRepaired(t *testing.T) {
	t.Parallel()
	dir, _, blocks := damageable(t)
	path := filepath.Join(dir, "coursemesh.db")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Short envelopes are kept as they are.
	at := bytes.Index(file, blocks[0].Data)
	if at < 0 {
		t.Fatal("block is not in the file")
	}
	for i := 0; i >= 0; i = bytes.Index(file[at:], blocks[0].Data) {
		at += i
		file[at] ^= 1
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	db := openAt(t, dir)
	if _, err := db.Get(blocks[0].CID); !errors.Is(err, store.ErrCorrupt) {
		t.Fatalf("got %v", err)
	}
	if err := db.Stage(context.Background(), blocks[:1]); err != nil {
		t.Fatal(err)
	}
	if data, err := db.Get(blocks[0].CID); err != nil || !bytes.Equal(data, blocks[0].Data) {
		t.Errorf("%q, %v", data, err)
	}
}

// TestThreat29OthersCannotRead: file and directory are the owner's alone.
func TestThreat29OthersCannotRead(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	db := openAt(t, dir)
	file := filepath.Join(dir, "coursemesh.db")
	mode := func(path string, want os.FileMode) {
		t.Helper()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v; %v", path, info.Mode(), want, err)
		}
	}
	mode(dir, 0o700)
	mode(file, 0o600)
	if err := errors.Join(db.Close(), os.Chmod(file, 0o644)); err != nil {
		t.Fatal(err)
	}
	openAt(t, dir)
	mode(file, 0o600)
}

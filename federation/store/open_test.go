package store_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

func TestLockedByAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	if _, err := out.Read(make([]byte, 4)); err != nil { // "open"
		t.Fatal(err)
	}
	start := time.Now()
	_, err = store.Open(dir)
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took < 1500*time.Millisecond {
		t.Errorf("gave up after %v", took)
	}
}

func TestOpenRefusesNewerFormat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openAt(t, dir)
	if err := errors.Join(db.SetFormat(2), db.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(dir); !errors.Is(err, store.ErrNewer) {
		t.Errorf("got %v", err)
	}
}

func TestOpenRefusesAnotherFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := []byte(strings.Repeat("not a database\n", 1000))
	if err := os.WriteFile(filepath.Join(dir, "coursemesh.db"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(dir); err == nil {
		t.Error("opened")
	}
}

func TestClosed(t *testing.T) {
	t.Parallel()
	db, p := open(t), newPublisher(t)
	publish(t, db, p, nil)
	if err := errors.Join(db.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	calls := map[string]func() error{
		"Get":     func() error { _, err := db.Get(envelope("a", 1).CID); return err },
		"Head":    func() error { _, err := db.Head(p.id); return err },
		"Stage":   func() error { return db.Stage(ctx, []store.Block{envelope("a", 1)}) },
		"Switch":  func() error { _, err := db.Switch(ctx, p.id, nil, p.seal); return err },
		"Wait":    func() error { _, err := db.Wait(ctx, 99); return err },
		"Reopen":  db.Reopen,
		"Collect": func() error { _, _, err := db.Collect(ctx, 0); return err },
		"Entries": func() error {
			for _, err := range db.Entries(p.id, "") {
				return err
			}
			return nil
		},
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// breakFile makes writes to the open database fail, as a broken disk would: its descriptor becomes one for
// reading only.
func breakFile(t *testing.T, path string) {
	t.Helper()
	links, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	for _, link := range links {
		target, err := os.Readlink("/proc/self/fd/" + link.Name())
		if err != nil || target != path {
			continue
		}
		fd, err := strconv.Atoi(link.Name())
		if err != nil {
			t.Fatal(err)
		}
		readOnly, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer readOnly.Close()
		if err := syscall.Dup3(int(readOnly.Fd()), fd, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("%s is not open", path)
}

// TestThreat3FailedCommit: writes stop, reads go on, Reopen brings writes back and nothing is lost.
func TestThreat3FailedCommit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, p := openAt(t, dir), newPublisher(t)
	a, b := envelope("a", 1), envelope("b", 1)
	held := publish(t, db, p, []store.Block{a, b}, put(courseKey(1), cid.Undef, a))
	breakFile(t, filepath.Join(dir, "coursemesh.db"))

	add := []store.Op{put(courseKey(2), cid.Undef, b)}
	if _, err := db.Switch(context.Background(), p.id, add, p.seal); err == nil || errors.Is(err, store.ErrReadOnly) {
		t.Fatalf("first failure is %v", err)
	}
	if err := db.Writable(); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("writable: %v", err)
	}
	called := false
	_, err := db.Switch(context.Background(), p.id, add, func(next store.Next) ([]byte, error) { called = true; return p.seal(next) })
	if !errors.Is(err, store.ErrReadOnly) || called {
		t.Errorf("second switch: %v, sealed: %t", err, called)
	}
	if err := db.Stage(context.Background(), []store.Block{envelope("c", 1)}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("stage: %v", err)
	}
	if err := store.TableOf[int](db, "t").Put("k", 1); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("put: %v", err)
	}
	if head, err := db.Head(p.id); err != nil || head.CID != held.CID {
		t.Errorf("head %s, %v", head.CID, err)
	}
	if _, err := db.Get(a.CID); err != nil || len(entries(t, db, p)) != 1 {
		t.Errorf("get: %v", err)
	}

	if err := db.Reopen(); err != nil {
		t.Fatal(err)
	}
	if now, err := db.Head(p.id); err != nil || now.CID != held.CID {
		t.Errorf("head %s, %v", now.CID, err)
	}
	publish(t, db, p, nil, add...)
	if err := db.Reopen(); err != nil {
		t.Errorf("reopen of a sound database: %v", err)
	}
}

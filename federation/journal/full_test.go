package journal_test

import (
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

// TestThreat3: a journal that cannot be written, since the disk is full, holds up nothing but itself, stays readable,
// and has everything once there is space again and the database is opened anew.
func TestThreat3(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small disk can be mounted here: %s", out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", dir).Run() })
	p := newPublisher(t, federation.Member)
	n := start(t, dir, p)
	n.says(p, map[int]int{1: 1, 2: 1})
	at := n.wants(n.journal.Beginning(), "urn:x:1 1", "urn:x:2 1")
	filler := dir + "/filler"
	if err := os.WriteFile(filler, make([]byte, 2<<20), 0o600); err == nil {
		t.Fatal("the disk does not get full")
	}
	for i := 3; n.db.Writable() == nil && i < 2000; i++ {
		_ = store.TableOf[string](n.db, "filler").Put(key(i), string(make([]byte, 1000)))
	}
	if err := n.db.Writable(); !errors.Is(err, store.ErrReadOnly) {
		t.Fatalf("the database can be written to: %v", err)
	}
	n.wants(n.journal.Beginning(), "urn:x:1 1", "urn:x:2 1")
	n.catalogue.Again() // everybody is told to look
	if err := n.catalogue.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := n.db.Reopen(); err != nil {
		t.Fatal(err)
	}
	n.says(p, map[int]int{1: 3, 2: 1})
	deadline := time.Now().Add(15 * time.Second)
	for n.journal.End() == at && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	n.wants(at, "urn:x:1 3")
}

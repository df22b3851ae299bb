package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
	bolt "go.etcd.io/bbolt"
)

const (
	compactDir = "STORE_TEST_COMPACT_DIR" // the binary compacts this directory, and
	compactEnd = "STORE_TEST_COMPACT_END" // kills itself at this stage
)

// compactChild compacts, over and over unless it dies at a stage.
func compactChild(dir string) int {
	for {
		_, err := store.Compact(context.Background(), dir, func(stage string, _ store.Compacted) {
			if stage == os.Getenv(compactEnd) {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
}

// fragmented fills a database and takes most out again.
func fragmented(t *testing.T) sound {
	t.Helper()
	s := newSound(t, 12)
	db := openAt(t, s.dir)
	waste := store.TableOf[string](db, "waste")
	for i := range 40 {
		if err := waste.Put(fmt.Sprint(i), string(make([]byte, 20_000))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		if err := waste.Delete(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

func quiet(string, store.Compacted) {}

// TestCompact: the file gets smaller, holds the same, has its mode, and leaves nothing beside it.
func TestCompact(t *testing.T) {
	t.Parallel()
	s := fragmented(t)
	if err := os.WriteFile(s.file()+".compact", []byte("left by a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stages []string
	c, err := store.Compact(t.Context(), s.dir, func(stage string, c store.Compacted) {
		stages = append(stages, stage)
		if c.Needed == 0 || c.Free == 0 || c.Before == 0 {
			t.Errorf("at %s: %+v", stage, c)
		}
	})
	if err != nil || c.After >= c.Before || c.File != s.file() || fmt.Sprint(stages) != "[room copying comparing replacing replaced]" {
		t.Fatalf("%+v, %v, %v", c, err, stages)
	}
	s.intact(t, s.dir)
	files, err := os.ReadDir(s.dir)
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	if info, err := os.Stat(s.file()); err != nil || info.Mode().Perm() != 0o600 || info.Size() != c.After {
		t.Errorf("%v, %v", info, err)
	}
}

// intact wants all that the sound database held.
func (s *sound) intact(t *testing.T, dir string) {
	t.Helper()
	if r := check(t, dir); !r.Sound || r.Records != 22 {
		t.Fatalf("%+v", r)
	}
	if missing := s.neverWrong(t, dir); missing > 0 {
		t.Fatalf("%d answers are missing", missing)
	}
}

// TestCompactRefuses what is in use, damaged, or not there.
func TestCompactRefuses(t *testing.T) {
	t.Parallel()
	s := fragmented(t)
	db := openAt(t, s.dir)
	if _, err := store.Compact(t.Context(), s.dir, quiet); !errors.Is(err, store.ErrLocked) {
		t.Errorf("in use: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	if _, err := store.Compact(t.Context(), empty, quiet); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("not there: %v", err)
	}
	if files, err := os.ReadDir(empty); err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
	file, err := os.ReadFile(s.file())
	if err != nil {
		t.Fatal(err)
	}
	file[2*os.Getpagesize()]++ // the number of a page
	file[3*os.Getpagesize()]++
	file[4*os.Getpagesize()]++
	dir := written(t, file)
	if _, err := store.Compact(t.Context(), dir, quiet); err == nil {
		t.Error("a damaged file was compacted")
	}
	if after, err := os.ReadFile(filepath.Join(dir, "coursemesh.db")); err != nil || string(after) != string(file) {
		t.Errorf("the damaged file was changed; %v", err)
	}
}

// TestThreat1KilledWhileCompacting kills a process at each stage and at any other moment: the old or the new file is
// there, whole, and the next compaction does its work.
func TestThreat1KilledWhileCompacting(t *testing.T) {
	t.Parallel()
	s := fragmented(t)
	for _, stage := range []string{"room", "copying", "comparing", "replacing", "replaced"} {
		killCompacting(t, s.dir, stage, time.Minute)
		s.intact(t, s.dir)
	}
	for range rounds(4, 200) {
		killCompacting(t, s.dir, "", time.Duration(rand.IntN(150))*time.Millisecond)
		s.intact(t, s.dir)
	}
	if _, err := store.Compact(t.Context(), s.dir, quiet); err != nil {
		t.Fatal(err)
	}
	s.intact(t, s.dir)
}

func killCompacting(t *testing.T, dir, stage string, after time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), compactDir+"="+dir, compactEnd+"="+stage)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("at %q it ended by itself: %v", stage, err)
	}
}

// TestWhoWaitedForACompactionOpensTheNewFile and not the one that is no longer there.
func TestWhoWaitedForACompactionOpensTheNewFile(t *testing.T) {
	t.Parallel()
	s := fragmented(t)
	lock, err := bolt.Open(s.file(), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		db, err := store.Open(s.dir)
		if err == nil {
			err = errors.Join(store.TableOf[string](db, "written").Put("by", "who waited"), db.Close())
		}
		opened <- err
	}()
	time.Sleep(300 * time.Millisecond) // it waits for the lock now
	data, err := os.ReadFile(s.file())
	if err == nil {
		err = os.WriteFile(s.file()+".new", data, 0o600)
	}
	if err := errors.Join(err, os.Rename(s.file()+".new", s.file()), lock.Close()); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
	s.intact(t, s.dir)
	db := openAt(t, s.dir)
	if by, err := store.TableOf[string](db, "written").Get("by"); err != nil {
		t.Errorf("it wrote into a file that is gone: %q, %v", by, err)
	}
}

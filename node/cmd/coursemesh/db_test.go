package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/coursemesh/coursemesh/federation/store"
	bolt "go.etcd.io/bbolt"
)

// spoilBlocks flips a bit in every block of a database that nobody has open.
func spoilBlocks(t *testing.T, dir string) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, "coursemesh.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("blocks"))
		rows := map[string][]byte{}
		_ = b.ForEach(func(key, value []byte) error {
			value = bytes.Clone(value)
			value[len(value)-3] ^= 16
			rows[string(key)] = value
			return nil
		})
		for key, value := range rows {
			if err := b.Put([]byte(key), value); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// upkeepOf runs a db command and wants its exit code.
func upkeepOf(t *testing.T, dir, command string, want int) (r store.Report) {
	t.Helper()
	out, code := coursemesh(t, "db", command, "--data-dir", dir, "--json", "--quiet")
	if code != want {
		t.Fatalf("db %s: exit %d, want %d: %s", command, code, want, out)
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("db %s: %v: %s", command, err, out)
	}
	return r
}

// TestDatabaseCommands: the same with and without a running node. Damage is found, nothing but scrub writes, and a
// harvest of a source that has not changed brings the course back.
func TestDatabaseCommands(t *testing.T) {
	t.Parallel()
	for name, running := range map[string]bool{"alone": false, "while a node runs": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file := filepath.Join(dir, "courses.ttl")
			if err := os.WriteFile(file, []byte(oddCourse("one")), 0o600); err != nil {
				t.Fatal(err)
			}
			harvest := func(want string) {
				t.Helper()
				if out, code := coursemesh(t, "harvest", file, "--provider", "odd.example", "--data-dir", dir, "--json", "--quiet"); code != 0 || !strings.Contains(out, want) {
					t.Fatalf("harvest: exit %d, %s", code, out)
				}
			}
			harvest(`"new":1`)
			if r := upkeepOf(t, dir, "check", 0); !r.Sound || r.Records != 1 || r.Blocks != 1 {
				t.Errorf("%+v", r)
			}
			spoilBlocks(t, dir)
			if running {
				node := startServe(t, dir)
				defer func() {
					if err := node.end(t, syscall.SIGTERM); err != nil {
						t.Error(err)
					}
				}()
			}
			if r := upkeepOf(t, dir, "check", 1); r.Sound || r.LostCount != 1 || r.Findings[0].What != "block" {
				t.Errorf("%+v", r)
			}
			if r := upkeepOf(t, dir, "scrub", 1); r.Sound || r.Mended != 1 || r.LostCount != 1 {
				t.Errorf("%+v", r)
			}
			if r := upkeepOf(t, dir, "check", 1); r.LostCount != 1 {
				t.Errorf("%+v", r)
			}
			harvest(`"changed":1`)
			if r := upkeepOf(t, dir, "check", 0); !r.Sound || r.LostCount != 0 {
				t.Errorf("%+v", r)
			}
			if out, code := coursemesh(t, "course", "search", "--data-dir", dir, "--json"); code != 0 || !strings.Contains(out, `"total":1`) {
				t.Errorf("search: exit %d, %s", code, out)
			}
		})
	}
}

// TestCompactCommand refuses while a node runs, naming its process, and works when it is stopped.
func TestCompactCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	node := startServe(t, dir)
	cmd := exec.Command("coursemesh", "db", "compact", "--data-dir", dir)
	said, _ := cmd.CombinedOutput()
	if want := fmt.Sprintf("kill -TERM %d", node.cmd.Process.Pid); cmd.ProcessState.ExitCode() != 7 || !strings.Contains(string(said), want) {
		t.Errorf("exit %d, want 7 and %q: %s", cmd.ProcessState.ExitCode(), want, said)
	}
	if err := node.end(t, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	out, code := coursemesh(t, "db", "compact", "--data-dir", dir, "--json")
	var c store.Compacted
	if err := json.Unmarshal([]byte(out), &c); err != nil || code != 0 || c.Before == 0 || c.After == 0 || c.After > c.Before {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	if r := upkeepOf(t, dir, "check", 0); !r.Sound {
		t.Errorf("%+v", r)
	}
}

// TestDatabaseCommandsOnWhatIsNoDatabase say so, and what to do.
func TestDatabaseCommandsOnWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "coursemesh.db"), []byte(strings.Repeat("no database\n", 2000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "coursemesh.yaml"), []byte("nonsense: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"check", "scrub"} {
		if r := upkeepOf(t, dir, command, 1); r.Sound || r.Found != 1 || r.Findings[0].What != "file" || !strings.Contains(r.Findings[0].Fix, "restore a backup") {
			t.Errorf("%+v", r)
		}
	}
	if out, code := coursemesh(t, "db", "check", "--data-dir", filepath.Join(dir, "nowhere")); code != 3 {
		t.Errorf("exit %d: %s", code, out)
	}
}

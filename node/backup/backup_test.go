package backup_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/node/backup"
	"github.com/klauspost/compress/zstd"
)

var now = time.Unix(1_790_000_000, 0)

// filled is a data directory with a database, a ledger and keys.
func filled(t testing.TB) (string, *store.DB) {
	t.Helper()
	dir := t.TempDir()
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := store.TableOf[string](db, "notes").Put("key", "value"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"head.json": `{"epoch":3,"seq":9}`, "coursemesh.yaml": "node: {name: A}\n", "keys/publisher.pem": "secret", "keys/notes.txt": "not a key",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, db
}

func write(t testing.TB, dir string, db *store.DB, keys bool) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "backup")
	info, err := backup.Write(file, backup.Source{Dir: dir, Copy: db.Copy, Info: backup.Info{Made: now, Keys: keys}})
	if err != nil {
		t.Fatal(err)
	}
	if stat, err := os.Stat(file); err != nil || stat.Size() != info.Bytes || stat.Mode().Perm() != 0o600 {
		t.Errorf("%+v, %v", info, err)
	}
	return file
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	for _, keys := range []bool{false, true} {
		dir, db := filled(t)
		file := write(t, dir, db, keys)
		to := filepath.Join(t.TempDir(), "new")
		info, err := backup.Restore(file, to, now)
		if err != nil || info.Keys != keys {
			t.Fatalf("%+v, %v", info, err)
		}
		restored, err := store.Open(to)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := store.TableOf[string](restored, "notes").Get("key"); v != "value" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
		if err := restored.Close(); err != nil {
			t.Error(err)
		}
		_, err = os.Stat(filepath.Join(to, "keys", "publisher.pem"))
		if errors.Is(err, fs.ErrNotExist) == keys {
			t.Errorf("keys %t: %v", keys, err)
		}
		for _, name := range []string{"keys/notes.txt", "restore.tmp"} {
			if _, err := os.Stat(filepath.Join(to, name)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestBackupReplacesNothing(t *testing.T) {
	t.Parallel()
	dir, db := filled(t)
	file := write(t, dir, db, false)
	if _, err := backup.Write(file, backup.Source{Dir: dir, Copy: db.Copy}); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "another name") {
		t.Errorf("a backup over another: %v", err)
	}
	if _, err := backup.Restore(file, dir, now); !errors.Is(err, backup.ErrOccupied) {
		t.Errorf("a restore over a database: %v", err)
	}
	nonsense := filepath.Join(t.TempDir(), "nonsense")
	if err := os.WriteFile(nonsense, []byte("no backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(nonsense, t.TempDir(), now); !errors.Is(err, backup.ErrInvalid) || !strings.Contains(err.Error(), nonsense) {
		t.Errorf("a restore of something else, without its name: %v", err)
	}
	to := t.TempDir()
	if err := os.WriteFile(filepath.Join(to, "coursemesh.yaml"), []byte("node: {name: B}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(file, to, now); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(to, "coursemesh.yaml")); string(text) != "node: {name: B}\n" {
		t.Errorf("the configuration that was there is now %q", text)
	}
}

// TestThreat32LedgerRises: whatever is known, the next head's epoch is above it.
func TestThreat32LedgerRises(t *testing.T) {
	t.Parallel()
	dir, db := filled(t)
	file := write(t, dir, db, false)
	for there, want := range map[string]uint64{"": uint64(now.Unix()), `{"epoch":1890000000,"seq":1}`: 1_890_000_000} {
		to := t.TempDir()
		if there != "" {
			if err := os.WriteFile(filepath.Join(to, "head.json"), []byte(there), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := backup.Restore(file, to, now); err != nil {
			t.Fatal(err)
		}
		var ledger struct{ Epoch, Seq uint64 }
		data, err := os.ReadFile(filepath.Join(to, "head.json"))
		if err == nil {
			err = json.Unmarshal(data, &ledger)
		}
		if err != nil || ledger.Epoch != want || ledger.Seq == 0 {
			t.Errorf("beside %q: %+v, %v", there, ledger, err)
		}
	}
}

// part is a member of a hand-made archive.
type part struct {
	name, body string
	kind       byte
	link       string
}

func archive(t testing.TB, parts ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	packed, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(packed)
	for _, p := range parts {
		if p.kind == 0 {
			p.kind = tar.TypeReg
		}
		if err := w.WriteHeader(&tar.Header{Name: p.name, Size: int64(len(p.body)), Typeflag: p.kind, Linkname: p.link, Mode: 0o777}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestThreat25RestoreStaysInside: nothing of a refused backup is left, inside the directory or outside it.
func TestThreat25RestoreStaysInside(t *testing.T) {
	t.Parallel()
	about, database := part{name: "backup.json", body: `{"format":1}`}, part{name: "coursemesh.db", body: "rows"}
	for name, parts := range map[string][]part{
		"upwards":           {about, database, {name: "../escaped", body: "x"}},
		"upwards in keys":   {about, database, {name: "keys/../../escaped.pem", body: "x"}},
		"absolute":          {about, database, {name: "/tmp/escaped", body: "x"}},
		"link":              {about, {name: "keys", kind: tar.TypeSymlink, link: "/tmp"}, database},
		"hard link":         {about, {name: "coursemesh.db", kind: tar.TypeLink, link: "/etc/passwd"}},
		"folder":            {about, database, {name: "keys/a.pem/", kind: tar.TypeDir}},
		"unknown file":      {about, database, {name: "admin.sock", body: "x"}},
		"twice":             {about, database, database},
		"no database":       {about},
		"says nothing":      {database},
		"says it late":      {database, about},
		"newer":             {{name: "backup.json", body: `{"format":2}`}, database},
		"not JSON":          {{name: "backup.json", body: `{`}, database},
		"ledger is no JSON": {about, database, {name: "head.json", body: "{"}},
		"large ledger":      {about, database, {name: "head.json", body: string(make([]byte, 2<<20))}},
	} {
		refusedWhole(t, name, archive(t, parts...))
	}
	whole := archive(t, about, database)
	for _, n := range []int{0, 1, len(whole) / 2, len(whole) - 5} {
		refusedWhole(t, "cut", whole[:n])
	}
}

func refusedWhole(t *testing.T, name string, data []byte) {
	t.Helper()
	outside := t.TempDir()
	file, dir := filepath.Join(outside, "backup"), filepath.Join(outside, "dir")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(file, dir, now); err == nil {
		t.Errorf("%s: restored", name)
	}
	entries, err := os.ReadDir(outside)
	if err != nil || len(entries) != 2 {
		t.Errorf("%s: %v beside the directory, %v", name, entries, err)
	}
	if inside, _ := os.ReadDir(dir); len(inside) != 0 {
		t.Errorf("%s: %v is left inside", name, inside)
	}
}

func FuzzRestore(f *testing.F) {
	f.Add(archive(f, part{name: "backup.json", body: `{"format":1}`}, part{name: "coursemesh.db", body: "rows"}, part{name: "keys/../x.pem"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		outside := t.TempDir()
		file := filepath.Join(outside, "backup")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = backup.Restore(file, filepath.Join(outside, "dir"), now) // any refusal is fine
		if entries, _ := os.ReadDir(outside); len(entries) > 2 {
			t.Errorf("%v beside the directory", entries)
		}
	})
}

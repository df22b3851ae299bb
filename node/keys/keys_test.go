package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/node/keys"
)

func TestKeysStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := keys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := keys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !first.Publisher.Equals(again.Publisher) || !first.Host.Equals(again.Host) {
		t.Error("a second opening gave other keys")
	}
	if first.Publisher.Equals(first.Host) {
		t.Error("host and publisher share a key")
	}
}

func TestThreat29KeyFilesReadableByOthers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"keys/publisher.pem", "keys/host.pem", "keys"} {
		for _, bit := range []os.FileMode{0o040, 0o004, 0o020, 0o002, 0o010, 0o001} {
			dir := t.TempDir()
			if _, err := keys.Open(dir); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, name)
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, info.Mode().Perm()|bit); err != nil {
				t.Fatal(err)
			}
			if _, err := keys.Open(dir); !errors.Is(err, keys.ErrExposed) {
				t.Errorf("%s with %04o: got %v, want ErrExposed", name, bit, err)
			}
		}
	}
}

// TestThreat29EveryKeyFile: a key that is not needed for the start, or no longer, is guarded like the others.
func TestThreat29EveryKeyFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"secrets-rsa.pem", "secrets-rsa-old-ab12.pem", "httpsig-ed25519.pem", "publisher-old-Qx7.pem", "host-old-Qx7.pem"} {
		dir := t.TempDir()
		if _, err := keys.Open(dir); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "keys", name)
		if err := os.WriteFile(path, []byte("a key"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(dir); err != nil {
			t.Errorf("%s with 0600: %v", name, err)
		}
		if err := os.Chmod(path, 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(dir); !errors.Is(err, keys.ErrExposed) || !strings.Contains(err.Error(), "chmod 0600 "+path) {
			t.Errorf("%s with 0640: got %v, want ErrExposed and what to run", name, err)
		}
	}
}

func TestDamagedKeyIsNotReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := keys.Open(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "keys", "publisher.pem")
	if err := os.WriteFile(path, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(dir); err == nil {
		t.Error("a damaged key was accepted")
	}
	if data, _ := os.ReadFile(path); string(data) != "rubbish" {
		t.Error("a damaged key was overwritten")
	}
}

// One key under two names is refused, with both files and the way out.
func TestThreat29OneKeyInTwoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := keys.Open(dir); err != nil {
		t.Fatal(err)
	}
	host, publisher := filepath.Join(dir, "keys", "host.pem"), filepath.Join(dir, "keys", "publisher.pem")
	data, err := os.ReadFile(host)
	if err == nil {
		err = os.WriteFile(publisher, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = keys.Open(dir)
	if !errors.Is(err, keys.ErrShared) || !strings.Contains(err.Error(), host) || !strings.Contains(err.Error(), publisher) {
		t.Errorf("one key in two files: %v", err)
	}
	if err := os.Remove(host); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(dir); err != nil {
		t.Errorf("after the host key was moved away: %v", err)
	}
}

package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/node/keys"
)

func open(t *testing.T, dir string) *keys.Ring {
	t.Helper()
	ring, err := keys.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func TestRotatedKeyStillDecryptsInARunningNode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	running := open(t, dir)
	if held, err := running.Secrets(); err != nil || len(held) != 0 {
		t.Fatalf("keys before the first: %d, %v", len(held), err)
	}
	first, err := running.RSA()
	if err != nil {
		t.Fatal(err)
	}
	done, err := open(t, dir).RotateRSA() // another process
	if err != nil {
		t.Fatal(err)
	}
	held, err := running.Secrets()
	if err != nil || len(held) != 2 || !held[1].Equal(first) {
		t.Fatalf("%d keys, %v", len(held), err)
	}
	now, err := running.RSA()
	if err != nil || !now.Equal(held[0]) || now.Equal(first) {
		t.Errorf("the running node does not use the new key: %v", err)
	}
	print, err := access.Fingerprint(&now.PublicKey)
	if err != nil || print != done.Fingerprint || done.Previous == "" || done.Previous == print {
		t.Errorf("%+v, %v", done, err)
	}
	for _, name := range []string{"secrets-rsa.pem", "secrets-rsa-old-" + done.Previous + ".pem"} {
		info, err := os.Stat(filepath.Join(dir, "keys", name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestThreat29OldSecretKeyReadableByOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := open(t, dir)
	if _, err := ring.RSA(); err != nil {
		t.Fatal(err)
	}
	running := open(t, dir)
	if err := os.Chmod(filepath.Join(dir, "keys", "secrets-rsa.pem"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := running.Secrets(); !errors.Is(err, keys.ErrExposed) {
		t.Errorf("got %v, want ErrExposed", err)
	}
}

func TestSignersStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, alg := range access.Algorithms {
		var prints []string
		for range 2 {
			signer, err := open(t, dir).Signer(alg)
			if err != nil {
				t.Fatal(err)
			}
			print, err := access.Fingerprint(signer.Public())
			if err != nil {
				t.Fatal(err)
			}
			prints = append(prints, print)
		}
		if prints[0] != prints[1] {
			t.Errorf("%s: a second opening gave another key", alg)
		}
	}
	if _, err := open(t, dir).Signer("hmac-sha256"); err == nil {
		t.Error("a signer for an algorithm that nobody may ask for")
	}
}

func TestRotatedSignerIsUsedByARunningNode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	running := open(t, dir)
	for _, alg := range []string{access.Ed25519, access.ECDSA} {
		before, err := running.Signer(alg)
		if err != nil {
			t.Fatal(err)
		}
		done, err := open(t, dir).RotateSigner(alg) // another process
		if err != nil {
			t.Fatal(err)
		}
		now, err := running.Signer(alg)
		if err != nil {
			t.Fatal(err)
		}
		print, _ := access.Fingerprint(now.Public())
		old, _ := access.Fingerprint(before.Public())
		if print != done.Fingerprint || old != done.Previous || old == print {
			t.Errorf("%s: %s then %s; %+v", alg, old, print, done)
		}
	}
	if _, err := running.RotateSigner("hmac-sha256"); err == nil {
		t.Error("a key for an unknown algorithm was made")
	}
}

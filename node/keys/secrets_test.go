package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestRotationOfASignerHasAnOverlap: who verifies by the published list, fetched at any moment before or after,
// knows the key of every request.
func TestRotationOfASignerHasAnOverlap(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ring := open(t, dir)
	print := func(key any) string {
		t.Helper()
		p, err := access.Fingerprint(key)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	listed := func() map[string]string {
		t.Helper()
		known, err := ring.Verification(access.Ed25519)
		if err != nil || known[0].State != keys.Current {
			t.Fatal(known, err)
		}
		out := map[string]string{}
		for _, k := range known {
			out[k.State] = print(k.Key)
		}
		return out
	}
	signs := func() string {
		t.Helper()
		signer, err := ring.Signer(access.Ed25519)
		if err != nil {
			t.Fatal(err)
		}
		return print(signer.Public())
	}
	first := signs()
	announced, err := open(t, dir).AnnounceSigner(access.Ed25519) // another process
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{keys.Current: first, keys.Next: announced.Fingerprint}
	if diff := cmp.Diff(want, listed()); diff != "" || signs() != first {
		t.Fatalf("announced: %s", diff)
	}
	if again, err := ring.AnnounceSigner(access.Ed25519); err != nil || again != announced {
		t.Errorf("announced twice: %+v, %v", again, err)
	}
	done, err := open(t, dir).RotateSigner(access.Ed25519)
	if err != nil || done != announced {
		t.Fatalf("%+v, announced was %+v: %v", done, announced, err)
	}
	want = map[string]string{keys.Current: announced.Fingerprint, keys.Previous: first}
	if diff := cmp.Diff(want, listed()); diff != "" || signs() != announced.Fingerprint {
		t.Fatalf("rotated: %s", diff)
	}
	old := filepath.Join(dir, "keys", "httpsig-ed25519-old.pub")
	over := time.Now().Add(-keys.Overlap - time.Second)
	if err := os.Chtimes(old, over, over); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{keys.Current: announced.Fingerprint}, listed()); diff != "" {
		t.Errorf("after the overlap: %s", diff)
	}
	if data, err := os.ReadFile(old); err != nil || strings.Contains(string(data), "PRIVATE") {
		t.Errorf("what is kept of the old key: %s, %v", data, err)
	}
	if _, err := ring.RotateSigner(access.Ed25519); err != nil || listed()[keys.Previous] != announced.Fingerprint {
		t.Errorf("without announcing: %v, %v", listed(), err)
	}
}

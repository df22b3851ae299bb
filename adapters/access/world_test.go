package access_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
)

const (
	provider = "uni.example"
	source   = "https://api.uni.example/courses"
	canary   = "canary-7f3a-secret"
)

// rsaKeys are made once: each takes a while.
var rsaKeys = sync.OnceValue(func() []*rsa.PrivateKey {
	var keys []*rsa.PrivateKey
	for range 3 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys = append(keys, key)
	}
	return keys
})

// ring holds the keys of a node under test.
type ring struct {
	secrets []*rsa.PrivateKey
	signers map[string]crypto.Signer
}

func (r ring) Secrets() ([]*rsa.PrivateKey, error) { return r.secrets, nil }

func (r ring) Signer(alg string) (crypto.Signer, error) {
	if s, ok := r.signers[alg]; ok {
		return s, nil
	}
	return nil, errors.New("no such key")
}

func newRing(t *testing.T) ring {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return ring{rsaKeys()[:1], map[string]crypto.Signer{access.Ed25519: ed, access.ECDSA: ec, access.RSAPSS: rsaKeys()[2]}}
}

// bindings are a ledger in memory.
type bindings struct {
	mu   sync.Mutex
	held map[string]access.Binding
}

func (b *bindings) bind(ciphertext []byte, to access.Binding) (access.Binding, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if first, ok := b.held[string(ciphertext)]; ok {
		return first, nil
	}
	b.held[string(ciphertext)] = to
	return to, nil
}

// world is a server that stands for every *.example host, and a gate to it.
type world struct {
	t     *testing.T
	ring  ring
	clock time.Time
	gate  *access.Gate
	cfg   access.Config
	calls []*http.Request
	logs  strings.Builder
}

func newWorld(t *testing.T, handler http.HandlerFunc) *world {
	t.Helper()
	w := &world{t: t, ring: newRing(t), clock: time.Unix(1_790_000_000, 0)}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.calls = append(w.calls, r)
		handler(rw, r)
	}))
	t.Cleanup(server.Close)
	origin := strings.TrimPrefix(server.URL, "http://")
	client, err := fetch.New(fetch.Config{
		Hosts: map[string]string{"api.uni.example": origin, "login.uni.example": origin, "evil.example": origin}, Resolver: "127.0.0.1:1",
		Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6}, Limits: fetch.Limits{Retries: -1},
		Log: slog.New(slog.NewTextHandler(&w.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ledger := &bindings{held: map[string]access.Binding{}}
	w.cfg = access.Config{Fetch: client, Keys: w.ring, Bind: ledger.bind, Now: func() time.Time { return w.clock }}
	w.gate = access.New(w.cfg)
	return w
}

func spec(path, kind string, params map[string]string) federation.ManifestSource {
	return federation.ManifestSource{Type: "elm", Path: path, Auth: federation.Auth{Type: kind, Params: params}}
}

// get opens the source and fetches its path once.
func (w *world) get(s federation.ManifestSource) (int, error) {
	w.t.Helper()
	pass, err := w.gate.Open(provider, s)
	if err != nil {
		return 0, err
	}
	return w.send(pass, s.Path)
}

func (w *world) send(pass *access.Pass, url string) (int, error) {
	response, err := pass.Do(w.t.Context(), fetch.Request{URL: url})
	if err != nil {
		return 0, err
	}
	return response.Status, response.Body.Close()
}

func encrypt(t *testing.T, key *rsa.PrivateKey, secret string) string {
	t.Helper()
	text, _, err := access.Encrypt(&key.PublicKey, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func fingerprint(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	print, err := access.Fingerprint(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return print
}

// refused is the refusal that an error must be.
func refused(t *testing.T, err error) *access.Refusal {
	t.Helper()
	var refusal *access.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want a refusal", err)
	}
	if refusal.Where == "" || refusal.Message == "" || refusal.Fix == "" || strings.Contains(refusal.Error(), canary) {
		t.Errorf("a refusal names place, fault and fix, and no secret: %+v", refusal)
	}
	return refusal
}

func seal(t *testing.T, key *rsa.PrivateKey, secret string, padding *rsa.OAEPOptions) string {
	t.Helper()
	out, err := rsa.EncryptOAEPWithOptions(rand.Reader, &key.PublicKey, []byte(secret), padding)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(out)
}

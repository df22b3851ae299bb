package testserver_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/testserver"
)

// ring are a node's keys: one to which secrets are encrypted, and one that signs.
type ring struct {
	secret *rsa.PrivateKey
	signer ed25519.PrivateKey
}

var keys = sync.OnceValue(func() ring {
	secret, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	_, signer, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return ring{secret, signer}
})

func (r ring) Secrets() ([]*rsa.PrivateKey, error) { return []*rsa.PrivateKey{r.secret}, nil }

func (r ring) Signer(string) (crypto.Signer, error) { return r.signer, nil }

func (r ring) encrypt(t *testing.T, secret string) string {
	t.Helper()
	value, _, err := access.Encrypt(&r.secret.PublicKey, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// door is an access control: what the manifest says of it, and what stands in front of the server.
type door struct {
	auth  func(*testing.T) map[string]any
	guard func(http.Handler) http.Handler
	check func(*testing.T)
}

const (
	field  = "X-Catalogue-Key"
	secret = "open sesame: 42"
	client = "harvester@example"
)

// doors makes them anew, since tokens are counted.
func doors(t *testing.T) map[string]door {
	basic := &testserver.OAuth{ID: client, Secret: secret, Scope: "read"}
	body := &testserver.OAuth{ID: client, Secret: secret, Takes: testserver.BodyOnly}
	short := &testserver.OAuth{ID: client, Secret: secret, Uses: 3}
	return map[string]door{
		"header": {
			auth: func(t *testing.T) map[string]any {
				return map[string]any{"type": "httpheader", "field": field, "value": keys().encrypt(t, secret)}
			},
			guard: func(next http.Handler) http.Handler { return testserver.HeaderSecret(field, secret, next) },
		},
		"oauth, Basic only":           authorised(basic, 1),
		"oauth, body only":            authorised(body, 1),
		"oauth, tokens for three use": authorised(short, 1),
		"signatures": {
			auth:  func(*testing.T) map[string]any { return map[string]any{"type": "httpsig", "alg": "ed25519"} },
			guard: signed(t),
		},
		"addresses": {
			auth: func(*testing.T) map[string]any { return nil },
			guard: func(next http.Handler) http.Handler {
				return testserver.Addresses([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, next)
			},
		},
	}
}

func authorised(o *testserver.OAuth, atLeast int) door {
	return door{
		auth: func(t *testing.T) map[string]any {
			return map[string]any{
				"type": "oauth2.0", "token_endpoint": base + "/token", "client_id": client, "client_secret": keys().encrypt(t, secret), "scope": "read",
			}
		},
		guard: func(next http.Handler) http.Handler {
			guarded := o.Guard(next)
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/token" {
					o.Token(w, r)
					return
				}
				guarded.ServeHTTP(w, r)
			})
		},
		check: func(t *testing.T) {
			if o.Issued() < atLeast {
				t.Errorf("%d tokens were issued", o.Issued())
			}
		},
	}
}

func signed(t *testing.T) func(http.Handler) http.Handler {
	public := keys().signer.Public()
	known, err := access.Fingerprint(public)
	if err != nil {
		t.Fatal(err)
	}
	v := &testserver.Signatures{Now: func() time.Time { return time.Unix(1_790_007_200, 0) }, Key: func(id string) crypto.PublicKey {
		if id == known {
			return public
		}
		return nil
	}}
	return v.Guard
}

// TestDoors: whatever stands in front of a server of whatever standard, the courses are the same as without it.
func TestDoors(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, enough, 1)
	for _, standard := range testserver.Standards {
		t.Run(string(standard), func(t *testing.T) {
			t.Parallel()
			open := tidily(t, standard, set)
			for name, d := range doors(t) {
				w := newWorld(t, false, keys())
				w.auth = d.auth(t)
				w.serve(serverOf(standard, set), d.guard)
				got := w.harvest()
				if diff := cmp.Diff(open.courses, got.courses); got.state != "complete" || diff != "" {
					t.Errorf("%s: %s %q; courses differ:\n%s", name, got.state, got.problem, cut(diff))
				}
				if d.check != nil {
					d.check(t)
				}
			}
		})
	}
}

// TestClosedDoors: with the wrong secret, or none, nothing is read, the run says why, and nothing secret is in
// what it says.
func TestClosedDoors(t *testing.T) {
	t.Parallel()
	set := testserver.Generate(home, 3, 1)
	for name, d := range doors(t) {
		w := newWorld(t, false, keys())
		w.auth = d.auth(t)
		guard := d.guard
		switch name {
		case "header":
			w.auth["value"] = keys().encrypt(t, "something else")
		case "addresses":
			guard = func(next http.Handler) http.Handler {
				return testserver.Addresses([]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, next)
			}
		case "signatures":
			w.auth = nil
		default:
			w.auth["client_secret"] = keys().encrypt(t, "something else")
		}
		w.serve(serverOf(testserver.EduAPI, set), guard)
		got := w.harvest()
		if got.state == "complete" || len(got.courses) > 0 || !strings.Contains(got.problem, "40") {
			t.Errorf("%s: %s %q, %d courses", name, got.state, got.problem, len(got.courses))
		}
		if strings.Contains(got.problem, "something else") || strings.Contains(got.problem, secret) {
			t.Errorf("%s: a secret is in %q", name, got.problem)
		}
	}
}

// TestOAuthAnswers are those of RFC 6749 to clients that do not keep to it.
func TestOAuthAnswers(t *testing.T) {
	t.Parallel()
	o := &testserver.OAuth{ID: client, Secret: secret, Scope: "read"}
	ask := func(form url.Values, id, password string) int {
		r := httptest.NewRequest(http.MethodPost, "/token", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if id != "" {
			r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(password))
		}
		w := httptest.NewRecorder()
		o.Token(w, r)
		return w.Code
	}
	good := url.Values{"grant_type": {"client_credentials"}, "scope": {"read"}}
	for name, got := range map[string][2]int{
		"as it should be":         {200, ask(good, client, secret)},
		"no authentication":       {401, ask(good, "", "")},
		"wrong secret":            {401, ask(good, client, "x")},
		"other grant":             {400, ask(url.Values{"grant_type": {"password"}, "scope": {"read"}}, client, secret)},
		"other scope":             {400, ask(url.Values{"grant_type": {"client_credentials"}, "scope": {"write"}}, client, secret)},
		"in the body, Basic only": {401, ask(url.Values{"grant_type": {"client_credentials"}, "scope": {"read"}, "client_id": {client}, "client_secret": {secret}}, "", "")},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: status %d, want %d", name, got[1], got[0])
		}
	}
	if o.Issued() != 1 {
		t.Errorf("%d tokens were issued", o.Issued())
	}
}

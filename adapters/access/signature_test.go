package access_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/testserver"
)

// newSigned is a world whose server verifies.
func newSigned(t *testing.T) (*world, *testserver.Signatures) {
	t.Helper()
	keys := map[string]crypto.PublicKey{}
	v := &testserver.Signatures{Key: func(id string) crypto.PublicKey { return keys[id] }}
	w := newWorld(t, v.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP)
	v.Now = func() time.Time { return w.clock }
	for _, alg := range access.Algorithms {
		key := w.ring.signers[alg].Public()
		id, err := access.Fingerprint(key)
		if err != nil {
			t.Fatal(err)
		}
		keys[id] = key
	}
	return w, v
}

func TestSignaturesAreVerified(t *testing.T) {
	t.Parallel()
	w, _ := newSigned(t)
	for _, alg := range append([]string{""}, access.Algorithms...) {
		for _, path := range []string{source, "https://API.Uni.Example:443/courses?page=2"} {
			if status, err := w.get(spec(path, "httpsig", map[string]string{"alg": alg})); status != 200 {
				t.Errorf("%q of %s: status %d, %v", alg, path, status, err)
			}
		}
	}
	if status, err := w.get(spec(source, "none", nil)); status != 401 {
		t.Errorf("the verifier takes unsigned requests: %d, %v", status, err)
	}
	_, err := w.gate.Open(provider, spec(source, "httpsig", map[string]string{"alg": "hmac-sha256"}))
	refused(t, err)
}

func TestEveryRequestIsSignedAnew(t *testing.T) {
	t.Parallel()
	w, _ := newSigned(t)
	pass, err := w.gate.Open(provider, spec(source, "httpsig", nil))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status, err := w.send(pass, source); status != 200 {
			t.Fatalf("status %d, %v", status, err)
		}
		w.clock = w.clock.Add(2 * time.Hour) // the last signature has expired
	}
	var seen []string
	for _, call := range w.calls {
		seen = append(seen, call.Header.Get("Signature"))
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 3 {
		t.Error("a signature was used twice")
	}
}

func TestThreat31SignatureStrippedReplayedAltered(t *testing.T) {
	t.Parallel()
	w, v := newSigned(t)
	pass, err := w.gate.Open(provider, spec(source, "httpsig", nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.send(pass, source); err != nil {
		t.Fatal(err)
	}
	for name, alter := range map[string]func(*http.Request){
		"stripped":        func(r *http.Request) { r.Header.Del("Signature"); r.Header.Del("Signature-Input") },
		"half stripped":   func(r *http.Request) { r.Header.Del("Signature") },
		"other authority": func(r *http.Request) { r.Host = "other.example" },
		"other time":      func(r *http.Request) { replace(r, "Signature-Input", "created=17", "created=16") },
		"longer life":     func(r *http.Request) { replace(r, "Signature-Input", "expires=1790000900", "expires=1790003600") },
		"other tag":       func(r *http.Request) { replace(r, "Signature-Input", "qualitylink-v1", "qualitylink-v2") },
		"other algorithm": func(r *http.Request) { replace(r, "Signature-Input", "ed25519", "rsa-pss-sha512") },
		"other signature": func(r *http.Request) {
			r.Header.Set("Signature", "ql=:"+base64.StdEncoding.EncodeToString(make([]byte, 64))+":")
		},
		"no component":   func(r *http.Request) { replace(r, "Signature-Input", `("@authority")`, `()`) },
		"replayed later": func(*http.Request) { w.clock = w.clock.Add(time.Hour) },
	} {
		clock := w.clock
		r := w.calls[0].Clone(t.Context())
		if status := v.Judge(r); status != 200 {
			t.Fatalf("unaltered: status %d", status)
		}
		if alter(r); v.Judge(r) == http.StatusOK {
			t.Errorf("%s: accepted", name)
		}
		w.clock = clock
	}
}

// TestThreat31EveryByteCounts: of the signature and of what it says, by every algorithm; and none is good for another
// authority, later, or under another key's name.
func TestThreat31EveryByteCounts(t *testing.T) {
	t.Parallel()
	tried, accepted := 0, 0
	for _, alg := range access.Algorithms {
		w, v := newSigned(t)
		pass, err := w.gate.Open(provider, spec(source, "httpsig", map[string]string{"alg": alg}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.send(pass, source); err != nil || v.Judge(w.calls[0]) != http.StatusOK {
			t.Fatalf("%s: the unaltered request: %v", alg, err)
		}
		judge := func(what string, alter func(*http.Request)) {
			r := w.calls[0].Clone(t.Context())
			alter(r)
			if tried++; v.Judge(r) == http.StatusOK {
				accepted++
				t.Errorf("%s, %s: accepted: %v", alg, what, r.Header)
			}
		}
		text := strings.TrimSuffix(strings.TrimPrefix(w.calls[0].Header.Get("Signature"), "ql=:"), ":")
		signature, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		for bit := range 8 * len(signature) {
			if len(signature) > 64 && bit%8 != 0 { // RSA takes its time
				continue
			}
			judge(fmt.Sprintf("bit %d", bit), func(r *http.Request) {
				altered := bytes.Clone(signature)
				altered[bit/8] ^= 1 << (bit % 8)
				r.Header.Set("Signature", "ql=:"+base64.StdEncoding.EncodeToString(altered)+":")
			})
		}
		input := w.calls[0].Header.Get("Signature-Input")
		for at := range input {
			judge(fmt.Sprintf("character %d", at), func(r *http.Request) {
				other := byte('0')
				if input[at] == other {
					other = '1'
				}
				r.Header.Set("Signature-Input", input[:at]+string(other)+input[at+1:])
			})
		}
		for n := range signature {
			judge(fmt.Sprintf("cut to %d bytes", n), func(r *http.Request) {
				r.Header.Set("Signature", "ql=:"+base64.StdEncoding.EncodeToString(signature[:n])+":")
			})
		}
		for _, host := range []string{"other.example", "api.uni.example:8443", "api.uni.example.evil.example", "uni.example"} {
			judge("at "+host, func(r *http.Request) { r.Host = host })
		}
		for _, later := range []time.Duration{16 * time.Minute, time.Hour, 24 * 365 * time.Hour, -time.Hour} {
			w.clock = w.clock.Add(later)
			judge("after "+later.String(), func(*http.Request) {})
			w.clock = w.clock.Add(-later)
		}
	}
	t.Logf("%d of %d altered requests accepted", accepted, tried)
	if tried < 1000 {
		t.Errorf("%d were tried", tried)
	}
}

func replace(r *http.Request, name, from, to string) {
	before := r.Header.Get(name)
	r.Header.Set(name, strings.Replace(before, from, to, 1))
	if r.Header.Get(name) == before {
		panic("nothing was altered: " + name + ": " + before)
	}
}

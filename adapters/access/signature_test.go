package access_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
)

// verifier is an institution's server: it checks RFC 9421 signatures by the key that the node publishes, reading
// the headers as text and building the signature base from what it reads.
type verifier struct {
	keys map[string]crypto.PublicKey // by keyid
	now  func() time.Time
}

var (
	inputForm = regexp.MustCompile(`^([a-z*][a-z0-9_.*-]*)=(\("@authority"\)((?:;[a-z]+=(?:"[^"\\]*"|[0-9]+))*))$`)
	valueForm = regexp.MustCompile(`^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]+=*):$`)
	paramForm = regexp.MustCompile(`;([a-z]+)=(?:"([^"]*)"|([0-9]+))`)
)

// ServeHTTP answers 401 unsigned, 400 broken, 403 not accepted.
func (v *verifier) ServeHTTP(w http.ResponseWriter, r *http.Request) { w.WriteHeader(v.judge(r)) }

func (v *verifier) judge(r *http.Request) int {
	if r.Header.Get("Signature") == "" && r.Header.Get("Signature-Input") == "" {
		return http.StatusUnauthorized
	}
	input, value := inputForm.FindStringSubmatch(r.Header.Get("Signature-Input")), valueForm.FindStringSubmatch(r.Header.Get("Signature"))
	if input == nil || value == nil || input[1] != "ql" || value[1] != "ql" {
		return http.StatusBadRequest
	}
	params := map[string]string{}
	for _, p := range paramForm.FindAllStringSubmatch(input[3], -1) {
		if _, twice := params[p[1]]; twice {
			return http.StatusBadRequest
		}
		params[p[1]] = p[2] + p[3]
	}
	created, err1 := strconv.ParseInt(params["created"], 10, 64)
	expires, err2 := strconv.ParseInt(params["expires"], 10, 64)
	signature, err3 := base64.StdEncoding.DecodeString(value[2])
	if err1 != nil || err2 != nil || err3 != nil || len(params) != 5 || params["tag"] != "qualitylink-v1" {
		return http.StatusBadRequest
	}
	now := v.now().Unix()
	host := strings.ToLower(strings.TrimSuffix(r.Host, ":443"))
	base := "\"@authority\": " + host + "\n" + `"@signature-params": ` + input[2]
	key, known := v.keys[params["keyid"]]
	if !known || created > now || expires < now || expires > created+3600 || !check(params["alg"], key, []byte(base), signature) {
		return http.StatusForbidden
	}
	return http.StatusOK
}

func check(alg string, key crypto.PublicKey, base, signature []byte) bool {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return alg == "ed25519" && ed25519.Verify(key, base, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(base)
		return alg == "ecdsa-p256-sha256" && len(signature) == 64 &&
			ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	case *rsa.PublicKey:
		sum := sha512.Sum512(base)
		return alg == "rsa-pss-sha512" && rsa.VerifyPSS(key, crypto.SHA512, sum[:], signature, &rsa.PSSOptions{SaltLength: 64}) == nil
	}
	return false
}

// newSigned is a world whose server verifies.
func newSigned(t *testing.T) (*world, *verifier) {
	t.Helper()
	v := &verifier{keys: map[string]crypto.PublicKey{}}
	w := newWorld(t, v.ServeHTTP)
	v.now = func() time.Time { return w.clock }
	for _, alg := range access.Algorithms {
		key := w.ring.signers[alg].Public()
		id, err := access.Fingerprint(key)
		if err != nil {
			t.Fatal(err)
		}
		v.keys[id] = key
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
		if status := v.judge(r); status != 200 {
			t.Fatalf("unaltered: status %d", status)
		}
		if alter(r); v.judge(r) == http.StatusOK {
			t.Errorf("%s: accepted", name)
		}
		w.clock = clock
	}
}

func replace(r *http.Request, name, from, to string) {
	before := r.Header.Get(name)
	r.Header.Set(name, strings.Replace(before, from, to, 1))
	if r.Header.Get(name) == before {
		panic("nothing was altered: " + name + ": " + before)
	}
}

package access_test

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation"
)

// keyed serves who sends the canary in a header.
func keyed(field string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(field) != canary {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
}

func TestHeaderInEverySpellingOfTheCiphertext(t *testing.T) {
	t.Parallel()
	key := rsaKeys()[0]
	plain := seal(t, key, canary, &rsa.OAEPOptions{Hash: crypto.SHA1})
	lines := regexp.MustCompile(`.{64}`).ReplaceAllString(plain, "$0\r\n  ")
	for name, value := range map[string]string{
		"SHA-1":             plain,
		"SHA-256":           seal(t, key, canary, &rsa.OAEPOptions{Hash: crypto.SHA256}),
		"SHA-256 and SHA-1": seal(t, key, canary, &rsa.OAEPOptions{Hash: crypto.SHA256, MGFHash: crypto.SHA1}),
		"line breaks":       lines,
		"URL-safe":          strings.NewReplacer("+", "-", "/", "_").Replace(plain),
		"no padding":        strings.TrimRight(plain, "="),
		"echo's newline":    seal(t, key, canary+"\n", &rsa.OAEPOptions{Hash: crypto.SHA1}),
		"Windows newline":   seal(t, key, canary+"\r\n", &rsa.OAEPOptions{Hash: crypto.SHA1}),
	} {
		w := newWorld(t, keyed("X-Key"))
		if status, err := w.get(spec(source, "httpheader", map[string]string{"field": "X-Key", "value": value})); status != 200 {
			t.Errorf("%s: status %d, %v", name, status, err)
		}
	}
	w := newWorld(t, keyed("X-Qualitylink-Auth"))
	if status, err := w.get(spec(source, "httpheader", map[string]string{"value": plain})); status != 200 {
		t.Errorf("no field: status %d, %v", status, err)
	}
}

func TestUnusableSecretsAreRefusedAndNeverSent(t *testing.T) {
	t.Parallel()
	key, other := rsaKeys()[0], rsaKeys()[1]
	damaged, _ := base64.StdEncoding.DecodeString(encrypt(t, key, canary))
	damaged[17] ^= 1
	for name, value := range map[string]string{
		"clear text":        canary,
		"clear Base64":      base64.StdEncoding.EncodeToString([]byte(canary)),
		"somebody else's":   encrypt(t, other, canary),
		"damaged":           base64.StdEncoding.EncodeToString(damaged),
		"no header value":   encrypt(t, key, canary+"\r\nX-Other: 1"),
		"nothing in it":     encrypt(t, key, "\n"),
		"nothing":           "",
		"endless":           strings.Repeat("A", 1<<20),
		"half a hybrid":     `{"key":"` + encrypt(t, key, canary) + `"}`,
		"hybrid, short key": `{"key":"` + encrypt(t, key, canary) + `","nonce":"AAAAAAAAAAAAAAAA","data":"AAAA"}`,
	} {
		w := newWorld(t, keyed("X-Key"))
		_, err := w.get(spec(source, "httpheader", map[string]string{"field": "X-Key", "value": value}))
		refused(t, err)
		if len(w.calls) != 0 {
			t.Errorf("%s: the source was asked", name)
		}
	}
}

func TestSecretsForSeveralNodes(t *testing.T) {
	t.Parallel()
	mine, other := rsaKeys()[0], rsaKeys()[1]
	for name, c := range map[string]struct {
		params map[string]string
		want   error
	}{
		"mine among others":   {map[string]string{"values." + fingerprint(t, mine): encrypt(t, mine, canary), "values." + fingerprint(t, other): encrypt(t, other, canary)}, nil},
		"spelt by a tool":     {map[string]string{"values.SHA256:" + colons(strings.ToUpper(fingerprint(t, mine))): encrypt(t, mine, canary)}, nil},
		"hybrid":              {map[string]string{"values." + fingerprint(t, mine): long(t, mine, canary)}, nil},
		"hybrid, as object":   {object(t, long(t, mine, canary)), nil},
		"others only":         {map[string]string{"values." + fingerprint(t, other): encrypt(t, other, canary)}, access.ErrElsewhere},
		"others, and a value": {map[string]string{"values." + fingerprint(t, other): "x", "value": encrypt(t, other, canary)}, access.ErrElsewhere},
	} {
		w := newWorld(t, keyed("X-Key"))
		c.params["field"] = "X-Key"
		status, err := w.get(spec(source, "httpheader", c.params))
		if !errors.Is(err, c.want) || c.want == nil && status != 200 {
			t.Errorf("%s: status %d, %v", name, status, err)
		}
	}
}

func colons(hex string) string {
	return strings.TrimSuffix(regexp.MustCompile(`..`).ReplaceAllString(hex, "$0:"), ":")
}

// long seals with trailing line breaks that make the secret too long for RSA, and that opening takes off.
func long(t *testing.T, key *rsa.PrivateKey, secret string) string {
	t.Helper()
	text, hybrid, err := access.Encrypt(&key.PublicKey, []byte(secret+strings.Repeat("\n", 400)))
	if err != nil || !hybrid {
		t.Fatal(hybrid, err)
	}
	return text
}

func object(t *testing.T, sealed string) map[string]string {
	t.Helper()
	document, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]string
	if err := json.Unmarshal(document, &fields); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"value.key": fields["key"], "value.nonce": fields["nonce"], "value.data": fields["data"]}
}

func TestOldKeysStillDecrypt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, keyed("X-Key"))
	w.cfg.Keys = ring{secrets: []*rsa.PrivateKey{rsaKeys()[1], rsaKeys()[0]}}
	w.gate = access.New(w.cfg)
	if status, err := w.get(spec(source, "httpheader", map[string]string{"field": "X-Key", "value": encrypt(t, rsaKeys()[0], canary)})); status != 200 {
		t.Errorf("status %d, %v", status, err)
	}
}

func TestStoredCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t, keyed("X-Key"))
	w.cfg.Stored = []access.Credential{{Provider: provider, Endpoint: source, Secret: encrypt(t, rsaKeys()[0], canary)}}
	w.gate = access.New(w.cfg)
	if status, err := w.get(spec(source, "httpheader", map[string]string{"field": "X-Key"})); status != 200 {
		t.Errorf("status %d, %v", status, err)
	}
}

func TestThreat30MovedSecretIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, keyed("X-Key"))
	value := encrypt(t, rsaKeys()[0], canary)
	hybrid := long(t, rsaKeys()[0], canary)
	at := func(path, value string) federation.ManifestSource {
		return spec(path, "httpheader", map[string]string{"field": "X-Key", "value": value})
	}
	for _, v := range []string{value, hybrid} {
		if status, err := w.get(at(source, v)); status != 200 {
			t.Fatalf("status %d, %v", status, err)
		}
		if status, err := w.get(at(source+"?again", v)); status != 200 {
			t.Fatalf("same provider and origin: status %d, %v", status, err)
		}
	}
	before := len(w.calls)
	respelt := strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(value, "="))
	rawHybrid, _ := base64.StdEncoding.DecodeString(hybrid)
	for _, v := range []string{value, respelt, hybrid, " " + string(rawHybrid)} {
		_, err := w.gate.Open("evil.example", at("https://evil.example/courses", v))
		refused(t, err)
		_, err = w.gate.Open("evil.example", at(source, v))
		refused(t, err)
		_, err = w.gate.Open(provider, at("https://evil.example/courses", v))
		refused(t, err)
	}
	_, err := w.gate.Open("evil.example", spec("https://evil.example/c", "oauth2.0",
		map[string]string{"token_endpoint": "https://evil.example/t", "client_id": "x", "client_secret": value}))
	refused(t, err)
	if len(w.calls) != before {
		t.Error("a moved secret was sent")
	}
}

func TestThreat10CredentialsStayAtTheirOrigin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.Host == "api.uni.example" {
			http.Redirect(rw, r, "https://evil.example/", http.StatusFound)
		}
	})
	for kind, params := range map[string]map[string]string{
		"httpheader": {"field": "X-Key", "value": encrypt(t, rsaKeys()[0], canary)},
		"httpsig":    {},
	} {
		pass, err := w.gate.Open(provider, spec(source, kind, params))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.send(pass, source); err == nil {
			t.Errorf("%s: a redirect to another authority was followed", kind)
		}
		for _, elsewhere := range []string{"https://evil.example/next", "http://api.uni.example/next", "https://api.uni.example:8443/", "https://api.uni.example@evil.example/"} {
			if _, err := w.send(pass, elsewhere); err == nil {
				t.Errorf("%s: %s was asked", kind, elsewhere)
			}
		}
	}
	_, err := w.gate.Open(provider, spec("http://api.uni.example/", "httpheader", map[string]string{"value": encrypt(t, rsaKeys()[0], canary)}))
	refused(t, err)
	for _, call := range w.calls {
		if call.Host == "evil.example" {
			t.Error("another origin was asked")
		}
	}
}

func TestThreat28SecretPrintsRedacted(t *testing.T) {
	t.Parallel()
	box := access.SecretForTest(canary)
	inside := struct{ s access.Secret }{box}
	document, err := json.Marshal(map[string]any{"exported": box})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "secret", box, "inside", inside, "pointer", &box)
	}
	printed := string(document) + log.String() + fmt.Sprint(errors.New(box.String()))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%T", "%U", "%t", "%z"} {
		for _, v := range []any{box, &box, inside, &inside, []access.Secret{box}, map[string]access.Secret{"a": box}} {
			printed += fmt.Sprintf(verb, v)
		}
	}
	for _, form := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary)} {
		if strings.Contains(printed, form) {
			t.Errorf("%q was printed", form)
		}
	}
	if !strings.Contains(printed, "[redacted]") {
		t.Error("nothing says that something is left out")
	}
}

func TestRedacted(t *testing.T) {
	t.Parallel()
	s := spec(source, "httpheader", map[string]string{"field": "X-Key", "value": canary, "values.ab": canary, "password": canary})
	shown := fmt.Sprint(access.Redacted(s), access.RedactedManifest(federation.Manifest{Sources: []federation.ManifestSource{s}}))
	if strings.Contains(shown, canary) || !strings.Contains(shown, "X-Key") || s.Auth.Params["value"] != canary {
		t.Error(shown)
	}
}

func TestOpenSSL(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	key := rsaKeys()[0]
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := filepath.Join(t.TempDir(), "public.pem")
	if err := os.WriteFile(public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(input []byte, args ...string) []byte {
		cmd := exec.Command(tool, args...)
		cmd.Stdin = bytes.NewReader(input)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("openssl %v: %v", args, err)
		}
		return out
	}
	seal := []string{"pkeyutl", "-encrypt", "-pubin", "-inkey", public, "-pkeyopt", "rsa_padding_mode:oaep"}
	for name, options := range map[string][]string{
		"as the standard shows": nil,
		"SHA-256":               {"-pkeyopt", "rsa_oaep_md:sha256"},
		"SHA-256, MGF1 SHA-1":   {"-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha1"},
	} {
		value := run(run([]byte(canary+"\n"), append(seal[:len(seal):len(seal)], options...)...), "base64")
		w := newWorld(t, keyed("X-Key"))
		if status, err := w.get(spec(source, "httpheader", map[string]string{"field": "X-Key", "value": string(value)})); status != 200 {
			t.Errorf("%s: status %d, %v", name, status, err)
		}
	}
	der = run(nil, "pkey", "-pubin", "-in", public, "-outform", "DER")
	if sum := fmt.Sprintf("%x", run(der, "dgst", "-sha256", "-binary")); sum != fingerprint(t, key) {
		t.Errorf("fingerprint %s, openssl says %s", fingerprint(t, key), sum)
	}
}

func FuzzSealed(f *testing.F) {
	key := rsaKeys()[0]
	text, _, err := access.Encrypt(&key.PublicKey, []byte(canary))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{text, "", "{", `{"key":"AA","nonce":"AAAAAAAAAAAAAAAA","data":"AA"}`, "====", "ey09"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		gate := access.New(access.Config{Keys: ring{secrets: rsaKeys()[:1]}, Bind: (&bindings{held: map[string]access.Binding{}}).bind})
		_, err := gate.Open(provider, spec(source, "httpheader", map[string]string{"value": text}))
		var refusal *access.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
	})
}

// FuzzPublicKey: `key encrypt --to URL` takes whatever the address answers.
func FuzzPublicKey(f *testing.F) {
	der, err := x509.MarshalPKIXPublicKey(&rsaKeys()[0].PublicKey)
	if err != nil {
		f.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	wrapped, err := json.Marshal(map[string]string{"public_key": text})
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{text, string(wrapped), "", "{}", "-----BEGIN RSA PUBLIC KEY-----\nAA==\n-----END RSA PUBLIC KEY-----\n", text[:100]} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		key, err := access.ParsePublicKey(document)
		if err == nil && (key == nil || key.N.BitLen() < 2048) {
			t.Fatalf("took a key of %v", key)
		}
	})
}

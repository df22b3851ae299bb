package harvest_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

const canary = "canary-5e1d-secret"

// ring holds the keys of the node that harvests.
type ring struct {
	rsa *rsa.PrivateKey
	ed  ed25519.PrivateKey
}

func (r ring) Secrets() ([]*rsa.PrivateKey, error)      { return []*rsa.PrivateKey{r.rsa}, nil }
func (r ring) Signer(alg string) (crypto.Signer, error) { return r.ed, nil }

var theRing = sync.OnceValue(func() ring {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return ring{key, ed}
})

// guarded is a world whose files below /header, /oauth and /signed need credentials.
func guarded(t *testing.T) (*world, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	w := newWorld(t, func(w *world) {
		w.keys = theRing()
		w.log = slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
		w.guard = guard
	})
	for _, place := range []string{"header", "oauth", "signed", "open"} {
		w.serve("/"+place+"/a.ttl", document(course("urn:"+place, place)))
	}
	return w, log
}

func guard(rw http.ResponseWriter, r *http.Request) bool {
	ok := true
	switch {
	case r.URL.Path == "/token":
		id, secret, _ := r.BasicAuth()
		if id == "client" && secret == canary {
			fmt.Fprintf(rw, `{"access_token":"token-%s","expires_in":"3600"}`, canary)
			return false
		}
		ok = false
	case strings.HasPrefix(r.URL.Path, "/header/"):
		ok = r.Header.Get("X-Api-Key") == canary
	case strings.HasPrefix(r.URL.Path, "/oauth/"):
		ok = r.Header.Get("Authorization") == "Bearer token-"+canary
	case strings.HasPrefix(r.URL.Path, "/signed/"):
		params, _ := strings.CutPrefix(r.Header.Get("Signature-Input"), "ql=")
		text := strings.TrimSuffix(strings.TrimPrefix(r.Header.Get("Signature"), "ql=:"), ":")
		signature, err := base64.StdEncoding.DecodeString(text)
		base := "\"@authority\": " + r.Host + "\n\"@signature-params\": " + params
		ok = err == nil && ed25519.Verify(theRing().ed.Public().(ed25519.PublicKey), []byte(base), signature)
	}
	if !ok {
		http.Error(rw, `{"error":"invalid_client"}`, http.StatusUnauthorized)
	}
	return ok
}

func sealed(t *testing.T, secret string) string {
	t.Helper()
	text, _, err := access.Encrypt(&theRing().rsa.PublicKey, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// source is one entry of a manifest.
func source(place, auth string) string {
	return fmt.Sprintf(`{"type":"elm","version":"3.2","path":"https://%s/%s/a.ttl","auth":%s}`, home, place, auth)
}

func (w *world) announceSources(sources ...string) {
	w.serve("/.well-known/quality-link-manifest.json", `{"sources":[`+strings.Join(sources, ",")+`]}`)
}

func allMethods(t *testing.T) []string {
	return []string{
		source("open", `{"type":"none"}`),
		source("header", fmt.Sprintf(`{"type":"httpheader","field":"X-Api-Key","value":%q}`, sealed(t, canary+"\n"))),
		source("oauth", fmt.Sprintf(`{"type":"oauth2.0","token_endpoint":"https://%s/token","client_id":"client","client_secret":%q}`, home, sealed(t, canary))),
		source("signed", `{"type":"httpsig"}`),
	}
}

func TestHarvestBehindEveryAccessControl(t *testing.T) {
	t.Parallel()
	w, _ := guarded(t)
	w.announceSources(allMethods(t)...)
	expect(t, "first", w.harvest(), 4, 4, 0, 0, 0)
	for _, place := range []string{"header", "oauth", "signed", "open"} {
		if _, ok := w.record(home, "urn:"+place); !ok {
			t.Errorf("%s was not harvested", place)
		}
	}
	if r := w.harvest(); len(r.Errors) != 0 || r.Fetched != 0 || w.fetched["/header/a.ttl"] != 1 {
		t.Errorf("unchanged, but %+v", r)
	}
}

func TestSecretThatCannotBeUsedIsTold(t *testing.T) {
	t.Parallel()
	w, _ := guarded(t)
	w.announceSources(
		source("header", `{"type":"httpheader","field":"X-Api-Key","value":"`+canary+`"}`),
		source("open", `{"type":"none"}`),
	)
	r := w.harvest()
	expect(t, "clear text", r, 1, 1, 0, 0, 0)
	if len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "auth/value: the secret is not encrypted") || r.Errors[0].Fix == "" {
		t.Errorf("%+v", r.Errors)
	}
	if w.fetched["/header/a.ttl"] != 0 {
		t.Error("the source was fetched")
	}
}

func TestSecretsForOtherNodesAreNoError(t *testing.T) {
	t.Parallel()
	w, _ := guarded(t)
	w.announceSources(
		source("header", fmt.Sprintf(`{"type":"httpheader","field":"X-Api-Key","values":{"%064d":"AAAA"}}`, 7)),
		source("open", `{"type":"none"}`),
	)
	if r := w.harvest(); len(r.Errors) != 0 || r.New != 1 {
		t.Errorf("%+v", r)
	}
	var states []string
	for _, s := range w.h.Sources(home) {
		states = append(states, s.State+s.Problem)
	}
	if got := strings.Join(states, " "); got != "elsewhere complete" && got != "complete elsewhere" {
		t.Errorf("states %s", got)
	}
}

func TestThreat30BindingOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	w, _ := guarded(t)
	secret := fmt.Sprintf(`{"type":"httpheader","field":"X-Api-Key","value":%q}`, sealed(t, canary))
	w.announceSources(source("header", secret))
	expect(t, "own", w.harvest(), 1, 1, 0, 0, 0)
	w.reopen()
	w.serve("/.well-known/quality-link-manifest.json", `{"sources":[{"type":"elm","version":"3.2","path":"https://other.example/header/a.ttl","auth":`+secret+`}]}`)
	report, err := w.h.Domain(t.Context(), "other.example", harvest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Errors) != 1 || !strings.Contains(report.Errors[0].Message, "first used by another institution") || w.fetched["/header/a.ttl"] != 1 {
		t.Errorf("a copied secret was used: %+v, fetched %d times", report, w.fetched["/header/a.ttl"])
	}
}

// TestThreat28CanariesAfterAHarvest looks into everything that harvests leave: the data directory, logs, reports,
// runs, states and discoveries.
func TestThreat28CanariesAfterAHarvest(t *testing.T) {
	t.Parallel()
	w, log := guarded(t)
	manifests := [][]string{allMethods(t), {
		source("header", `{"type":"httpheader","field":"X-Api-Key","value":"`+canary+`"}`),
		source("oauth", `{"type":"oauth2.0","token_endpoint":"https://`+home+`/token","client_id":"other","client_secret":"`+sealed(t, canary)+`"}`),
		source("open", `{"type":"secret","password":"`+canary+`"}`),
	}}
	left := &bytes.Buffer{}
	for _, m := range manifests {
		w.announceSources(m...)
		report := w.harvest()
		runs, err := w.h.Runs(home, 100)
		if err != nil {
			t.Fatal(err)
		}
		discovery, _ := w.h.Discovery(home)
		found, err := w.h.Discover(t.Context(), home, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.NewEncoder(left).Encode([]any{report, runs, discovery, found, w.h.Sources(home)}); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(left, "%+v", []any{report, runs, discovery, found.Manifest, w.h.Sources(home)})
	}
	left.Write(log.Bytes())
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		left.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte("client:" + canary))} {
		if i := bytes.Index(left.Bytes(), []byte(form)); i >= 0 {
			t.Errorf("a secret is left behind: %q", left.Bytes()[max(0, i-200):i+40])
		}
	}
	if !bytes.Contains(left.Bytes(), []byte("[redacted]")) || !bytes.Contains(left.Bytes(), []byte("/header/a.ttl")) {
		t.Error("what was looked at is not what a harvest leaves")
	}
}

// TestRefusedAccessNamesTheFix: mending the courses does not help where the door is closed.
func TestRefusedAccessNamesTheFix(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(w *world) {
		w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/a.ttl" {
				rw.WriteHeader(http.StatusForbidden)
			}
			return r.URL.Path != "/a.ttl"
		}
	})
	w.announce("/a.ttl")
	if r := w.harvest(); len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Fix, "auth in the manifest") || r.Errors[0].Message != "HTTP status 403" {
		t.Errorf("%+v", r.Errors)
	}
}

package api_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/authority"
)

func TestPublicKeysAtOurPathsAndThePilots(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	want := api.PublicKeys{
		PublicKey: "-----BEGIN PUBLIC KEY-----\n", Fingerprint: "ab", Created: now, Updated: now,
		Signatures: []api.SignatureKey{{Algorithm: "ed25519", KeyID: "cd", PublicKey: "-----BEGIN"}},
	}
	fail := false
	known, err := authority.New(authority.Config{DB: n.db, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	a, err := api.New(api.Config{
		DB: n.db, Catalogue: n.catalogue, Authority: known, Index: n.index, Now: func() time.Time { return now },
		PublicKeys: func() (api.PublicKeys, error) {
			if fail {
				return api.PublicKeys{}, errors.New("/private/place is damaged")
			}
			return want, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w
	}
	for _, path := range []string{"/v1/public-key", "/api/v1/public-key"} {
		w := ask(path)
		var got map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("%s: status %d, %v", path, w.Code, err)
		}
		if got["public_key"] != want.PublicKey || got["created_at"] == nil || got["updated_at"] == nil || got["signatures"] == nil {
			t.Errorf("%s: %v", path, got)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s: other origins cannot read it", path)
		}
	}
	for _, path := range []string{"/v1/public-key.pem", "/api/v1/public-key/pem"} {
		if w := ask(path); w.Code != 200 || w.Body.String() != want.PublicKey {
			t.Errorf("%s: status %d, %s", path, w.Code, w.Body)
		}
	}
	fail = true
	if w := ask("/v1/public-key"); w.Code != 500 || strings.Contains(w.Body.String(), "private") {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}

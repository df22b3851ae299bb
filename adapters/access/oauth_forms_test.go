package access_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"
)

// A server that looks for the client in the form alone says so once; renewals know.
func TestOAuthRemembersTheForm(t *testing.T) {
	t.Parallel()
	for _, refusal := range []string{`{"error":"invalid_request"}`, `{"error":"unauthorized_client"}`, `<html>Bad Request</html>`} {
		asked, issued := 0, 0
		w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.Host != "login.uni.example" {
				return
			}
			asked++
			if r.Header.Get("Authorization") != "" || r.PostFormValue("client_id") != "id with:colon" || r.PostFormValue("client_secret") != canary {
				rw.WriteHeader(http.StatusBadRequest)
				fmt.Fprint(rw, refusal)
				return
			}
			issued++
			fmt.Fprint(rw, `{"access_token":"t","expires_in":600,"example_parameter":{"nested":[1]},"refresh_token":"r"}`)
		})
		pass, err := w.gate.Open(provider, oauthSpec(t))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if status, err := w.send(pass, source); status != 200 {
				t.Errorf("%s: status %d, %v", refusal, status, err)
			}
			w.clock = w.clock.Add(time.Hour)
		}
		if asked != 4 || issued != 3 {
			t.Errorf("%s: asked %d times for %d tokens", refusal, asked, issued)
		}
	}
}

// Edu-API names the scope for reading; servers that do not know it are asked without.
func TestOAuthScopeOfEduAPI(t *testing.T) {
	t.Parallel()
	const standard = "http://purl.1edtech.org/spec/eduapi/v1p0/scope/core.readonly"
	for name, k := range map[string]struct {
		kind, manifest string
		knows          bool
		want           []string
	}{
		"standard":        {"edu-api", "", true, []string{standard}},
		"unknown to it":   {"edu-api", "", false, []string{standard, ""}},
		"manifest's own":  {"edu-api", "own", true, []string{"own"}},
		"other standards": {"ooapi", "", true, []string{""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var scopes []string
			w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
				if r.Host != "login.uni.example" {
					return
				}
				scope := r.PostFormValue("scope")
				scopes = append(scopes, scope)
				if scope != "" && !k.knows {
					rw.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(rw, `{"error":"invalid_scope"}`)
					return
				}
				fmt.Fprint(rw, `{"access_token":"t"}`)
			})
			s := oauthSpec(t)
			s.Type = k.kind
			s.Auth.Params["scope"] = k.manifest
			if status, err := w.get(s); status != 200 || !slices.Equal(scopes, k.want) {
				t.Errorf("status %d, %v, scopes %q", status, err, scopes)
			}
		})
	}
}

// The token endpoint is a foreign URL like any other: threat 11 holds for it, and its redirects go nowhere else.
func TestThreat11TokenEndpointInside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		if r.Host == "login.uni.example" {
			http.Redirect(rw, r, "https://evil.example/token", http.StatusTemporaryRedirect)
		}
	})
	for _, endpoint := range []string{
		tokenEndpoint, "https://127.0.0.1/token", "https://[::1]/token", "https://169.254.169.254/latest", "https://2130706433/token", "https://10.0.0.1/token",
	} {
		s := oauthSpec(t)
		s.Auth.Params["token_endpoint"], s.Auth.Params["client_secret"] = endpoint, encrypt(t, rsaKeys()[0], canary)
		if status, err := w.get(s); err == nil {
			t.Errorf("%s: status %d", endpoint, status)
		}
	}
	for _, call := range w.calls {
		if u, _ := url.Parse(call.URL.String()); call.Host == "evil.example" || u.Path != "/token" {
			t.Errorf("%s %s was asked", call.Host, call.URL)
		}
	}
}

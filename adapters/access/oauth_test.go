package access_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation"
)

const tokenEndpoint = "https://login.uni.example/token"

// authorization is an OAuth server and the source behind it.
type authorization struct {
	basic, form bool   // forms of client authentication it takes
	expires     string // JSON of expires_in; "" leaves it out
	denial      int    // status for a bad client; 401 when zero
	issued      int
	revoked     int // tokens up to this one no longer count
	scopes      []string
}

func (a *authorization) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host == "api.uni.example" {
		var n int
		if _, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer token-%d-"+canary, &n); err != nil || n > a.issued || n <= a.revoked {
			w.WriteHeader(http.StatusUnauthorized)
		}
		return
	}
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	id, secret, ok := r.BasicAuth()
	if ok { // RFC 6749 section 2.3.1: form-encoded before Basic
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
		ok = a.basic
	} else if a.form {
		id, secret, ok = form.Get("client_id"), form.Get("client_secret"), true
	}
	w.Header().Set("Content-Type", "application/json")
	if !ok || id != "id with:colon" || secret != canary || form.Get("grant_type") != "client_credentials" || r.Method != http.MethodPost {
		w.WriteHeader(max(a.denial, http.StatusBadRequest))
		fmt.Fprintf(w, `{"error":"invalid_client","error_description":%q}`, "not "+secret)
		return
	}
	a.issued++
	a.scopes = append(a.scopes, form.Get("scope"))
	fmt.Fprintf(w, `{"access_token":"token-%d-%s","token_type":"bearer"%s}`, a.issued, canary, a.expires)
}

func oauthSpec(t *testing.T) federation.ManifestSource {
	return spec(source, "oauth2.0", map[string]string{
		"token_endpoint": tokenEndpoint, "client_id": "id with:colon", "client_secret": encrypt(t, rsaKeys()[0], canary), "scope": "core",
	})
}

func TestOAuthTakesEitherClientAuthentication(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		server authorization
		asked  int
	}{
		"Basic only":        {authorization{basic: true, denial: 401}, 1},
		"form only":         {authorization{form: true, denial: 401}, 2},
		"form only, by 400": {authorization{form: true, denial: 400}, 2},
		"both":              {authorization{basic: true, form: true}, 1},
	} {
		w := newWorld(t, c.server.ServeHTTP)
		status, err := w.get(oauthSpec(t))
		if status != 200 || len(w.calls) != c.asked+1 || strings.Join(c.server.scopes, ",") != "core" {
			t.Errorf("%s: status %d, %v, %d calls, scopes %v", name, status, err, len(w.calls), c.server.scopes)
		}
	}
}

func TestOAuthRefusedClientIsTold(t *testing.T) {
	t.Parallel()
	server := &authorization{denial: 401}
	w := newWorld(t, server.ServeHTTP)
	_, err := w.get(oauthSpec(t))
	if r := refused(t, err); !strings.Contains(r.Message, "invalid_client") {
		t.Error(r)
	}
	if len(w.calls) != 2 {
		t.Errorf("%d calls", len(w.calls))
	}
}

func TestOAuthRenewal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		expires string
		after   time.Duration
		issued  int
	}{
		"still good":        {`,"expires_in":3600`, 58 * time.Minute, 1},
		"a minute early":    {`,"expires_in":3600`, 59*time.Minute + time.Second, 2},
		"a text":            {`,"expires_in":"3600"`, 59*time.Minute + time.Second, 2},
		"missing":           {``, 48 * time.Hour, 1},
		"nonsense":          {`,"expires_in":{"a":1}`, 48 * time.Hour, 1},
		"short, still good": {`,"expires_in":30`, 14 * time.Second, 1},
		"short":             {`,"expires_in":30`, 16 * time.Second, 2},
	} {
		server := &authorization{basic: true, expires: c.expires}
		w := newWorld(t, server.ServeHTTP)
		pass, err := w.gate.Open(provider, oauthSpec(t))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if status, err := w.send(pass, source); status != 200 {
				t.Errorf("%s: status %d, %v", name, status, err)
			}
		}
		w.clock = w.clock.Add(c.after)
		if status, err := w.send(pass, source); status != 200 || server.issued != c.issued {
			t.Errorf("%s: status %d, %v, %d tokens, want %d", name, status, err, server.issued, c.issued)
		}
	}
}

func TestOAuthNewTokenOnceAfter401(t *testing.T) {
	t.Parallel()
	server := &authorization{basic: true}
	w := newWorld(t, server.ServeHTTP)
	pass, err := w.gate.Open(provider, oauthSpec(t))
	if err != nil {
		t.Fatal(err)
	}
	if status, err := w.send(pass, source); status != 200 {
		t.Fatal(status, err)
	}
	server.revoked = 1
	if status, err := w.send(pass, source); status != 200 || server.issued != 2 {
		t.Errorf("status %d, %v, %d tokens", status, err, server.issued)
	}
	server.revoked = 1000
	if status, err := w.send(pass, source); status != 401 || err != nil || server.issued != 3 {
		t.Errorf("a source that refuses every token: status %d, %v, %d tokens", status, err, server.issued)
	}
}

func TestOAuthStoredPair(t *testing.T) {
	t.Parallel()
	server := &authorization{basic: true}
	w := newWorld(t, server.ServeHTTP)
	w.cfg.Stored = []access.Credential{{Provider: provider, Endpoint: tokenEndpoint, ClientID: "id with:colon", Secret: encrypt(t, rsaKeys()[0], canary), Scope: "stored"}}
	w.gate = access.New(w.cfg)
	for _, scope := range []string{"", "manifest"} {
		if status, err := w.get(spec(source, "oauth2.0", map[string]string{"token_endpoint": tokenEndpoint, "scope": scope})); status != 200 {
			t.Errorf("status %d, %v", status, err)
		}
	}
	if got := strings.Join(server.scopes, ","); got != "stored,manifest" {
		t.Errorf("scopes %s", got)
	}
	_, err := w.gate.Open("evil.example", spec("https://evil.example/", "oauth2.0", map[string]string{"token_endpoint": tokenEndpoint}))
	refused(t, err)
}

func TestThreat28NothingSecretInLogsAndErrors(t *testing.T) {
	t.Parallel()
	server := &authorization{denial: 401}
	w := newWorld(t, server.ServeHTTP)
	_, denied := w.get(oauthSpec(t))
	server.basic = true
	if status, err := w.get(oauthSpec(t)); status != 200 {
		t.Fatal(status, err)
	}
	text := w.logs.String() + denied.Error()
	if strings.Contains(text, canary) || !strings.Contains(text, "login.uni.example") {
		t.Errorf("a secret is in what a run leaves, or nothing is:\n%s", text)
	}
}

func FuzzTokenAnswer(f *testing.F) {
	for _, seed := range []string{`{"access_token":"a","token_type":"Bearer","expires_in":"60"}`, `{"access_token":["a"]}`, `{"error":1}`, ``, `[]`, `{"expires_in":1e999,"access_token":"x"}`} {
		f.Add(200, []byte(seed))
	}
	f.Add(401, []byte(`{"error":"invalid_client"}`))
	f.Fuzz(func(_ *testing.T, status int, body []byte) {
		_, _ = access.ParseTokenAnswerForTest(status, body)
	})
}

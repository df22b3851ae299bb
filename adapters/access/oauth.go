package access

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
)

const (
	maxTokenAnswer = 256 << 10
	earlyRenewal   = time.Minute
)

// oauth is access by a bearer token from the client credentials grant. A small client of its own: every request
// has to go through the guarded client, and errors must not quote the answer, which may hold a token.
type oauth struct {
	fetch    *fetch.Client
	now      func() time.Time
	endpoint *url.URL
	id       string
	secret   Secret
	scope    string
	fallback string // scope to ask for when the manifest names none; the server may not know it

	mu      sync.Mutex // guards what follows
	inForm  bool       // the server takes the client's credentials in the form only
	token   Secret
	renewAt time.Time // zero: when refused
	held    bool
}

// eduAPIScope is what the standard has servers grant for reading.
const eduAPIScope = "http://purl.1edtech.org/spec/eduapi/v1p0/scope/core.readonly"

func (g *Gate) oauth(provider string, spec federation.ManifestSource) (method, error) {
	auth := spec.Auth
	endpoint, err := url.Parse(auth.Params["token_endpoint"])
	if err != nil || endpoint.Scheme != "https" {
		return nil, &Refusal{"auth/token_endpoint", "credentials are sent over https only", "write an absolute https URL"}
	}
	id, scope := auth.Params["client_id"], auth.Params["scope"]
	if stored, ok := g.stored(provider, auth.Params["token_endpoint"]); ok {
		if scope == "" {
			scope = stored.Scope
		}
		if id == "" && !given(auth, "client_secret") {
			id, auth = stored.ClientID, federation.Auth{Params: map[string]string{"client_secret": stored.Secret}}
		}
	}
	if id == "" {
		return nil, &Refusal{"auth/client_id", "no client_id", "give client_id and client_secret, or hand both to the node's operator"}
	}
	secret, err := g.secret(Binding{provider, originOf(endpoint)}, auth, "client_secret")
	if err != nil {
		return nil, err
	}
	o := &oauth{fetch: g.cfg.Fetch, now: g.cfg.Now, endpoint: endpoint, id: id, secret: secret, scope: scope}
	if scope == "" && spec.Type == "edu-api" {
		o.fallback = eduAPIScope
	}
	return o, nil
}

func (o *oauth) add(ctx context.Context, _ *url.URL, h http.Header) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.held || !o.renewAt.IsZero() && !o.now().Before(o.renewAt) {
		if err := o.obtain(ctx); err != nil {
			return err
		}
	}
	h.Set("Authorization", "Bearer "+o.token.reveal())
	return nil
}

func (o *oauth) renew() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = false
	return true
}

// obtain asks by HTTP Basic, which servers must support (RFC 6749 section 2.3.1), then by the form, which is all
// that some do; and with the standard's scope, then with none.
func (o *oauth) obtain(ctx context.Context) error {
	answer, err := o.request(ctx, cmp.Or(o.scope, o.fallback))
	if err == nil && answer.Error == "invalid_scope" && o.scope == "" && o.fallback != "" {
		answer, err = o.request(ctx, "")
	}
	if err != nil {
		return err
	}
	token, err := answer.token(fetch.Shown(o.endpoint))
	if err != nil {
		return err
	}
	o.token, o.held, o.renewAt = token, true, time.Time{}
	if life, ok := answer.life(); ok {
		o.renewAt = o.now().Add(life - min(earlyRenewal, life/2))
	}
	return nil
}

// request remembers which form of client authentication the server took.
func (o *oauth) request(ctx context.Context, scope string) (tokenAnswer, error) {
	answer, err := o.ask(ctx, scope)
	if err != nil || o.inForm || !answer.asksForForm() {
		return answer, err
	}
	o.inForm = true
	again, err := o.ask(ctx, scope)
	if err != nil || again.status >= http.StatusBadRequest {
		o.inForm = false // neither way: the credentials are wrong
	}
	return again, err
}

// asksForForm: servers that look for the credentials in the form say in several ways that they miss them.
func (a tokenAnswer) asksForForm() bool {
	switch a.Error {
	case "invalid_scope", "invalid_grant", "unsupported_grant_type":
		return false
	}
	return a.status == http.StatusBadRequest || a.status == http.StatusUnauthorized || a.status == http.StatusForbidden
}

func (o *oauth) ask(ctx context.Context, scope string) (tokenAnswer, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if scope != "" {
		form.Set("scope", scope)
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}}
	if o.inForm {
		form.Set("client_id", o.id)
		form.Set("client_secret", o.secret.reveal())
	} else {
		pair := url.QueryEscape(o.id) + ":" + url.QueryEscape(o.secret.reveal())
		header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
	}
	response, err := o.fetch.Do(ctx, fetch.Request{
		Method: http.MethodPost, URL: o.endpoint.String(), Header: header, Body: []byte(form.Encode()),
		SameOrigin: true, MaxBytes: maxTokenAnswer,
	})
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("token endpoint: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return tokenAnswer{}, fmt.Errorf("token endpoint: %w", err)
	}
	return parseTokenAnswer(response.Status, body), nil
}

// tokenAnswer is what a token endpoint says (RFC 6749 sections 5.1 and 5.2).
type tokenAnswer struct {
	status    int
	malformed bool
	Token     any    `json:"access_token"`
	Type      any    `json:"token_type"`
	Expires   any    `json:"expires_in"` // a number, by some servers a text
	Code      any    `json:"error"`
	Error     string `json:"-"` // a code of the standard, else ""
}

// errorCodes of RFC 6749 section 5.2. Other texts are not repeated: servers quote requests in them.
var errorCodes = []string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}

func parseTokenAnswer(status int, body []byte) tokenAnswer {
	a := tokenAnswer{status: status}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	decoder.UseNumber()
	a.malformed = decoder.Decode(&a) != nil
	if code, _ := a.Code.(string); slices.Contains(errorCodes, code) {
		a.Error = code
	}
	return a
}

// token is the bearer token, or why there is none.
func (a tokenAnswer) token(endpoint string) (Secret, error) {
	refuse := func(message, fix string) (Secret, error) {
		return Secret{}, &Refusal{"auth/token_endpoint", endpoint + " " + message, fix}
	}
	text, _ := a.Token.(string)
	kind, named := a.Type.(string)
	switch {
	case a.status >= 500 || a.status == http.StatusTooManyRequests:
		return Secret{}, fmt.Errorf("token endpoint: %s answers with status %d", endpoint, a.status)
	case a.status != http.StatusOK && a.status != http.StatusCreated:
		message := "answers with status " + strconv.Itoa(a.status)
		if a.Error != "" {
			message += " (" + a.Error + ")"
		}
		return refuse(message, "check client_id, client_secret, scope and the address of the token endpoint")
	case a.malformed || text == "":
		return refuse("answers without an access_token", "answer with the JSON of RFC 6749 section 5.1")
	case named && !strings.EqualFold(kind, "bearer"):
		return refuse("gives a token that is no bearer token", "issue tokens of token_type Bearer")
	case strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' }):
		return refuse("gives a token that no header can carry", "issue tokens of printable ASCII")
	}
	return newSecret(text), nil
}

// life is how long the token holds, as far as the server says so.
func (a tokenAnswer) life() (time.Duration, bool) {
	text := fmt.Sprint(a.Expires)
	seconds, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if a.Expires == nil || err != nil || math.IsNaN(seconds) || seconds <= 0 {
		return 0, false
	}
	const longest = 365 * 24 * time.Hour
	return time.Duration(min(seconds, longest.Seconds()) * float64(time.Second)), true
}

package testserver

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// HeaderSecret lets requests pass that carry value in the header field, and answers 401 to others.
func HeaderSecret(field, value string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(field)), []byte(value)) != 1 {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Addresses lets clients of these networks pass, and answers 403 to others.
func Addresses(allowed []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr) // of the form that net/http writes
		client, err := netip.ParseAddr(host)
		if err != nil || !slices.ContainsFunc(allowed, func(p netip.Prefix) bool { return p.Contains(client.Unmap()) }) {
			http.Error(w, "not from "+host, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ClientAuthentication is how an OAuth server wants to know its clients (RFC 6749 section 2.3.1).
type ClientAuthentication int

// The forms of the standard. Servers must take Basic and may take the body; some take the body alone.
const (
	BasicOnly ClientAuthentication = iota
	BodyOnly
)

// OAuth is an authorisation server for the client credentials grant (RFC 6749 section 4.4) and the guard of
// what its tokens open. Set the fields before use.
type OAuth struct {
	ID, Secret string
	Takes      ClientAuthentication
	Scope      string        // that must be asked for; "" takes any
	Life       time.Duration // of a token, and what expires_in says; 0: an hour
	Uses       int           // after which a token expires, whatever expires_in says; 0: no limit

	mu     sync.Mutex // guards what follows
	tokens map[string]*token
	issued int
}

type token struct {
	expires time.Time
	uses    int
}

// Issued is how many tokens were given out.
func (o *OAuth) Issued() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.issued
}

// Token is the token endpoint.
func (o *OAuth) Token(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	form, err := formOf(r)
	if err != nil || r.Method != http.MethodPost || form.Get("grant_type") != "client_credentials" {
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	if !o.knows(r, form) {
		w.Header().Set("WWW-Authenticate", `Basic realm="token"`)
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	if o.Scope != "" && !slices.Contains(strings.Fields(form.Get("scope")), o.Scope) {
		refuse(w, http.StatusBadRequest, "invalid_scope")
		return
	}
	name, life := o.issue()
	_ = json.NewEncoder(w).Encode(object{"access_token": name, "token_type": "Bearer", "expires_in": int(life.Seconds())})
}

func formOf(r *http.Request) (url.Values, error) {
	err := r.ParseForm()
	return r.PostForm, err
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(object{"error": code})
}

func (o *OAuth) knows(r *http.Request, form url.Values) bool {
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if o.Takes == BasicOnly {
		name, password, ok := r.BasicAuth()
		var err1, err2 error
		id, err1 = url.QueryUnescape(name)
		secret, err2 = url.QueryUnescape(password)
		if !ok || err1 != nil || err2 != nil {
			return false
		}
	}
	return id == o.ID && subtle.ConstantTimeCompare([]byte(secret), []byte(o.Secret)) == 1
}

func (o *OAuth) issue() (name string, life time.Duration) {
	if life = o.Life; life == 0 {
		life = time.Hour
	}
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	name = hex.EncodeToString(random)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tokens == nil {
		o.tokens = map[string]*token{}
	}
	o.tokens[name] = &token{expires: time.Now().Add(life)}
	o.issued++
	return name, life
}

// Guard lets requests with a good token pass, and answers 401 to others.
func (o *OAuth) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !o.good(name) {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
			http.Error(w, "no good token", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (o *OAuth) good(name string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.tokens[name]
	if t == nil || !time.Now().Before(t.expires) || o.Uses > 0 && t.uses >= o.Uses {
		return false
	}
	t.uses++
	return true
}

// Package access opens sources that are not open to everybody: a secret header, OAuth 2.0 client credentials
// (RFC 6749 section 4.4) or HTTP message signatures (RFC 9421), as a source's manifest asks for.
//
// It promises:
//
//   - What a manifest gives in clear text, or what this node cannot decrypt, is never sent anywhere.
//   - A credential goes to the origin of the source (a client secret to that of the token endpoint) over https and
//     nowhere else. A ciphertext belongs to the provider and origin that first used it.
//   - Secrets are kept in memory for one run; what is stored of them is a salted hash of the ciphertext. They print
//     as [redacted], and no error quotes what an institution's server says.
package access

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"golang.org/x/net/http/httpguts"
)

// ErrElsewhere says that the manifest holds secrets for other nodes and none for this one, which is nobody's fault.
var ErrElsewhere = errors.New("not for this node")

// Refusal is a reason why a source is not fetched. It is the publisher's to read, and quotes no secret.
type Refusal struct {
	Where   string // below the source in the manifest, such as auth/value
	Message string
	Fix     string
}

func (e *Refusal) Error() string { return e.Where + ": " + e.Message + "; " + e.Fix }

// Keys are the node's private keys that access needs.
type Keys interface {
	Secrets() ([]*rsa.PrivateKey, error)      // to which secrets are encrypted, newest first
	Signer(alg string) (crypto.Signer, error) // one of Algorithms
}

// Binding is who may use a ciphertext.
type Binding struct {
	Provider string `json:"provider"`
	Origin   string `json:"origin"`
}

// Config of a Gate. Without Keys nothing but open sources can be fetched.
type Config struct {
	Fetch *fetch.Client
	Keys  Keys
	// Bind returns the binding that the ciphertext has had since its first use, which is to when there was none.
	// What it stores must not tell the ciphertext.
	Bind   func(ciphertext []byte, to Binding) (Binding, error)
	Stored []Credential // handed to the operator; a manifest's own win
	Now    func() time.Time
}

// Credential is what an institution handed to the node's operator rather than write it into its manifest.
type Credential struct {
	Provider string `yaml:"provider" json:"provider"`
	Endpoint string `yaml:"endpoint" json:"endpoint"` // token endpoint; of httpheader the path of the source
	ClientID string `yaml:"client_id" json:"client_id,omitempty"`
	Secret   string `yaml:"secret" json:"secret"` // encrypted to this node as a manifest's would be
	Scope    string `yaml:"scope" json:"scope,omitempty"`
}

// Gate opens sources. Safe for concurrent use.
type Gate struct{ cfg Config }

// New returns a Gate.
func New(cfg Config) *Gate { return &Gate{cfg} }

// method is one kind of access control.
type method interface {
	add(ctx context.Context, u *url.URL, h http.Header) error
	renew() bool // after status 401: drop what was refused; true when another attempt makes sense
}

// Pass fetches from one source for the length of one run.
type Pass struct {
	fetch  *fetch.Client
	method method // nil: an open source
	origin string
}

// Open makes the credentials of a source ready. It contacts nobody. Errors are a *Refusal, ErrElsewhere, or a
// failure of this node's own.
func (g *Gate) Open(provider string, spec federation.ManifestSource) (*Pass, error) {
	u, err := url.Parse(spec.Path)
	if err != nil {
		return nil, &Refusal{"path", "not a URL", "write an absolute https URL"}
	}
	p := &Pass{fetch: g.cfg.Fetch, origin: originOf(u)}
	kind := spec.Auth.Type
	switch {
	case kind == "" || kind == "none":
		return p, nil
	case spec.Unusable != "":
		return nil, &Refusal{"auth", spec.Unusable, "write none, httpheader, oauth2.0 or httpsig with their parameters"}
	case g.cfg.Keys == nil:
		return nil, errors.New("this node has no keys to open the source with")
	case kind != "httpsig" && u.Scheme != "https":
		return nil, &Refusal{"path", "credentials are sent over https only", "serve the source over https"}
	}
	switch kind {
	case "httpheader":
		p.method, err = g.header(Binding{provider, p.origin}, spec)
	case "oauth2.0":
		p.method, err = g.oauth(provider, spec)
	case "httpsig":
		p.method, err = g.signature(spec.Auth)
	default:
		err = &Refusal{"auth/type", "this access control is unknown", "write none, httpheader, oauth2.0 or httpsig"}
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Do sends a request with the source's credentials, anew after a 401 when a fresh token may help. Headers of the
// request win over credentials of the same name, as a manifest's headers do for the pilot.
func (p *Pass) Do(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	if p.method == nil {
		return p.fetch.Do(ctx, r)
	}
	response, err := p.send(ctx, r)
	if err != nil || response.Status != http.StatusUnauthorized || !p.method.renew() {
		return response, err
	}
	_ = response.Body.Close()
	return p.send(ctx, r)
}

func (p *Pass) send(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL", fetch.ErrRefused)
	}
	if origin := originOf(u); origin != p.origin {
		return nil, &Refusal{
			"path", "the source leads to another origin, " + origin + "; its credentials stay at " + p.origin,
			"announce what lies there as a source of its own",
		}
	}
	header := http.Header{}
	for name, values := range r.Header {
		if !signatureHeader(name) {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	own := http.Header{}
	if err := p.method.add(ctx, u, own); err != nil {
		return nil, err
	}
	for name, values := range own {
		if _, given := header[name]; !given {
			header[name] = values
		}
	}
	r.Header, r.SameOrigin = header, true
	return p.fetch.Do(ctx, r)
}

// originOf is scheme and authority, as compared and as shown.
func originOf(u *url.URL) string { return strings.ToLower(u.Scheme) + "://" + authorityOf(u) }

// authorityOf is the derived component @authority (RFC 9421 section 2.2.3): lower case, without the usual port.
func authorityOf(u *url.URL) string {
	host, port := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), u.Port()
	if ascii, err := httpguts.PunycodeHostPort(host); err == nil {
		host = strings.ToLower(ascii)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" || port == map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)] {
		return host
	}
	return host + ":" + port
}

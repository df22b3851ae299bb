package demo

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/node/demo/institutions"
	"golang.org/x/sync/errgroup"
)

// door is what stands before an institution's source.
type door struct {
	guard  func(http.Handler) http.Handler
	secret string                             // known to the institution; nodes get it encrypted
	auth   func(sealed string) map[string]any // what the manifest says, given the secret encrypted to a node
	story  string
}

// before puts the door before everything but what everybody must be able to read.
func (d door) before(open http.Handler) http.Handler {
	if d.guard == nil {
		return open
	}
	closed := d.guard(open)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			open.ServeHTTP(w, r)
			return
		}
		closed.ServeHTTP(w, r)
	})
}

const (
	secretHeader = "X-Catalogue-Key"
	tokenPath    = "/oauth/token" // of the institution's own authorisation server
	oauthClient  = "coursemesh-demo"
	eduScope     = "http://purl.1edtech.org/spec/eduapi/v1p0/scope/core.readonly"
	tokenLife    = 10 * time.Minute
)

// newDoor makes what an institution's access needs.
func (f *federation) newDoor(inst institutions.Institution) door {
	d := door{secret: rand.Text()}
	switch inst.Access {
	case institutions.Header:
		d.story = "encrypts the value of a secret header to it"
		d.auth = func(sealed string) map[string]any {
			return map[string]any{"type": "httpheader", "field": secretHeader, "value": sealed}
		}
		d.guard = func(next http.Handler) http.Handler { return testserver.HeaderSecret(secretHeader, d.secret, next) }
	case institutions.OAuth:
		d.story = "encrypts a client's secret to it, for its OAuth server that takes HTTP Basic only"
		d.authorise(inst.Domain)
	case institutions.Signatures:
		d.story = "lets requests in that it has signed"
		d.auth = func(string) map[string]any { return map[string]any{"type": "httpsig", "alg": access.Ed25519} }
		d.guard = (&testserver.Signatures{Key: f.signers.key}).Guard
	}
	return d
}

// authorise puts an authorisation server of the institution's own beside the source.
func (d *door) authorise(domain string) {
	server := &testserver.OAuth{ID: oauthClient, Secret: d.secret, Takes: testserver.BasicOnly, Scope: eduScope, Life: tokenLife}
	d.auth = func(sealed string) map[string]any {
		return map[string]any{
			"type": "oauth2.0", "token_endpoint": "https://" + domain + tokenPath, "scope": eduScope, "client_id": oauthClient, "client_secret": sealed,
		}
	}
	d.guard = func(next http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.HandleFunc(tokenPath, server.Token)
		mux.Handle("/", server.Guard(next))
		return mux
	}
}

// admit lets the nodes in where that takes more than an address: each institution reads the public key of the node
// that harvests it, announces its source with what only that node can decrypt, and the node harvests.
func (f *federation) admit(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, s := range f.sites {
		if s.Access != institutions.Open {
			g.Go(func() error { return f.admitTo(ctx, s) })
		}
	}
	return g.Wait()
}

func (f *federation) admitTo(ctx context.Context, s site) error {
	n, d := f.reads[s.Domain], f.doors[s.Domain]
	var keys api.PublicKeys
	if err := n.Get(ctx, "/v1/public-key", &keys); err != nil {
		return err
	}
	sealed, err := sealTo(keys.PublicKey, d.secret)
	if err != nil {
		return err
	}
	if err := institutions.WriteManifest(f.institutions(), s.With(d.auth(sealed)), n.publishers()); err != nil {
		return err
	}
	f.opts.Tell("%s reads %s's public key and %s", s.Name, n.Name, d.story)
	var report harvest.Report
	return n.Command(ctx, &report, "harvest", s.Domain)
}

func sealTo(publicKey, secret string) (string, error) {
	key, err := access.ParsePublicKey([]byte(publicKey))
	if err != nil {
		return "", err
	}
	sealed, _, err := access.Encrypt(key, []byte(secret))
	return sealed, err
}

// signers are the nodes whose signatures an institution accepts, by the keys that they publish.
type signers struct {
	mu    sync.Mutex // guards what follows
	nodes []string   // addresses
	keys  map[string]crypto.PublicKey
}

func (s *signers) know(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nodes = append(s.nodes, address)
}

// key is the published key with this id, nil when no node has it.
func (s *signers) key(id string) crypto.PublicKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key := s.keys[id]; key != nil {
		return key
	}
	for _, address := range s.nodes {
		if keys, err := publishedAt(address); err == nil {
			maps.Copy(s.keys, keys)
		}
	}
	return s.keys[id]
}

// publishedAt reads the keys that a node publishes, as an institution would.
func publishedAt(address string) (map[string]crypto.PublicKey, error) {
	resp, err := http.Get(address + "/v1/public-key")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var published api.PublicKeys
	if err := json.NewDecoder(resp.Body).Decode(&published); err != nil {
		return nil, err
	}
	out := map[string]crypto.PublicKey{}
	for _, s := range published.Signatures {
		block, _ := pem.Decode([]byte(s.PublicKey))
		if block == nil {
			return nil, errors.New(address + ": a published key is no PEM")
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		out[s.KeyID] = key
	}
	return out, nil
}

package access

import (
	"cmp"
	"context"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"golang.org/x/net/http/httpguts"
)

// defaultField is the header that the QualityLink pilot falls back to.
const defaultField = "x-qualitylink-auth"

// header is access by a secret in a header of the source's choice.
type header struct {
	field string
	value Secret
}

func (h *header) add(_ context.Context, _ *url.URL, to http.Header) error {
	to.Set(h.field, h.value.reveal())
	return nil
}

func (*header) renew() bool { return false }

func (g *Gate) header(to Binding, spec federation.ManifestSource) (method, error) {
	auth := spec.Auth
	if stored, ok := g.stored(to.Provider, spec.Path); ok && !given(auth, "value") {
		auth = federation.Auth{Params: map[string]string{"field": auth.Params["field"], "value": stored.Secret}}
	}
	value, err := g.secret(to, auth, "value")
	if err != nil {
		return nil, err
	}
	if text := value.reveal(); text == "" || !httpguts.ValidHeaderFieldValue(text) {
		return nil, &Refusal{"auth/value", "the secret, decrypted, is no header value", "encrypt printable characters on one line"}
	}
	return &header{cmp.Or(auth.Params["field"], defaultField), value}, nil
}

func (g *Gate) stored(provider, endpoint string) (Credential, bool) {
	for _, c := range g.cfg.Stored {
		if c.Provider == provider && c.Endpoint == endpoint {
			return c, true
		}
	}
	return Credential{}, false
}

// given reports a secret in any of the forms a manifest has for it.
func given(auth federation.Auth, name string) bool {
	for key := range auth.Params {
		if key == name || strings.HasPrefix(key, name+".") || strings.HasPrefix(key, name+"s.") {
			return true
		}
	}
	return false
}

// secret decrypts the parameter of that name and binds it.
func (g *Gate) secret(to Binding, auth federation.Auth, name string) (Secret, error) {
	keys, err := g.cfg.Keys.Secrets()
	if err != nil {
		return Secret{}, err
	}
	where := "auth/" + name
	text, mine, err := choose(auth.Params, name, keys)
	if err != nil {
		return Secret{}, err
	}
	if text == "" {
		return Secret{}, &Refusal{where, "no secret", "encrypt it with the node's public key, or hand it to the node's operator"}
	}
	box, err := parseSealed(text)
	if err != nil {
		return Secret{}, refuseSealed(where, err)
	}
	secret, err := box.open(keys)
	if err != nil && !mine && givenForOthers(auth.Params, name) {
		return Secret{}, ErrElsewhere
	}
	if err != nil {
		return Secret{}, refuseSealed(where, err)
	}
	return secret, g.bind(where, box, to)
}

// choose picks the ciphertext for this node's newest key, else the one that names no key. mine says that it was
// made for a key of this node.
func choose(params map[string]string, name string, keys []*rsa.PrivateKey) (text string, mine bool, err error) {
	byKey := map[string]string{}
	for param, value := range params {
		if print, ok := strings.CutPrefix(param, name+"s."); ok {
			byKey[spellFingerprint(print)] = value
		}
	}
	for _, key := range keys {
		print, err := Fingerprint(&key.PublicKey)
		if err != nil {
			return "", false, err
		}
		if text := byKey[print]; text != "" {
			return text, true, nil
		}
	}
	text = params[name]
	if key := params[name+".key"]; text == "" && key != "" { // the hybrid form as an object of the manifest
		text = `{"key":"` + key + `","nonce":"` + params[name+".nonce"] + `","data":"` + params[name+".data"] + `"}`
	}
	if text == "" && len(byKey) > 0 {
		return "", false, ErrElsewhere
	}
	return text, false, nil
}

func givenForOthers(params map[string]string, name string) bool {
	for param := range params {
		if strings.HasPrefix(param, name+"s.") {
			return true
		}
	}
	return false
}

// spellFingerprint takes the spellings of common tools: upper case, colons, a prefix that names the hash.
func spellFingerprint(text string) string {
	text = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(text)), "sha256:")
	return strings.ReplaceAll(text, ":", "")
}

func refuseSealed(where string, err error) error {
	fix := "encrypt it with this node's current public key (/v1/public-key.pem)"
	if errors.Is(err, errClear) {
		fix = "replace the secret, since it has been public; encrypt the new one with this node's public key (/v1/public-key.pem)"
	}
	return &Refusal{where, err.Error(), fix}
}

// bind refuses a ciphertext that another source used first: it was copied from there.
func (g *Gate) bind(where string, box sealed, to Binding) error {
	first, err := g.cfg.Bind(box.identity(), to)
	if err != nil || first == to {
		return err
	}
	message := "this encrypted secret was first used by another institution"
	if first.Provider == to.Provider {
		message = "this encrypted secret was first used for " + first.Origin + ", now it is for " + to.Origin
	}
	return &Refusal{where, message, "encrypt the secret anew for each institution and origin"}
}

package access

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// Names of signature algorithms in the IANA registry of RFC 9421.
const (
	Ed25519 = "ed25519"
	ECDSA   = "ecdsa-p256-sha256"
	RSAPSS  = "rsa-pss-sha512"
)

// Algorithms that a node signs with; the first one unless a manifest names another.
var Algorithms = []string{Ed25519, ECDSA, RSAPSS}

const (
	signatureLabel = "ql"
	signatureTag   = "qualitylink-v1"
	signatureLife  = 15 * time.Minute // covers the wait for a polite moment and all retries; an hour is allowed
)

// signature is access by HTTP message signatures.
type signature struct {
	alg, keyID string
	key        crypto.Signer
	now        func() time.Time
}

func (g *Gate) signature(auth federation.Auth) (method, error) {
	alg := cmp.Or(auth.Params["alg"], Algorithms[0])
	if !slices.Contains(Algorithms, alg) {
		return nil, &Refusal{"auth/alg", "this node does not sign with the algorithm asked for", "write one of " + strings.Join(Algorithms, ", ")}
	}
	key, err := g.cfg.Keys.Signer(alg)
	if err != nil {
		return nil, err
	}
	id, err := Fingerprint(key.Public())
	return &signature{alg, id, key, g.cfg.Now}, err
}

func (*signature) renew() bool { return false }

// signatureHeader names are the signer's alone.
func signatureHeader(name string) bool {
	name = http.CanonicalHeaderKey(name)
	return name == "Signature" || name == "Signature-Input"
}

// add signs the authority of this request (RFC 9421 section 3.1).
func (s *signature) add(_ context.Context, u *url.URL, h http.Header) error {
	created := s.now()
	params := fmt.Sprintf(`("@authority");created=%d;expires=%d;keyid="%s";alg="%s";tag="%s"`,
		created.Unix(), created.Add(signatureLife).Unix(), s.keyID, s.alg, signatureTag)
	base := fmt.Sprintf("\"@authority\": %s\n\"@signature-params\": %s", authorityOf(u), params)
	bytes, err := s.sign([]byte(base))
	if err != nil {
		return fmt.Errorf("signature: %w", err)
	}
	h.Set("Signature-Input", signatureLabel+"="+params)
	h.Set("Signature", signatureLabel+"=:"+base64.StdEncoding.EncodeToString(bytes)+":")
	return nil
}

// sign follows RFC 9421 section 3.3.
func (s *signature) sign(base []byte) ([]byte, error) {
	switch key := s.key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(key, base), nil
	case *ecdsa.PrivateKey:
		sum := sha256.Sum256(base)
		r, t, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			return nil, err
		}
		out := make([]byte, 64) // r and s, 32 bytes each
		r.FillBytes(out[:32])
		t.FillBytes(out[32:])
		return out, nil
	case *rsa.PrivateKey:
		sum := sha512.Sum512(base)
		return rsa.SignPSS(rand.Reader, key, crypto.SHA512, sum[:], &rsa.PSSOptions{SaltLength: sha512.Size})
	}
	return nil, fmt.Errorf("a key of type %T", s.key)
}

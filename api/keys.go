package api

import (
	"fmt"
	"time"
)

// PublicKeys are the node's keys that institutions need: one to encrypt secrets to, and one for each
// algorithm with which the node signs its requests (RFC 9421).
type PublicKeys struct {
	PublicKey   string         `json:"public_key" doc:"RSA key for secrets in manifests, PEM (SubjectPublicKeyInfo)"`
	Fingerprint string         `json:"key_fingerprint" doc:"SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal; names the key in values and client_secrets"`
	Created     time.Time      `json:"created_at"`
	Updated     time.Time      `json:"updated_at"`
	Signatures  []SignatureKey `json:"signatures"`
	Addresses   []string       `json:"addresses" doc:"Addresses and networks from which this node fetches, for sources that let in by address"`
}

// SignatureKey verifies requests of this node that name its key id.
type SignatureKey struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"keyid"`
	PublicKey string `json:"public_key" doc:"PEM (SubjectPublicKeyInfo)"`

	State   string     `json:"state,omitempty" enum:"current,next,previous" doc:"current signs; next is announced and will; previous did, and harvests that began with it still use it"`
	Expires *time.Time `json:"expires_at,omitempty" doc:"Of a previous key: when it is no longer listed, nor to be accepted"`
}

// keyRoutes are there only on a node that has keys; the paths under /api are those of the QualityLink pilot.
func (a *API) keyRoutes() {
	if a.cfg.PublicKeys == nil {
		return
	}
	for path, id := range map[string]string{"/v1/public-key": "getPublicKey", "/api/v1/public-key": "getPilotPublicKey"} {
		get(a, route{path: path, id: id, tag: "Keys", summary: "Keys for secrets in manifests and of signed requests", body: PublicKeys{}},
			func(*call, *none) (response, error) {
				keys, err := a.publicKeys()
				return response{value: keys}, err
			})
	}
	for path, id := range map[string]string{"/v1/public-key.pem": "getPublicKeyPEM", "/api/v1/public-key/pem": "getPilotPublicKeyPEM"} {
		get(a, route{path: path, id: id, tag: "Keys", summary: "The key for secrets in manifests, as PEM", media: []string{mediaPEM}},
			func(*call, *none) (response, error) {
				keys, err := a.publicKeys()
				return response{body: []byte(keys.PublicKey), media: mediaPEM}, err
			})
	}
}

const mediaPEM = "application/x-pem-file"

func (a *API) publicKeys() (PublicKeys, error) {
	keys, err := a.cfg.PublicKeys()
	if err != nil {
		return keys, fmt.Errorf("public keys: %w", err)
	}
	return keys, nil
}

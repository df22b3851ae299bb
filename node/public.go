package node

import (
	"crypto"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node/keys"
)

func (n *Node) publicKeys() (api.PublicKeys, error) {
	return PublicKeys(n.keys, n.cfg.Fetch.Addresses)
}

// PublicKeys are what institutions need of a node's keys, which are made when first asked for, and the addresses
// from which it fetches.
func PublicKeys(ring *keys.Ring, addresses []string) (api.PublicKeys, error) {
	key, err := ring.RSA()
	if err != nil {
		return api.PublicKeys{}, err
	}
	since, err := ring.RSASince()
	if err != nil {
		return api.PublicKeys{}, err
	}
	out := api.PublicKeys{Created: since.UTC(), Updated: since.UTC(), Addresses: append([]string{}, addresses...)}
	if out.Fingerprint, out.PublicKey, err = named(&key.PublicKey); err != nil {
		return out, err
	}
	for _, alg := range access.Algorithms {
		signer, err := ring.Signer(alg)
		if err != nil {
			return out, err
		}
		id, pem, err := named(signer.Public())
		if err != nil {
			return out, err
		}
		out.Signatures = append(out.Signatures, api.SignatureKey{Algorithm: alg, KeyID: id, PublicKey: pem})
	}
	return out, nil
}

func named(key crypto.PublicKey) (fingerprint, pem string, err error) {
	if fingerprint, err = access.Fingerprint(key); err != nil {
		return "", "", err
	}
	text, err := keys.PEM(key)
	return fingerprint, string(text), err
}

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
		known, err := ring.Verification(alg)
		if err != nil {
			return out, err
		}
		for _, k := range known {
			shown := api.SignatureKey{Algorithm: alg, State: k.State}
			if shown.KeyID, shown.PublicKey, err = named(k.Key); err != nil {
				return out, err
			}
			if !k.Until.IsZero() {
				until := k.Until.UTC()
				shown.Expires = &until
			}
			out.Signatures = append(out.Signatures, shown)
		}
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

package access

import (
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
)

// Inspect says what is wrong with a secret of a manifest (value, client_secret), at places below the access control.
// keys are those of the node that asks, if any: a secret for other nodes is told, and is no fault. Unless decrypt is
// set nothing is decrypted, and a secret is judged by its form and by the key that it names.
func Inspect(auth federation.Auth, name string, keys []*rsa.PrivateKey, decrypt bool) []federation.ManifestProblem {
	var out []federation.ManifestProblem
	for _, param := range slices.Sorted(maps.Keys(auth.Params)) {
		if p := inspectForm(param, name, auth.Params[param]); p != nil {
			out = append(out, *p)
		}
	}
	if len(out) > 0 || len(keys) == 0 {
		return out
	}
	if elsewhere(auth.Params, name, keys, decrypt) {
		out = append(out, federation.ManifestProblem{
			Where: "/" + name, Severity: federation.ManifestInfo, Message: "not encrypted for this node, which cannot read the source",
			Fix: "encrypt it with this node's public key (/v1/public-key.pem) if this node is to read the source",
		})
	}
	return out
}

// inspectForm judges one parameter without any key.
func inspectForm(param, name, text string) *federation.ManifestProblem {
	print, perKey := strings.CutPrefix(param, name+"s.")
	if param != name && !perKey {
		return nil // another parameter, or a part of the hybrid form
	}
	where := "/" + param
	if perKey {
		where = "/" + name + "s/" + print
		if sum, err := hex.DecodeString(spellFingerprint(print)); err != nil || len(sum) != 32 {
			return &federation.ManifestProblem{
				Where: where, Severity: federation.ManifestViolation, Message: "not the fingerprint of a key, so no node finds its secret",
				Fix: "write the key_fingerprint that `coursemesh key encrypt --json` prints",
			}
		}
	}
	box, err := parseSealed(text)
	if err == nil && box.data == nil && !fitsSomeRSA(len(box.wrapped)) {
		err = errClear
	}
	if err == nil {
		return nil
	}
	refusal := (*Refusal)(nil)
	errors.As(refuseSealed(where, err), &refusal)
	return &federation.ManifestProblem{
		Where: where, Severity: federation.ManifestViolation, Message: refusal.Message,
		Fix: strings.Replace(refusal.Fix, "this node's", "the node's", 1),
	}
}

// elsewhere reports a secret that none of the keys opens.
func elsewhere(params map[string]string, name string, keys []*rsa.PrivateKey, decrypt bool) bool {
	text, mine, err := choose(params, name, keys)
	if errors.Is(err, ErrElsewhere) {
		return true
	}
	box, sealErr := parseSealed(text)
	if err != nil || sealErr != nil || text == "" {
		return false
	}
	if decrypt {
		_, err = box.open(keys)
		return err != nil
	}
	return !mine && !slices.ContainsFunc(keys, func(k *rsa.PrivateKey) bool { return box.fits(k) })
}

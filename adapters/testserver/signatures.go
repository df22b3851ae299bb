package testserver

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"math/big"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Signatures checks RFC 9421 signatures as QualityLink profiles them: the one component @authority, with the
// parameters created, expires, keyid, alg and tag. It reads the headers as text and builds the signature base
// from what it reads, so it shares nothing with a signer.
type Signatures struct {
	Key func(keyid string) crypto.PublicKey // nil for an unknown one
	Now func() time.Time                    // nil: the clock
}

// Guard lets signed requests pass; it answers 401 unsigned, 400 broken, 403 not accepted.
func (v *Signatures) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := v.Judge(r); status != http.StatusOK {
			http.Error(w, "signature: "+http.StatusText(status), status)
			return
		}
		next.ServeHTTP(w, r)
	})
}

var (
	inputForm = regexp.MustCompile(`^([a-z*][a-z0-9_.*-]*)=(\("@authority"\)((?:;[a-z]+=(?:"[^"\\]*"|[0-9]+))*))$`)
	valueForm = regexp.MustCompile(`^([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]+=*):$`)
	paramForm = regexp.MustCompile(`;([a-z]+)=(?:"([^"]*)"|([0-9]+))`)
)

const longestLife = 3600 // seconds

// Judge is the status that the request's signature earns.
func (v *Signatures) Judge(r *http.Request) int {
	if r.Header.Get("Signature") == "" && r.Header.Get("Signature-Input") == "" {
		return http.StatusUnauthorized
	}
	input, value := inputForm.FindStringSubmatch(r.Header.Get("Signature-Input")), valueForm.FindStringSubmatch(r.Header.Get("Signature"))
	if input == nil || value == nil || input[1] != "ql" || value[1] != "ql" {
		return http.StatusBadRequest
	}
	params, ok := parameters(input[3])
	signature, err := base64.StdEncoding.DecodeString(value[2])
	if !ok || err != nil || len(params) != 5 || params["tag"] != "qualitylink-v1" {
		return http.StatusBadRequest
	}
	created, err1 := strconv.ParseInt(params["created"], 10, 64)
	expires, err2 := strconv.ParseInt(params["expires"], 10, 64)
	if err1 != nil || err2 != nil {
		return http.StatusBadRequest
	}
	now := time.Now
	if v.Now != nil {
		now = v.Now
	}
	host := strings.ToLower(strings.TrimSuffix(r.Host, ":443"))
	base := "\"@authority\": " + host + "\n" + `"@signature-params": ` + input[2]
	key := v.Key(params["keyid"])
	if key == nil || created > now().Unix() || expires < now().Unix() || expires > created+longestLife || !verified(params["alg"], key, []byte(base), signature) {
		return http.StatusForbidden
	}
	return http.StatusOK
}

// parameters of a signature; false when one is given twice.
func parameters(text string) (map[string]string, bool) {
	params := map[string]string{}
	for _, p := range paramForm.FindAllStringSubmatch(text, -1) {
		if _, twice := params[p[1]]; twice {
			return nil, false
		}
		params[p[1]] = p[2] + p[3]
	}
	return params, true
}

func verified(alg string, key crypto.PublicKey, base, signature []byte) bool {
	switch key := key.(type) {
	case ed25519.PublicKey:
		return alg == "ed25519" && ed25519.Verify(key, base, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(base)
		return alg == "ecdsa-p256-sha256" && len(signature) == 64 &&
			ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	case *rsa.PublicKey:
		sum := sha512.Sum512(base)
		return alg == "rsa-pss-sha512" && rsa.VerifyPSS(key, crypto.SHA512, sum[:], signature, &rsa.PSSOptions{SaltLength: 64}) == nil
	}
	return false
}

package access_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"net/http"
	"testing"
	"time"

	"github.com/yaronf/httpsign"

	"github.com/coursemesh/coursemesh/adapters/access"
)

// Signatures are good in the eyes of a verifier that shares nothing with the signer.
func TestSignaturesStandBeforeAnotherImplementation(t *testing.T) {
	t.Parallel()
	for _, alg := range access.Algorithms {
		t.Run(alg, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(http.ResponseWriter, *http.Request) {})
			w.clock = time.Now()
			if status, err := w.get(spec(source, "httpsig", map[string]string{"alg": alg})); status != 200 {
				t.Fatal(status, err)
			}
			config := httpsign.NewVerifyConfig().SetVerifyCreated(true).SetRejectExpired(true).SetAllowedTags([]string{"qualitylink-v1"}).SetAllowedAlgs([]string{alg})
			fields := httpsign.NewFields().AddHeader("@authority")
			var verifier *httpsign.Verifier
			var err error
			switch key := w.ring.signers[alg].Public().(type) {
			case ed25519.PublicKey:
				verifier, err = httpsign.NewEd25519Verifier(key, config, *fields)
			case *ecdsa.PublicKey:
				verifier, err = httpsign.NewP256Verifier(*key, config, *fields)
			case *rsa.PublicKey:
				verifier, err = httpsign.NewRSAPSSVerifier(*key, config, *fields)
			}
			if err != nil {
				t.Fatal(err)
			}
			call := w.calls[0]
			if err := httpsign.VerifyRequest("ql", *verifier, call); err != nil {
				t.Errorf("%v\n%v", err, call.Header)
			}
			details, err := httpsign.RequestDetails("ql", call)
			if err != nil || details.KeyID == "" || details.Alg != alg || details.Tag == nil || *details.Tag != "qualitylink-v1" || details.Expires.Sub(*details.Created) > time.Hour {
				t.Errorf("%+v, %v", details, err)
			}
			call.Host = "other.example"
			if err := httpsign.VerifyRequest("ql", *verifier, call); err == nil {
				t.Error("a signature for one authority is good for another")
			}
		})
	}
}

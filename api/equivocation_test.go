package api_test

import (
	"net/http"
	"testing"

	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
)

// TestEquivocationCanBeFetched: what /v1/heads says of a proven epoch, anybody can check.
func TestEquivocationCanBeFetched(t *testing.T) {
	t.Parallel()
	n, p := newNode(t), newPublisher(t)
	n.publish(p, statement{provider: "uni.example", subject: ofUni, turtle: plainCourse(ofUni)})
	address := "/v1/publishers/" + string(p.id) + "/proof"
	for _, none := range []string{address, "/v1/publishers/nobody/proof"} {
		if w := n.get(none); w.Code != http.StatusNotFound {
			t.Errorf("%s before: status %d", none, w.Code)
		}
	}
	held, err := n.db.Head(p.id)
	if err != nil {
		t.Fatal(err)
	}
	other := held.Head
	other.Issued++
	twin, err := other.Seal(p.key)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := federation.NewProof(held.Envelope, twin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.db.AddProof(proof); err != nil {
		t.Fatal(err)
	}
	var heads struct{ Items []network.Head }
	n.json("/v1/heads", &heads)
	if len(heads.Items) != 1 || heads.Items[0].ProvenEpoch == nil || *heads.Items[0].ProvenEpoch != held.Epoch {
		t.Fatalf("%+v", heads.Items)
	}
	w := n.get(address)
	got, err := federation.OpenProof(w.Body.Bytes())
	if w.Code != http.StatusOK || err != nil || got.Publisher != p.id || got.Epoch != held.Epoch || got.Seq != held.Seq {
		t.Errorf("status %d, %+v, %v", w.Code, got, err)
	}
}

package api

import (
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
)

const proofMedia = "application/cbor"

type onePublisher struct {
	ID string `path:"id" doc:"Publisher id"`
}

func (a *API) equivocationRoute() {
	get(a, route{
		path: "/v1/publishers/{id}/proof", id: "getEquivocation", tag: "Network",
		summary:     "Two heads that the publisher signed under one number",
		description: "The proof of its highest epoch in which that happened, for `coursemesh verify` or any other check; 404 where nothing is proven.",
		media:       []string{proofMedia},
	}, func(c *call, _ *onePublisher) (response, error) {
		return a.equivocation(federation.PublisherID(c.id()))
	})
}

// equivocation answers with the proof of the highest epoch, so that nobody need believe this node.
func (a *API) equivocation(id federation.PublisherID) (response, error) {
	proof, err := a.cfg.DB.Proof(id)
	if errors.Is(err, store.ErrNotFound) {
		return response{}, fmt.Errorf("%w: no two heads of one number are known of publisher %q", errNotFound, clip(string(id), 100))
	}
	if err != nil {
		return response{}, inside(err)
	}
	return response{
		body: proof.Encode(), media: proofMedia,
		header: map[string]string{"Content-Disposition": fmt.Sprintf(`attachment; filename="%s-%d.proof"`, id, proof.Epoch)},
	}, nil
}

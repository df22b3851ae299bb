package api

import (
	"context"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/federation/profile"
)

const maxDocument = 8 << 20 // bytes

// documentTypes are announced; anything else is judged by its first bytes.
var documentTypes = []string{"text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"}

// validateRoute is there only on a node that can validate.
func (a *API) validateRoute() {
	if a.cfg.Validate == nil {
		return
	}
	a.inspect(inspection{
		path: "/v1/validate", id: "validate", media: documentTypes, answer: profile.Report{},
		summary:     "Check the courses of a document against the QualityLink application profile",
		description: fmt.Sprintf("The body is an ELM document of at most %d MiB. Nothing is kept.", maxDocument>>20),
		limit:       maxDocument, larger: "`coursemesh validate FILE` checks larger documents",
		judge: func(ctx context.Context, body io.Reader, media, provider string) (any, error) {
			return a.cfg.Validate(ctx, body, media, provider)
		},
	})
}

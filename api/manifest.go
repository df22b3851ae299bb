package api

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/federation"
)

// manifestTypes are announced; JSON and YAML are told apart by the text.
var manifestTypes = []string{"application/json", "application/yaml", "text/plain"}

// manifestRoute is there only on a node that can check manifests.
func (a *API) manifestRoute() {
	if a.cfg.CheckManifest == nil {
		return
	}
	a.inspect(inspection{
		path: "/v1/manifest/check", id: "check-manifest", media: manifestTypes, answer: federation.ManifestReport{},
		summary: "Check a manifest: what is wrong or doubtful in it, and what nodes make of it",
		description: fmt.Sprintf("The body is the manifest, JSON or YAML, of at most %d MiB. Nothing is kept, and nothing is fetched: neither the sources nor "+
			"what lies at the institution's domain.", federation.MaxManifest>>20),
		limit: federation.MaxManifest, larger: "a manifest lists sources, not courses",
		judge: a.judgeManifest,
	})
}

// judgeManifest answers with a problem document where there is no manifest to report about.
func (a *API) judgeManifest(_ context.Context, r io.Reader, _, provider string) (any, error) {
	body, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	report, err := a.cfg.CheckManifest(body, provider)
	if errors.Is(err, federation.ErrInvalid) {
		return nil, fmt.Errorf("%w: %w", errBody, err)
	}
	return report, err
}

package validate

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/detect"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// File checks one ELM document on disk, in any serialisation.
func (v *Validator) File(ctx context.Context, name, provider string) (profile.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return profile.Report{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return profile.Report{}, errors.Join(err, fmt.Errorf("%s is no file", name))
	}
	owner := provider
	if owner == "" {
		owner = Nobody
	}
	base := federation.ProviderIRI(owner) + strings.ReplaceAll(filepath.Base(name), " ", "%20")
	shown := func(place string) string { return strings.ReplaceAll(place, base, name) }
	return v.Source(ctx, single(base, "", f), federation.ManifestSource{Type: "elm", Path: base}, provider, shown)
}

// URL checks what lies at an address: a document, or an API whose standard is recognised unless spec.Type
// says it.
func (v *Validator) URL(ctx context.Context, client *fetch.Client, spec federation.ManifestSource, provider string) (profile.Report, error) {
	if spec.Type == "" {
		found, err := detect.Source(ctx, v.web(client, ""), spec.Path, provider)
		switch {
		case errors.Is(err, detect.ErrUnknown):
			return profile.Report{}, fmt.Errorf("%w; give the address of a document or the base of an API, and say what it is with --standard", err)
		case err != nil:
			return profile.Report{}, err
		case found.Type == detect.Manifest:
			return profile.Report{}, fmt.Errorf("%s is a manifest; name one of its sources, or try `coursemesh source test`", spec.Path)
		}
		spec.Type, spec.Path = found.Type, found.Path
		if spec.Version == "" {
			spec.Version = found.Version
		}
	}
	return v.Source(ctx, v.web(client, spec.Type), spec, provider, func(place string) string { return place })
}

// anything is asked for while the standard is not known: some servers answer 406 to those who do not say.
const anything = "text/turtle, application/ld+json, application/rdf+xml, application/json, application/vnd.api+json, */*;q=0.5"

// web fetches through the guarded client, as sources of the type want to be asked.
func (v *Validator) web(client *fetch.Client, kind string) adapters.Get {
	accept := anything
	if a, ok := v.Adapters[kind].(adapters.Accepting); ok {
		accept = a.Accept()
	}
	return func(ctx context.Context, address string) (*adapters.Response, error) {
		response, err := client.Do(ctx, fetch.Request{URL: address, Header: http.Header{"Accept": {accept}}})
		if err != nil {
			return nil, err
		}
		if response.Status < 200 || response.Status > 299 {
			_ = response.Body.Close()
			return nil, &adapters.StatusError{URL: address, Code: response.Status}
		}
		media, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type")) // malformed: none
		return &adapters.Response{URL: response.URL, MediaType: media, Header: response.Header, Body: response.Body}, nil
	}
}

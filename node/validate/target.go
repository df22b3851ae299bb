package validate

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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

// File reads one document on disk: ELM in any serialisation, or a page or entry of an API as its server gave it.
func (v *Validator) File(ctx context.Context, name, provider string) (profile.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return profile.Report{}, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return profile.Report{}, errors.Join(err, fmt.Errorf("%s is no file", name))
	}
	return v.Stream(ctx, f, name, provider)
}

// beginning of a document that shows its standard.
const beginning = 1 << 20

// Stream is File for what comes from elsewhere, under a name for people.
func (v *Validator) Stream(ctx context.Context, in io.Reader, name, provider string) (profile.Report, error) {
	root := rootOf(filepath.Base(name), provider)
	shown := func(place string) string { return strings.ReplaceAll(place, root, name) }
	body := bufio.NewReaderSize(in, beginning)
	head, err := body.Peek(beginning)
	if err != nil && !errors.Is(err, io.EOF) {
		return profile.Report{}, err
	}
	found, err := kindOf(ctx, head, root, provider)
	if err != nil {
		return profile.Report{}, fmt.Errorf("%s: %w", name, err)
	}
	spec := federation.ManifestSource{Type: found.Type, Version: found.Version, Path: root}
	if found.Type == "elm" {
		return v.Source(ctx, single(root, "", io.NopCloser(body)), spec, provider, shown)
	}
	s, err := newSaved(found, body, name, root, provider)
	if err != nil {
		return profile.Report{}, err
	}
	if f, ok := s.more(); ok {
		v = v.noting(f)
	}
	return v.Source(ctx, s.get, spec, provider, shown)
}

// URL checks what lies at an address: a document, or an API whose standard is recognised unless spec.Type
// says it.
func (v *Validator) URL(ctx context.Context, client *fetch.Client, spec federation.ManifestSource, provider string) (profile.Report, error) {
	if spec.Type == "" {
		found, err := v.Detect(ctx, client, spec.Path, provider)
		switch {
		case errors.Is(err, detect.ErrUnknown):
			return profile.Report{}, fmt.Errorf("%w; give the address of a document or the base of an API, and say what it is with --standard", err)
		case err != nil:
			return profile.Report{}, err
		case found.Type == detect.Manifest:
			return profile.Report{}, fmt.Errorf("%s: %w", spec.Path, errManifest)
		}
		spec.Type, spec.Path = found.Type, found.Path
		if spec.Version == "" {
			spec.Version = found.Version
		}
	}
	return v.Source(ctx, v.web(client, spec.Type), spec, provider, func(place string) string { return place })
}

// Detect tells which standard lies at an address.
func (v *Validator) Detect(ctx context.Context, client *fetch.Client, address, provider string) (detect.Found, error) {
	return detect.Source(ctx, v.web(client, ""), address, provider)
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

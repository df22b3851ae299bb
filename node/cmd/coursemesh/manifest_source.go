package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/detect"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
)

// manifestSources reads every --source.
func (o *options) manifestSources(ctx context.Context, config node.Config, provider string, given []string) ([]manifestSource, error) {
	var sources []manifestSource
	for _, text := range given {
		read := describedSource
		if isURL(text) {
			read = func(address string) (manifestSource, error) { return o.detectedSource(ctx, config, provider, address) }
		}
		s, err := read(text)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// sourceSpelling is TYPE=URL, with the version in the type if it says one: ooapi5, elm3.2, "OOAPI v6".
var sourceSpelling = regexp.MustCompile(`^([A-Za-z][A-Za-z _./-]*?)[ @:_-]*v?(\d+(?:\.\d+)*)?=(https?://.+)$`)

// latest are the versions that are meant where only one is in use.
var latest = map[string]string{"elm": "3.2", "edu-api": "1.0", "occapi": "2"}

var versionInAddress = regexp.MustCompile(`/v([1-9])(?:/|$)`)

// describedSource reads the type as manifests do.
func describedSource(text string) (manifestSource, error) {
	parts := sourceSpelling.FindStringSubmatch(text)
	if parts == nil {
		return manifestSource{}, usage(fmt.Errorf("--source %q: write TYPE=URL with the whole URL, such as ooapi5=https://api.uni.example/v5/", shownSource(text)))
	}
	kind := strings.TrimRight(parts[1], " _./-")
	document := manifestDocument{Sources: []manifestSource{{kind, parts[2], parts[3]}}}
	body, err := document.encode("json")
	if err != nil {
		return manifestSource{}, err
	}
	m, err := federation.ParseManifest(body, true)
	if err != nil {
		return manifestSource{}, err
	}
	if len(m.Sources) == 0 {
		p := m.Problems[0]
		return manifestSource{}, usage(fmt.Errorf("--source %s: %s; %s", shownSource(text), p.Message, p.Fix))
	}
	return versioned(m.Sources[0], text)
}

// versioned fills in the version that the address says, or that is meant by default.
func versioned(spec federation.ManifestSource, text string) (manifestSource, error) {
	s := manifestSource{spec.Type, spec.Version, spec.Path}
	if said := versionInAddress.FindStringSubmatch(s.Path); s.Version == "" && said != nil && (s.Type == "ooapi" || s.Type == "occapi") {
		s.Version = said[1]
	}
	if s.Version == "" {
		s.Version = latest[s.Type]
	}
	if s.Version == "" {
		return s, usage(fmt.Errorf("--source %s: say which version of the API it is: ooapi5=URL or ooapi6=URL", shownSource(text)))
	}
	return s, nil
}

// shownSource cuts off what may hold a key.
func shownSource(text string) string {
	text, _, _ = strings.Cut(text, "?")
	return text
}

// detectedSource asks the address.
func (o *options) detectedSource(ctx context.Context, config node.Config, provider, address string) (manifestSource, error) {
	client, err := node.FetchClient(config, o.log(slog.LevelWarn))
	if err != nil {
		return manifestSource{}, usage(err)
	}
	defer client.Close()
	v, err := node.Validator(config)
	if err != nil {
		return manifestSource{}, err
	}
	found, err := v.Detect(ctx, client, address, provider)
	const say = "say what it is: --source TYPE=URL, where TYPE is elm, ooapi5, ooapi6, edu-api or occapi"
	switch {
	case errors.Is(err, detect.ErrUnknown):
		return manifestSource{}, usage(fmt.Errorf("--source %w; %s", err, say))
	case err != nil:
		return manifestSource{}, &api.AdminError{Message: fmt.Sprintf("--source %s: %v; %s", shownSource(address), err, say), Exit: api.ExitNetwork}
	case found.Type == detect.Manifest:
		return manifestSource{}, usage(fmt.Errorf("--source %s is a manifest already; `coursemesh manifest check` checks it", shownSource(address)))
	}
	o.progress("%s is %s: %s", shownSource(found.Path), strings.TrimSpace(found.Type+" "+found.Version), found.Reason)
	return versioned(federation.ManifestSource{Type: found.Type, Version: found.Version, Path: found.Path}, address)
}

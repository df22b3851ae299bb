package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
	"go.yaml.in/yaml/v3"
)

func (d manifestDocument) encode(format string) ([]byte, error) {
	var b bytes.Buffer
	if format == "yaml" {
		encoder := yaml.NewEncoder(&b)
		encoder.SetIndent(2)
		err := errors.Join(encoder.Encode(d), encoder.Close())
		return b.Bytes(), err
	}
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d)
	return b.Bytes(), err
}

// proofread checks what is about to be written as `manifest check` would; warnings are told.
func (o *options) proofread(config node.Config, body []byte, provider string) error {
	client, err := node.FetchClient(config, o.log(slog.LevelWarn))
	if err != nil {
		return usage(err)
	}
	defer client.Close()
	report, err := federation.CheckManifest(body, federation.ManifestChecks{Provider: provider, Unreachable: client.Unreachable})
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		what := strings.TrimSpace(f.Property + " " + f.Value)
		switch f.Severity {
		case federation.ManifestViolation:
			return usage(fmt.Errorf("%s: %s; %s", what, f.Message, f.Fix))
		case federation.ManifestWarning:
			o.progress("warning: %s: %s; %s", what, f.Message, f.Fix)
		}
	}
	return nil
}

// places are where nodes look for the manifest: those of another format are left out.
func (f newFlags) places(body []byte) writtenManifest {
	out := writtenManifest{File: f.out, Format: f.format, Manifest: string(body), WellKnown: []string{}}
	host := f.provider
	if _, err := federation.NormaliseDomain(host); err != nil {
		host = "YOUR-DOMAIN" // the institution is known by its number alone
	}
	other := map[string]string{"json": ".yaml", "yaml": ".json"}[f.format]
	for _, address := range discovery.WellKnownURLs(host) {
		if !strings.HasSuffix(address, other) {
			out.WellKnown = append(out.WellKnown, address)
		}
	}
	name := "manifest." + f.format
	if f.out != "" {
		name = filepath.Base(f.out)
	}
	out.DNS = dnsEntry{host, discovery.TXTRecord("https://" + host + "/PATH/" + url.PathEscape(name))}
	return out
}

// deliver writes the manifest, and tells where it belongs.
func (o *options) deliver(f newFlags, body []byte, places writtenManifest) error {
	if f.out != "" {
		if err := writeNew(f.out, body, f.force); err != nil {
			return err
		}
		o.progress("wrote %s", f.out)
	}
	if f.out == "" || o.json {
		if err := o.print(places, func(w io.Writer) { _, _ = w.Write(body) }); err != nil {
			return err
		}
	}
	o.progress("\nPublish the file at one of these addresses, where nodes look for it:\n  %s", strings.Join(places.WellKnown, "\n  "))
	o.progress("Where that cannot be done, publish it elsewhere and announce its address by a TXT record of %s:\n  %s", places.DNS.Name, places.DNS.TXT)
	o.progress("Whom you let publish is read from the addresses above alone. Then: coursemesh manifest check %s", places.DNS.Name)
	return nil
}

// writeNew replaces no file unless it is told to.
func writeNew(name string, body []byte, force bool) error {
	mode := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !force {
		mode |= os.O_EXCL
	}
	file, err := os.OpenFile(name, mode, 0o644) //nolint:gosec // it is to be published
	if errors.Is(err, os.ErrExist) {
		return &api.AdminError{Message: name + " is there already; --force replaces it", Exit: api.ExitConflict}
	}
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	return errors.Join(err, file.Close())
}

package main

import (
	"bytes"
	"context"
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
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

// manifestDocument is a manifest as it is written, its keys in this order.
type manifestDocument struct {
	Meta       map[string]string `json:"meta" yaml:"meta"`
	Sources    []manifestSource  `json:"sources" yaml:"sources"`
	Publishers []string          `json:"publishers,omitempty" yaml:"publishers,omitempty"`
	Delegates  []string          `json:"delegates,omitempty" yaml:"delegates,omitempty"`
}

type manifestSource struct {
	Type    string `json:"type" yaml:"type"`
	Version string `json:"version,omitempty" yaml:"version,omitempty"`
	Path    string `json:"path" yaml:"path"`
}

// newFlags say what the manifest is to say.
type newFlags struct {
	provider, name                 string
	sources, publishers, delegates []string
	format, out                    string
	force                          bool
}

// writtenManifest is what `manifest new --json` prints.
type writtenManifest struct {
	File      string   `json:"file,omitempty"`
	Format    string   `json:"format"`
	Manifest  string   `json:"manifest"`
	WellKnown []string `json:"well_known"`
	DNS       dnsEntry `json:"dns"`
}

type dnsEntry struct {
	Name string `json:"name"`
	TXT  string `json:"txt"`
}

const manifestExample = `coursemesh manifest new --provider uni.example --name "University of Example" --source ooapi5=https://api.uni.example/v5/`

func manifestNew(o *options) *cobra.Command {
	var f newFlags
	cmd := &cobra.Command{
		Use:     "new --provider DOMAIN --source TYPE=URL [--name NAME] [--publisher ID] [--delegate DOMAIN]",
		Short:   "Write a manifest, and say where to put it",
		Example: "  " + manifestExample,
		Long: "Write a manifest on standard output or into --out FILE, and say on stderr where nodes look for it. TYPE is elm, ooapi5, ooapi6,\n" +
			"edu-api or occapi; --source URL without one asks the address which standard lies there. --publisher this is the node of the data\n" +
			"directory; without publishers an alliance of the institution may publish. Access control is added by hand: docs/join.md.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.newManifest(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.provider, "provider", "", "domain of the institution (required)")
	flags.StringVar(&f.name, "name", "", "its name, for people who read the manifest")
	flags.StringArrayVar(&f.sources, "source", nil, "TYPE=URL, or URL (required, repeatable)")
	flags.StringArrayVar(&f.publishers, "publisher", nil, "id of a publisher that may speak for the institution, or this (repeatable; the first that does counts)")
	flags.StringArrayVar(&f.delegates, "delegate", nil, "domain that may list the institution's courses (repeatable)")
	flags.StringVar(&f.format, "format", "", "json or yaml (default: by the ending of --out, else json)")
	flags.StringVar(&f.out, "out", "", "file to write (default: standard output)")
	flags.BoolVar(&f.force, "force", false, "replace the file of --out")
	return cmd
}

func (o *options) newManifest(ctx context.Context, f newFlags) error {
	config, _, err := o.load()
	if err != nil {
		return err
	}
	if f.format, err = f.formatOf(); err != nil {
		return usage(err)
	}
	document, err := o.manifestOf(ctx, config, &f)
	if err != nil {
		return err
	}
	body, err := document.encode(f.format)
	if err != nil {
		return err
	}
	if err := o.proofread(config, body, f.provider); err != nil {
		return err
	}
	return o.deliver(f, body, f.places(body))
}

func (f newFlags) formatOf() (string, error) {
	format := strings.ToLower(f.format)
	if format == "" {
		format = strings.TrimPrefix(strings.ToLower(filepath.Ext(f.out)), ".")
	}
	switch format {
	case "yml":
		return "yaml", nil
	case "json", "yaml":
		return format, nil
	}
	if f.format != "" {
		return "", fmt.Errorf("--format %s: write json or yaml", f.format)
	}
	return "json", nil
}

// manifestOf is the document that the flags say.
func (o *options) manifestOf(ctx context.Context, config node.Config, f *newFlags) (d manifestDocument, err error) {
	if f.provider == "" || len(f.sources) == 0 {
		return d, usage(fmt.Errorf("say with --provider which institution it is of, and with --source what nodes are to read, as in: %s", manifestExample))
	}
	if f.provider, err = providerFlag(f.provider); err != nil {
		return d, err
	}
	key := "schac"
	if _, err := federation.NormaliseDomain(f.provider); err != nil {
		key = "deqarid"
	}
	d.Meta = map[string]string{key: f.provider}
	if name := strings.TrimSpace(f.name); name != "" {
		d.Meta["name"] = name
	}
	if d.Publishers, err = o.publishers(config, f.publishers); err != nil {
		return d, err
	}
	for _, text := range f.delegates {
		domain, err := federation.NormaliseDomain(text)
		if err != nil {
			return d, usage(fmt.Errorf("--delegate %s: %w", text, err))
		}
		d.Delegates = append(d.Delegates, domain)
	}
	d.Sources, err = o.manifestSources(ctx, config, f.provider, f.sources)
	return d, err
}

// publishers reads ids. This node's own is offered, and taken only when it is asked for.
func (o *options) publishers(config node.Config, given []string) ([]string, error) {
	ids := []string{}
	ring := o.ringAtHand(config)
	var self string
	if ring != nil {
		id, err := federation.PublisherOf(ring.Publisher.GetPublic())
		if err != nil {
			return nil, err
		}
		self = string(id)
	}
	for _, text := range given {
		text = strings.TrimSpace(text)
		switch {
		case text == "this" && self == "":
			return nil, &api.AdminError{Exit: api.ExitNotFound, Message: "--publisher this: there are no keys in " + config.DataDir + "; name the node's directory with --data-dir, or write its id"}
		case text == "this":
			text = self
		case !federation.PublisherID(text).Valid():
			return nil, usage(fmt.Errorf("--publisher %q is no publisher id; copy the publisher printed by `coursemesh key show`", text))
		}
		ids = append(ids, text)
	}
	if len(given) == 0 && self != "" {
		o.progress("publishers is left out; --publisher this lets the node of %s publish (%s)", config.DataDir, self)
	}
	return ids, nil
}

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

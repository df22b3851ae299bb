package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
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

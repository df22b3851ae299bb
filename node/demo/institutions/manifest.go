package institutions

import (
	"encoding/json"
	"path"

	"go.yaml.in/yaml/v3"
)

// manifest is what an institution announces (QualityLink discovery, with the key publishers of this project).
type manifest struct {
	Meta       meta      `json:"meta" yaml:"meta"`
	Publishers *[]string `json:"publishers,omitempty" yaml:"publishers,omitempty"`
	Sources    []source  `json:"sources,omitempty" yaml:"sources,omitempty"`
}

type meta struct {
	Schac string `json:"schac" yaml:"schac"`
}

type source struct {
	Type        string `json:"type" yaml:"type"`
	Path        string `json:"path" yaml:"path"`
	Version     string `json:"version" yaml:"version"`
	ID          string `json:"id" yaml:"id"`
	Name        string `json:"name" yaml:"name"`
	ContentType string `json:"contentType,omitempty" yaml:"contentType,omitempty"`
	PageSize    int    `json:"pageSize,omitempty" yaml:"pageSize,omitempty"`

	Auth map[string]any `json:"auth,omitempty" yaml:"auth,omitempty"`
}

// evidencePath is where an institution whose manifest is found through the DNS lists its publishers:
// those are never taken from a manifest that the DNS located.
const evidencePath = "/.well-known/quality-link-manifest.json"

// WriteManifest writes the institution's manifest into its directory below root, with the ids of the
// publishers that may speak for it: nil leaves the key out, an empty list means nobody. The
// institution with the unparsable manifest keeps that.
func WriteManifest(root string, inst Institution, publishers []string) error {
	if inst.Courses == 0 {
		return nil
	}
	m := manifest{Meta: meta{Schac: inst.Domain}}
	if inst.source.Path != "" {
		m.Sources = []source{inst.source}
	}
	if publishers != nil {
		m.Publishers = &publishers
	}
	if err := m.write(inst.file(root, inst.manifest)); err != nil {
		return err
	}
	if inst.Discovery != DNS {
		return nil
	}
	m.Sources = nil
	return m.write(inst.file(root, evidencePath))
}

func (m manifest) write(name string) error {
	encode := func(v any) ([]byte, error) { return json.MarshalIndent(v, "", "  ") }
	if path.Ext(name) == ".yaml" {
		encode = yaml.Marshal
	}
	text, err := encode(m)
	if err != nil {
		return err
	}
	return write(name, append(text, '\n'))
}

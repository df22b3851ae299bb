// Package institutions holds the sample institutions of the demo: five fictional universities with
// their course catalogues, as they would publish them, and a handler that serves a copy of those
// files live from a directory.
//
// Everything about them is invented. Four publish fifteen harvestable courses each; one of these
// catalogues has a course without a name beside them, and the fifth university has a manifest that
// cannot be parsed.
package institutions

import (
	"embed"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Institution is a sample institution.
type Institution struct {
	Domain    string // also its SCHAC code and its provider id
	Name      string // in its own language
	Country   string // ISO 3166-1 alpha-2
	Website   string
	Standard  string // manifest type of its source: elm, ooapi
	Discovery string // how its manifest is found: dns, well-known
	Courses   int    // that can be harvested

	manifest string // URL path of the manifest
	source   source // what the manifest announces
}

// How a manifest is found.
const (
	DNS       = "dns"
	WellKnown = "well-known"
)

// All lists the institutions in a fixed order.
func All() []Institution {
	return []Institution{
		{
			Domain: "nordlund.example", Name: "Nordlunds universitet", Country: "SE", Website: "https://www.nordlund.example/",
			Standard: "elm", Discovery: DNS, Courses: 15, manifest: "/opendata/quality-link.yaml",
			source: source{Type: "elm", Version: "3.2", ID: "kurser", Name: "Kurskatalog", Path: "https://nordlund.example/opendata/courses.ttl"},
		},
		{
			Domain: "valmares.example", Name: "Universidade de Valmares", Country: "PT", Website: "https://www.valmares.example/",
			Standard: "elm", Discovery: WellKnown, Courses: 15, manifest: "/.well-known/quality-link-manifest.json",
			source: source{Type: "elm", Version: "3.2", ID: "catalogo", Name: "Catálogo de unidades curriculares", Path: "https://valmares.example/dados/catalogo.ttl", ContentType: "text/turtle"},
		},
		{
			Domain: "falkenried.example", Name: "Technische Universität Falkenried", Country: "AT", Website: "https://www.falkenried.example/",
			Standard: "elm", Discovery: WellKnown, Courses: 15, manifest: "/.well-known/quality-link-manifest",
			source: source{Type: "elm", Version: "3.2", ID: "lehrangebot", Name: "Lehrangebot", Path: "https://falkenried.example/data/courses.jsonld"},
		},
		{
			Domain: "oosterveen.example", Name: "Universiteit Oosterveen", Country: "NL", Website: "https://www.oosterveen.example/",
			Standard: "ooapi", Discovery: WellKnown, Courses: 15, manifest: "/.well-known/quality-link-manifest.yaml",
			source: source{Type: "ooapi", Version: "5", ID: "ooapi-v5", Name: "Onderwijscatalogus", Path: "https://oosterveen.example" + apiRoot, PageSize: 10},
		},
		{
			Domain: "rochebrise.example", Name: "Université de Rochebrise", Country: "FR", Website: "https://www.rochebrise.example/",
			Standard: "elm", Discovery: WellKnown, manifest: "/.well-known/quality-link-manifest.yaml",
		},
	}
}

// ManifestURL is where the manifest lies.
func (i Institution) ManifestURL() string { return "https://" + i.Domain + i.manifest }

// SourceURL is the path that the manifest gives for the data, "" for a manifest that cannot be parsed.
func (i Institution) SourceURL() string { return i.source.Path }

// TXT is the record that announces the manifest in the DNS, "" when it is found at a well-known URL.
func (i Institution) TXT() string {
	if i.Discovery != DNS {
		return ""
	}
	return "v=qldiscover1; m=" + i.ManifestURL()
}

// Dir is the institution's own directory below the one that WriteTo filled.
func (i Institution) Dir(root string) string { return filepath.Join(root, i.Domain) }

//go:embed all:data
var files embed.FS

const filesRoot = "data"

// WriteTo lays out a directory for each institution, named after its domain, with its data and a
// manifest that lists no publishers. Files that are there already are overwritten.
func WriteTo(root string) error {
	err := fs.WalkDir(files, filesRoot, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(filesRoot, filepath.FromSlash(name))
		if err != nil {
			return err
		}
		return write(filepath.Join(root, rel), content)
	})
	if err != nil {
		return err
	}
	for _, inst := range All() {
		if err := WriteManifest(root, inst, nil); err != nil {
			return err
		}
	}
	return nil
}

// write replaces a file in one step, so that a server beside it never reads half of it.
func write(name string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		_ = os.Remove(tmp.Name()) // the first error is the one to tell
	}
	return err
}

func (i Institution) file(root, urlPath string) string {
	return filepath.Join(i.Dir(root), filepath.FromSlash(path.Clean("/"+urlPath)))
}

// Package institutions holds the sample institutions of the demo: fictional universities with their
// course catalogues, as they would publish them in every standard that is read, and a handler that
// serves a copy of those files live from a directory.
//
// Everything about them is invented. Their catalogues are not perfect: two have a course without a name
// beside the others, some courses lack what the profile wants, and one university has a manifest that cannot
// be parsed. Three let only those in who have been given access. An alliance has a catalogue of its own, in which
// members are that announce nothing themselves.
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
	Standard  string // manifest type of its source: elm, ooapi, edu-api, occapi
	Discovery string // how its manifest is found: dns, well-known
	Access    Access // what stands before its source
	Courses   int    // that can be harvested, programmes included

	manifest string // URL path of the manifest
	source   source // what the manifest announces
}

// Access is how an institution lets harvesters in, as manifests say it.
type Access string

// The kinds of access.
const (
	Open       Access = "none"
	Header     Access = "httpheader"
	OAuth      Access = "oauth2.0"
	Signatures Access = "httpsig"
)

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
			Standard: "elm", Discovery: DNS, Access: Open, Courses: 15, manifest: "/opendata/quality-link.yaml",
			source: source{Type: "elm", Version: "3.2", ID: "kurser", Name: "Kurskatalog", Path: "https://nordlund.example/opendata/courses.ttl"},
		},
		{
			Domain: "valmares.example", Name: "Universidade de Valmares", Country: "PT", Website: "https://www.valmares.example/",
			Standard: "elm", Discovery: WellKnown, Access: Open, Courses: 15, manifest: "/.well-known/quality-link-manifest.json",
			source: source{Type: "elm", Version: "3.2", ID: "catalogo", Name: "Catálogo de unidades curriculares", Path: "https://valmares.example/dados/catalogo.ttl", ContentType: "text/turtle"},
		},
		{
			Domain: "falkenried.example", Name: "Technische Universität Falkenried", Country: "AT", Website: "https://www.falkenried.example/",
			Standard: "elm", Discovery: WellKnown, Access: Open, Courses: 15, manifest: "/.well-known/quality-link-manifest",
			source: source{Type: "elm", Version: "3.2", ID: "lehrangebot", Name: "Lehrangebot", Path: "https://falkenried.example/data/courses.jsonld"},
		},
		{
			Domain: "oosterveen.example", Name: "Universiteit Oosterveen", Country: "NL", Website: "https://www.oosterveen.example/",
			Standard: "ooapi", Discovery: WellKnown, Access: Open, Courses: 15, manifest: "/.well-known/quality-link-manifest.yaml",
			source: source{Type: "ooapi", Version: "5", ID: "ooapi-v5", Name: "Onderwijscatalogus", Path: "https://oosterveen.example" + five.root, PageSize: 10},
		},
		{
			Domain: "rochebrise.example", Name: "Université de Rochebrise", Country: "FR", Website: "https://www.rochebrise.example/",
			Standard: "elm", Discovery: WellKnown, Access: Open, manifest: "/.well-known/quality-link-manifest.yaml",
		},
		{
			Domain: "kivijarvi.example", Name: "Kivijärven yliopisto", Country: "FI", Website: "https://www.kivijarvi.example/",
			Standard: "ooapi", Discovery: WellKnown, Access: Open, Courses: 10, manifest: "/.well-known/quality-link-manifest.json",
			source: source{Type: "ooapi", Version: "6", ID: "oeapi-v6", Name: "Opintotarjonta", Path: "https://kivijarvi.example" + six.root, PageSize: 10},
		},
		{
			Domain: "brzezina.example", Name: "Uniwersytet w Brzezinie", Country: "PL", Website: "https://www.brzezina.example/",
			Standard: "edu-api", Discovery: WellKnown, Access: OAuth, Courses: 8, manifest: "/.well-known/quality-link-manifest.yaml",
			source: source{Type: "edu-api", Version: "1.0", ID: "katalog", Name: "Katalog przedmiotów", Path: "https://brzezina.example" + eduRoot, PageSize: 50},
		},
		{
			Domain: "sanvalerio.example", Name: "Università di San Valerio", Country: "IT", Website: "https://www.sanvalerio.example/",
			Standard: "occapi", Discovery: WellKnown, Access: Header, Courses: 7, manifest: "/.well-known/quality-link-manifest.json",
			source: source{Type: "occapi", Version: "2", ID: "corsi", Name: "Catalogo dei corsi", Path: "https://sanvalerio.example" + occRoot + "sanvalerio.example"},
		},
		{
			Domain: "montagut.example", Name: "Universitat de Montagut", Country: "ES", Website: "https://www.montagut.example/",
			Standard: "elm", Discovery: WellKnown, Access: Signatures, Courses: 7, manifest: "/.well-known/quality-link-manifest",
			source: source{Type: "elm", Version: "3.2", ID: "assignatures", Name: "Catàleg d'assignatures", Path: "https://montagut.example/cataleg/assignatures.rdf"},
		},
	}
}

// ManifestURL is where the manifest lies.
func (i Institution) ManifestURL() string { return "https://" + i.Domain + i.manifest }

// SourceURL is the path that the manifest gives for the data, "" for a manifest that cannot be parsed.
func (i Institution) SourceURL() string { return i.source.Path }

// Version is that of the standard, "" for a manifest that cannot be parsed.
func (i Institution) Version() string { return i.source.Version }

// With is the institution whose manifest says of its source how harvesters are let in.
func (i Institution) With(auth map[string]any) Institution {
	i.source.Auth = auth
	return i
}

// Silent is the institution whose manifest says nothing of its source yet.
func (i Institution) Silent() Institution {
	i.source = source{}
	return i
}

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
	for _, inst := range append(All(), Ponte().Institution) {
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

package federation

// Provider is an institution or other course provider known from configuration or a registry.
type Provider struct {
	ID      string   `json:"id" yaml:"id"` // lower-case A-labels, or deqarinst0815
	Name    string   `json:"name,omitempty" yaml:"name"`
	Country string   `json:"country,omitempty" yaml:"country"` // ISO 3166-1 alpha-2
	Website string   `json:"website,omitempty" yaml:"website"` // URL
	Aliases []string `json:"aliases,omitempty" yaml:"aliases"` // former ids, IRIs
}

// ProviderIRI is https://<id>/, for deqarinst815 https://data.deqar.eu/institution/815 (no leading zeros).
func ProviderIRI(id string) string { panic("unwritten") }

// NormaliseDomain lower-cases, strips a trailing dot and converts to A-labels (UTS 46 lookup profile); it refuses what is no domain.
func NormaliseDomain(s string) (string, error) { panic("unwritten") }

// ValidProvider reports whether id is a normalised domain with at least one dot or deqarinst + digits.
func ValidProvider(id string) bool { panic("unwritten") }

// Manifest is a source announcement (QualityLink discovery) with coursemesh's own top-level keys.
type Manifest struct {
	Meta       map[string]string
	Sources    []ManifestSource
	Publishers *[]PublisherID // nil: no such key; empty: nobody
	Delegates  []string
	Withdrawn  bool
	Problems   []ManifestProblem // near misses: bad sources are left out and listed here, with a fix
}

// ManifestSource is one entry of sources, values already made tolerant (standards sheet sections 1, 6, 7).
type ManifestSource struct {
	Type            string // elm, ooapi, edu-api, occapi
	Path            string
	Version         string // text as given; Major reads it
	ID, Name        string
	Auth            Auth
	Refresh         float64 // hours; 0: not given
	Headers         map[string]string
	QueryParameters map[string][]string
	ContentType     string
	PageSize        int
}

// Key identifies the source: its id, else its path.
func (s ManifestSource) Key() string { panic("unwritten") }

// Major is the leading number of Version, 0 when there is none ("6.0", 6, "v6" give 6).
func (s ManifestSource) Major() int { panic("unwritten") }

// Auth is the access control of a source. Values are as in the manifest (encrypted).
type Auth struct {
	Type   string // none, httpheader, oauth2.0, httpsig
	Params map[string]string
}

// ManifestProblem names a place in the manifest, what is wrong and the fix.
type ManifestProblem struct{ Where, Message, Fix string }

// ParseManifest reads JSON or YAML, whatever the media type says; it refuses aliases, HTML, and anything that is
// not an object. requireSources is false for authority evidence, which needs none.
func ParseManifest(body []byte, requireSources bool) (Manifest, error) { panic("unwritten") }

package federation

import (
	"strconv"
	"strings"
	"time"
)

// Limits of a manifest. A document within them is read in well under a second.
const (
	MaxManifest      = 1 << 20 // bytes
	manifestDepth    = 64      // nesting of arrays and objects
	manifestName     = 1 << 10 // bytes of a key
	manifestSources  = 1000
	manifestProblems = 200 // reported of each severity; a document this broken needs no longer list
)

// How long what a manifest said counts while it cannot be read (PROTOCOL section 3, 'Evidence').
const (
	ManifestGoneFor   = 7 * 24 * time.Hour  // it answers 404 or 410, or cannot be parsed
	ManifestSilentFor = 90 * 24 * time.Hour // no answer, a TLS error, 5xx
)

// Manifest is a source announcement (QualityLink discovery) with coursemesh's own top-level keys.
type Manifest struct {
	Meta       map[string]string
	Sources    []ManifestSource
	Publishers *[]PublisherID // nil: no such key; empty: nobody
	Delegates  []string       // provider ids, normalised, in manifest order
	Withdrawn  bool
	Problems   []ManifestProblem // near misses: bad sources are left out and listed here, with a fix
	LeftOut    int               // sources that the list names and that could not be read
}

// ManifestSource is one entry of sources, its values made regular. Key is unique within a manifest.
type ManifestSource struct {
	Type            string // elm, ooapi, edu-api, occapi
	Path            string // absolute http or https URL without fragment and credentials
	Version         string // text as given; Major reads it
	ID, Name        string
	Auth            Auth
	Refresh         float64             // hours, at least 1; 0: not given
	Headers         map[string]string   // canonical names; none that frames the message or selects the host
	QueryParameters map[string][]string // an array in the manifest repeats the parameter
	ContentType     string              // of elm: application/rdf+xml, text/turtle or application/ld+json
	PageSize        int                 // 0: not given
	Licence, Credit string              // of all its records that state none: terms of use, and whom to name
	Unusable        string              // why the source must not be fetched (access control that cannot be honoured); "" means usable
}

// Key identifies the source: its id, else its path.
func (s ManifestSource) Key() string {
	if s.ID != "" {
		return s.ID
	}
	return s.Path
}

// Major is the leading number of Version, 0 when there is none ("6.0", 6, "v6" give 6).
func (s ManifestSource) Major() int {
	text := strings.TrimLeft(strings.TrimSpace(s.Version), "vV")
	end := strings.IndexFunc(text, func(c rune) bool { return c < '0' || c > '9' })
	if end < 0 {
		end = len(text)
	}
	n, err := strconv.Atoi(text[:end])
	if err != nil {
		return 0
	}
	return n
}

// Auth is the access control of a source. Values are as in the manifest (encrypted). An object inside, such as
// values {fingerprint: ciphertext}, is flattened to the keys "values.<fingerprint>".
type Auth struct {
	Type   string // none, httpheader, oauth2.0, httpsig; of an unusable source the text of the manifest
	Params map[string]string
}

// Severities of what a manifest gets wrong; findings about courses have the same.
const (
	ManifestViolation = "violation" // against the format, or a node leaves it out
	ManifestWarning   = "warning"   // a node reads it, though not as it is written, or it is doubtful
	ManifestInfo      = "info"      // as it should be, and worth knowing
)

// ManifestProblem names a place in the manifest (JSON pointer, "" is the root), what is wrong and the fix.
type ManifestProblem struct {
	Where, Message, Fix string
	Severity            string `json:",omitempty"`
	Line                int    `json:",omitempty"` // where it is not that of the place
}

func (p ManifestProblem) String() string {
	where := p.Where
	if where == "" {
		where = "/"
	}
	return where + ": " + p.Message + "; " + p.Fix
}

// ParseManifest reads JSON or YAML, whatever the media type says; it refuses aliases, HTML, and anything that is
// not an object. requireSources is false for authority evidence, which needs none; with it, a document without a
// sources array is refused unless it says withdrawn: true. Without it, one key that could be meant for us is needed:
// servers that answer everything with some JSON must not pass for an institution that lists nobody. Errors are a
// *ManifestRefusal, which names the fix.
func ParseManifest(body []byte, requireSources bool) (Manifest, error) {
	r := &manifestReader{}
	object, err := r.root(body)
	if err != nil {
		return Manifest{}, err
	}
	m := r.manifest(object)
	if refusal := unusable(object, m, requireSources); refusal != nil {
		return Manifest{}, refusal
	}
	return m, nil
}

// root is the document as an object.
func (r *manifestReader) root(body []byte) (map[string]any, error) {
	body, err := manifestText(body)
	if err != nil {
		return nil, err
	}
	root, err := r.decode(body)
	if err != nil {
		return nil, err
	}
	object, ok := root.(map[string]any)
	if !ok {
		return nil, refuseManifest(0, "the root is "+kindOf(root)+", not an object", "begin with the key sources")
	}
	return object, nil
}

const addSources = "add sources: [...] at the top level"

// unusable refuses an object that says nothing to us, or nothing that was asked for.
func unusable(object map[string]any, m Manifest, requireSources bool) *ManifestRefusal {
	_, isList := object["sources"].([]any)
	switch {
	case !concernsUs(object):
		return refuseManifest(0, "no list of sources (found nothing), nor publishers, delegates or withdrawn", addSources)
	case requireSources && !isList && !m.Withdrawn:
		return refuseManifest(0, "no list of sources (found "+kindOf(object["sources"])+")", addSources)
	}
	return nil
}

func concernsUs(object map[string]any) bool {
	for _, key := range []string{"sources", "publishers", "delegates", "withdrawn"} {
		if _, present := object[key]; present {
			return true
		}
	}
	return false
}

package federation

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// ManifestChecks is what the check of a manifest may know beside its bytes. The zero value knows nothing more.
type ManifestChecks struct {
	Provider string      // id of the provider that it is to speak for; "" when nobody said
	Self     PublisherID // of the node that checks
	Unheard  string      // why nodes do not read here whom the domain lets publish; "" when they may
	// Unreachable says why nodes do not ask an address, "" when they do; nil judges none.
	Unreachable func(address string) string
	// Secret says what is wrong with a secret (value, client_secret), at places below the access control; nil judges
	// none.
	Secret func(auth Auth, name string) []ManifestProblem
}

// Whom a manifest lets publish.
const (
	PublishingListed = "listed" // the publishers that it lists
	PublishingNobody = "nobody" // the list is empty
	PublishingOpen   = "open"   // it has no list: an alliance may speak for its members
)

// ManifestReport is what a node makes of a manifest, and what is wrong or doubtful in it (CONTRACTS 'manifest check').
type ManifestReport struct {
	Valid      bool              `json:"valid" doc:"No finding of severity violation"`
	Provider   string            `json:"provider" doc:"Id of the institution that it speaks for: as asked, else as it says; empty when nothing says it"`
	Sources    []ManifestEntry   `json:"sources" doc:"What a node reads, in the order of the manifest"`
	LeftOut    int               `json:"left_out" doc:"Entries of sources that no node reads"`
	Publishing string            `json:"publishing" enum:"listed,nobody,open" doc:"Whom it lets publish: those under publishers, nobody, or, without a list, an alliance of the institution"`
	Publishers []PublisherID     `json:"publishers"`
	Delegates  []string          `json:"delegates" doc:"Domains that may list courses of the institution"`
	Withdrawn  bool              `json:"withdrawn" doc:"It takes everything down"`
	Findings   []ManifestFinding `json:"findings" doc:"The worst first, then by place"`
	Says       []string          `json:"says" doc:"What a node does with it, in plain words"`
}

// ManifestEntry is one source as a node reads it. No secret is in it.
type ManifestEntry struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Type     string `json:"type" doc:"elm, ooapi, edu-api or occapi"`
	Version  string `json:"version"`
	Standard string `json:"standard" doc:"Type and version in words"`
	Path     string `json:"path"`
	Auth     string `json:"auth" doc:"none, httpheader, oauth2.0, httpsig; unknown when it is none of these"`
	Fetched  bool   `json:"fetched" doc:"Nodes ask for it"`
	Reason   string `json:"reason,omitempty" doc:"Why they do not"`
}

// CheckManifest reads a manifest as ParseManifest does and says everything that is wrong or doubtful in it. What is no
// manifest at all gives a *ManifestRefusal, which is the one finding of the report.
func CheckManifest(body []byte, k ManifestChecks) (ManifestReport, error) {
	r := &manifestReader{lines: &manifestLines{of: map[string]int{}}}
	object, err := r.root(body)
	if err != nil {
		return refusedReport(err, k), err
	}
	c := &manifestCheck{manifestReader: r, ManifestChecks: k, object: object, manifest: r.manifest(object)}
	c.announced()
	c.keys()
	c.oneDocument(body)
	c.identity()
	c.publishing()
	c.entries()
	return c.outcome(), nil
}

func refusedReport(err error, k ManifestChecks) ManifestReport {
	f := ManifestFinding{Severity: ManifestViolation, Message: err.Error(), Where: placeText(0, "")}
	if refusal := (*ManifestRefusal)(nil); errors.As(err, &refusal) {
		f.Message, f.Fix, f.Line, f.Where = refusal.Message, refusal.Fix, refusal.Line, placeText(refusal.Line, "")
	}
	return ManifestReport{
		Provider: k.Provider, Sources: []ManifestEntry{}, Publishing: PublishingOpen, Publishers: []PublisherID{}, Delegates: []string{},
		Findings: []ManifestFinding{f}, Says: []string{"A node makes nothing of it: it is no manifest."},
	}
}

// manifestCheck adds to what the reader reports what only matters to somebody who is about to publish the manifest.
type manifestCheck struct {
	*manifestReader
	ManifestChecks
	object   map[string]any
	manifest Manifest
	seen     []ManifestEntry
	strange  int // keys that are unknown
}

// announced says whether there is anything for nodes to do.
func (c *manifestCheck) announced() {
	refusal := unusable(c.object, c.manifest, true)
	if refusal == nil || c.object["sources"] != nil { // the reader has told what stands in the place of a list
		return
	}
	if c.manifest.Publishers != nil || len(c.manifest.Delegates) > 0 {
		c.warn("", "no list of sources: nodes read from it whom it lets publish, and no courses", refusal.Fix)
		return
	}
	c.report("", refusal.Message, refusal.Fix)
}

// oneDocument: YAML may hold several, of which nodes read the first.
func (c *manifestCheck) oneDocument(body []byte) {
	if line := secondDocument(body); line > 0 {
		c.broken(line, "a second YAML document, and only the first is read", "take away the line --- and what follows, or merge the two")
	}
}

func (c *manifestCheck) outcome() ManifestReport {
	m := c.manifest
	out := ManifestReport{
		Valid: c.said[ManifestViolation] == 0, Provider: c.provider(), Sources: c.seen, LeftOut: m.LeftOut, Publishing: PublishingOpen,
		Publishers: []PublisherID{}, Delegates: m.Delegates, Withdrawn: m.Withdrawn, Findings: c.findings(),
	}
	if m.Publishers != nil {
		out.Publishers, out.Publishing = *m.Publishers, PublishingListed
		if len(*m.Publishers) == 0 {
			out.Publishing = PublishingNobody
		}
	}
	if out.Delegates == nil {
		out.Delegates = []string{}
	}
	out.Says = c.says(out)
	return out
}

// findings, the worst first, then by line.
func (c *manifestCheck) findings() []ManifestFinding {
	out := make([]ManifestFinding, 0, len(c.problems))
	for _, p := range c.problems {
		out = append(out, c.finding(p))
	}
	rank := []string{ManifestViolation, ManifestWarning, ManifestInfo}
	slices.SortStableFunc(out, func(a, b ManifestFinding) int {
		return cmp.Or(slices.Index(rank, a.Severity)-slices.Index(rank, b.Severity), a.Line-b.Line)
	})
	return out
}

// provider is for whom the manifest speaks.
func (c *manifestCheck) provider() string {
	if c.Provider != "" {
		return c.Provider
	}
	if id, err := NormaliseDomain(c.manifest.Meta["schac"]); err == nil {
		return id
	}
	if id, ok := deqarID(c.manifest.Meta["deqarid"]); ok {
		return id
	}
	return ""
}

// deqarID is the provider id for an institution number of DEQAR, written with or without its prefix.
func deqarID(text string) (string, bool) {
	id := strings.ToLower(strings.TrimSpace(text))
	if !strings.HasPrefix(id, deqarPrefix) {
		id = deqarPrefix + id
	}
	_, ok := deqarNumber(id)
	return id, ok
}

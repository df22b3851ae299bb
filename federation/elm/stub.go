// Package elm works on course graphs of the European Learning Model in the QualityLink
// application profile: split a document into course graphs, normalise one, remove person
// data, and read one as a typed view. It knows nothing of keys, networks or storage.
package elm

import (
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Graph is one course graph: a learning opportunity specification, the instances that point
// at it, and what is reachable from those (PROTOCOL section 1).
type Graph struct {
	Subject rdf.Subject // IRI; a blank node when the source gave none (then Mint an IRI and Rename)
	Triples []rdf.Triple
}

// Split finds the course graphs of a document, in order of first appearance of their subjects.
// orphans are instances whose specification is not described in the document.
func Split(triples []rdf.Triple) (graphs []Graph, orphans []Graph) { panic("unwritten") }

// Mint returns urn:schac:uniqueCourseId:<provider>:<source id>, percent-encoded (upper-case hex, all but unreserved characters).
func Mint(provider, sourceID string) string { panic("unwritten") }

// MintOffering returns <subject>:offering:<id>, id percent-encoded.
func MintOffering(subject, id string) string { panic("unwritten") }

// Rename replaces a node by another everywhere.
func (g Graph) Rename(from, to rdf.Term) Graph { panic("unwritten") }

// Organisation is a node that the course names as publisher, else as providedBy of its instances.
type Organisation struct {
	Node  rdf.Term
	Schac []string // notations of its ql:SchacIdentifier (or identifier with elm:schemeId ql:Schac), lower-case, verbatim otherwise
}

// Organisations lists what dcterms:publisher names, else what elm:providedBy names.
func (g Graph) Organisations() []Organisation { panic("unwritten") }

// Naming tells Normalise which institution the course was found to belong to.
type Naming struct {
	ProviderIRI string   // https://<provider id>/ or https://data.deqar.eu/institution/<n>
	Own         []string // IRIs in this graph that denote that institution: rewritten to ProviderIRI
}

// Removed counts what normalisation took out.
type Removed struct {
	Persons   int // person objects and what hung on them only
	Addresses int // e-mail addresses, telephone numbers, ORCIDs
}

// Normalise applies PROTOCOL section 1 'Normalisation': the ELM namespace, https/http and known
// defects of vocabulary IRIs, links in both directions between specification and instances, the
// provider's IRI where no publisher or providedBy is given, rewriting of the institution's own IRIs,
// removal of person data and of derived values. roleAddress says whether an e-mail address may stay.
func (g Graph) Normalise(n Naming) (Graph, Removed) { panic("unwritten") }

// Canonical returns the canonical bytes of the graph.
func (g Graph) Canonical() ([]byte, error) { return rdf.Canonical(g.Triples) }

// Check is the receiver's side: everything in triples is reachable from subject by the walk of
// PROTOCOL section 1, and no other IRI in it is typed as one of the three specification classes.
func Check(subject string, triples []rdf.Triple) error { panic("unwritten") }

// CheckReachable is Check for kinds other than course: everything reachable from subject.
func CheckReachable(subject string, triples []rdf.Triple) error { panic("unwritten") }

// Title reports whether the graph has at least one non-blank dcterms:title.
func (g Graph) Title() (string, bool) { panic("unwritten") }

// Text is one text in several languages; the key is the lower-case BCP 47 tag, "und" when untagged.
type Text map[string]string

// Course is the typed view of a course graph (ELM LearningOpportunitySpecification); field names follow CONTRACTS 'Course'.
// Codes: Type, Modes, Languages etc. are concept IRIs as in the graph; the API turns them into ids and labels.
type Course struct {
	IRI            string
	UUID           string   // the subject's own or an owl:sameAs urn:uuid, else UUIDv5 (URL namespace) over the IRI
	Aliases        []string // owl:sameAs, identifiers as text
	Identifiers    []Identifier
	Title          Text
	AltTitle       Text
	Description    Text
	Types          []string
	Publishers     []string                    // IRIs
	Providers      []string                    // IRIs of elm:providedBy over all instances, sorted
	Organisations  map[string]OrganisationView // by IRI (or blank label): what the graph says inline
	Credits        []Credit
	ECTS           *float64
	Workload       string // xsd:duration
	EQF            []int
	NQF            []string
	ISCED          []string // digits: 2 to 4
	Languages      []string // ISO 639-1 where known, else the concept's last segment in lower case
	Modes          []string // concept IRIs, over specification and instances
	Outcomes       []Outcome
	OutcomeSummary Text
	Assessment     []Assessment
	Requirements   Text
	Notes          []Text
	Homepage       []string
	Offerings      []Offering
	PartOf         []string
	HasPart        []string
	Active         *bool // ql:isActive as stated
	Version        string
	Modified       string
}

// Identifier is an adms:identifier.
type Identifier struct{ Notation, Scheme string }

// OrganisationView is what a graph says of an organisation.
type OrganisationView struct {
	IRI     string
	Name    Text
	Schac   []string
	Country string // ISO 3166-1 alpha-2 or ""
}

// Credit is an elm:CreditPoint.
type Credit struct {
	Value     float64
	Framework string // concept IRI
}

// Outcome is an elm:LearningOutcome.
type Outcome struct {
	Title  Text
	ESCO   []string
	Skills []string
}

// Assessment is an elm:LearningAssessmentSpecification.
type Assessment struct {
	Title, Description Text
	Types              []string
}

// Offering is an elm:LearningOpportunity (instance).
type Offering struct {
	IRI                         string
	Title                       Text
	Start, End                  string // date or dateTime as stated
	PeriodLabel                 Text
	Language                    string
	Modes                       []string
	Deadlines                   []string
	Capacity, Enrolled, Minimum *int
	Homepage                    []string
	Portal                      string   // ql:registrationPortal
	Countries                   []string // alpha-2
	Places                      []Text
	Prices                      []Price
	Schedule                    string
	Duration                    string
	Providers                   []string
	OpenToNonEnrolled           *bool
}

// Price is an elm:PriceDetail.
type Price struct {
	Label    Text
	Amount   string
	Currency string // ISO 4217
}

// View reads the graph of one course. Missing facts leave fields empty; it never fails.
func View(subject string, triples []rdf.Triple) Course { panic("unwritten") }

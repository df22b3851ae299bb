// Package course is what the interfaces of a node say about one course: the shape that the REST API,
// the pages and the dumps share, put together from a record and what the catalogue says of it.
package course

import (
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// Text in several languages; the key is the lower-case BCP 47 tag, "und" when untagged.
type Text = elm.Text

// Course as the API gives it. Lists are never null; a nullable field is null when nothing is known.
type Course struct {
	ID           string       `json:"id" doc:"UUID: the source's, else version 5 over the IRI"`
	IRI          string       `json:"iri"`
	Aliases      []string     `json:"aliases" doc:"Other identifiers of the same course"`
	Identifiers  []Identifier `json:"identifiers"`
	Title        Text         `json:"title" doc:"By language tag, und when the source gave none"`
	AltTitle     Text         `json:"alt_title"`
	Description  Text         `json:"description"`
	Type         string       `json:"type" doc:"Concept id, see /v1/vocabularies/type"`
	Provider     string       `json:"provider" doc:"Provider id under which the course is recorded"`
	Publishers   []string     `json:"publishers" doc:"IRIs of the organisations that the course names as publisher"`
	Providers    []Provider   `json:"providers"`
	Alliances    []string     `json:"alliances" doc:"Domains of the alliances that have the provider as a member"`
	Credits      []Credit     `json:"credits"`
	ECTS         *float64     `json:"ects"`
	Workload     string       `json:"workload,omitempty" doc:"xsd:duration"`
	EQF          []int        `json:"eqf"`
	NQF          []string     `json:"nqf"`
	ISCED        []string     `json:"isced" doc:"ISCED-F 2013 codes of two to four digits"`
	Languages    []string     `json:"languages" doc:"ISO 639-1"`
	Modes        []string     `json:"modes" doc:"Concept ids, see /v1/vocabularies/mode"`
	Outcomes     []Outcome    `json:"outcomes"`
	Summary      Text         `json:"outcome_summary"`
	Assessment   []Assessment `json:"assessment"`
	Requirements Text         `json:"requirements"`
	Notes        []Text       `json:"notes"`
	Homepage     []string     `json:"homepage"`
	Offerings    []Offering   `json:"offerings"`
	PartOf       []string     `json:"part_of"`
	HasPart      []string     `json:"has_part"`
	Supersedes   []Superseded `json:"supersedes" doc:"Older courses that this one says it replaces"`
	SupersededBy []Link       `json:"superseded_by" doc:"Courses of the same provider that say they replace this one"`
	Active       bool         `json:"active" doc:"Judged today"`
	Version      string       `json:"version"`
	Standard     string       `json:"standard" doc:"Of the source: elm, ooapi, edu-api, occapi"`
	Completeness int          `json:"completeness" doc:"How much of what learners look for is stated, in percent; docs/quality.md has the rule"`
	Missing      []string     `json:"missing" doc:"What completeness lacks, the heaviest first"`

	Microcredential []profile.Element `json:"microcredential" doc:"The Council's elements to describe a micro-credential by, and how the course states each"`

	Modified string `json:"modified" doc:"As the source says, else when the record was issued"`

	Record      string                 `json:"record" doc:"CID of the signed record"`
	Publisher   federation.PublisherID `json:"publisher" doc:"Who signed the record"`
	Class       federation.Class       `json:"class" doc:"Why the publisher counts; local: only this node says so"`
	PublishedBy *string                `json:"published_by" doc:"Domain of the alliance that publishes for the institution"`
	AssertedBy  *string                `json:"asserted_by" doc:"Domain whose source says this, when it is not the provider's own"`
	Source      Source                 `json:"source"`
	Licence     string                 `json:"licence"`
	Credit      string                 `json:"credit" doc:"Whom to name when the text is used"`
}

// Identifier is a code and whose it is.
type Identifier struct {
	Notation string `json:"notation"`
	Scheme   string `json:"scheme,omitempty"`
}

// Provider of a course: one of several in a joint programme.
type Provider struct {
	ID      string `json:"id" doc:"Provider id; the IRI when the institution is not known by one"`
	Name    string `json:"name"`
	Country string `json:"country" doc:"ISO 3166-1 alpha-2"`
}

// Credit points in a framework.
type Credit struct {
	Value     float64 `json:"value"`
	Framework string  `json:"framework" doc:"Concept id, see /v1/vocabularies/credit"`
}

// Outcome of learning.
type Outcome struct {
	Title  Text     `json:"title"`
	ESCO   []string `json:"esco" doc:"IRIs of ESCO skills"`
	Skills []string `json:"skills"`
}

// Assessment of learning.
type Assessment struct {
	Title       Text     `json:"title"`
	Description Text     `json:"description"`
	Types       []string `json:"types" doc:"Concept ids, see /v1/vocabularies/assessment"`
}

// Offering is one run of the course.
type Offering struct {
	IRI               string       `json:"iri"`
	Identifiers       []Identifier `json:"identifiers"`
	Title             Text         `json:"title"`
	Start             string       `json:"start" doc:"Date or date-time as the source gives it"`
	End               string       `json:"end"`
	Period            Text         `json:"period"`
	Language          string       `json:"language"`
	Modes             []string     `json:"modes"`
	Deadlines         []string     `json:"deadlines"`
	Capacity          *int         `json:"capacity"`
	Enrolled          *int         `json:"enrolled"`
	Minimum           *int         `json:"minimum"`
	Homepage          []string     `json:"homepage"`
	Portal            string       `json:"portal"`
	Countries         []string     `json:"countries"`
	Places            []Text       `json:"places"`
	Prices            []Price      `json:"prices"`
	Schedule          string       `json:"schedule"`
	Duration          string       `json:"duration"`
	Providers         []string     `json:"providers"`
	OpenToNonEnrolled *bool        `json:"open_to_non_enrolled"`
}

// Price of an offering.
type Price struct {
	Label    Text   `json:"label"`
	Amount   string `json:"amount"`
	Currency string `json:"currency" doc:"ISO 4217"`
}

// Source from which the record was harvested.
type Source struct {
	Domain  string `json:"domain"`
	ID      string `json:"id"`
	Mapping string `json:"mapping"`
	Issued  string `json:"issued" doc:"When the record was signed"`
}

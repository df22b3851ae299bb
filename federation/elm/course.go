package elm

// Text is one text in several languages; the key is the lower-case BCP 47 tag, "und" when untagged.
type Text map[string]string

// Course is the typed view of a course graph. Lists are sorted and without doubles. Codes (Types,
// Modes, TargetGroups and so on) are concept IRIs as in the graph, with known defects mended.
type Course struct {
	IRI              string
	UUID             string   // the subject's own or an owl:sameAs urn:uuid, else UUIDv5 (URL namespace) over the IRI
	Aliases          []string // owl:sameAs, identifiers as text, the other spelling of a URN or DID
	Identifiers      []Identifier
	Title            Text
	AltTitle         Text
	Description      Text
	Types            []string
	Categories       []Text                      // kinds in words
	Publishers       []string                    // IRIs
	Providers        []string                    // IRIs of elm:providedBy over all instances, sorted
	Organisations    map[string]OrganisationView // by IRI (or blank label): what the graph says inline
	Labels           map[string]Text             // by IRI: names that the graph itself gives to concepts
	Credits          []Credit
	ECTS             *float64
	Workload         string // xsd:duration
	EQF              []int
	NQF              []string
	ISCED            []string // digits: 2 to 4
	Subjects         []string // IRIs from other schemes than ISCED-F
	Languages        []string // ISO 639-1 where known, else the concept's last segment in lower case
	Modes            []string // concept IRIs, over specification and instances
	Settings         []string
	TargetGroups     []string
	Outcomes         []Outcome
	OutcomeSummary   Text
	Assessment       []Assessment
	Grading          []Grading
	PassingRate      *int // percent
	Requirements     Text
	RequiredCourses  []Reference
	RequiredOutcomes []Outcome
	Notes            []Text
	Homepage         []string // http and https only
	Banner           []string // http and https only
	Offerings        []Offering
	PartOf           []string // the IRIs among Containers
	HasPart          []string // the IRIs among Parts
	Containers       []Reference
	Parts            []Reference
	SpecialisationOf []string
	Supersedes       []Reference
	Qualifications   []string // codes given by others than the publisher
	Partial          *bool    // elm:isPartialQualification
	Accredited       bool     // elm:accreditation of the course or of an institution it names
	Active           *bool    // ql:isActive as stated
	Version          string
	Modified         string
}

// Identifier is an adms:identifier.
type Identifier struct{ Notation, Scheme string }

// OrganisationView is what a graph says of an organisation.
type OrganisationView struct {
	IRI         string
	Name        Text
	Schac       []string
	Identifiers []Identifier
	Country     string // ISO 3166-1 alpha-2 or ""
	Places      []Text
	Homepage    []string // http and https only
	MemberOf    []string // IRIs
}

// Credit is an elm:CreditPoint.
type Credit struct {
	Value     float64
	Framework string // concept IRI
}

// Outcome is an elm:LearningOutcome.
type Outcome struct {
	Title  Text
	Notes  []Text
	ESCO   []string
	Skills []string
	Types  []string // skill type
	Reuse  []string // reusability level
}

// Assessment is an elm:LearningAssessmentSpecification.
type Assessment struct {
	Title, Description Text
	Types              []string
	Modes              []string
}

// Grading is an elm:GradingScheme with the results of a past group, where given.
type Grading struct {
	Title, Description Text
	Results            []Result // best first
}

// Result is one bar of a histogram of grades.
type Result struct {
	Label   string
	Order   int // higher is better
	Percent int
}

// Reference points at a course that another graph describes: by IRI, or by identifiers and institution.
type Reference struct {
	IRI         string
	Title       Text
	Identifiers []Identifier
	Providers   []string // IRIs of the institutions
	Schac       []string // their SCHAC codes, lower-case
}

// Run is the typed view of an offering's graph: an instance, and the courses, described elsewhere, of
// which it is a run. There should be one of those.
type Run struct {
	Offering
	Of            []Reference
	Modified      string
	Organisations map[string]OrganisationView
}

// Offering is an elm:LearningOpportunity (instance).
type Offering struct {
	IRI                         string // or blank label
	Identifiers                 []Identifier
	Title                       Text
	Description                 Text
	Start, End                  string // date or dateTime as stated
	PeriodLabel                 Text
	Language                    string
	Modes                       []string
	Deadlines                   []string
	Capacity, Enrolled, Minimum *int
	Homepage                    []string
	Documents                   []string
	Portal                      string   // ql:registrationPortal, http and https only
	Countries                   []string // alpha-2
	Places                      []Text
	Prices                      []Price
	Schedule                    string
	Timetable                   Text
	Duration                    string
	Admission                   Text
	Requirements                Text
	Notes                       []Text
	Activities                  []Activity
	Environments                []string // virtual learning environments: IRIs or names
	Providers                   []string
	Conditions                  []Conditions
	OpenToNonEnrolled           *bool // true when it is so for any learner group
}

// Conditions are the terms that hold for some learner groups only.
type Conditions struct {
	Groups                      []LearnerGroup
	Portal                      string
	Prices                      []Price
	Capacity, Enrolled, Minimum *int
	Admission, Requirements     Text
}

// LearnerGroup is an audience.
type LearnerGroup struct {
	Title, Description Text
	StudentsOf         []string // IRIs of institutions and alliances
	OpenToNonEnrolled  *bool
	Courses            []Reference // students of those
	ISCED              []string
	MinimumEQF         []int
	Notes              []Text
}

// Activity is an elm:LearningActivitySpecification.
type Activity struct {
	Title, Description Text
	Types, Modes       []string
	Workload           string
	ContactHours       string
}

// Price is an elm:PriceDetail.
type Price struct {
	Label    Text
	Amount   string
	Currency string // ISO 4217
}

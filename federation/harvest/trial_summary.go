package harvest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// SourceTrial is what was found in one source.
type SourceTrial struct {
	Source   string         `json:"source"` // its key in the manifest
	Path     string         `json:"path"`
	Standard string         `json:"standard"`
	Version  string         `json:"version"`
	Detected string         `json:"detected,omitempty"` // how the standard was recognised
	State    string         `json:"state"`              // complete, limited, incomplete, elsewhere
	Problem  *Problem       `json:"problem,omitempty"`  // why it is incomplete
	Requests map[string]int `json:"requests"`           // by place below the root, ids as *
	Bytes    int64          `json:"bytes"`
	Seconds  float64        `json:"seconds"`

	Courses   int            `json:"courses"` // that can be used, programmes included
	Kinds     map[string]int `json:"kinds"`   // of those, by type
	Offerings int            `json:"offerings"`
	Rejected  int            `json:"rejected"`
	Deleted   int            `json:"deleted"`
	Removed   int            `json:"persons_removed"`
	Languages map[string]int `json:"languages"`
	Stated    map[string]int `json:"stated"` // courses that state a fact, by fact
	Providers map[string]int `json:"providers"`

	Quality  *profile.Quality `json:"quality,omitempty"`
	Samples  []Sample         `json:"samples"`
	Findings []Finding        `json:"findings"`
}

// Sample is one course as it would be published.
type Sample struct {
	Subject   string   `json:"subject"`
	Where     string   `json:"where"`
	Title     elm.Text `json:"title"`
	Types     []string `json:"types"`
	ECTS      *float64 `json:"ects"`
	EQF       []int    `json:"eqf"`
	ISCED     []string `json:"isced"`
	Languages []string `json:"languages"`
	Modes     []string `json:"modes"`
	Offerings int      `json:"offerings"`
	Start     string   `json:"start,omitempty"` // of the first offering
}

// Finding is one thing to mend, with how often and where it was found first.
type Finding struct {
	Severity string `json:"severity"` // error: the course is lost; violation, warning: it is published all the same; info: nothing can be done
	Count    int    `json:"count"`
	Problem
}

const (
	keptSamples  = 5
	keptFindings = 500
)

func newSourceTrial(spec federation.ManifestSource, detected string) *SourceTrial {
	return &SourceTrial{
		Source: spec.Key(), Path: spec.Path, Standard: spec.Type, Version: spec.Version, Detected: detected,
		Requests: map[string]int{}, Kinds: map[string]int{}, Languages: map[string]int{}, Stated: map[string]int{}, Providers: map[string]int{},
		Samples: []Sample{}, Findings: []Finding{},
	}
}

// count reads the course as everybody who gets the record will.
func (t *SourceTrial) count(record federation.Record, where string) error {
	triples, err := rdf.ParseCanonical(record.Graph)
	if err != nil {
		return err
	}
	c := elm.View(record.Subject, triples)
	t.Courses++
	t.Offerings += len(c.Offerings)
	t.Providers[record.Provider]++
	t.Kinds[append(labels(c.Types), "no type stated")[0]]++
	for _, code := range c.Languages {
		t.Languages[code]++
	}
	for _, f := range facts {
		if f.stated(c) {
			t.Stated[f.name]++
		}
	}
	if len(t.Samples) < keptSamples {
		t.Samples = append(t.Samples, sampleOf(c, where))
	}
	return nil
}

func sampleOf(c elm.Course, where string) Sample {
	s := Sample{
		Subject: c.IRI, Where: where, Title: c.Title, Types: labels(c.Types), ECTS: c.ECTS, EQF: append([]int{}, c.EQF...),
		ISCED: append([]string{}, c.ISCED...), Languages: append([]string{}, c.Languages...), Modes: labels(c.Modes), Offerings: len(c.Offerings),
	}
	if len(c.Offerings) > 0 {
		s.Start = c.Offerings[0].Start
	}
	return s
}

// facts that learners look for, in the order in which they are shown.
var facts = []struct {
	name   string
	stated func(elm.Course) bool
}{
	{"description", func(c elm.Course) bool { return len(c.Description) > 0 }},
	{"ects", func(c elm.Course) bool { return c.ECTS != nil }},
	{"eqf", func(c elm.Course) bool { return len(c.EQF) > 0 }},
	{"isced", func(c elm.Course) bool { return len(c.ISCED) > 0 }},
	{"language", func(c elm.Course) bool { return len(c.Languages) > 0 }},
	{"outcomes", func(c elm.Course) bool { return len(c.Outcomes) > 0 || len(c.OutcomeSummary) > 0 }},
	{"mode", func(c elm.Course) bool { return len(c.Modes) > 0 }},
	{"assessment", func(c elm.Course) bool { return len(c.Assessment) > 0 }},
	{"homepage", func(c elm.Course) bool { return len(c.Homepage) > 0 }},
	{"offerings", func(c elm.Course) bool { return len(c.Offerings) > 0 }},
}

// Facts are the keys of SourceTrial.Stated, in order.
func Facts() []string {
	names := make([]string, len(facts))
	for i, f := range facts {
		names[i] = f.name
	}
	return names
}

// labels names concepts for people; unknown ones by their IRI.
func labels(iris []string) []string {
	out := make([]string, len(iris))
	for i, iri := range iris {
		label, _ := vocabulary.Label(iri)
		out[i] = cmp.Or(label, iri)
	}
	return out
}

// general is the field and the message without what is another for every course: its value, and the ids of its
// offerings and components in the field.
func (p Problem) general() string {
	message := p.Message
	if p.Value != "" {
		message = strings.Replace(message, p.Value, "", 1)
	}
	if p.Field == "" {
		return message
	}
	path := strings.Split(p.Field, "/")
	for i, name := range path {
		if strings.ContainsAny(name, "0123456789") {
			path[i] = "*"
		}
	}
	return strings.Join(path, "/") + strings.TrimPrefix(message, p.Field)
}

// conclude adds what the standard has no field for, and puts the worst first, then what is found most often.
func (t *SourceTrial) conclude() {
	if t.Quality != nil {
		for _, s := range t.Quality.Findings {
			if s.Kind == profile.KindStandard {
				t.Findings = append(t.Findings, Finding{s.Severity, s.Count, Problem{Message: s.Message, Fix: s.Fix, Severity: s.Severity, Property: s.Property}})
			}
		}
	}
	ranks := []string{lost, profile.Violation, profile.Warning, profile.Info}
	slices.SortStableFunc(t.Findings, func(a, b Finding) int {
		return cmp.Or(slices.Index(ranks, a.Severity)-slices.Index(ranks, b.Severity), b.Count-a.Count)
	})
}

// lost is the severity of what keeps a course from being published.
const lost = "error"

// find keeps a finding, or counts it when the same is known.
func (t *SourceTrial) find(severity string, p Problem) {
	for i := range t.Findings {
		if f := &t.Findings[i]; f.Severity == severity && f.Fix == p.Fix && f.general() == p.general() {
			f.Count++
			return
		}
	}
	if len(t.Findings) < keptFindings {
		t.Findings = append(t.Findings, Finding{severity, 1, p})
	}
}

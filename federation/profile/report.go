package profile

import "github.com/coursemesh/coursemesh/federation/elm"

// Report is the outcome of a validation (CONTRACTS 'validate').
type Report struct {
	Conforms bool      `json:"conforms" doc:"No finding of severity violation"`
	Courses  int       `json:"courses" doc:"Courses found, those included that cannot be used"`
	Total    int       `json:"findings_total" doc:"Findings in all; the list below holds the first of them"`
	Findings []Finding `json:"findings"`
	Quality  Quality   `json:"quality"`
	Unusable int       `json:"-"` // of the courses
}

// MaxFindings is how many findings a report lists; its counts are exact.
const MaxFindings = 10_000

// Kinds of findings that are not constraints of a shape.
const (
	KindDocument = "document" // it cannot be read, or holds no course
	KindUnusable = "unusable" // a course that would not be published
	KindMapping  = "mapping"  // a value of the source that has no meaning in its field
)

// Collector makes a report of courses one by one. It is not safe for concurrent use.
type Collector struct {
	report Report
	tally  Tally
	told   told
}

// Course adds a course with all findings about it.
func (c *Collector) Course(findings []Finding, view elm.Course) {
	c.report.Courses++
	c.keep(findings)
	c.tally.Course(findings, view)
}

// Other adds findings that are not about a course with a graph of its own.
func (c *Collector) Other(findings ...Finding) {
	c.keep(findings)
	c.tally.Offering(findings)
}

// Unusable adds a course that has no graph.
func (c *Collector) Unusable(f Finding) {
	c.report.Courses++
	f.Severity, f.Kind = Violation, KindUnusable
	c.Other(f)
}

func (c *Collector) keep(findings []Finding) {
	for _, f := range findings {
		if f.Kind == KindUnusable {
			c.report.Unusable++
		}
	}
	findings = c.told.news(findings)
	c.report.Total += len(findings)
	room := MaxFindings - len(c.report.Findings)
	c.report.Findings = append(c.report.Findings, findings[:min(room, len(findings))]...)
}

// Report is the report so far.
func (c *Collector) Report() Report {
	out := c.report
	out.Quality = c.tally.Quality()
	out.Conforms = out.Quality.Violations == 0
	if out.Findings == nil {
		out.Findings = []Finding{}
	}
	return out
}

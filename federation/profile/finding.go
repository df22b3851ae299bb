package profile

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Course is one course graph to check, with what is known beside it.
type Course struct {
	Graph    elm.Graph // as the source has it
	Where    string    // place in the source
	Provider string    // id of the provider that the source speaks for; "" when nobody said

	// Published gives the graph as it is published, without persons: a finding shows no value that is not in it.
	// It is asked once at most; nil: nothing of the graph is private.
	Published func() []rdf.Triple
	// Fields names the field of the source's standard that feeds a property of the course or of its offerings, which
	// the way leads to, and what to send in it; "" where the standard has none, with what has none
	// ("programmes"). nil: the properties are the source's own terms.
	Fields func(way string, offering bool) (field, ask string)
	// Institution says that an IRI denotes an institution that is known without being described; nil: none is.
	Institution func(iri string) bool
}

// Severities of a finding.
const (
	Violation = "violation" // against a constraint of the profile
	Warning   = "warning"   // against what the model asks of helper nodes, or spelt in a way that is understood
	Info      = "info"      // filled in or understood here; other readers may not
)

// Finding is one way in which a course is not as the profile wants it (CONTRACTS 'validate').
type Finding struct {
	Severity string `json:"severity" enum:"violation,warning,info"`
	Subject  string `json:"subject" doc:"IRI of the course or of its offering"`
	Property string `json:"property" doc:"Prefixed name; of a node that hangs on the course, the way to it"`
	Field    string `json:"field,omitempty" doc:"The field of the source's standard that feeds the property"`
	Kind     string `json:"kind" doc:"The constraint, as SHACL names it: minCount, class, datatype and so on"`
	Value    string `json:"value,omitempty" doc:"As the source has it, cut short; never of a person"`
	Message  string `json:"message"`
	Fix      string `json:"fix" doc:"In the terms of the source"`
	Where    string `json:"where" doc:"Place in the source: URL or file, with line or JSON pointer"`
}

// Check lists the findings of a course; none when it conforms.
func (c *Checker) Check(course Course) []Finding {
	results, ours, err := c.results(course.Graph.Triples)
	if len(results) == 0 && err == nil {
		return nil
	}
	j := &judge{Course: course, nodes: newLocator(course.Graph)}
	var out []Finding
	for i, r := range results {
		if f, ok := j.finding(r, i >= ours); ok {
			out = append(out, f)
		}
	}
	if err != nil {
		out = append(out, Finding{
			Severity: Warning, Subject: subjectOf(course.Graph), Kind: "budget", Where: course.Where,
			Message: err.Error() + " completely", Fix: "give its nodes fewer values, and share fewer nodes between them",
		})
	}
	return out
}

func subjectOf(g elm.Graph) string {
	if iri, ok := g.Subject.(rdf.IRI); ok {
		return iri.String()
	}
	return ""
}

// judge puts results into words.
type judge struct {
	Course
	nodes *locator
	shown map[shacl.Term]bool // terms that are published; made when first needed
}

// finding is what a result means for the source; false when it means nothing. own: the shape is the operator's.
func (j *judge) finding(r shacl.Result, own bool) (Finding, bool) {
	if j.known(r) {
		return Finding{}, false
	}
	at := j.nodes.of(r.Focus)
	f := Finding{
		Severity: severity(r.Shape.Severity), Subject: at.root, Property: at.property(r.Path), Kind: kind(r.Component),
		Value: j.value(r.Value), Where: j.Where,
	}
	if f.Subject == "" {
		f.Subject = subjectOf(j.Graph)
	}
	if j.Fields != nil {
		j.translate(&f, r, at, own)
		return f, true
	}
	f.Message, f.Fix = message(r, at, f.Value), fix(r, at, f)
	for _, a := range allowances {
		if a.applies(j, r, at, f) {
			a.soften(&f, r)
			break
		}
	}
	return f, true
}

func severity(iri string) string {
	switch iri {
	case shacl.Warning:
		return Warning
	case shacl.Info:
		return Info
	}
	return Violation
}

// kind names a component as its parameter: minCount for sh:MinCountConstraintComponent.
func kind(component string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(component, shacl.NS), "ConstraintComponent")
	if name == "" {
		return component
	}
	return strings.ToLower(name[:1]) + name[1:]
}

const maxValue = 200 // bytes of a value that are shown

// value is what may be shown of a value: nothing of a blank node or of what normalisation took out.
func (j *judge) value(v shacl.Term) string {
	if v.Kind == shacl.None || v.Kind == shacl.Blank || (j.Published != nil && !j.published(v)) {
		return ""
	}
	if len(v.Value) > maxValue {
		return strings.ToValidUTF8(v.Value[:maxValue], "") + "..."
	}
	return v.Value
}

func (j *judge) published(v shacl.Term) bool {
	if j.shown == nil {
		j.shown = make(map[shacl.Term]bool)
		for _, t := range j.Published() {
			j.shown[shacl.TermOf(t.Obj)] = true
		}
	}
	if v.Kind == shacl.IRI { // normalisation mends the spelling of concepts
		v.Value = vocabulary.Repair(v.Value)
	}
	return j.shown[v]
}

package profile_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
)

var update = flag.Bool("update", false, "write the file that is made of the code")

const documentFile = "../../docs/quality.md"

// TestDocument keeps docs/quality.md in step with the rules.
func TestDocument(t *testing.T) {
	t.Parallel()
	want := document()
	if *update {
		if err := os.WriteFile(documentFile, []byte(want), 0o644); err != nil { //nolint:gosec // a page for everyone
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what the rules say; run the test with -update:\n%s", documentFile, diff)
	}
}

func document() string {
	var b strings.Builder
	b.WriteString(introduction)
	for _, why := range profile.Allowances() {
		fmt.Fprintf(&b, "| %s | %s |\n", why[0], why[1])
	}
	b.WriteString(completeness)
	sum := 0
	for _, f := range profile.Facts() {
		sum += f.Weight
		fmt.Fprintf(&b, "| %s | %s | %d |\n", f.Name, "`"+strings.ReplaceAll(f.Property, ", ", "`, `")+"`", f.Weight)
	}
	fmt.Fprintf(&b, "\nThe weights add up to %d.\n", sum)
	b.WriteString(microcredentials)
	for _, e := range profile.Microcredential(elm.Course{}, profile.Issuer{}) {
		mandatory := "yes"
		if !e.Required {
			mandatory = "optional"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.Name, e.Label, mandatory, ways[e.Name])
	}
	b.WriteString(own)
	return b.String()
}

const introduction = `# Quality of course descriptions

This page is written by a test from the code: change ` + "`federation/profile`" + `, then run
` + "`go test ./federation/profile -run TestDocument -update`" + `.

Every course that a harvest reads, and everything that ` + "`coursemesh validate`" + ` and ` + "`POST /v1/validate`" + ` are given, is checked against
the QualityLink application profile of the European Learning Model: ` + "`federation/profile/shapes.ttl`" + `, 111 constraints on properties and
those that the model itself makes on helper nodes. Findings never keep a course from being published; only a course
without identity or title, or over a limit, is left out.

## Findings

A finding has a ` + "`severity`" + `, the ` + "`subject`" + ` (course or offering), the ` + "`property`" + ` (prefixed; of a node that hangs on the course the
way to it), the ` + "`field`" + ` of the source's standard where it has one, the ` + "`kind`" + ` of constraint as SHACL names it, the ` + "`value`" + `
(cut short, never of a person), a ` + "`message`" + `, a ` + "`fix`" + ` in the terms of the source, and ` + "`where`" + ` in the source it stands.

| severity | meaning |
|---|---|
| ` + "`violation`" + ` | against a constraint of the profile; a course without one conforms |
| ` + "`warning`" + ` | against what the model asks of helper nodes, or written in a way that is understood here |
| ` + "`info`" + ` | filled in here, or a fact that the standard of the source has no field for; nothing has to be done for this catalogue |

Of a source in another standard than ELM, message and fix name the standard's own fields and no property. What the standard has no
field for is said once for the source (kind ` + "`standard`" + `), not for every course, and no course is the worse for it.

The shapes see one graph and fixed vocabularies. Where more is known, it counts:

| known | finding |
|---|---|
`

const completeness = `
A run keeps exact counts of findings by property, kind and severity, with three examples of each, in ` + "`quality`" + ` of its report.

## Completeness

How much of what learners look for a course states: the weights of the facts that it states, as a share of all weights, in
percent, rounded down. 3 are facts that the profile requires, 2 those that learners decide by, 1 those that help. Facts of
offerings count when one offering states them. A provider's completeness is the average of its courses in the catalogue.

| fact | where it stands | weight |
|---|---|---|
`

const microcredentials = `
## Micro-credentials

The Council Recommendation of 16 June 2022 on a European approach to micro-credentials (2022/C 243/02) lists the elements
to describe one by. Each course shows which of them it states, which follow from something else, and which are not stated. The
learner and the grade achieved are not known before somebody has earned it.

| element | label | mandatory | stated by; derived from |
|---|---|---|---|
`

var ways = map[string]string{
	"title": "`dcterms:title`", "country": "country of the named institution; country of the provider in the registry",
	"awarding_body": "named institution; the provider", "date": "dates or name of a term; an application deadline", "outcomes": "outcomes or their summary",
	"workload": "credits or workload; hours of learning activities", "level": "EQF or national level", "assessment": "an assessment; a grading scheme",
	"participation": "mode of learning; a place, or a learning environment", "quality_assurance": "an accreditation; the provider's entry in DEQAR",
	"prerequisites": "entry requirements of the course or an offering", "supervision": "mode of the assessment (the model has nothing nearer)",
	"stackability": "parts, wholes, or whether it is a partial qualification",
}

const own = `
## Own shapes

` + "`profile.shapes`" + ` lists Turtle files with SHACL Core shapes of the operator's own. They are trusted, checked beside the profile for
every course, and may bring concepts of local vocabularies and class hierarchies. ` + "`sh:message`" + ` is the message of a finding,
` + "`sh:description`" + ` ends its fix, ` + "`sh:severity`" + ` is one of ` + "`sh:Violation`, `sh:Warning`, `sh:Info`" + `. A file with an unknown term, a shape that is used and
not described, a recursive shape, or no target keeps the node from starting.

` + "```turtle" + `
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix elm: <http://data.europa.eu/snb/model/elm/> .

[] a sh:NodeShape ; sh:targetClass ql:LearningOpportunitySpecification ;
  sh:property [
    sh:path elm:volumeOfLearning ; sh:minCount 1 ; sh:severity sh:Warning ;
    sh:message "the workload is missing"@en ; sh:description "hours as an ISO 8601 duration, such as PT125H"@en ] .
` + "```" + `
`

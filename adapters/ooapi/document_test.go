package ooapi_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/adapters/source"
)

var update = flag.Bool("update", false, "write the files that are made of the code")

const documentFile = "../../docs/mapping/ooapi5.md"

// TestDocument keeps docs/mapping/ooapi5.md in step with the rules.
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
	for _, object := range []string{"Course", "Course offering"} {
		fmt.Fprintf(&b, "\n## %s\n\n%s", object, source.Table(ooapi.Rules()[object]))
	}
	b.WriteString(tables)
	return b.String()
}

const introduction = `# Open Education API 5 to ELM

This page is written by a test from the rules in ` + "`adapters/ooapi/rules.go`" + `: change them there, then run
` + "`go test ./adapters/ooapi -run TestDocument -update`" + `.

| prefix | namespace |
|---|---|
| ` + "`ooapi:`" + ` | ` + "`" + ooapi.Namespace + "`" + `: the standard's own field names, for facts that ELM has no place for |
| ` + "`elm:`" + ` | ` + "`http://data.europa.eu/snb/model/elm/`" + ` |
| ` + "`ql:`" + ` | ` + "`http://data.quality-link.eu/ontology/v1#`" + ` |

A course becomes a ` + "`ql:LearningOpportunitySpecification`" + ` of type Course, each of its offerings a
` + "`ql:LearningOpportunityInstance`" + `. Their subjects are minted: ` + "`urn:schac:uniqueCourseId:<provider>:<courseId>`" + ` and
` + "`<subject>:offering:<offeringId>`" + `.

- Text is kept in every language, tags in lower case; blank texts are dropped; of two texts with one tag the first stays.
- A field may hold one value where a list is expected, or a list where one value is; numbers may be text; names of
  fields may differ in case or carry blanks.
- A course without ` + "`courseId`" + ` or ` + "`name`" + ` is rejected. Every other defect is a finding, and the course is published.
- Fields about runs (mode, duration, enrolment, places) go to every offering that does not state its own; while a course
  has no offering they stay on the course.
- Persons, their codes and their addresses are never mapped, also not from ` + "`ext`" + ` and ` + "`consumers`" + `.
- "Back" says how the field is written when a graph is offered as Open Education API again.
`

const tables = `
## Tables

| level | EQF |
|---|---|
| secondary vocational education 1 to 4 | 1 to 4 |
| associate degree | 5 |
| bachelor | 6 |
| master | 7 |
| doctoral | 8 |
| secondary vocational education, undefined, undivided, nt2-1, nt2-2 | none |

| mode of delivery | mode of learning |
|---|---|
| distance-learning, online | online |
| on campus, situated | presential |
| hybrid | hybrid |
| blended (of version 6, but seen) | blended |

## Organisations

The organisation of a course or offering is looked up, then its parents, up to the first with a code of type
` + "`schacHome`" + `: that institution is named, with ` + "`urn:uuid:<organizationId>`" + ` as its IRI, legal name, short name, website and places.
Without such a code nobody is named, and the provider of the source is meant.
`

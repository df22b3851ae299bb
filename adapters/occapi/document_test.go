package occapi_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/adapters/source/sourcetest"
)

var update = flag.Bool("update", false, "write the files that are made of the code")

// TestDocument keeps docs/mapping/occapi.md in step with the rules.
func TestDocument(t *testing.T) {
	t.Parallel()
	sourcetest.Document(t, "occapi.md", document(), *update)
}

func document() string {
	var b strings.Builder
	b.WriteString(introduction)
	rules := occapi.Rules()
	for _, object := range occapi.Objects {
		fmt.Fprintf(&b, "\n## %s\n\n%s", object, source.Table(rules[object]))
	}
	return b.String()
}

const introduction = `# Open Course Catalogue API 1 and 2 to ELM

This page is written by a test from the rules in ` + "`adapters/occapi/rules.go`" + `: change them there, then run
` + "`go test ./adapters/occapi -run TestDocument -update`" + `.

| prefix | namespace |
|---|---|
| ` + "`occapi:`" + ` | ` + "`" + occapi.Namespace + "`" + `: the standard's own field names, for facts that ELM has no place for |
| ` + "`elm:`" + ` | ` + "`http://data.europa.eu/snb/model/elm/`" + ` |
| ` + "`ql:`" + ` | ` + "`http://data.quality-link.eu/ontology/v1#`" + ` |

A programme or course becomes a ` + "`ql:LearningOpportunitySpecification`" + `, a course instance a
` + "`ql:LearningOpportunityInstance`" + `. Subjects are minted: ` + "`urn:schac:uniqueCourseId:<SCHAC code>:<id>`" + `, of programmes
` + "`urn:schac:uniqueCourseId:<SCHAC code>:programme%3A<id>`" + `, and ` + "`<subject>:offering:<id>`" + `, since ids are unique among
resources of one type of one institution only. An institution without a SCHAC code has the provider's.

- The shape of a resource decides, not the version that the manifest states.
- Text is kept in every language; a missing language, or null, leaves the text untagged.
- A field may hold one value where a list is expected, or a list where one value is; numbers may be text.
- A programme or course without ` + "`id`, `attributes` or `title`" + ` is rejected. Every other defect is a finding, and the course
  is published.
- A course without a level has the lowest of the programmes that it is part of.
- Fields about runs go to every instance that does not state its own; while a course has no instance they stay on the
  course. Terms alone make no instance, since they have no dates.

## Reading

The manifest's path is the institution's resource. Collections are found by its links, and else by the standard's paths; a link
to another origin is replaced by the standard's path. A collection that answers 404, 405, 410 or 501 is not
there; when programmes, courses and organisational units are all missing, the run fails. Courses and programmes are also taken from the
lists of each unit, and courses from those of each programme, since an institution may have no other. Collections are read
entry by entry, and kept compressed.

Each course is fetched on its own, and where that is refused the collection's entry counts. A course whose
` + "`lastModified`" + ` is that of an earlier run is taken from the source's memory, for 30 days at most; version 1 has no such date.
Instances are read where a course announces them, each run, since they may change without their course.
`

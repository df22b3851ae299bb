package eduapi_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/adapters/source/sourcetest"
)

var update = flag.Bool("update", false, "write the files that are made of the code")

// TestDocument keeps docs/mapping/eduapi.md in step with the rules.
func TestDocument(t *testing.T) {
	t.Parallel()
	sourcetest.Document(t, "eduapi.md", document(), *update)
}

func document() string {
	var b strings.Builder
	b.WriteString(introduction)
	rules := eduapi.Rules()
	for _, object := range eduapi.Objects {
		fmt.Fprintf(&b, "\n## %s\n\n%s", object, source.Table(rules[object]))
	}
	b.WriteString(tables)
	return b.String()
}

const introduction = `# Edu-API 1.0 to ELM

This page is written by a test from the rules in ` + "`adapters/eduapi/rules.go`" + `: change them there, then run
` + "`go test ./adapters/eduapi -run TestDocument -update`" + `.

| prefix | namespace |
|---|---|
| ` + "`eduapi:`" + ` | ` + "`" + eduapi.Namespace + "`" + `: the standard's own field names, for facts that ELM has no place for |
| ` + "`elm:`" + ` | ` + "`http://data.europa.eu/snb/model/elm/`" + ` |
| ` + "`ql:`" + ` | ` + "`http://data.quality-link.eu/ontology/v1#`" + ` |

A course template becomes a ` + "`ql:LearningOpportunitySpecification`" + `, and so does a collection template, which is a programme or
a part of one. Each of their active offerings becomes a ` + "`ql:LearningOpportunityInstance`" + `. Subjects are minted:
` + "`urn:schac:uniqueCourseId:<provider>:<sourcedId>`" + ` and ` + "`<subject>:offering:<sourcedId>`" + `.

- Text is kept in every language; the language is read from ` + "`recordLanguage`" + ` or ` + "`language`" + ` of the text, else of its record.
- A field may hold one value where a list is expected, or a list where one value is; numbers may be text.
- A template without ` + "`sourcedId`" + ` or ` + "`title`" + ` is rejected, and so is an offering whose template is not listed. Every
  other defect is a finding, and the course is published.
- A template with the status deleted withdraws its course; one that is inactive is published as not active.
- Templates name what they are part of: course, collection and programme point at each other by their subjects.
- A generic education template is a course graph of its own where others name it as their parent and no list of courses or
  collections holds it.
- Persons, staff, students, enrolments and affiliations are never asked for, and codes that name persons are left out.

## Reading

The manifest's path is the API's root. Where it ends in ` + "`discovery`" + `, the root is the path of the first server that the document
there names, on the manifest's own origin. Where neither ` + "`courseTemplates` nor `educationTemplates`" + ` is there, the standard's usual
path is tried below it.

Lists are asked for with ` + "`limit`, `offset`, `sort` and `orderBy`" + `; parameters that the server refuses with 400 or 422 are
given up. A server that refuses lists without a filter is asked with filters that let everything through. A next link
decides, else ` + "`X-Total-Count`" + `, else the first page that is empty or brings nothing new. Of a link only the query is used.
A server that gives less than it counts, or repeats its first page and has other records at the other end, leaves the
listing incomplete, and nothing is withdrawn. A collection that answers 404, 405, 410 or 501 is empty, but for
` + "`courseTemplates`: instead `educationTemplates` are read, and `educationOfferings` for `courseOfferings`" + `. Parents and
templates that no list holds are asked for one by one.

What was read stays in the source's memory, for a week at most. Later runs ask each collection for records with
` + "`dateLastModified`" + ` since the last complete run, less an hour, and map everything anew from what is there then; a deleted
record is withdrawn, a record that is not mentioned stays. A collection whose server ignores or refuses the filter, answers
it with nothing, or lists records without a date, is read whole. A run that finds nothing new ends as unchanged.
`

const tables = `
## Tables

| level | EQF |
|---|---|
| undergraduate | 6 |
| graduate | 7 |
| doctoral | 8 |
| ext:eqf:1 to ext:eqf:8 | 1 to 8 |

| courseType | type |
|---|---|
| internship, practicum, clinical, fieldExperience | internship |
| thesis | thesis |
| others | course |

| collectionType | type |
|---|---|
| program, nonDegreeCollection | educational programme |
| others | programme module |

| offeringFormat | mode of learning |
|---|---|
| online | online |
| blended | blended |
| onGround | presential |

| paceOfStudy in percent | schedule |
|---|---|
| below 20 | part time light |
| 20 to 75 | part time intensive |
| above 75 | full time |

| componentType | activity |
|---|---|
| lecture, recitation | classroom coursework |
| laboratory, practicum, integratedLectureLab | lab, simulation, practice coursework |
| seminar | workshop, seminar or conference |
| research | research |
| independentStudy | self-motivated study |
| fieldExperience | job experience |
| individualizedInstruction | mentoring and monitoring activity |
`

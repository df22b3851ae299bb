package ooapi_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/adapters/source/sourcetest"
)

var update = flag.Bool("update", false, "write the files that are made of the code")

// TestDocument keeps docs/mapping/ooapi5.md and ooapi6.md in step with the rules.
func TestDocument(t *testing.T) {
	t.Parallel()
	for _, major := range []int{5, 6} {
		sourcetest.Document(t, fmt.Sprintf("ooapi%d.md", major), document(major), *update)
	}
}

// wording is what the pages of the two versions call things; ~ stands for the code quote.
var wording = map[int]*strings.Replacer{
	5: strings.NewReplacer("~", "`", "{VERSION}", "5", "{NAMESPACE}", ooapi.Namespace5, "{PROGRAMMES}", "programs", "{PROGRAMME}", "program",
		"{ORGANISATION}", "organization", "{SCHAC}", "schacHome", "{PARTS}", "components", "{AS WELL}", ", an education specification too",
		"{WHOLE}", "`organizations/{id}/offerings`, `organizations/{id}/components`", "{LOOKED UP}", "Organisations, academic sessions and education specifications", "{EXPANDED}", ""),
	6: strings.NewReplacer("~", "`", "{VERSION}", "6", "{NAMESPACE}", ooapi.Namespace6, "{PROGRAMMES}", "programmes", "{PROGRAMME}", "programme",
		"{ORGANISATION}", "organisation", "{SCHAC}", "schac_home", "{PARTS}", "learning and test components", "{AS WELL}", "",
		"{WHOLE}", "`organisations/{id}/course-offerings`, `learning-components`, `test-components`", "{LOOKED UP}", "Organisations, academic sessions and learning outcomes",
		"{EXPANDED}", " Where that gives no outcomes and the service document offers it, they are expanded in the course."),
}

func document(major int) string {
	var b strings.Builder
	b.WriteString(wording[major].Replace(introduction))
	for _, t := range ooapi.Rules(major) {
		fmt.Fprintf(&b, "\n## %s\n\n%s", t.Object, source.Table(t.Rules))
	}
	b.WriteString(wording[major].Replace(tables))
	return b.String()
}

const introduction = `# Open Education API {VERSION} to ELM

This page is written by a test from the rules in ~adapters/ooapi~: change them there, then run
~go test ./adapters/ooapi -run TestDocument -update~.

| prefix | namespace |
|---|---|
| ~ooapi:~ | ~{NAMESPACE}~: the standard's own field names, for facts that ELM has no place for |
| ~elm:~ | ~http://data.europa.eu/snb/model/elm/~ |
| ~ql:~ | ~http://data.quality-link.eu/ontology/v1#~ |

A course becomes a ~ql:LearningOpportunitySpecification~, a {PROGRAMME} too{AS WELL}, and each of their offerings a
~ql:LearningOpportunityInstance~. Their subjects are minted: ~urn:schac:uniqueCourseId:<provider>:<id>~ and
~<subject>:offering:<id>~; {PARTS} are ~<subject>:component:<id>~.

- Text is kept in every language, tags in lower case; blank texts are dropped; of two texts with one tag the first stays.
- A field may hold one value where a list is expected, or a list where one value is; numbers may be text; names of
  fields may differ in case or carry blanks.
- An entry without id or name is rejected. Every other defect is a finding, and the course is published.
- Fields about runs (mode, duration, enrolment, places) go to every offering that does not state its own; while a course
  has no offering they stay on the course.
- A reference to another course or {PROGRAMME} is its subject, so that it holds wherever that is harvested. It is typed as a
  ~ql:LearningOpportunitySpecificationReference~ with one identifier, its code where the source sends the object, else its
  id, with its name where that is sent, and with the institution.
- Persons, their groups, codes and addresses are never asked for and never mapped, also not from ~ext~ and consumers.
- "Back" says how the field is written when a graph is offered as Open Education API again.

## Reading

~courses~ and ~{PROGRAMMES}~ are walked page by page; a collection that answers 404, 405, 410 or 501 is empty, unless all are.
The version of the manifest is a first guess: the fields of the entries decide, with a finding when they differ.

- pageSize is the largest that the standard allows and the manifest does not exceed; servers that cap it, ignore it or
  refuse it are read all the same.
- Parameters of the manifest go with every request: ~since~ widens the offerings, which by default are those to come;
  ~returnTimelineOverrides~ and ~consumer~ bring more where the server heeds them in lists.
- Offerings and {PARTS} are asked for course by course. After ten courses the adapter tries to list them whole
  ({WHOLE}). It uses what comes when that holds all that was found before, and goes on
  asking for courses that have nothing in it until twenty had nothing. Components are optional: after fifty courses without
  any, an empty listing is believed, and 25 refusals in a row end the asking.
- {LOOKED UP} are looked up once; after ten look-ups the collection is listed
  instead.{EXPANDED}
- An offering or named object that cannot be fetched leaves its course out, and nothing is withdrawn.
- 406 is reported with the versions that the server names; the header ~Accept~ of the manifest chooses one.
`

const tables = `
## Tables

Values are compared without case, hyphens, blanks and underscores. A server's own values (~x-~) stay under the standard's
term.

| level | EQF |
|---|---|
| secondary vocational education 1 to 4 | 1 to 4 |
| associate degree | 5 |
| bachelor | 6 |
| master | 7 |
| doctoral | 8 |
| pre vocational, secondary vocational education, post doctoral, undefined, undivided, nt2 1, nt2 2 | none |

| qualification awarded | EQF |
|---|---|
| AD, associate degree | 5 |
| BA, BSc, LLB, bachelor | 6 |
| MA, MSc, LLM, master | 7 |
| PhD, doctoral | 8 |

| mode of delivery | mode of learning |
|---|---|
| distance learning, online, coil | online |
| on campus, situated, presential | presential |
| hybrid | hybrid |
| blended | blended |
| project based, research lab based, work based | project based, research-lab based, workbased |
| joint delivery | none |

| type | type of learning opportunity |
|---|---|
| program, programme, honours, privateProgram | educational programme |
| minor, specialization, specialisation, track, specification, cluster | programme module |
| course | course |

| component | type |
|---|---|
| test on paper, oral test, portfolio assessment | written examination, oral examination, portfolio |
| test, digital test, life skills test, unknown | none, but an assessment |
| lecture, tutorial | classroom coursework |
| practical, skills training | lab, simulation, practice coursework |
| workshop, learning community | workshop, seminar or conference |
| independent study | self-motivated study |
| consultation | mentoring and monitoring |
| excursion, external, project | none |

## Organisations

The {ORGANISATION} of a course or offering is looked up, then its parents, up to the first with a code of type
~{SCHAC}~: that institution is named, with ~urn:uuid:<{ORGANISATION}Id>~ as its IRI, legal name, short name,
website, logo and places. Without such a code nobody is named, and the provider of the source is meant.
`

package harvest

import (
	"fmt"

	"github.com/coursemesh/coursemesh/federation/profile"
)

// expected says, by the type of a source, in what a course would have been recognised, and what to look at.
var expected = map[string]struct{ courses, fix string }{
	"elm": {
		"no node is typed ql:LearningOpportunitySpecification, elm:Qualification or elm:LearningAchievementSpecification, nor is one an offering (ql:LearningOpportunityInstance, elm:LearningOpportunity) of a course elsewhere",
		"type every course so, with ql: http://data.quality-link.eu/ontology/v1# and elm: http://data.europa.eu/snb/model/elm/; compare the prefixes that the document declares",
	},
	"ooapi": {
		"/courses and /programs (version 5) or /programmes (version 6) are empty",
		"list the courses there, and check that path in the manifest is the root of the API and version the one it speaks",
	},
	"edu-api": {
		"/courseTemplates, /collectionTemplates and /educationTemplates are empty",
		"list the courses there, and check that path in the manifest is the root of the API",
	},
	"occapi": {
		"the institution links to no programmes and no courses",
		"link to them from the institution, and check that path in the manifest is the URL of one institution, .../hei/{id}",
	},
}

// barren notes that a source was read to its end and holds nothing that is a course.
func (r *run) barren() {
	if r.report.Fetched > 0 {
		return
	}
	e := expected[r.state.Spec.Type]
	where := r.place(r.state.Spec.Path)
	r.report.note(Problem{
		Where: where, Severity: profile.Warning,
		Message: fmt.Sprintf("%s was read to its end and holds no course: %s", where, e.courses), Fix: e.fix,
	})
}

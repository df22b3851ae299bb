package elmrdf_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// TestOfferingsOfOtherCourses: an instance whose course is not described becomes an item of its own when
// it tells which course it means, in any of the ways the profile has for that.
func TestOfferingsOfOtherCourses(t *testing.T) {
	t.Parallel()
	const reference = ` a ql:LearningOpportunitySpecificationReference ; adms:identifier [ skos:notation "CS 1" ]`
	const there = ` ; elm:providedBy [ a ql:HigherEducationInstitution ; adms:identifier [ a ql:SchacIdentifier ; skos:notation "Other.example" ] ]`
	for name, tt := range map[string]struct{ body, subject, lost, note string }{
		"by IRI":                     {`<urn:x:r> a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification <https://other.example/c/9> .`, "urn:x:r", "", ""},
		"class of the model":         {`<urn:x:r> a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c/9> .`, "urn:x:r", "", ""},
		"without a class":            {`<urn:x:r> elm:learningAchievementSpecification <https://other.example/c/9> .`, "urn:x:r", "", ""},
		"by code and institution":    {`<urn:x:r> a elm:LearningOpportunity ; elm:learningAchievementSpecification [` + reference + there + ` ] .`, "urn:x:r", "", ""},
		"by a code that is a URN":    {`<urn:x:r> a elm:LearningOpportunity ; elm:learningAchievementSpecification [ adms:identifier [ skos:notation "urn:schac:uniqueCourseId:other.example:9" ] ] .`, "urn:x:r", "", ""},
		"by a code alone":            {`<urn:x:r> a elm:LearningOpportunity ; elm:learningAchievementSpecification [` + reference + ` ] .`, "", "cannot be told from others", ""},
		"by nothing":                 {`<urn:x:r> a elm:LearningOpportunity .`, "", "names no specification", ""},
		"by a text":                  {`<urn:x:r> a elm:LearningOpportunity ; elm:learningAchievementSpecification "Graphs" .`, "", "names no specification", ""},
		"minted under the IRI":       {`[] a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c/9> ; adms:identifier [ skos:notation "2026/1" ] .`, "https://other.example/c/9:offering:2026%2F1", "", ""},
		"minted under the code":      {`[] a elm:LearningOpportunity ; elm:learningAchievementSpecification [` + reference + there + ` ] ; adms:identifier [ skos:notation "1" ] .`, "urn:schac:uniqueCourseId:other.example:CS%201:offering:1", "", ""},
		"without identity":           {`[] a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c/9> .`, "", "no identity", ""},
		"of the institution's own":   {`<urn:x:r> a elm:LearningOpportunity ; elm:learningAchievementSpecification <urn:schac:uniqueCourseId:uni.example:9> .`, "urn:x:r", "", "institution's own"},
		"the reference has the IRI":  {`<urn:x:r> a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c/9> . <https://other.example/c/9>` + reference + there + ` .`, "urn:x:r", "", ""},
		"namespace of the shapes":    {`<urn:x:r> a <http://data.europa.eu/snb/model/ontology/LearningOpportunity> ; <http://data.europa.eu/snb/model/ontology/learningAchievementSpecification> <https://other.example/c/9> .`, "urn:x:r", "", ""},
		"two with the same identity": {`[] a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c/9> ; adms:identifier [ skos:notation "1" ] . [] a elm:LearningOpportunity ; elm:learningAchievementSpecification <https://other.example/c/9> ; adms:identifier [ skos:notation "1" ] .`, "https://other.example/c/9:offering:1", "same identifier", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(answer{media: "text/turtle", body: prefixes + tt.body}.get, source(""), rdf.Limits{})
			var want []string
			if tt.subject != "" {
				want = []string{tt.subject}
			}
			if diff := cmp.Diff(want, got.subjects()); diff != "" || got.end != nil {
				t.Fatalf("%s %v", diff, got.end)
			}
			lost := ""
			for _, e := range got.lost {
				lost += e.Error()
			}
			if (tt.lost == "") != (lost == "") || !strings.Contains(lost, tt.lost) {
				t.Errorf("lost %q, want something about %q", lost, tt.lost)
			}
			for _, item := range got.items {
				if !item.Graph.IsOffering() || (len(item.Notes) == 1) != (tt.note != "") || tt.note != "" && !strings.Contains(item.Notes[0].Message, tt.note) {
					t.Errorf("offering %v, notes %v", item.Graph.IsOffering(), item.Notes)
				}
			}
		})
	}
}

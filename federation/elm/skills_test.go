package elm_test

import (
	"testing"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
	"github.com/google/go-cmp/cmp"
)

// TestSkillLinks: every spelling of a link to an ESCO skill is one IRI; what is none is told and not searched.
func TestSkillLinks(t *testing.T) {
	t.Parallel()
	const uuid = "b1115b14-fa16-4c1e-be6c-91fd49a1808b"
	const skill = vocabulary.BaseESCOSkill + uuid
	type found struct {
		ESCO, Skills []string
		Wrong        int
	}
	yes := found{ESCO: []string{skill}}
	for value, want := range map[string]found{
		"elm:relatedESCOSkill <" + skill + ">":                                                                                                   yes,
		"elm:relatedESCOSkill <https://data.europa.eu/esco/skill/" + uuid + "/>":                                                                 yes,
		"elm:relatedESCOSkill <http://data.europa.eu/esco/skill/" + uuid + "?language=en#top>":                                                   yes,
		"elm:relatedESCOSkill <http://data.europa.eu/esco/skill/B1115B14-FA16-4C1E-BE6C-91FD49A1808B>":                                           yes,
		"elm:relatedESCOSkill <https://esco.ec.europa.eu/en/classification/skill?uri=http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2F" + uuid + ">": yes,
		"elm:relatedESCOSkill <https://esco.ec.europa.eu/en/classification/skills?uri=http://data.europa.eu/esco/skill/" + uuid + ">":            yes,
		`elm:relatedESCOSkill "` + skill + `"^^xsd:anyURI`:                                                                                       yes,
		"elm:relatedESCOSkill <http://data.europa.eu/esco/occupation/" + uuid + ">":                                                              {Wrong: 1},
		"elm:relatedESCOSkill <https://case.example/ims/case/v1p0/CFItems/1>":                                                                    {},
		`elm:relatedESCOSkill "teamwork"`:                                                                                                        {},
		"elm:relatedSkill <https://case.example/ims/case/v1p0/CFItems/1>":                                                                        {Skills: []string{"https://case.example/ims/case/v1p0/CFItems/1"}},
		"elm:relatedSkill <https://rsd.example/api/skills/2>":                                                                                    {Skills: []string{"https://rsd.example/api/skills/2"}},
		"elm:relatedSkill <" + skill + ">":                                                                                                       {ESCO: []string{skill}, Wrong: 1},
	} {
		graphs, _ := elm.Split(turtle(t, `:c a ql:LearningOpportunitySpecification ; dcterms:title "C"@en ; elm:learningOutcome [ dcterms:title "O"@en ; `+value+` ] .`))
		o := elm.View("https://uni.example/c", graphs[0].Triples).Outcomes[0]
		got := found{o.ESCO, o.Skills, len(graphs[0].WrongSkillLinks())}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", value, diff)
		}
	}
}

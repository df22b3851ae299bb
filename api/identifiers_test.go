package api_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/google/go-cmp/cmp"
)

// TestEveryIdentifierResolves: whatever a course is called by leads to it, by /v1/resolve, ?id= and its own address.
func TestEveryIdentifierResolves(t *testing.T) {
	t.Parallel()
	n := sample(t)
	const uuid = "0b5c0d3e-37a4-4c5e-9c3b-6a7d6c6a1f11"
	const minted = "urn:schac:uniqueCourseId:uni.example:" + uuid
	n.publish(n.self, statement{provider: "uni.example", subject: minted, turtle: `<` + minted + `> a ql:LearningOpportunitySpecification ; dcterms:title "By UUID"@en .`})
	var db course.Course
	n.json("/v1/courses/"+url.PathEscape(databases), &db)
	for id, want := range map[string]string{
		databases: databases, "urn:schac:courseId:uni.example:INF/201": databases, "urn:schac:uniqueCourseId:UNI.example:INF%2F201": databases,
		"did:web:uni.example:courseId:INF%2F201": databases, "INF/201": databases, "inf/201": databases, db.ID: databases, "urn:uuid:" + db.ID: databases,
		"https://uni.example/courses/201":                              databases,
		"http://data.quality-link.eu/courses/DE0001/INF/201":           databases,
		"https://data.quality-link.eu/courses/DEQARINST0815/INF%2F201": databases,
		"http://data.quality-link.eu/courses/DE0001/" + uuid:           minted,
		uuid:                                   minted,
		"did:web:uni.example:courseId:" + uuid: minted,
		"https://uni.example/courses/ai":       "https://uni.example/courses/ai",
		"http://data.quality-link.eu/courses/DE0001/AI-1":  "https://uni.example/courses/ai",
		"http://data.quality-link.eu/courses/FR0001/AI-1":  "",
		"http://data.quality-link.eu/courses/DE0001/":      "",
		"urn:schac:uniqueCourseId:other.example:INF%2F201": "",
	} {
		checkIdentifier(t, n, id, want)
	}
}

// TestSourceIDsResolve: the id of a source that has no IRIs, and an offering of a record that another one stands for.
func TestSourceIDsResolve(t *testing.T) {
	t.Parallel()
	n := sample(t)
	const minted, other = "urn:schac:uniqueCourseId:uni.example:mod%2F7", "https://uni.example/a/mod-7"
	const run = minted + ":offering:1"
	n.publish(n.self, statement{provider: "uni.example", subject: minted, turtle: `<` + minted + `> a ql:LearningOpportunitySpecification ; dcterms:title "Module"@en .
		<` + run + `> a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification <` + minted + `> .`})
	checkIdentifier(t, n, "MOD/7", minted)
	n.publish(n.self, statement{provider: "uni.example", subject: other, turtle: `<` + other + `> a ql:LearningOpportunitySpecification ; dcterms:title "Module"@en ;
		dcterms:description "The one that says more stands for both."@en ; dcterms:language <http://publications.europa.eu/resource/authority/language/ENG> ;
		<http://www.w3.org/2002/07/owl#sameAs> <` + minted + `> .`})
	checkIdentifier(t, n, "mod/7", other)
	var choices api.Choices
	n.json("/v1/resolve?id="+url.QueryEscape(run), &choices)
	if len(choices.Choices) != 1 || choices.Choices[0].IRI != run || choices.Choices[0].Kind != "offering" {
		t.Errorf("%+v", choices)
	}
}

func checkIdentifier(t *testing.T, n *node, id, want string) {
	t.Helper()
	path := "/v1/courses/" + url.PathEscape(id)
	if want == "" {
		if w := n.get(path); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", id, w.Code)
		}
		return
	}
	var choices api.Choices
	n.json("/v1/resolve?id="+url.QueryEscape(id), &choices)
	var list api.List[course.Course]
	n.json("/v1/courses?id="+url.QueryEscape(id), &list)
	var one course.Course
	n.json(path, &one)
	got := []string{one.IRI}
	for _, c := range choices.Choices {
		got = append(got, c.IRI)
	}
	for _, c := range list.Items {
		got = append(got, c.IRI)
	}
	if diff := cmp.Diff([]string{want, want, want}, got); diff != "" {
		t.Errorf("%s: %s", id, diff)
	}
}

package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

const ai = "https://uni.example/courses/ai"

// replacing is the record of a course that says what it replaces.
func replacing(provider, subject, title, what string) statement {
	return statement{provider: provider, subject: subject, turtle: fmt.Sprintf(
		`<%s> a ql:LearningOpportunitySpecification ; dcterms:title %s@en ; ql:superseded %s .`, subject, quote(title), what)}
}

// succession is a course's titles of what it replaces, linked or not, and of what replaces it.
func (n *node) succession(id string) (older, newer []string) {
	n.t.Helper()
	var c course.Course
	n.json("/v1/courses/"+url.PathEscape(id), &c)
	return namesOf(c)
}

func namesOf(c course.Course) (older, newer []string) {
	for _, s := range c.Supersedes {
		if s.Course != nil {
			older = append(older, s.Course.IRI)
		} else {
			older = append(older, "missing "+s.Name())
		}
	}
	for _, link := range c.SupersededBy {
		newer = append(newer, link.IRI)
	}
	return older, newer
}

// TestSupersededCourses: a course is replaced when another of its provider says so, by IRI, by alias or by
// code, and by nobody else.
func TestSupersededCourses(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.publish(n.self,
		replacing("uni.example", "urn:x:db2", "Databases 2", `<https://uni.example/courses/201> , <https://nowhere.example/old>`),
		replacing("uni.example", "urn:x:ai2", "AI 2", `[ a ql:LearningOpportunitySpecificationReference ; adms:identifier [ skos:notation "AI-1" ] ]`),
		replacing("lyon.example", "urn:x:thief", "Better databases", `<`+databases+`> , <`+ai+`>`),
		replacing("uni.example", "urn:x:left", "Left", `<urn:x:right>`),
		replacing("uni.example", "urn:x:right", "Right", `<urn:x:left>`),
		replacing("uni.example", "urn:x:self", "Itself", `<urn:x:self>`),
	)
	for id, want := range map[string][2][]string{
		databases:     {nil, {"urn:x:db2"}},
		ai:            {nil, {"urn:x:ai2"}},
		"urn:x:db2":   {{"missing https://nowhere.example/old", databases}, nil},
		"urn:x:ai2":   {{ai}, nil},
		"urn:x:thief": {{"missing " + ai, "missing " + databases}, nil},
		"urn:x:left":  {{"urn:x:right"}, nil},
		"urn:x:right": {{"urn:x:left"}, nil},
		"urn:x:self":  {{"missing urn:x:self"}, nil},
	} {
		older, newer := n.succession(id)
		if diff := cmp.Diff(want, [2][]string{older, newer}); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	n.publish(n.self, statement{provider: "uni.example", subject: "urn:x:db2", issued: 9, turtle: `<urn:x:db2> a ql:LearningOpportunitySpecification ; dcterms:title "Databases 2"@en .`})
	if _, newer := n.succession(databases); newer != nil {
		t.Errorf("nobody says any more that it replaces the course, yet %v", newer)
	}
}

// TestSupersededCoursesAreFound: a search shows a replaced course in its place, with what replaced it.
func TestSupersededCoursesAreFound(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.publish(n.self, replacing("uni.example", "urn:x:db2", "Databases 2", `<`+databases+`>`))
	var list api.List[course.Course]
	n.json("/v1/courses?q=databases", &list)
	var got []string
	for _, c := range list.Items {
		older, newer := namesOf(c)
		got = append(got, fmt.Sprint(c.IRI, older, newer))
	}
	want := []string{databases + "[] [urn:x:db2]", "urn:x:db2[" + databases + "] []"}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if body := n.get("/?q=databases").Body.String(); strings.Count(body, ">replaced</span>") != 1 {
		t.Error("the catalogue's page does not mark the replaced course alone")
	}
}

// TestSuccessorsOfWhatOnlyThisNodeSees: a record that counts on this node alone replaces nothing that counts
// everywhere.
func TestSuccessorsOfWhatOnlyThisNodeSees(t *testing.T) {
	t.Parallel()
	strangerTo := newPublisher(t)
	n := newNodeWith(t, func(c *authority.Config) {
		c.Trust = []authority.Trust{{ID: strangerTo.id, Provider: "uni.example", Class: federation.Member}}
	})
	n.publish(strangerTo, statement{provider: "uni.example", subject: ai, turtle: `<` + ai + `> a ql:LearningOpportunitySpecification ; dcterms:title "AI"@en .`})
	n.publish(n.self, replacing("uni.example", "urn:x:mine", "My AI", `<`+ai+`>`))
	var mine course.Course
	if n.json("/v1/courses/urn:x:mine", &mine); mine.Class != federation.Local {
		t.Fatalf("the class is %s", mine.Class)
	}
	if older, _ := n.succession("urn:x:mine"); !slices.Equal(older, []string{"missing " + ai}) {
		t.Errorf("a course that only this node sees replaces %v", older)
	}
	if _, newer := n.succession(ai); newer != nil {
		t.Errorf("a course that counts everywhere is replaced by %v", newer)
	}
}

// TestTooManySuccessors: a course that stands in the record of every other one is replaced by none.
func TestTooManySuccessors(t *testing.T) {
	t.Parallel()
	n := sample(t)
	var statements []statement
	for i := range 65 {
		statements = append(statements, replacing("uni.example", fmt.Sprintf("urn:x:new%02d", i), "New", `<`+ai+`>`))
	}
	n.publish(n.self, statements[:64]...)
	if _, newer := n.succession(ai); len(newer) != 64 {
		t.Errorf("%d of 64 replace it", len(newer))
	}
	n.publish(n.self, statements[64:]...)
	if _, newer := n.succession(ai); newer != nil {
		t.Errorf("%d of 65 replace it", len(newer))
	}
}

// withdraw takes a record out of a publisher's set.
func (n *node) withdraw(p publisher, provider, subject string) {
	n.t.Helper()
	key := federation.Record{Kind: federation.KindCourse, Provider: provider, Subject: subject}.Key()
	entry, err := n.db.Entry(p.id, key)
	if err != nil {
		n.t.Fatal(err)
	}
	n.switchTo(p, []store.Op{{Key: key, Old: entry.CID, Domain: provider}}, map[string]bool{provider: true})
}

// TestWithdrawnCourseNamesItsSuccessor: whatever the old identifier was, as far as the older course is known
// to have been the institution's.
func TestWithdrawnCourseNamesItsSuccessor(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.publish(n.self,
		statement{provider: "uni.example", subject: "urn:x:old", turtle: `<urn:x:old> a ql:LearningOpportunitySpecification ; dcterms:title "Old"@en .`},
		replacing("uni.example", "urn:x:new", "New", `<urn:x:old> , <`+ai+`> , <https://other.example/c> , [ adms:identifier [ skos:notation "OLD-7" ] ]`),
		replacing("lyon.example", "urn:x:thief", "Stolen", `<urn:x:old> , <`+ai+`> , <https://uni.example/never>`),
	)
	n.withdraw(n.self, "uni.example", "urn:x:old")
	n.withdraw(n.self, "uni.example", ai)
	for id, known := range map[string]bool{
		"urn:x:old": true, ai: true, uuidOf(ai): true, uuidOf("urn:x:old"): true, ai + "?provider=uni.example": true, "OLD-7?provider=uni.example": true,
		"OLD-7": false, ai + "?provider=lyon.example": true, "https://other.example/c": false, "https://other.example/c?provider=uni.example": true,
		"https://uni.example/never": false, "urn:x:nothing": false,
	} {
		id, query, _ := strings.Cut(id, "?")
		target := "courses/" + url.PathEscape(id) + "?" + query
		w := n.get("/v1/" + target)
		var problem api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, %v", target, w.Code, err)
			continue
		}
		want := "urn:x:new"
		if strings.Contains(query, "lyon") {
			want = "urn:x:thief" // lyon.example may say so of its own
		}
		if known != (len(problem.SupersededBy) == 1 && problem.SupersededBy[0].IRI == want) || !known && len(problem.SupersededBy) != 0 {
			t.Errorf("%s: replaced by %+v", target, problem.SupersededBy)
		}
		body := n.get("/"+target, "Accept", "text/html").Body.String()
		if shown := strings.Contains(body, "Replaced by</b>") && strings.Contains(body, `href="/courses/`+url.PathEscape(want)+`?`); shown != known {
			t.Errorf("the page of %s:\n%s", target, body)
		}
	}
}

func uuidOf(iri string) string { return uuid.NewSHA1(uuid.NameSpaceURL, []byte(iri)).String() }

func TestCoursePageShowsSuccession(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.publish(n.self, replacing("uni.example", "urn:x:db2", "Databases 2", `<`+databases+`> , <https://nowhere.example/old>`))
	for id, parts := range map[string][]string{
		databases:   {`<p class="notice"><b>Replaced by</b> <a href="/courses/urn:x:db2?provider=uni.example" lang="en">Databases 2</a></p>`},
		"urn:x:db2": {`<dt>Replaces</dt><dd>`, `lang="en">Databases</a>`, `https://nowhere.example/old</span>`},
	} {
		body := n.get("/courses/" + url.PathEscape(id)).Body.String()
		for _, part := range parts {
			if !strings.Contains(body, part) {
				t.Errorf("the page of %s lacks %s", id, part)
			}
		}
	}
}

package api_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
)

// related is a catalogue in which institutions refer to each other's courses in every way there is.
func related(t testing.TB) *node {
	n := sample(t)
	const at = ` ; elm:providedBy [ a ql:HigherEducationInstitution ; adms:identifier [ a ql:SchacIdentifier ; elm:schemeId ql:Schac ; skos:notation "UNI.example" ] ] ]`
	n.publish(n.self,
		statement{provider: "lyon.example", subject: "urn:x:run", kind: federation.KindOffering, turtle: `<urn:x:run> a ql:LearningOpportunityInstance ;
			elm:learningAchievementSpecification <did:web:uni.example:courseId:INF%2F201> ; elm:providedBy <https://lyon.example/> ;
			dcterms:temporal [ elm:startDate "2026-12-01"^^xsd:date ] ; ql:enrolmentCapacity 30 ; ql:enrolledLearnerCount 28 ;
			elm:defaultLanguage <http://publications.europa.eu/resource/authority/language/FRA> ;
			elm:location [ elm:address [ elm:countryCode <http://publications.europa.eu/resource/authority/country/FRA> ] ] .`},
		statement{provider: "lyon.example", subject: "urn:x:coded", kind: federation.KindOffering, turtle: `<urn:x:coded> a elm:LearningOpportunity ; dcterms:title "By code"@en ;
			elm:learningAchievementSpecification [ a ql:LearningOpportunitySpecificationReference ; adms:identifier [ skos:notation "INF/201" ] ` + at + ` .`},
		statement{provider: "lyon.example", subject: "urn:x:stray", kind: federation.KindOffering, turtle: `<urn:x:stray> a elm:LearningOpportunity ;
			elm:learningAchievementSpecification <https://nowhere.example/c> .`},
		statement{provider: "lyon.example", subject: "urn:x:programme", turtle: `<urn:x:programme> a ql:LearningOpportunitySpecification ; dcterms:title "Programme"@en ;
			elm:hasPart <https://uni.example/courses/201> , [ a ql:LearningOpportunitySpecificationReference ; adms:identifier [ skos:notation "AI-1" ] ` + at + ` , <https://nowhere.example/c> .`},
		statement{provider: "uni.example", subject: "urn:x:module", turtle: `<urn:x:module> a ql:LearningOpportunitySpecification ; dcterms:title "Module"@en ; elm:isPartOf <urn:x:programme> .`},
	)
	return n
}

func TestOfferingsOfACourse(t *testing.T) {
	t.Parallel()
	n := related(t)
	var list api.List[course.Run]
	n.json("/v1/courses/"+url.PathEscape(databases)+"/offerings", &list)
	var got []string
	for _, r := range list.Items {
		if r.Course == nil || r.Course.IRI != databases {
			t.Errorf("%s is of %+v", r.IRI, r.Course)
		}
		got = append(got, r.Provider+" "+r.IRI)
	}
	want := []string{"lyon.example urn:x:run", "uni.example " + databases + ":offering:1", "lyon.example urn:x:coded"}
	if diff := cmp.Diff(want, got); diff != "" || list.Total != 3 {
		t.Errorf("%d\n%s", list.Total, diff)
	}
}

// TestOfferingsResolve: an offering's identifier leads to the list that it is in.
func TestOfferingsResolve(t *testing.T) {
	t.Parallel()
	n := related(t)
	for id, record := range map[string]string{databases + ":offering:1": databases, "urn:x:run": databases, "urn:x:stray": ""} {
		var choices api.Choices
		n.json("/v1/resolve?id="+url.QueryEscape(id), &choices)
		if len(choices.Choices) != 1 || choices.Choices[0].Kind != federation.KindOffering || choices.Choices[0].IRI != id {
			t.Fatalf("%s: %+v", id, choices)
		}
		var list api.List[course.Run]
		n.json(choices.Choices[0].URL, &list)
		if !slices.ContainsFunc(list.Items, func(r course.Run) bool { return r.IRI == id && (record == "") == (r.Course == nil) }) {
			t.Errorf("%s is not at %s", id, choices.Choices[0].URL)
		}
	}
}

func TestListOfferings(t *testing.T) {
	t.Parallel()
	n := related(t)
	inf := databases + ":offering:1"
	for query, want := range map[string][]string{
		"":                                  {"urn:x:run", inf, "urn:x:coded", "urn:x:stray"},
		"start.gte=2027-01-01":              {inf},
		"start.lte=2026-12-31":              {"urn:x:run"},
		"language=fr":                       {"urn:x:run"},
		"mode=920fbb3cbe":                   {inf},
		"provider=uni.example":              {inf},
		"provider=lyon.example&language=fr": {"urn:x:run"},
		"location_country=FR":               {"urn:x:run"},
		"places_left=2":                     {"urn:x:run"},
		"places_left=true":                  {"urn:x:run"},
		"places_left=3":                     nil,
		"apply_by.gte=2026-12-01":           nil,
	} {
		var list api.List[course.Run]
		n.json("/v1/offerings?"+query, &list)
		var got []string
		for _, r := range list.Items {
			got = append(got, r.IRI)
			if (r.Course == nil) != (r.IRI == "urn:x:stray") {
				t.Errorf("%s is of %+v", r.IRI, r.Course)
			}
		}
		if len(want) == 4 && got[2] == "urn:x:stray" { // equal beginnings follow a hash
			want[2], want[3] = want[3], want[2]
		}
		if diff := cmp.Diff(want, got); diff != "" || list.Total != len(want) {
			t.Errorf("%s: %d\n%s", query, list.Total, diff)
		}
	}
	for _, bad := range []string{"places_left=some", "places_left=-1", "start.gte=soon", "language=xx", "cursor=AAAA", "q=x", "limit=0"} {
		if w := n.get("/v1/offerings?" + bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", bad, w.Code)
		}
	}
}

func TestOfferingPages(t *testing.T) {
	t.Parallel()
	n := related(t)
	seen := map[string]bool{}
	next := "/v1/offerings?limit=1"
	for page := 0; next != "" && page < 5; page++ {
		var list api.List[course.Run]
		n.json(next, &list)
		if len(list.Items) != 1 || list.Total != 4 {
			t.Fatalf("page %d: %d items of %d", page, len(list.Items), list.Total)
		}
		seen[list.Items[0].IRI], next = true, ""
		if list.Next != nil {
			next = *list.Next
		}
	}
	if len(seen) != 4 {
		t.Errorf("seen %v", seen)
	}
}

// TestPartsAndPartOf: links are found from both ends, by IRI, by alias and by code with institution.
func TestPartsAndPartOf(t *testing.T) {
	t.Parallel()
	n := related(t)
	const ai = "https://uni.example/courses/ai"
	for path, want := range map[string][]string{
		"urn:x:programme/parts":                        {ai, databases, "urn:x:module", "missing https://nowhere.example/c"},
		"urn:x:module/part-of":                         {"urn:x:programme"},
		"urn:x:module/parts":                           nil,
		url.PathEscape(databases) + "/part-of":         {"urn:x:programme"},
		url.PathEscape(ai) + "/part-of":                {"urn:x:programme"},
		"urn:x:programme/part-of":                      nil,
		url.PathEscape(ai) + "/parts":                  nil,
		"urn:x:programme/parts?limit=2":                {ai, databases, "missing https://nowhere.example/c"},
		"urn:x:programme/parts?limit=2&cursor=2":       {"urn:x:module", "missing https://nowhere.example/c"},
		url.PathEscape(databases) + "/part-of?limit=1": {"urn:x:programme"},
	} {
		var list api.Related
		n.json("/v1/courses/"+path, &list)
		var got []string
		for _, c := range list.Items {
			got = append(got, c.IRI)
		}
		for _, ref := range list.Missing {
			got = append(got, "missing "+ref.IRI)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	if w := n.get("/v1/courses/urn:x:programme/parts?cursor=x"); w.Code != http.StatusBadRequest {
		t.Errorf("a bad cursor gives %d", w.Code)
	}
}

func TestCoursePageShowsWhatIsAround(t *testing.T) {
	t.Parallel()
	n := related(t)
	body := n.get("/courses/urn:x:programme").Body.String()
	for _, part := range []string{"<h3>Contains</h3>", ">Databases</a>", ">Module</a>", "https://nowhere.example/c"} {
		if !strings.Contains(body, part) {
			t.Errorf("the programme's page lacks %q", part)
		}
	}
	body = n.get("/courses/" + url.PathEscape(databases)).Body.String()
	for _, part := range []string{"<h3>Part of</h3>", ">Programme</a>", "Recorded elsewhere", "1 December 2026", "By code"} {
		if !strings.Contains(body, part) {
			t.Errorf("the course's page lacks %q", part)
		}
	}
}

// TestRecordsOfOneCourseAreOneResult: an institution's two records of one course, which say so themselves.
func TestRecordsOfOneCourseAreOneResult(t *testing.T) {
	t.Parallel()
	n := sample(t)
	const old, ai = "https://uni.example/old/ai", "https://uni.example/courses/ai"
	n.publish(n.self, statement{provider: "uni.example", subject: old, turtle: `<` + old + `> a ql:LearningOpportunitySpecification ; dcterms:title "AI, formerly"@en ;
		owl:sameAs <` + ai + `> ; adms:identifier [ skos:notation "AI-1" ] .`},
		statement{provider: "uni.example", subject: "urn:x:other", turtle: `<urn:x:other> a ql:LearningOpportunitySpecification ; dcterms:title "Another with the code"@en ;
			adms:identifier [ skos:notation "AI-1" ] .`},
		statement{provider: "lyon.example", subject: "urn:x:theirs", turtle: `<urn:x:theirs> a ql:LearningOpportunitySpecification ; dcterms:title "Somebody else's claim"@en ;
			owl:sameAs <` + ai + `> .`})
	var list api.List[course.Course]
	n.json("/v1/courses?limit=100", &list)
	if list.Total != 5 {
		t.Errorf("%d courses, want 5: those of the sample, the other code, the other provider's claim", list.Total)
	}
	for _, id := range []string{old, ai} {
		var one course.Course
		n.json("/v1/courses/"+url.PathEscape(id)+"?provider=uni.example", &one)
		if one.IRI != ai || !strings.Contains(strings.Join(one.Aliases, " "), old) {
			t.Errorf("%s gives %s with %v", id, one.IRI, one.Aliases)
		}
	}
	n.json("/v1/courses?id="+url.QueryEscape(old), &list)
	if list.Total != 1 || list.Items[0].IRI != ai {
		t.Errorf("the former IRI finds %d", list.Total)
	}
	var said api.Provenance
	n.json("/v1/courses/"+url.PathEscape(old)+"/provenance", &said)
	if len(said.Statements) != 2 {
		t.Errorf("%d statements, want those of both records", len(said.Statements))
	}
}

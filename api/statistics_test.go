package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// countsOf a facet by value, those that occur.
func countsOf(facet []api.Facet) map[string]int {
	out := map[string]int{}
	for _, f := range facet {
		if f.Count > 0 {
			out[f.Value] = f.Count
		}
	}
	return out
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	n := newNodeWith(t, func(c *authority.Config) {
		c.Alliances = []federation.Alliance{{Domain: "alliance.example", Name: "An Alliance", Members: []string{"lyon.example", "silent.example"}}}
		c.Trust[0].Provider = "*.example" // what is said of others is local
	})
	fill(t, n)
	n.publish(n.self, statement{provider: "stranger.org", subject: "urn:x:local", turtle: `<urn:x:local> a ql:LearningOpportunitySpecification ; dcterms:title "Local"@en .`})
	var all, one, alliance api.Statistics
	w := n.json("/v1/statistics", &all)
	for _, name := range []string{"Coursemesh-Catalogue-Root", "Coursemesh-Authority-Root", "Coursemesh-Heads-Root", "ETag"} {
		if w.Header().Get(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	if again := n.get("/v1/statistics", "If-None-Match", w.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("again: %d", again.Code)
	}
	if all.Courses != 3 || all.Total != 2 || len(all.Items) != 2 || all.Everybody.Courses != 3 || all.Everybody.Providers != 2 {
		t.Errorf("%+v", all)
	}
	for facet, want := range map[string]string{
		"country": `{"DE":2,"FR":1}`, "eqf": `{"6":2,"7":1}`, "language": `{"de":1,"en":1,"fr":1}`, "isced.broad": `{"06":1}`,
		"standard": `{"elm":3}`, "ects": `{"3-6":1}`, "mode": `{"920fbb3cbe":1}`, "type": `{"05053c1cbe":3}`,
	} {
		got, err := json.Marshal(countsOf(all.Facets[facet]))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, want %s", facet, got, want)
		}
	}
	if all.NotStated["ects"] != 2 || all.NotStated["language"] != 1 || all.NotStated["eqf"] != 0 || all.Facets["country"][0].Label != "Germany" {
		t.Errorf("not stated: %v, countries %v", all.NotStated, all.Facets["country"])
	}
	n.json("/v1/statistics?provider=DE0001", &one)
	if one.Courses != 2 || len(one.Items) != 1 || one.Items[0].ID != "uni.example" || one.Items[0].Name != "University of Example" || one.Everybody.Courses != 3 {
		t.Errorf("%+v", one)
	}
	comparable(t, n, one)
	n.json("/v1/statistics?alliance=alliance.example", &alliance)
	if alliance.Courses != 1 || len(alliance.Items) != 1 || alliance.Items[0].ID != "lyon.example" {
		t.Errorf("%+v", alliance)
	}
	var none api.Statistics
	n.json("/v1/statistics?provider=silent.example", &none)
	if none.Courses != 0 || none.Completeness != nil || len(none.Items) != 0 || none.Everybody.Completeness == nil || none.Facts[0].Percent != 0 {
		t.Errorf("%+v", none)
	}
	for target, status := range map[string]int{
		"/v1/statistics?provider=nobody.example": 400, "/v1/statistics?alliance=x": 400, "/v1/statistics?country=Atlantis": 400, "/v1/statistics?limit=0": 400, "/v1/statistics?q=x": 400,
	} {
		if w := n.get(target); w.Code != status {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
	n.withdraw(n.self, "uni.example", databases)
	if n.json("/v1/statistics", &all); all.Courses != 2 || all.Facets["ects"][1].Count != 0 {
		t.Errorf("after a withdrawal: %+v", all)
	}
}

// comparable checks the figures of one institution against its courses.
func comparable(t *testing.T, n *node, s api.Statistics) {
	t.Helper()
	var list api.List[course.Course]
	n.json("/v1/courses?provider="+s.Items[0].ID, &list)
	complete, missing := 0, map[string]int{}
	for _, c := range list.Items {
		complete += c.Completeness
		for _, name := range c.Missing {
			missing[name]++
		}
	}
	if want := float64(complete) / float64(len(list.Items)); s.Completeness == nil || *s.Completeness != want || s.Items[0].Completeness != want {
		t.Errorf("completeness %v, want %f", s.Completeness, want)
	}
	if len(s.Facts) != len(profile.Facts()) || len(s.Everybody.Facts) != len(s.Facts) {
		t.Errorf("%d facts, everybody's %d", len(s.Facts), len(s.Everybody.Facts))
	}
	for _, f := range s.Facts {
		if stated := len(list.Items) - missing[f.Name]; f.Courses != stated || f.Percent != 100*float64(stated)/float64(len(list.Items)) || s.Items[0].Facts[f.Name] != f.Percent {
			t.Errorf("%+v, want %d; of the institution %v", f, stated, s.Items[0].Facts)
		}
	}
}

func TestStatisticsComeInPages(t *testing.T) {
	t.Parallel()
	n := sample(t)
	var first, second api.Statistics
	n.json("/v1/statistics?limit=1", &first)
	if first.Next == nil || first.Total != 2 || len(first.Items) != 1 {
		t.Fatalf("%+v", first)
	}
	n.json(strings.TrimPrefix(*first.Next, "http://example.com"), &second)
	if second.Next != nil || len(second.Items) != 1 || second.Items[0].ID == first.Items[0].ID || second.Courses != first.Courses {
		t.Errorf("%+v", second)
	}
}

func TestStatisticsPage(t *testing.T) {
	t.Parallel()
	n := sample(t)
	w := n.get("/statistics?alliance=&provider=uni.example")
	body := w.Body.String()
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatal(w.Code, body)
	}
	for _, want := range []string{
		"<h1>Statistics: University of Example</h1>", "2 courses of 1 institution.", "% complete</b>; those of all institutions", `aria-current="page">Statistics`,
		`<option value="uni.example" selected>University of Example</option>`, `<a rel="nofollow" href="/?language=de&amp;provider=uni.example">German</a>`,
		`<th scope="row">3 to under 6 ECTS</th><td class="n">1</td><td class="n"><meter min="0" max="100" value="50" aria-hidden="true"></meter> 50.0 %</td>`,
		`<th scope="row">not stated</th>`, `href="/v1/statistics?provider=uni.example"`, `<th scope="col" class="n">All institutions</th>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in\n%s", want, body)
		}
	}
	if body = n.get("/statistics").Body.String(); !strings.Contains(body, `<a href="/statistics?provider=lyon.example">Université de Lyon-Exemple</a>`) || strings.Contains(body, "those of all") {
		t.Errorf("of everybody:\n%s", body)
	}
	if body = n.get("/statistics?provider=silent.example").Body.String(); !strings.Contains(body, "no course of these yet") {
		t.Errorf("of an institution without courses:\n%s", body)
	}
	if w := n.get("/statistics?provider=nobody.example", "Accept", "text/html"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "That did not work") {
		t.Errorf("%d", w.Code)
	}
}

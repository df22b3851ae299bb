package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/store"
)

const ofUni = "https://uni.example/course/1"

func plainCourse(subject string) string {
	return "<" + subject + `> a ql:LearningOpportunitySpecification ; dcterms:title "A course"@en .`
}

// allied is a node that knows an alliance with two members; its publisher speaks from the alliance's own
// catalogue about lyon.example, and for uni.example, which names nobody.
func allied(t *testing.T) (*node, publisher) {
	t.Helper()
	p := newPublisher(t)
	n := newNodeWith(t, func(c *authority.Config) {
		c.Trust = nil
		c.Alliances = []federation.Alliance{{
			Domain: "alliance.example", Name: "The Alliance", Members: []string{"lyon.example", "uni.example"}, Aliases: []string{"INT0001"},
		}}
		evidence := store.TableOf[authority.Evidence](c.DB, "evidence")
		for _, e := range []authority.Evidence{
			{
				Domain: "alliance.example", URL: "https://alliance.example/.well-known/quality-link-manifest", Publishers: &[]federation.PublisherID{p.id},
				Fetched: now, Checked: now.Add(24 * time.Hour), Failing: now.Add(time.Hour), Problem: "alliance.example answers with status 503",
			},
			{Domain: "uni.example", URL: "https://uni.example/.well-known/quality-link-manifest", Fetched: now, Checked: now},
			{Domain: "lyon.example", Checked: now, Failing: now, Gone: now, Problem: "HTTP status 404"},
		} {
			if err := evidence.Put(e.Domain, e); err != nil {
				t.Fatal(err)
			}
		}
	})
	n.publish(p,
		statement{provider: "uni.example", subject: ofUni, turtle: plainCourse(ofUni)},
		statement{provider: "lyon.example", domain: "alliance.example", subject: "https://lyon.example/course/1", turtle: plainCourse("https://lyon.example/course/1")},
		statement{provider: "silent.example", subject: "https://silent.example/course/1", turtle: plainCourse("https://silent.example/course/1")},
	)
	return n, p
}

func TestAlliances(t *testing.T) {
	t.Parallel()
	n, p := allied(t)
	var list struct{ Items []network.Alliance }
	n.json("/v1/alliances", &list)
	if len(list.Items) != 1 {
		t.Fatalf("%+v", list)
	}
	var one network.Alliance
	n.json("/v1/alliances/INT0001", &one)
	if one.Domain != "alliance.example" || one.Courses != 2 || len(one.Members) != 2 || one.Members[0].Courses != 1 || one.Members[0].Country != "FR" ||
		len(one.Publishers) != 1 || one.Publishers[0] != p.id {
		t.Errorf("%+v", one)
	}
	if e := one.Evidence; e == nil || e.State != network.EvidenceKept || !e.Expires.Equal(now.Add(time.Hour+90*24*time.Hour)) || e.Problem == "" {
		t.Errorf("evidence of the alliance: %+v", e)
	}
	if r := n.get("/v1/alliances/nobody.example"); r.Code != http.StatusNotFound {
		t.Errorf("an unknown alliance: %d", r.Code)
	}
	var found struct {
		Items  []course.Course
		Facets map[string][]struct {
			Value, Label string
			Count        int
		}
	}
	n.json("/v1/courses?alliance=alliance.example&facets=alliance", &found)
	if len(found.Items) != 2 || len(found.Facets["alliance"]) != 1 || found.Facets["alliance"][0].Count != 2 || found.Facets["alliance"][0].Label != "The Alliance" {
		t.Errorf("courses of the alliance: %+v", found)
	}
	for _, c := range found.Items {
		if len(c.Alliances) != 1 || c.Alliances[0] != "alliance.example" {
			t.Errorf("%s is of %v", c.IRI, c.Alliances)
		}
		switch c.Provider {
		case "uni.example":
			if c.Class != federation.AllianceClass || c.PublishedBy == nil || *c.PublishedBy != "alliance.example" || c.AssertedBy != nil {
				t.Errorf("published by an alliance: %+v", c)
			}
		case "lyon.example":
			if c.Class != federation.Delegated || c.PublishedBy != nil || c.AssertedBy == nil || *c.AssertedBy != "alliance.example" {
				t.Errorf("asserted by an alliance: %+v", c)
			}
		}
	}
	if r := n.get("/v1/courses?alliance=aliance.example"); r.Code != http.StatusBadRequest || !strings.Contains(r.Body.String(), "alliance.example") {
		t.Errorf("a misspelt alliance: %d %s", r.Code, r.Body)
	}
}

func TestWhyPublishersCount(t *testing.T) {
	t.Parallel()
	n, p := allied(t)
	var list struct{ Items []network.Publisher }
	n.json("/v1/publishers", &list)
	refused := slices.IndexFunc(list.Items, func(p network.Publisher) bool { return p.ID == stranger })
	if p := list.Items[max(refused, 0)]; refused < 1 || p.Head != "" || p.Class != federation.Unverified || p.Replica == nil || p.Replica.Reason == "" {
		t.Errorf("a publisher that is not held: %+v", p)
	}
	because := map[string]network.Standing{}
	for _, s := range list.Items[0].Standings {
		because[s.Provider] = s
	}
	for provider, want := range map[string]struct {
		effective         bool
		relation, because string
		why               string
	}{
		"uni.example":    {true, "own", "published by alliance alliance.example", "effective"},
		"lyon.example":   {true, "alliance", "listed under publishers at https://alliance.example/.well-known/quality-link-manifest", "effective"},
		"silent.example": {false, "own", "this node has not looked yet whom silent.example lets publish", "nobody lets this publisher speak for silent.example"},
	} {
		s := because[provider]
		if s.Effective != want.effective || s.Relation != want.relation || !strings.Contains(s.Because, want.because) || s.Why != want.why || s.Records != 1 {
			t.Errorf("%s: %+v", provider, s)
		}
		if s.Publisher != p.id || s.Evidence == nil {
			t.Errorf("%s: no evidence: %+v", provider, s)
		}
	}
	var detail api.ProviderDetail
	n.json("/v1/providers/lyon.example", &detail)
	if len(detail.Publishers) != 1 || detail.Publishers[0].Domain != "alliance.example" || detail.Evidence.State != network.EvidenceNone || len(detail.Alliances) != 1 {
		t.Errorf("%+v", detail)
	}
	page := n.get("/network").Body.String()
	for _, text := range []string{"The Alliance", "published by alliance alliance.example", "Manifests that cannot be read now", "nobody lets this publisher speak for silent.example"} {
		if !strings.Contains(page, text) {
			t.Errorf("the network page does not say %q", text)
		}
	}
}

// operator posts to the admin side.
func (n *node) operator(path string, request any) (int, string) {
	n.t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		n.t.Fatal(err)
	}
	admin := api.Admin(api.AdminConfig{Public: n.api, Metrics: n.api.Metrics(), Operator: api.Operator{
		Self: n.self.id, Authority: n.authority, Catalogue: n.catalogue, Subjects: n.api.Subjects, Now: func() time.Time { return now },
	}})
	r := httptest.NewRecorder()
	admin.ServeHTTP(r, httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(body))))
	return r.Code, r.Body.String()
}

func TestFreezeIsShown(t *testing.T) {
	t.Parallel()
	n, p := allied(t)
	freeze := api.FreezeRequest{ID: p.id, Reason: "lost its key"}
	if code, body := n.operator("/v1/admin/freeze", freeze); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	var list struct{ Items []network.Publisher }
	n.json("/v1/publishers", &list)
	if f := list.Items[0].Frozen; f == nil || f.Reason != "lost its key" || !f.Since.Equal(now) {
		t.Errorf("%+v", f)
	}
	if page := n.get("/network").Body.String(); !strings.Contains(page, "lost its key") {
		t.Error("the network page does not show the freeze")
	}
	freeze.Unfreeze = true
	if code, _ := n.operator("/v1/admin/freeze", freeze); code != http.StatusOK {
		t.Errorf("unfreeze: %d", code)
	}
	for what, bad := range map[string]api.FreezeRequest{
		"thawed twice": freeze, "nobody": {ID: "nobody", Reason: "r"}, "no reason": {ID: p.id}, "itself": {ID: n.self.id, Reason: "r"},
	} {
		if code, body := n.operator("/v1/admin/freeze", bad); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", what, code, body)
		}
	}
}

// What the operator blocks is gone from everything public on this node, and from nothing else.
func TestBlocksHide(t *testing.T) {
	t.Parallel()
	n, _ := allied(t)
	roots := n.catalogue.Roots()
	var c course.Course
	n.json("/v1/courses/"+strings.ReplaceAll(ofUni, "/", "%2F"), &c)
	block := api.BlockRequest{Block: catalogue.Block{What: "course", Value: c.ID, Reason: "the institution asked"}} // by its UUID
	if code, body := n.operator("/v1/admin/blocks", block); code != http.StatusOK || !strings.Contains(body, ofUni) {
		t.Fatalf("%d %s", code, body)
	}
	if err := n.catalogue.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/courses/" + c.ID, "/v1/courses/" + c.ID + "/record", "/courses/" + c.ID} {
		if r := n.get(path); r.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Code)
		}
	}
	for _, path := range []string{"/v1/courses", "/", "/v1/courses?id=" + c.ID} {
		if body := n.get(path).Body.String(); strings.Contains(body, ofUni) || strings.Contains(body, c.ID) && !strings.Contains(path, c.ID) {
			t.Errorf("%s shows it", path)
		}
	}
	if n.catalogue.Roots() != roots {
		t.Error("the roots changed")
	}
	dumped, err := n.api.Dump(t.Context(), n.dumps)
	if err != nil || dumped.Courses != 1 || dumped.Hidden != 1 || dumped.Root == roots.Catalogue.String() {
		t.Errorf("dump: %+v, %v", dumped, err)
	}
	var status network.Status
	n.json("/v1/node", &status)
	if status.Courses != 1 || status.Hidden != 1 {
		t.Errorf("%+v", status)
	}
	block.Value, block.Remove = ofUni, true
	if code, body := n.operator("/v1/admin/blocks", block); code != http.StatusOK {
		t.Errorf("%d %s", code, body)
	}
	if err := n.catalogue.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := n.get("/v1/courses/" + c.ID); r.Code != http.StatusOK {
		t.Errorf("shown again: %d", r.Code)
	}
}

// With the registries in, the network page tells of those of whom there is something to tell.
func TestNetworkPageOfManyInstitutions(t *testing.T) {
	t.Parallel()
	n := newNodeWith(t, func(c *authority.Config) {
		for i := range 1000 {
			c.Providers = append(c.Providers, federation.Provider{ID: fmt.Sprintf("u%d.example", i), Name: "Known only"})
		}
	})
	n.publish(n.self, statement{provider: "u7.example", subject: "https://u7.example/c", turtle: plainCourse("https://u7.example/c")})
	page := n.get("/network").Body.String()
	if !strings.Contains(page, "u7.example") || strings.Contains(page, "u8.example") || !strings.Contains(page, "silent.example") || !strings.Contains(page, "more are known") {
		t.Errorf("%d bytes of page", len(page))
	}
}

package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/catalogue"
)

func titled(subject, title string, issued int64) statement {
	return statement{provider: "uni.example", subject: subject, issued: issued, turtle: `<` + subject + `> a ql:LearningOpportunitySpecification ; dcterms:title "` + title + `"@en .`}
}

// TestHistoryOfAWithdrawnCourse: its versions and the head by which it went, by IRI and by UUID, as JSON and as a
// page; nothing of what is hidden here or was never in the catalogue.
func TestHistoryOfAWithdrawnCourse(t *testing.T) {
	t.Parallel()
	n := sample(t)
	const iri = "urn:x:gone"
	n.publish(n.self, titled(iri, "First title", 5))
	n.publish(n.self, titled(iri, "Last title", 6))
	n.withdraw(n.self, "uni.example", iri)
	for _, id := range []string{iri, uuidOf(iri), iri + "?provider=uni.example", strings.ToUpper(uuidOf(iri))} {
		id, query, _ := strings.Cut(id, "?")
		var h api.History
		n.json("/v1/courses/"+url.PathEscape(id)+"/history?"+query, &h)
		w := h.Withdrawn
		if len(h.Items) != 2 || h.Total != 2 || h.Items[0].Effective || h.Items[0].Changes == nil || w == nil || w.Publisher != n.self.id || w.Seq == 0 || w.Head == "" {
			t.Fatalf("%s: %+v, withdrawn %+v", id, h, w)
		}
		held, err := n.db.Head(n.self.id)
		if err != nil || held.CID.String() != w.Head || held.Seq != w.Seq {
			t.Errorf("%s: withdrawn by %+v, the head is %d.%d", id, w, held.Epoch, held.Seq)
		}
	}
	var diff api.Diff
	n.json("/v1/courses/"+url.PathEscape(iri)+"/diff", &diff)
	if len(diff.Differences) != 1 {
		t.Errorf("differences %+v", diff.Differences)
	}
	page := n.get("/courses/" + url.PathEscape(iri))
	for _, text := range []string{"no longer in the catalogue", "Last title", "First title", "/history?provider=uni.example"} {
		if page.Code != http.StatusNotFound || !strings.Contains(page.Body.String(), text) {
			t.Errorf("the page (%d) lacks %q", page.Code, text)
		}
	}
	for target, code := range map[string]int{
		"/v1/courses/" + iri: http.StatusNotFound, "/v1/courses/urn:x:never/history": http.StatusNotFound,
		"/v1/courses/" + iri + "/history?provider=lyon.example": http.StatusNotFound,
	} {
		if got := n.get(target).Code; got != code {
			t.Errorf("%s: %d", target, got)
		}
	}
	if err := n.catalogue.Block(t.Context(), catalogue.Block{What: catalogue.BlockCourse, Value: iri, Reason: "a test"}, now); err != nil {
		t.Fatal(err)
	}
	if got := n.get("/v1/courses/" + iri + "/history").Code; got != http.StatusNotFound {
		t.Errorf("hidden here: %d", got)
	}
}

// A course that came back is in the catalogue, whatever was before; what a stranger withdrew never was.
func TestHistoryOfWhatCameBackAndOfStrangers(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.publish(n.self, titled("urn:x:back", "Once", 5))
	n.withdraw(n.self, "uni.example", "urn:x:back")
	n.publish(n.self, titled("urn:x:back", "Again", 7))
	var h api.History
	n.json("/v1/courses/urn:x:back/history", &h)
	if h.Withdrawn != nil || len(h.Items) != 2 || !h.Items[0].Effective {
		t.Errorf("%+v, withdrawn %+v", h.Items, h.Withdrawn)
	}
	stranger := newPublisher(t)
	key := titled("urn:x:theirs", "Theirs", 5)
	n.publish(stranger, key)
	n.withdraw(stranger, "uni.example", "urn:x:theirs")
	if got := n.get("/v1/courses/urn:x:theirs/history").Code; got != http.StatusNotFound {
		t.Errorf("what a stranger withdrew: %d", got)
	}
}

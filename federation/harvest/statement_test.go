package harvest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// offering is what the node says of an offering now.
func (w *world) offering(provider, subject string) (federation.Record, bool) {
	w.t.Helper()
	entry, err := w.db.Entry(w.self, "offering|"+provider+"|"+subject)
	if err != nil {
		return federation.Record{}, false
	}
	envelope, err := w.db.Get(entry.CID)
	if err != nil {
		w.t.Fatal(err)
	}
	record, err := federation.OpenRecord(envelope)
	if err != nil {
		w.t.Fatalf("%s is not acceptable to others: %v", subject, err)
	}
	return record, true
}

// TestOfferingOfAnothersCourse: it comes, is acceptable to others, and goes with the listing.
func TestOfferingOfAnothersCourse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	const run = `<urn:run> a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification <https://other.example/c> .
<urn:lost> a ql:LearningOpportunityInstance ; dcterms:title "Of what?"@en .
`
	w.serve("/a.ttl", document(course("urn:a", "A"), run))
	expect(t, "first", w.harvest(), 3, 2, 0, 0, 1)
	record, ok := w.offering(home, "urn:run")
	if !ok || record.Kind != federation.KindOffering || !strings.Contains(string(record.Graph), "<http://data.europa.eu/snb/model/elm/providedBy> <https://uni.example/>") {
		t.Errorf("%v %s", ok, record.Graph)
	}
	w.serve("/a.ttl", document(course("urn:a", "A")))
	expect(t, "gone", w.harvest(), 1, 0, 0, 1, 0)
	if _, ok := w.offering(home, "urn:run"); ok {
		t.Error("an offering missing from a complete listing stayed")
	}
}

// TestTermsOfUse: a course's own licence and credit come before its document's, and those before the manifest's.
func TestTermsOfUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	manifest := func(more string) {
		w.serve("/.well-known/quality-link-manifest.json", `{"sources":[{"type":"elm","version":"3.2","path":"https://`+home+`/a.ttl"`+more+`}]}`)
	}
	check := func(what, subject, licence, credit string) {
		t.Helper()
		if r, ok := w.record(home, subject); !ok || r.Licence != licence || r.Credit != credit {
			t.Errorf("%s: %s has %q and %q, want %q and %q", what, subject, r.Licence, r.Credit, licence, credit)
		}
	}
	own := course("urn:a", "A") + `<urn:a> dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/> ; dcterms:rightsHolder [ a elm:Organisation ; dcterms:title "Department A"@en ] .
`
	w.serve("/a.ttl", document(own, course("urn:b", "B")))
	manifest("")
	w.harvest()
	check("nothing stated", "urn:b", "", "")
	manifest(`,"license":"CC-BY-SA-4.0","attribution":"Uni Example"`)
	r := w.harvest()
	check("by the manifest", "urn:b", "CC BY-SA 4.0", "Uni Example")
	check("by the manifest, own", "urn:a", "CC0 1.0", "Department A")
	if r.Changed != 1 {
		t.Errorf("%d records changed with the manifest's licence, want 1", r.Changed)
	}
	w.serve("/a.ttl", document(own, course("urn:b", "B"), `<https://uni.example/set> a <http://www.w3.org/ns/dcat#Dataset> ; dcterms:rights "© Uni, ask jane.doe@uni.example" ;
		dcterms:license <http://publications.europa.eu/resource/authority/licence/CC_BY_4_0> .
`))
	w.harvest()
	check("by the document", "urn:b", "CC BY 4.0", "© Uni, ask [removed]")
	check("by the document, own", "urn:a", "CC0 1.0", "Department A")
}

// TestChangedCreditsOrOutcomesAreNoticed: they make another course, which its identifier hides.
func TestChangedCreditsOrOutcomesAreNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	with := func(ects string, outcomes ...string) harvest.Report {
		text := course("urn:a", "A") + `<urn:a> elm:creditPoint [ elm:framework <http://data.europa.eu/snb/education-credit/6fcec5c5af> ; elm:point "` + ects + `" ] .
`
		for _, o := range outcomes {
			text += fmt.Sprintf("<urn:a> elm:learningOutcome [ dcterms:title \"%s\"@en ] .\n", o)
		}
		w.serve("/a.ttl", document(text))
		return w.harvest()
	}
	about := func(r harvest.Report, what string) (n int) {
		for _, note := range r.Notes {
			if strings.Contains(note.Message, what) && strings.Contains(note.Where, "/a.ttl ") && note.Fix != "" {
				n++
			}
		}
		return n
	}
	const credits, outcomes = "ECTS credits instead of", "learning outcomes are others"
	steps := []struct {
		ects     string
		outcomes []string
		warnings [2]int
	}{
		{"5", []string{"Writes a parser for a small language.", "Reads grammars"}, [2]int{0, 0}},
		{"5.0", []string{"Writes parsers for a small language", "Reads grammars."}, [2]int{0, 0}},
		{"6", []string{"Writes parsers for a small language", "Reads grammars."}, [2]int{1, 0}},
		{"6", []string{"Cooks soup", "Bakes bread"}, [2]int{0, 1}},
		{"6", nil, [2]int{0, 0}},
	}
	for i, s := range steps {
		r := with(s.ects, s.outcomes...)
		if got := [2]int{about(r, credits), about(r, outcomes)}; got != s.warnings {
			t.Errorf("step %d: warnings %v, want %v: %+v", i, got, s.warnings, r.Notes)
		}
		if _, ok := w.record(home, "urn:a"); !ok || r.New+r.Changed != 1 {
			t.Errorf("step %d is not published: %+v", i, r)
		}
	}
}

package harvest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// expect compares the counts of a report.
func expect(t *testing.T, what string, r harvest.Report, fetched, created, changed, withdrawn, rejected int) {
	t.Helper()
	got := [...]int{r.Fetched, r.New, r.Changed, r.Withdrawn, r.Rejected}
	if want := [...]int{fetched, created, changed, withdrawn, rejected}; got != want {
		t.Fatalf("%s: fetched, new, changed, withdrawn, rejected = %v, want %v; errors %v", what, got, want, r.Errors)
	}
}

func TestCourseComesChangesAndGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A"), course("urn:b", "B")))
	first := w.harvest()
	expect(t, "first", first, 2, 2, 0, 0, 0)
	before, _ := w.record(home, "urn:a")
	entry, err := w.db.Entry(w.self, before.Key())
	if err != nil {
		t.Fatal(err)
	}

	again := w.harvest()
	expect(t, "unchanged", again, 0, 0, 0, 0, 0)
	if again.Head != first.Head || w.fetched["/a.ttl"] != 1 {
		t.Errorf("an unchanged source was fetched %d times and led from head %s to %s", w.fetched["/a.ttl"], first.Head, again.Head)
	}

	w.serve("/a.ttl", document("# only a comment\n", course("urn:b", "B"), course("urn:a", "A")))
	if same := w.harvest(); same.Head != first.Head || same.New+same.Changed != 0 {
		t.Errorf("the same facts in another order made a new head: %+v", same)
	}

	w.serve("/a.ttl", document(course("urn:a", "A, revised")))
	expect(t, "changed and gone", w.harvest(), 1, 0, 1, 1, 0)
	after, ok := w.record(home, "urn:a")
	if !ok || after.Prev != entry.CID {
		t.Errorf("prev is %s, want %s", after.Prev, entry.CID)
	}
	if _, ok := w.record(home, "urn:b"); ok {
		t.Error("a course missing from a complete listing stayed")
	}
	head, err := w.db.Head(w.self)
	if err != nil {
		t.Fatal(err)
	}
	if head.Epoch != 1 || head.Seq != 2 || head.Count != 1 || !slices.Equal(head.Domains, []string{home}) {
		t.Errorf("head %d/%d with %d records of %v", head.Epoch, head.Seq, head.Count, head.Domains)
	}
}

func TestUnusableCourseIsReportedAndItsOldRecordStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A"), course("urn:b", "B")))
	w.harvest()
	w.serve("/a.ttl", document("<urn:a> a ql:LearningOpportunitySpecification .\n", course("urn:b", "B2")))
	r := w.harvest()
	expect(t, "broken", r, 2, 0, 1, 0, 1)
	if e := r.Errors[0]; e.Subject != "urn:a" || e.Where == "" || e.Message == "" || e.Fix == "" {
		t.Errorf("the error does not name record, place and fix: %+v", e)
	}
	if _, ok := w.record(home, "urn:a"); !ok {
		t.Error("a course that is listed but cannot be used lost its record")
	}
	w.serve("/a.ttl", document(course("urn:b", "B2")))
	expect(t, "gone for good", w.harvest(), 1, 0, 0, 1, 0)
}

func TestSyntaxErrorWithdrawsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A"), course("urn:b", "B")))
	w.harvest()
	for name, body := range map[string]string{
		"syntax":   document(course("urn:a", "A")) + "<urn:x> dcterms:title \"no end",
		"web page": "<!doctype html><title>Maintenance</title>",
		"missing":  "",
	} {
		w.serve("/a.ttl", body)
		r := w.harvest()
		if r.Withdrawn != 0 || len(r.Errors) == 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if _, ok := w.record(home, "urn:b"); !ok {
			t.Fatalf("%s: a course was withdrawn", name)
		}
	}
}

func TestCourseOfAnotherInstitution(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	named := func(subject, publisher string) string {
		return fmt.Sprintf("<%s> a ql:LearningOpportunitySpecification ; dcterms:title \"T\"@en ; dcterms:publisher %s .\n", subject, publisher)
	}
	org := func(iri, schac string) string {
		return fmt.Sprintf("<%s> a ql:HigherEducationInstitution ; adms:identifier [ a ql:SchacIdentifier ; elm:schemeId ql:Schac ; skos:notation %q ] .\n", iri, schac)
	}
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(
		org("urn:org:other", "Other.Example"), org("urn:org:home", "uni.example"),
		named("urn:theirs", "<urn:org:other>"), named("urn:joint", "<urn:org:other>, <urn:org:home>"),
		named("urn:byiri", "<https://other.example/>"), named("urn:alias", "<https://www.uni.example/id>"),
		named("urn:nobody", "<urn:who>"),
	))
	r := w.harvest()
	expect(t, "joint", r, 5, 5, 0, 0, 0)
	for subject, provider := range map[string]string{
		"urn:theirs": "other.example", "urn:joint": home, "urn:byiri": "other.example", "urn:alias": home, "urn:nobody": home,
	} {
		record, ok := w.record(provider, subject)
		if !ok {
			t.Errorf("%s is not recorded under %s", subject, provider)
			continue
		}
		if record.Source.Domain != home {
			t.Errorf("%s comes from source domain %s", subject, record.Source.Domain)
		}
	}
	if !slices.ContainsFunc(r.Notes, func(p harvest.Problem) bool { return p.Subject == "urn:nobody" && p.Fix != "" }) {
		t.Errorf("no finding for the unknown publisher: %v", r.Notes)
	}
	joint, _ := w.record(home, "urn:joint")
	if graph := string(joint.Graph); !strings.Contains(graph, "<https://uni.example/>") || !strings.Contains(graph, "<urn:org:other>") {
		t.Errorf("own IRIs are rewritten and partners stay; got\n%s", graph)
	}
}

func TestFirstSourceOwns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl", "/b.ttl")
	w.serve("/a.ttl", document(course("urn:x", "from a")))
	w.serve("/b.ttl", document(course("urn:x", "from b"), course("urn:y", "only b")))
	w.harvest()
	title := func(want string) {
		t.Helper()
		if record, _ := w.record(home, "urn:x"); !strings.Contains(string(record.Graph), want) {
			t.Errorf("urn:x is not %q:\n%s", want, record.Graph)
		}
	}
	title("from a")
	w.serve("/a.ttl", document(course("urn:z", "other")))
	w.harvest()
	w.serve("/b.ttl", document(course("urn:x", "from b, again"), course("urn:y", "only b")))
	if r := w.harvest(); r.Withdrawn != 0 {
		t.Errorf("a course that the second source lists was withdrawn: %+v", r)
	}
	title("from b, again")
}

func TestSourceLeavesAfterOneFurtherCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl", "/b.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	w.serve("/b.ttl", document(course("urn:b", "B")))
	w.harvest()
	w.announce("/a.ttl")
	if r := w.harvest(); r.Withdrawn != 0 {
		t.Errorf("withdrawn at the first check: %+v", r)
	}
	if r := w.harvest(); r.Withdrawn != 1 {
		t.Errorf("not withdrawn at the second check: %+v", r)
	}
	w.serve("/.well-known/quality-link-manifest.json", `{"withdrawn":true,"sources":[{"type":"elm","path":"https://uni.example/a.ttl"}]}`)
	if r := w.harvest(); r.Withdrawn != 1 {
		t.Errorf("withdrawn: true did not act at once: %+v", r)
	}
	head, err := w.db.Head(w.self)
	if err != nil || head.Count != 0 || !slices.Contains(head.Domains, home) {
		t.Errorf("the domain does not stay listed with zero records: %+v, %v", head.Head, err)
	}
}

func TestMisspeltSourceHasNotLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	w.harvest()
	w.serve("/.well-known/quality-link-manifest.json", `{"sources":[{"type":"elm","pathh":"https://uni.example/a.ttl"}]}`)
	for range 3 {
		if r := w.harvest(); r.Withdrawn != 0 || r.Findings == 0 {
			t.Fatalf("%+v", r)
		}
	}
}

func TestLossGuardWaitsForApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	var all []string
	for i := range 100 {
		all = append(all, course(fmt.Sprintf("urn:c%d", i), "C"))
	}
	w.serve("/a.ttl", document(all...))
	w.harvest()
	w.serve("/a.ttl", document(all[:40]...))
	if r := w.harvest(); r.Withdrawn != 0 || len(r.Errors) != 1 {
		t.Fatalf("60 of 100 went without approval: %+v", r)
	}
	if r := w.harvest(); r.Withdrawn != 0 {
		t.Fatalf("the second run forgot the guard: %+v", r)
	}
	if r := w.harvestWith(harvest.Options{AllowLoss: true}); r.Withdrawn != 60 {
		t.Fatalf("approved, but %d withdrawn", r.Withdrawn)
	}
}

func TestThreat32DatabaseBehindItsLedgerOpensAnEpoch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	if err := os.WriteFile(filepath.Join(w.dir, "head.json"), []byte(`{"epoch":3,"seq":9}`), 0o600); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	w.harvest()
	head, err := w.db.Head(w.self)
	if err != nil || head.Epoch != 4 || head.Seq != 1 {
		t.Errorf("head %d/%d, %v; want 4/1", head.Epoch, head.Seq, err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "head.json"), []byte(`{"epoch":7,"seq":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	w.harvest()
	if head, _ := w.db.Head(w.self); head.Epoch != 8 || head.Count != 1 {
		t.Errorf("without a change: head of epoch %d with %d records", head.Epoch, head.Count)
	}
}

func TestThreat37PersonsAreRemovedAndCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(`<urn:a> a ql:LearningOpportunitySpecification ; dcterms:title "A"@en ;
  dcterms:creator [ a foaf:Person ; foaf:name "Pat Example" ; foaf:mbox <mailto:pat@uni.example> ] .
`))
	r := w.harvest()
	record, _ := w.record(home, "urn:a")
	if strings.Contains(string(record.Graph), "Pat") || strings.Contains(string(record.Graph), "mailto:pat") || r.Removed == 0 {
		t.Errorf("removed %d, graph:\n%s", r.Removed, record.Graph)
	}
}

func TestBrokenManifestTellsWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve("/.well-known/quality-link-manifest.yaml", "<!doctype html><title>Not found</title>")
	if _, err := w.h.Domain(t.Context(), home, harvest.Options{}); !errors.Is(err, harvest.ErrNoManifest) {
		t.Fatalf("got %v", err)
	}
	found, ok := w.h.Discovery(home)
	if !ok || !slices.ContainsFunc(found.Probes, func(p discovery.Probe) bool {
		return p.Outcome == "not_parsable" && p.Reason != ""
	}) {
		t.Errorf("the reason is not kept: %+v", found)
	}
}

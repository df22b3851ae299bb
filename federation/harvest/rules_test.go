package harvest_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coursemesh/coursemesh/federation/harvest"
)

// harvestOf harvests another domain of the world than home, an hour later.
func (w *world) harvestOf(domain string, o harvest.Options) (harvest.Report, error) {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	return w.h.Domain(w.t.Context(), domain, o)
}

// named is a course of an institution.
func named(subject, title, schac string) string {
	return fmt.Sprintf("<%s> a ql:LearningOpportunitySpecification ; dcterms:title %q@en ; dcterms:publisher <urn:org:%s> .\n"+
		"<urn:org:%s> a ql:HigherEducationInstitution ; adms:identifier [ a ql:SchacIdentifier ; elm:schemeId ql:Schac ; skos:notation %q ] .\n",
		subject, title, schac, schac, schac)
}

// byHost serves another manifest to each institution.
func (w *world) byHost(host, manifest string) {
	before := w.guard
	w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Host == host && r.URL.Path == "/.well-known/quality-link-manifest" {
			fmt.Fprint(rw, manifest)
			return false
		}
		return before == nil || before(rw, r)
	}
}

func TestOwnSourceWinsAcrossManifests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.byHost(home, `{"sources":[{"type":"elm","path":"https://uni.example/own.ttl"}]}`)
	w.byHost("other.example", `{"sources":[{"type":"elm","path":"https://other.example/all.ttl"}]}`)
	w.serve("/all.ttl", document(named("urn:x", "as the other says", home), named("urn:y", "only there", home)))
	w.serve("/own.ttl", document(named("urn:z", "own", home)))
	title := func(when, subject, want, domain string) {
		t.Helper()
		record, _ := w.record(home, subject)
		if !strings.Contains(string(record.Graph), want) || record.Source.Domain != domain {
			t.Errorf("%s: %s comes from %s:\n%s", when, subject, record.Source.Domain, record.Graph)
		}
	}
	both := func() {
		t.Helper()
		for _, domain := range []string{home, "other.example"} {
			if r, err := w.harvestOf(domain, harvest.Options{}); err != nil || len(r.Errors) != 0 {
				t.Fatalf("%s: %+v, %v", domain, r, err)
			}
		}
	}
	both()
	title("alone", "urn:x", "as the other says", "other.example")
	w.serve("/own.ttl", document(named("urn:z", "own", home), named("urn:x", "as the institution says", home)))
	both()
	title("both list it", "urn:x", "as the institution says", home)
	w.serve("/all.ttl", document(named("urn:x", "as the other says, anew", home), named("urn:y", "only there", home)))
	both()
	title("the other changed", "urn:x", "as the institution says", home)
	w.serve("/own.ttl", document(named("urn:z", "own", home)))
	both() // the other's document is as before, and its course counts again
	title("the institution let go", "urn:x", "as the other says, anew", "other.example")
	title("never in doubt", "urn:y", "only there", "other.example")
}

// The second source takes over what the first lets go of, although its own document did not change.
func TestNextSourceTakesOverUnread(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl", "/b.ttl")
	w.serve("/a.ttl", document(course("urn:x", "from a"), course("urn:w", "W")))
	w.serve("/b.ttl", document(course("urn:x", "from b")))
	w.harvest()
	w.serve("/a.ttl", document(course("urn:w", "W")))
	w.harvest()
	if record, _ := w.record(home, "urn:x"); !strings.Contains(string(record.Graph), "from b") {
		t.Errorf("%s", record.Graph)
	}
}

func TestManifestGoneWithdrawsAfterAWeek(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	w.harvest()
	manifest := w.files["/.well-known/quality-link-manifest.json"]
	held := func(when string, want bool) {
		t.Helper()
		if _, ok := w.record(home, "urn:a"); ok != want {
			t.Errorf("%s: the course is there: %t", when, ok)
		}
	}
	miss := func() {
		t.Helper()
		if _, err := w.harvestOf(home, harvest.Options{}); !errors.Is(err, harvest.ErrNoManifest) {
			t.Fatalf("%v", err)
		}
	}
	w.serve("/.well-known/quality-link-manifest.json", "")
	miss()
	held("at once", true)
	if s := w.h.Sources(home)[0]; s.Stale.IsZero() {
		t.Errorf("not marked stale: %+v", s)
	}
	w.now = w.now.Add(6 * 24 * time.Hour)
	miss()
	held("six days", true)
	w.serve("/.well-known/quality-link-manifest.json", manifest)
	w.harvest()
	if s := w.h.Sources(home)[0]; !s.Stale.IsZero() {
		t.Errorf("still marked stale: %+v", s)
	}
	w.serve("/.well-known/quality-link-manifest.json", "")
	miss()
	w.now = w.now.Add(6 * 24 * time.Hour)
	miss()
	held("the week begins anew", true)
	w.now = w.now.Add(24 * time.Hour)
	miss()
	held("a week", false)
	if found, _ := w.h.Discovery(home); found.Missing != "gone" {
		t.Errorf("%+v", found)
	}
	if len(w.h.Sources(home)) != 0 {
		t.Error("the source is still known")
	}
}

func TestManifestUnreachableKeepsEverything(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(http.ResponseWriter){
		"5xx":         func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusBadGateway) },
		"forbidden":   func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusForbidden) },
		"a web page":  func(rw http.ResponseWriter) { fmt.Fprint(rw, "<!doctype html><title>Maintenance</title>") },
		"no manifest": func(rw http.ResponseWriter) { fmt.Fprint(rw, `{"hello":1}`) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			down := false
			w := newWorld(t, func(w *world) {
				w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
					if down && strings.HasPrefix(r.URL.Path, "/.well-known/") {
						answer(rw)
						return false
					}
					return true
				}
			})
			w.announce("/a.ttl")
			w.serve("/a.ttl", document(course("urn:a", "A")))
			w.harvest()
			down = true
			for range 60 {
				w.now = w.now.Add(24 * time.Hour)
				if _, err := w.harvestOf(home, harvest.Options{}); !errors.Is(err, harvest.ErrNoManifest) {
					t.Fatal(err)
				}
			}
			if _, ok := w.record(home, "urn:a"); !ok {
				t.Error("an outage took the courses down")
			}
			if s := w.h.Sources(home)[0]; s.Stale.IsZero() {
				t.Errorf("not marked stale: %+v", s)
			}
		})
	}
}

// What was harvested by hand rests on no manifest, so the lack of one says nothing.
func TestSourceGivenByHandOutlivesTheLackOfAManifest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serve("/a.ttl", document(course("urn:a", "A")))
	if _, err := w.h.Target(t.Context(), "https://"+home+"/a.ttl", home, harvest.Options{}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		w.now = w.now.Add(24 * time.Hour)
		_, _ = w.harvestOf(home, harvest.Options{})
	}
	if _, ok := w.record(home, "urn:a"); !ok {
		t.Error("it was withdrawn")
	}
}

func TestEmptyListingNeedsASecondRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	full := document(course("urn:a", "A"), course("urn:b", "B"))
	w.serve("/a.ttl", full)
	w.harvest()
	w.serve("/a.ttl", document())
	if r := w.harvest(); r.Withdrawn != 0 || len(r.Errors) != 1 || !strings.Contains(r.Errors[0].Message, "lists nothing") {
		t.Fatalf("%+v", r)
	}
	w.serve("/a.ttl", full)
	expect(t, "back, as it was", w.harvest(), 0, 0, 0, 0, 0)
	w.serve("/a.ttl", document())
	w.harvest()
	expect(t, "empty twice", w.harvest(), 0, 0, 0, 2, 0)
	w.serve("/a.ttl", full)
	w.harvest()
	w.serve("/a.ttl", document())
	if r := w.harvestWith(harvest.Options{AllowLoss: true}); r.Withdrawn != 2 {
		t.Errorf("approved at once: %+v", r)
	}
}

// TestEntryThatLostItsIdentity: a course is not withdrawn because its entry can no longer be told from others, not
// before a second run says the same; entries that never had an identity keep nothing from being withdrawn.
func TestEntryThatLostItsIdentity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	nameless := "[] a ql:LearningOpportunitySpecification ; dcterms:title \"B\"@en .\n"
	full := document(course("urn:a", "A"), course("urn:b", "B"))
	w.serve("/a.ttl", full)
	w.harvest()
	w.serve("/a.ttl", document(course("urn:a", "A"))+nameless)
	if r := w.harvest(); r.Withdrawn != 0 || r.Rejected != 1 || len(r.Errors) != 2 || !strings.Contains(r.Errors[1].Message, "no identity") {
		t.Fatalf("%+v", r)
	}
	w.serve("/a.ttl", full)
	expect(t, "mended, as it was", w.harvest(), 0, 0, 0, 0, 0)
	w.serve("/a.ttl", document(course("urn:a", "A"))+nameless)
	w.harvest()
	if r := w.harvest(); r.Withdrawn != 1 {
		t.Errorf("the same twice: %+v", r)
	}
	w.serve("/a.ttl", document(course("urn:c", "C"))+nameless)
	if r := w.harvest(); r.Withdrawn != 1 {
		t.Errorf("with an entry that never had an identity: %+v", r)
	}
}

func TestVolatileFactsArePublishedOnceADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	enrolled := func(n int, title string) string {
		return document(course("urn:a", title), fmt.Sprintf("<urn:a> elm:learningOpportunityInstance <urn:a:1> . <urn:a:1> a ql:LearningOpportunityInstance ; dcterms:title \"T\"@en ; "+
			"elm:learningAchievementSpecification <urn:a> ; ql:enrolledLearnerCount %d ; elm:note [ elm:noteLiteral \"x\"@en ] , [ elm:noteLiteral \"y\"@en ] .\n", n))
	}
	w.serve("/a.ttl", enrolled(1, "A"))
	expect(t, "first", w.harvest(), 1, 1, 0, 0, 0)
	changed := 0
	for hour := range 60 { // each harvest is an hour later
		w.serve("/a.ttl", enrolled(hour+2, "A"))
		changed += w.harvest().Changed
	}
	if changed != 2 {
		t.Errorf("%d versions in 60 hours", changed)
	}
	w.serve("/a.ttl", enrolled(99, "A, renamed"))
	expect(t, "more than that changed", w.harvest(), 1, 0, 1, 0, 0)
	w.serve("/a.ttl", enrolled(100, "A, renamed"))
	expect(t, "waits", w.harvest(), 1, 0, 0, 0, 0)
	w.now = w.now.Add(24 * time.Hour)
	expect(t, "its day has come, though the document did not change", w.harvest(), 1, 0, 1, 0, 0)
	if record, _ := w.record(home, "urn:a"); !strings.Contains(string(record.Graph), `"100"`) {
		t.Errorf("%s", record.Graph)
	}
}

func TestScheduledHarvestHeedsRefreshTimes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announceSources(
		`{"type":"elm","path":"https://uni.example/daily.ttl"}`,
		`{"type":"elm","path":"https://uni.example/hourly.ttl","refresh":0.1}`,
		`{"type":"elm","path":"https://uni.example/weekly.ttl","refresh":168}`,
	)
	for _, name := range []string{"daily", "hourly", "weekly"} {
		w.serve("/"+name+".ttl", document(course("urn:"+name, name)))
	}
	asked := map[string]int{}
	w.guard = func(_ http.ResponseWriter, r *http.Request) bool {
		asked[strings.Trim(r.URL.Path, "/")]++
		return true
	}
	start := w.now
	for w.now.Sub(start) < 14*24*time.Hour {
		if _, err := w.harvestOf(home, harvest.Options{Scheduled: true}); err != nil {
			t.Fatal(err)
		}
	}
	if asked["daily.ttl"] != 14 || asked["weekly.ttl"] != 2 || asked["hourly.ttl"] != 14*24 {
		t.Errorf("%v", asked)
	}
	if runs, err := w.h.Runs(w.h.Sources(home)[1].ID(), 1000); err != nil || len(runs) == 0 {
		t.Errorf("%d runs, %v", len(runs), err)
	}
}

func TestRunsAreKeptForThirtyDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	for range 45 {
		w.now = w.now.Add(23 * time.Hour)
		w.harvest()
	}
	runs, err := w.h.Runs(harvest.SourceID(home, "https://"+home+"/a.ttl"), 100)
	if err != nil || len(runs) != 31 || !runs[0].Started.After(runs[1].Started) {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	if run, ok := w.h.RunLog(runs[30].ID); !ok || w.now.Sub(run.Started) > 30*24*time.Hour || run.State != "unchanged" {
		t.Errorf("%+v", run)
	}
	for _, name := range []string{runs[0].Source, home, harvest.SourceID(home, runs[0].Source)} {
		if s, err := w.h.Find(name); err != nil || s.Domain != home {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

// Three sources fail three times: the domain counts as listed all the same.
func TestFailedRunsCountAsFinished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.announce("/a.ttl", "/missing.ttl")
	w.serve("/a.ttl", document(course("urn:a", "A")))
	listed := func() bool {
		head, err := w.db.Head(w.self)
		return err == nil && len(head.Domains) == 1
	}
	for run := 1; run <= 3; run++ {
		w.harvest()
		if listed() != (run == 3) {
			t.Errorf("after %d runs the domain is listed: %t", run, listed())
		}
	}
}

// txt answers every TXT question with what it holds.
func txt(t *testing.T, record *atomic.Value) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if text, _ := record.Load().(string); text != "" && q.Question[0].Qtype == dns.TypeTXT {
			m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{text}}}
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return conn.LocalAddr().String()
}

func TestManifestMovedByDNSWaitsForApproval(t *testing.T) {
	t.Parallel()
	var record atomic.Value
	w := newWorld(t, func(w *world) { w.resolver = txt(t, &record) })
	for _, place := range []string{"one", "two"} {
		w.serve("/"+place+".json", `{"sources":[{"type":"elm","id":"s","path":"https://other.example/`+place+`.ttl"}]}`)
		w.serve("/"+place+".ttl", document(course("urn:"+place, place)))
	}
	is := func(when, subject string) {
		t.Helper()
		for _, s := range []string{"urn:one", "urn:two"} {
			if _, ok := w.record(home, s); ok != (s == subject) {
				t.Errorf("%s: %s is there: %t", when, s, ok)
			}
		}
	}
	record.Store("v=qldiscover1; m=https://other.example/one.json")
	w.harvest()
	is("the first place is taken", "urn:one")
	if found, _ := w.h.Discovery(home); !found.LocatedByDNS || found.InForce != "https://other.example/one.json" {
		t.Errorf("%+v", found)
	}
	record.Store("v=qldiscover1; m=https://other.example/two.json")
	for range 3 {
		if _, err := w.harvestOf(home, harvest.Options{}); !errors.Is(err, harvest.ErrMoved) || !strings.Contains(err.Error(), "--allow-move") {
			t.Fatalf("%v", err)
		}
	}
	is("a move waits", "urn:one")
	if found, _ := w.h.Discovery(home); found.Pending != "https://other.example/two.json" || found.InForce != "https://other.example/one.json" {
		t.Errorf("%+v", found)
	}
	record.Store("v=qldiscover1; m=https://other.example/one.json")
	w.harvest()
	record.Store("v=qldiscover1; m=https://other.example/two.json")
	w.harvestWith(harvest.Options{AllowMove: true})
	is("approved", "urn:two")
	w.harvest()
	w.serve("/two.json", `{"withdrawn":true}`)
	w.harvest()
	is("a manifest that DNS locates does not withdraw at once", "urn:two")
	w.serve("/own.json", `{"sources":[{"type":"elm","id":"s","path":"https://uni.example/one.ttl"}]}`)
	record.Store("v=qldiscover1; m=https://uni.example/own.json")
	if r := w.harvest(); r.New != 1 {
		t.Errorf("back within the institution's own domain needs no approval: %+v", r)
	}
}

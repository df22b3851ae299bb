package authority_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
)

// An outage of the domain that spoke so far is no reason to listen to another one, and changes of the kind of
// failure begin no clock too early.
func TestThreat20aOutageLetsNobodyElseSpeak(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []string{"faculty.uni.example", "uni.example"}, federation.Provider{ID: "faculty.uni.example"})
	good, other := publisher(t), publisher(t)
	w.set("faculty.uni.example", lists(good))
	w.set("uni.example", lists(other))
	w.check(t, "faculty.uni.example", time.Hour)
	w.expect(t, good, "faculty.uni.example", federation.Delegated)
	w.set("faculty.uni.example", status(http.StatusServiceUnavailable))
	w.check(t, "faculty.uni.example", day)
	w.expect(t, good, "faculty.uni.example", federation.Delegated)
	w.expect(t, other, "faculty.uni.example", federation.Unverified)
	w.set("faculty.uni.example", nil) // gone for good: the registrable domain speaks
	w.check(t, "faculty.uni.example", day)
	w.expect(t, good, "faculty.uni.example", federation.Unverified)
	w.expect(t, other, "faculty.uni.example", federation.Delegated)
}

func TestThreat20aGoneAfterALongOutageHasItsOwnSevenDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []string{"uni.example"}, federation.Provider{ID: "uni.example"})
	p := publisher(t)
	w.set("uni.example", lists(p))
	w.check(t, "uni.example", time.Hour)
	w.set("uni.example", status(http.StatusBadGateway))
	w.check(t, "uni.example", time.Hour)
	w.check(t, "uni.example", 50*day)
	w.set("uni.example", nil)
	w.check(t, "uni.example", time.Hour)
	w.expect(t, p, "uni.example", federation.Delegated)
	e, _ := w.Evidence("uni.example")
	if want := w.now.Add(7 * day); !e.Expires().Equal(want) || e.Problem == "" {
		t.Errorf("expires %s, want %s: %s", e.Expires(), want, e.Problem)
	}
	w.check(t, "uni.example", 6*day)
	w.expect(t, p, "uni.example", federation.Delegated)
	w.check(t, "uni.example", 2*day)
	w.expect(t, p, "uni.example", federation.Unverified)
	if e, _ := w.Evidence("uni.example"); !e.Spent {
		t.Error("evidence that no longer counts does not say so")
	}
}

// Evidence that an outage used up comes back whole, although the server would say that nothing changed.
func TestSpentEvidenceIsAskedForWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []string{"uni.example"}, federation.Provider{ID: "uni.example"})
	p := publisher(t)
	conditional := func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		lists(p)(rw, r)
	}
	w.set("uni.example", conditional)
	w.check(t, "uni.example", time.Hour)
	w.set("uni.example", nil)
	w.check(t, "uni.example", time.Hour)
	w.check(t, "uni.example", 8*day)
	w.set("uni.example", status(http.StatusServiceUnavailable))
	w.check(t, "uni.example", time.Hour)
	w.expect(t, p, "uni.example", federation.Unverified)
	w.set("uni.example", conditional)
	w.check(t, "uni.example", time.Hour)
	w.expect(t, p, "uni.example", federation.Delegated)
}

// All known domains are looked at, and those that could be read before and cannot now are at risk.
func TestAllAreCheckedAndTheFailingAreAtRisk(t *testing.T) {
	t.Parallel()
	w := configuredWorld(t, []string{"a.example", "b.example", "alliance.example", "ministry.example"}, authority.Config{
		Providers: []federation.Provider{{ID: "a.example"}},
		Alliances: []federation.Alliance{{Domain: "alliance.example", Members: []string{"b.example"}}},
		Stewards:  []authority.Steward{{Domain: "ministry.example", Providers: []string{"*"}}},
	})
	p := publisher(t)
	for _, domain := range []string{"a.example", "alliance.example", "ministry.example"} {
		w.set(domain, lists(p))
	}
	w.CheckAll(t.Context())
	for _, domain := range []string{"a.example", "alliance.example", "ministry.example"} {
		w.expect(t, p, domain, federation.Delegated)
	}
	if risk := w.AtRisk(); len(risk) != 0 {
		t.Errorf("b.example never had a manifest, and the others have one: %+v", risk)
	}
	w.set("alliance.example", status(http.StatusBadGateway))
	w.now = w.now.Add(time.Hour)
	w.CheckAll(t.Context())
	if risk := w.AtRisk(); len(risk) != 1 || risk[0].Domain != "alliance.example" {
		t.Errorf("at risk: %+v", risk)
	}
}

// The operator hears once that what a domain said counts for a time only, once that it no longer does, and once that
// all is well again; never of domains that never said anything.
func TestThreat20aAlerts(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	w := configuredWorld(t, []string{"uni.example", "silent.example"}, authority.Config{
		Providers: []federation.Provider{{ID: "uni.example"}, {ID: "silent.example"}},
		Log:       slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelInfo})),
	})
	w.set("uni.example", lists(publisher(t)))
	all := func(later time.Duration) {
		w.now = w.now.Add(later)
		w.CheckAll(t.Context())
	}
	all(time.Hour)
	w.set("uni.example", status(http.StatusBadGateway))
	all(time.Hour)
	all(50 * day)
	all(50 * day)
	all(time.Hour)
	w.set("uni.example", lists(publisher(t)))
	all(time.Hour)
	for _, once := range []string{"what is held still counts", "no longer counts", "obtained again"} {
		if n := strings.Count(said.String(), once); n != 1 {
			t.Errorf("%q is said %d times", once, n)
		}
	}
	if strings.Contains(said.String(), "silent.example") {
		t.Errorf("an institution without a manifest is an alert:\n%s", said.String())
	}
}

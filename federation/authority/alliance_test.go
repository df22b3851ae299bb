package authority_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/google/go-cmp/cmp"
)

const day = 24 * time.Hour

// allied is a world with an alliance of two and an authority over *.land.example.
func allied(t *testing.T) *world {
	t.Helper()
	return configuredWorld(t, []string{"alliance.example", "a.example", "b.example", "ministry.example", "x.land.example", "outside.example"}, authority.Config{
		Providers: []federation.Provider{{ID: "x.land.example"}, {ID: "outside.example"}},
		Alliances: []federation.Alliance{{Domain: "alliance.example", Members: []string{"a.example", "b.example"}}},
		Stewards:  []authority.Steward{{Domain: "ministry.example", Providers: []string{"*.land.example"}}},
	})
}

func TestAllianceSpeaksForMembersThatNameNobody(t *testing.T) {
	t.Parallel()
	w := allied(t)
	p, own := publisher(t), publisher(t)
	w.set("alliance.example", lists(p))
	w.check(t, "alliance.example", time.Hour)
	w.expect(t, p, "alliance.example", federation.Delegated)
	w.expect(t, p, "a.example", federation.Unverified) // nobody has looked yet whom the member names
	w.check(t, "a.example", time.Hour)
	w.expect(t, p, "a.example", federation.AllianceClass) // it has no manifest
	if s := w.Standing(p, "a.example", nobody); s.By != "alliance.example" {
		t.Errorf("through %q", s.By)
	}
	w.check(t, "outside.example", time.Hour)
	w.expect(t, p, "outside.example", federation.Unverified)

	w.set("a.example", manifest(`{"sources":[]}`))
	w.check(t, "a.example", time.Hour)
	w.expect(t, p, "a.example", federation.AllianceClass)
	before := w.Version()
	w.set("a.example", manifest(`{"publishers":[]}`))
	w.check(t, "a.example", time.Hour)
	w.expect(t, p, "a.example", federation.Unverified) // at once
	if changed, _ := w.Changed(before); !slices.Contains(changed, "a.example") {
		t.Errorf("changed are only %v", changed)
	}

	w.set("a.example", lists(own))
	w.check(t, "a.example", time.Hour)
	w.expect(t, p, "a.example", federation.AllianceClass) // until the listed one speaks
	speaks := func(q federation.PublisherID) bool { return q == own }
	if s := w.Standing(p, "a.example", speaks); s.Class != federation.Unverified {
		t.Errorf("beside an effective publisher of the member's own: %s", s.Class)
	}
	if s := w.Standing(own, "a.example", speaks); s.Class != federation.Delegated {
		t.Errorf("the member's own publisher: %s", s.Class)
	}

	before = w.Version()
	w.set("alliance.example", lists(own))
	w.check(t, "alliance.example", time.Hour)
	w.expect(t, p, "a.example", federation.Unverified) // the alliance changed its key
	if changed, _ := w.Changed(before); !slices.Contains(changed, "b.example") {
		t.Errorf("members are not judged anew: %v", changed)
	}
}

func TestRelationsOfAlliancesAndAuthorities(t *testing.T) {
	t.Parallel()
	w := allied(t)
	for _, c := range []struct {
		domain, provider string
		want             federation.Relation
	}{
		{"a.example", "a.example", federation.Own},
		{"alliance.example", "a.example", federation.OfAlliance},
		{"a.example", "alliance.example", federation.None},
		{"a.example", "b.example", federation.None},
		{"alliance.example", "outside.example", federation.None},
		{"ministry.example", "x.land.example", federation.Configured},
		{"ministry.example", "unheard-of.land.example", federation.Configured},
		{"ministry.example", "a.example", federation.None},
	} {
		if got := w.Relation(c.domain, c.provider); got != c.want {
			t.Errorf("%s for %s: %v, want %v", c.domain, c.provider, got, c.want)
		}
	}
	if got := w.AlliancesOf("b.example"); !slices.Equal(got, []string{"alliance.example"}) {
		t.Errorf("alliances of a member: %v", got)
	}
	if _, known := w.Known("a.example"); !known {
		t.Error("a member of a configured alliance is not known")
	}
	if _, known := w.Known("alliance.example"); known {
		t.Error("the alliance counts as an institution")
	}
}

func TestAuthoritativeThroughTheAuthoritysManifest(t *testing.T) {
	t.Parallel()
	w := allied(t)
	p := publisher(t)
	w.set("ministry.example", lists(p))
	w.check(t, "ministry.example", time.Hour)
	w.expect(t, p, "x.land.example", federation.Authoritative)
	w.expect(t, p, "a.example", federation.Unverified)
	if w.Best(p) != federation.Delegated {
		t.Error("the authority's own domain delegates it")
	}
	w.set("x.land.example", lists(publisher(t)))
	w.check(t, "x.land.example", time.Hour)
	w.expect(t, p, "x.land.example", federation.Authoritative) // ranks below, and is not overridden
}

// TestTrustForNobodyIsRefused: an id that no provider can have would never match, without a word.
func TestTrustForNobodyIsRefused(t *testing.T) {
	t.Parallel()
	for pattern, good := range map[string]bool{
		"uni.example": true, "*.example": true, "*": true, "uni?.example": true, "deqarinst0815": true,
		"": false, "a..b": false, "Uni.Example": false, "https://uni.example/": false, "[": false, "uni": false,
	} {
		if err := authority.CheckPattern("provider", pattern); (err == nil) != good {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func TestTrustIsReplacedAndTakenBack(t *testing.T) {
	t.Parallel()
	w := allied(t)
	p := publisher(t)
	trust := func(class federation.Class) {
		t.Helper()
		if err := w.Trust(authority.Trust{ID: p, Provider: "*.example", Class: class}); err != nil {
			t.Fatal(err)
		}
	}
	trust(federation.Member)
	trust(federation.Authoritative)
	w.expect(t, p, "a.example", federation.Authoritative)
	if w.Best(p) != federation.Authoritative || len(w.Trusted()) != 1 {
		t.Errorf("best %s of %v", w.Best(p), w.Trusted())
	}
	if err := w.Distrust(p, "*.example"); err != nil {
		t.Fatal(err)
	}
	w.expect(t, p, "a.example", federation.Unverified)
	w.restart(t)
	w.expect(t, p, "a.example", federation.Unverified)
	if err := w.Distrust(p, "*.example"); !errors.Is(err, authority.ErrNotTrusted) {
		t.Errorf("taken back twice: %v", err)
	}
	for _, bad := range []authority.Trust{
		{ID: "nobody", Provider: "*"}, {ID: p, Provider: "["}, {ID: p}, {ID: p, Provider: "*", Class: federation.Delegated},
	} {
		if err := w.Trust(bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

func TestFreezeSurvivesARestart(t *testing.T) {
	t.Parallel()
	w := allied(t)
	p := publisher(t)
	before := w.Version()
	if err := w.Freeze(p, "under investigation"); err != nil {
		t.Fatal(err)
	}
	if w.Version() == before {
		t.Error("nobody is told")
	}
	w.restart(t)
	if reason, frozen := w.Frozen(p); !frozen || reason != "under investigation" {
		t.Errorf("%q, %v", reason, frozen)
	}
	if f, _ := w.FrozenSince(p); !f.Since.Equal(w.now) {
		t.Errorf("since %s", f.Since)
	}
	if err := w.Unfreeze(p); err != nil {
		t.Fatal(err)
	}
	w.restart(t)
	if _, frozen := w.Frozen(p); frozen {
		t.Error("still frozen")
	}
	if err := w.Unfreeze(p); !errors.Is(err, authority.ErrNotFrozen) {
		t.Errorf("unfrozen twice: %v", err)
	}
}

func TestPrefersTheBetterDomain(t *testing.T) {
	t.Parallel()
	w := allied(t)
	p := publisher(t)
	w.set("a.example", manifest(`{"publishers":["`+string(p)+`"],"delegates":["z.example"]}`))
	w.check(t, "a.example", time.Hour)
	w.set("alliance.example", lists(p))
	w.check(t, "alliance.example", time.Hour)
	if err := w.Trust(authority.Trust{ID: p, Provider: "z.example"}); err != nil {
		t.Fatal(err)
	}
	better := []string{"a.example", "z.example", "alliance.example", "outside.example"}
	for i, one := range better {
		for j, other := range better {
			if got := w.Prefers(p, "a.example", one, other); i != j && got != (i < j) {
				t.Errorf("%s before %s: %v", one, other, got)
			}
		}
	}
}

func TestSeveralStatementsMakeOneAlliance(t *testing.T) {
	t.Parallel()
	w := configuredWorld(t, nil, authority.Config{Alliances: []federation.Alliance{
		{Domain: "alliance.example", Members: []string{"b.example"}, Aliases: []string{"INT0001"}},
		{Domain: "alliance.example", Name: "The Alliance", Members: []string{"a.example", "b.example"}},
	}})
	want := []federation.Alliance{{Domain: "alliance.example", Name: "The Alliance", Members: []string{"a.example", "b.example"}, Aliases: []string{"INT0001"}}}
	if diff := cmp.Diff(want, w.Alliances()); diff != "" {
		t.Error(diff)
	}
	if _, ok := w.Alliance("INT0001"); !ok {
		t.Error("not found by its alias")
	}
}

package catalogue_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/google/go-cmp/cmp"
)

// allied is an alliance with publisher 0 and members a, b and c, of which a names nobody, b names publisher 1
// and c names nobody and lets no alliance speak either; and a ministry with publisher 2 over *.land.example.
func allied(t *testing.T) *fixture {
	t.Helper()
	f := newFixture(t, t.TempDir(), 4, "x.land.example")
	t.Cleanup(func() { _ = f.db.Close() })
	f.alliances = []federation.Alliance{{Domain: "alliance.example", Members: []string{"a.example", "b.example", "c.example"}}}
	f.stewards = []authority.Steward{{Domain: "ministry.example", Providers: []string{"*.land.example"}}}
	f.says("alliance.example", nil, 0)
	f.saysNothing("a.example")
	f.says("b.example", nil, 1)
	f.says("c.example", nil)
	f.says("ministry.example", nil, 2)
	return f
}

func expect(t *testing.T, f *fixture, c *catalogue.Catalogue, what string, want map[string]string) {
	t.Helper()
	f.update(c)
	if diff := cmp.Diff(want, f.shown(c)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestAlliancePublishesForMembers(t *testing.T) {
	t.Parallel()
	f := allied(t)
	c := f.catalogue(3)
	f.publish(0, []string{"a.example", "b.example", "c.example"},
		statement{"a.example", "urn:a", "a.example", "A"}, statement{"b.example", "urn:b", "b.example", "B"}, statement{"c.example", "urn:c", "c.example", "C"})
	expect(t, f, c, "members that do not speak for themselves", map[string]string{"urn:a": "0 alliance", "urn:b": "0 alliance"})
	item, _ := c.Get("course|a.example|urn:a")
	if item.By != "alliance.example" {
		t.Errorf("published by %q", item.By)
	}
	f.publish(1, []string{"b.example"})
	expect(t, f, c, "the member's own publisher speaks, with nothing to offer", map[string]string{"urn:a": "0 alliance"})
	for _, s := range c.StandingsOf("b.example") {
		if s.Publisher == f.ids[0] && (s.Class != federation.Unverified || s.Effective) {
			t.Errorf("the alliance still has a class: %+v", s)
		}
	}
	if _, err := f.db.AddProof(f.equivocate(1)); err != nil {
		t.Fatal(err)
	}
	expect(t, f, c, "the member's own publisher equivocated", map[string]string{"urn:a": "0 alliance", "urn:b": "0 alliance"})
}

// What an alliance's own catalogue says of members is asserted by the alliance; the member's own wins.
func TestAllianceAsserts(t *testing.T) {
	t.Parallel()
	f := allied(t)
	c := f.catalogue(3)
	f.publish(0, []string{"alliance.example"},
		statement{"a.example", "urn:a", "alliance.example", "A"}, statement{"b.example", "urn:b", "alliance.example", "B"},
		statement{"c.example", "urn:c", "alliance.example", "C"}, statement{"x.land.example", "urn:x", "alliance.example", "X"})
	expect(t, f, c, "three members' courses", map[string]string{"urn:a": "0 delegated", "urn:b": "0 delegated", "urn:c": "0 delegated"})
	item, _ := c.Get("course|c.example|urn:c")
	if item.Domain != "alliance.example" || item.By != "" {
		t.Errorf("%+v", item)
	}
	f.publish(1, []string{"b.example"}, statement{"b.example", "urn:b1", "b.example", "B"})
	expect(t, f, c, "the member's own", map[string]string{"urn:a": "0 delegated", "urn:b1": "1 delegated", "urn:c": "0 delegated"})
}

func TestAuthorityAsserts(t *testing.T) {
	t.Parallel()
	f := allied(t)
	c := f.catalogue(3)
	f.publish(2, []string{"ministry.example"},
		statement{"x.land.example", "urn:x", "ministry.example", "X"}, statement{"a.example", "urn:a", "ministry.example", "A"})
	expect(t, f, c, "an authority over some institutions", map[string]string{"urn:x": "2 delegated"})
	f.publish(2, []string{"ministry.example", "x.land.example"}, statement{"x.land.example", "urn:x1", "x.land.example", "X"})
	expect(t, f, c, "the institution's own source, harvested by the authority", map[string]string{"urn:x1": "2 authoritative"})
	item, _ := c.Get("course|x.land.example|urn:x1")
	if item.By != "ministry.example" {
		t.Errorf("by %q", item.By)
	}
}

// A member's list ends what an alliance says from the member's domain about others, too.
func TestOverrideReachesWhoTheMemberSpeaksFor(t *testing.T) {
	t.Parallel()
	f := allied(t)
	f.providers = append(f.providers, federation.Provider{ID: "school.example"})
	f.saysNothing("school.example", "b.example")
	c := f.catalogue(3)
	f.publish(0, []string{"b.example"}, statement{"school.example", "urn:s", "b.example", "S"})
	expect(t, f, c, "before", map[string]string{"urn:s": "0 alliance"})
	f.publish(1, []string{"b.example"})
	expect(t, f, c, "after", map[string]string{})
}

func TestStandingsSayWhy(t *testing.T) {
	t.Parallel()
	f := allied(t)
	f.publish(0, []string{}, statement{"a.example", "urn:a", "a.example", "A"})
	f.publish(1, []string{"a.example", "b.example"}, statement{"a.example", "urn:a", "a.example", "A"}, statement{"c.example", "urn:c", "b.example", "C"})
	f.publish(2, []string{"b.example", "ministry.example"}, statement{"x.land.example", "urn:x", "ministry.example", "X"})
	c := f.catalogue(3)
	for _, want := range []struct {
		provider  string
		publisher int
		why       string
	}{
		{"a.example", 0, "does not list a.example as completely harvested"},
		{"a.example", 1, "nobody lets this publisher speak for a.example"},
		{"c.example", 1, "b.example may not speak for c.example"},
		{"x.land.example", 2, "effective"},
	} {
		found := false
		for _, s := range c.StandingsOf(want.provider) {
			if s.Publisher == f.ids[want.publisher] {
				found = strings.Contains(s.Why, want.why)
				if !found {
					t.Errorf("%s, publisher %d: %q", want.provider, want.publisher, s.Why)
				}
			}
		}
		if !found {
			t.Errorf("%s, publisher %d: no standing says %q", want.provider, want.publisher, want.why)
		}
	}
	if all := c.Standings(); len(all) < 4 {
		t.Errorf("only %d standings", len(all))
	}
}

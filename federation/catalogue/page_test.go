package catalogue_test

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	gocmp "github.com/google/go-cmp/cmp"
)

// pageReader derives the authority table from the text of docs/protocol.md alone, sharing no code with the node.
type pageReader struct{ authorityVector }

func (v pageReader) names(domain string, p federation.PublisherID) (place int, ok bool) {
	m := v.Manifests[domain]
	if m.Publishers == nil {
		return 0, false
	}
	for i, id := range *m.Publishers {
		if id == p {
			return i, true
		}
	}
	return 0, false
}

func (v pageReader) effectiveFor(p federation.PublisherID, domain string) bool {
	for _, h := range v.Heads {
		if h.Publisher == p && h.Effective && slices.Contains(h.Domains, domain) {
			return true
		}
	}
	return false
}

// pattern is text, or a star and the end of the text.
func pattern(pattern, text string) bool {
	end, star := strings.CutPrefix(pattern, "*")
	return star && strings.HasSuffix(text, end) || pattern == text
}

func (v pageReader) trusts(p federation.PublisherID, domain string, as federation.Class) bool {
	for _, t := range v.Trust {
		if t.ID == p && t.Class == as && pattern(t.Provider, domain) {
			return true
		}
	}
	return false
}

func (v pageReader) class(p federation.PublisherID, domain string) (class, place int) {
	if place, ok := v.names(domain, p); ok {
		return 0, place
	}
	if v.trusts(p, domain, "member") {
		return 1, 0
	}
	m, looked := v.Manifests[domain]
	open := looked && m.Publishers == nil
	if m.Publishers != nil && len(*m.Publishers) > 0 {
		open = true
		for _, listed := range *m.Publishers {
			open = open && !v.effectiveFor(listed, domain)
		}
	}
	for _, a := range v.Alliances {
		if _, named := v.names(a.Domain, p); open && named && slices.Contains(a.Members, domain) {
			return 2, 0
		}
	}
	for _, s := range v.Authorities {
		for _, over := range s.Providers {
			if _, named := v.names(s.Domain, p); named && pattern(over, domain) {
				return 3, 0
			}
		}
	}
	if v.trusts(p, domain, "authoritative") {
		return 3, 0
	}
	return 4, 0
}

func (v pageReader) relation(domain, provider string) int {
	if domain == provider {
		return 0
	}
	if slices.Contains(v.Manifests[provider].Delegates, domain) {
		return 1
	}
	for _, a := range v.Alliances {
		if a.Domain == domain && slices.Contains(a.Members, provider) {
			return 2
		}
	}
	for _, s := range v.Authorities {
		for _, over := range s.Providers {
			if s.Domain == domain && pattern(over, provider) {
				return 3
			}
		}
	}
	return 4
}

// pagePair is a candidate as the page ranks it.
type pagePair struct {
	vectorSaid
	relation, class, place int
}

func (v pageReader) pairs(provider string) []pagePair {
	said := slices.DeleteFunc(slices.Clone(v.Said), func(s vectorSaid) bool { return s.Provider != provider })
	for _, h := range v.Heads {
		heard := slices.ContainsFunc(said, func(s vectorSaid) bool { return s.Publisher == h.Publisher && s.Domain == provider })
		if slices.Contains(h.Domains, provider) && !heard {
			said = append(said, vectorSaid{Publisher: h.Publisher, Domain: provider, Provider: provider})
		}
	}
	var out []pagePair
	for _, s := range said {
		class, place := v.class(s.Publisher, s.Domain)
		if class < 4 {
			out = append(out, pagePair{s, v.relation(s.Domain, provider), class, place})
		}
	}
	slices.SortFunc(out, func(a, b pagePair) int {
		return cmp.Or(a.relation-b.relation, a.class-b.class, a.place-b.place, cmp.Compare(a.Publisher, b.Publisher), cmp.Compare(a.Domain, b.Domain))
	})
	return out
}

func (v pageReader) rows() []vectorRow {
	names := []federation.Class{"delegated", "member", "alliance", "authoritative"}
	var out []vectorRow
	providers := slices.Clone(everyDomain)
	slices.Sort(providers)
	for _, provider := range providers {
		taken := false
		for rank, p := range v.pairs(provider) {
			effective := !taken && p.relation < 4 && v.effectiveFor(p.Publisher, p.Domain) && (p.Records > 0 || p.Domain == provider)
			taken = taken || effective
			out = append(out, vectorRow{provider, p.Domain, p.Publisher, names[p.class], rank, effective})
		}
	}
	return out
}

// TestThePageIsEnough: who reads docs/protocol.md and nothing else comes to the same table.
func TestThePageIsEnough(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var all []authorityVector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no vectors")
	}
	for i, v := range all {
		if diff := gocmp.Diff(v.Rows, pageReader{v}.rows()); diff != "" {
			t.Errorf("vector %d (-node +page):\n%s", i, diff)
		}
	}
}

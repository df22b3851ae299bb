package federation_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// own is a pair of the provider's own domain that nothing is wrong with.
func own(publisher federation.PublisherID) federation.Pair {
	return federation.Pair{
		Provider: "uni.example", Domain: "uni.example", Publisher: publisher,
		Class: federation.Delegated, Relation: federation.Own, Lists: true, Records: 3,
	}
}

func with(p federation.Pair, change func(*federation.Pair)) federation.Pair {
	change(&p)
	return p
}

func from(domain string, r federation.Relation, publisher federation.PublisherID) federation.Pair {
	return with(own(publisher), func(p *federation.Pair) { p.Domain, p.Relation = domain, r })
}

func TestBest(t *testing.T) {
	t.Parallel()
	class := func(c federation.Class) func(*federation.Pair) { return func(p *federation.Pair) { p.Class = c } }
	order := func(n int) func(*federation.Pair) { return func(p *federation.Pair) { p.Order = n } }
	empty := func(p *federation.Pair) { p.Records = 0 }
	unlisted := func(p *federation.Pair) { p.Lists = false }
	alliance, delegate := federation.OfAlliance, federation.Delegate
	cases := []struct {
		name  string
		pairs []federation.Pair
		want  int // index, -1 for none
	}{
		{"nobody", nil, -1},
		{"only one", []federation.Pair{own("P")}, 0},
		{"own domain before delegate", []federation.Pair{from("d.example", delegate, "P"), with(own("Q"), class(federation.Authoritative))}, 1},
		{"delegate before alliance", []federation.Pair{from("a.example", alliance, "P"), from("d.example", delegate, "Q")}, 1},
		{"alliance before configuration", []federation.Pair{from("c.example", federation.Configured, "P"), from("a.example", alliance, "Q")}, 1},
		{"no relation, no voice", []federation.Pair{from("x.example", federation.None, "P")}, -1},
		{"delegated before member", []federation.Pair{with(own("P"), class(federation.Member)), own("Q")}, 1},
		{"member before alliance", []federation.Pair{with(own("P"), class(federation.AllianceClass)), with(own("Q"), class(federation.Member))}, 1},
		{"alliance before authority", []federation.Pair{with(own("P"), class(federation.Authoritative)), with(own("Q"), class(federation.AllianceClass))}, 1},
		{"unverified never", []federation.Pair{with(own("P"), class(federation.Unverified))}, -1},
		{"local never", []federation.Pair{with(own("P"), class(federation.Local))}, -1},
		{"unknown class never", []federation.Pair{with(own("P"), class("royal"))}, -1},
		{"no class never", []federation.Pair{with(own("P"), class(""))}, -1},
		{"order in the manifest", []federation.Pair{with(own("P"), order(1)), with(own("Q"), order(0))}, 1},
		{"class before order", []federation.Pair{with(own("P"), order(5)), with(own("Q"), class(federation.Member))}, 0},
		{"publisher id last", []federation.Pair{own("Q"), own("P")}, 1},
		{"bytewise, not by case", []federation.Pair{own("a"), own("B")}, 1},
		{"one publisher, two delegates", []federation.Pair{from("e.example", delegate, "P"), from("d.example", delegate, "P")}, 1},
		{"own domain may be empty", []federation.Pair{with(own("P"), empty), from("d.example", delegate, "Q")}, 0},
		{"others may not", []federation.Pair{with(from("d.example", delegate, "P"), empty), from("a.example", alliance, "Q")}, 1},
		{"not listed by the head", []federation.Pair{with(own("P"), unlisted), from("a.example", alliance, "Q")}, 1},
		{"records do not count", []federation.Pair{own("P"), with(own("Q"), func(p *federation.Pair) { p.Records = 1000 })}, 0},
	}
	for _, c := range cases {
		got, found := federation.Best(c.pairs)
		if found != (c.want >= 0) {
			t.Errorf("%s: found %v", c.name, found)
		} else if found {
			if diff := cmp.Diff(c.pairs[c.want], got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
	}
}

func anyPair() *rapid.Generator[federation.Pair] {
	classes := []federation.Class{
		federation.Delegated, federation.Member, federation.AllianceClass, federation.Authoritative, federation.Unverified, federation.Local,
	}
	return rapid.Custom(func(t *rapid.T) federation.Pair {
		p := federation.Pair{
			Provider: "uni.example", Domain: fmt.Sprintf("d%d.example", rapid.IntRange(0, 4).Draw(t, "domain")),
			Publisher: federation.PublisherID(rapid.StringMatching("[A-C]").Draw(t, "publisher")),
			Class:     rapid.SampledFrom(classes).Draw(t, "class"),
			Relation:  federation.Relation(rapid.IntRange(int(federation.Delegate), int(federation.None)).Draw(t, "relation")),
			Order:     rapid.IntRange(0, 2).Draw(t, "order"), Lists: rapid.Bool().Draw(t, "lists"), Records: rapid.IntRange(0, 2).Draw(t, "records"),
		}
		if p.Domain == "d0.example" {
			p.Domain, p.Relation = p.Provider, federation.Own
		}
		return p
	})
}

func anyPairs(t *rapid.T) []federation.Pair {
	byName := func(p federation.Pair) string { return p.Domain + "|" + string(p.Publisher) }
	return rapid.SliceOfNDistinct(anyPair(), 0, 12, byName).Draw(t, "pairs")
}

func TestPrecedenceIgnoresTheOrderOfPairs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pairs := anyPairs(t)
		before := slices.Clone(pairs)
		rows := federation.Rows(pairs)
		if diff := cmp.Diff(before, pairs); diff != "" {
			t.Fatalf("Rows changes its argument:\n%s", diff)
		}
		if diff := cmp.Diff(rows, federation.Rows(rapid.Permutation(pairs).Draw(t, "permuted"))); diff != "" {
			t.Fatal(diff)
		}
		best, found := federation.Best(pairs)
		effective := 0
		for i, r := range rows {
			if r.Effective {
				effective++
				if r.Domain != best.Domain || r.Publisher != best.Publisher {
					t.Fatalf("effective row %v is not the best pair %v", r, best)
				}
			}
			if r.Rank != i {
				t.Fatalf("row %d has rank %d", i, r.Rank)
			}
		}
		if found != (effective == 1) {
			t.Fatalf("%d effective rows, best found: %v", effective, found)
		}
	})
}

// A node that keeps unverified publishers and one that does not must report the same authority root.
func TestSilentPairsChangeNoRoot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pairs := anyPairs(t)
		speaking := slices.DeleteFunc(slices.Clone(pairs), func(p federation.Pair) bool { return !p.Class.Speaks() })
		if federation.AuthorityRoot(federation.Rows(pairs)) != federation.AuthorityRoot(federation.Rows(speaking)) {
			t.Fatalf("silent pairs in %v count", pairs)
		}
	})
}

func TestRootsAreHashesOfSortedLists(t *testing.T) {
	t.Parallel()
	one := "\x86\x6buni.example\x69d.example\x61P\x66member\x18\x18\xf4"
	two := "\x86\x6buni.example\x6buni.example\x61Q\x69delegated\x00\xf5"
	rows := []federation.Row{
		{Provider: "uni.example", Domain: "uni.example", Publisher: "Q", Class: federation.Delegated, Effective: true},
		{Provider: "uni.example", Domain: "d.example", Publisher: "P", Class: federation.Member, Rank: 24},
		{Provider: "uni.example", Domain: "d.example", Publisher: "R", Class: federation.Local, Rank: 25},
	}
	if got, want := federation.AuthorityRoot(rows), sha256.Sum256([]byte("\x82"+one+two)); got != want {
		t.Errorf("authority root %x, want %x", got, want)
	}
	if got, want := federation.AuthorityRoot(nil), sha256.Sum256([]byte("\x80")); got != want {
		t.Errorf("authority root of nothing %x, want %x", got, want)
	}
	payload := sha256.Sum256([]byte("payload"))
	heads := []federation.HeadRow{{Publisher: "Q", Payload: payload, ProvenEpoch: 3}, {Publisher: "P", Payload: payload}}
	bytesOf := "\x58\x20" + string(payload[:])
	want := sha256.Sum256([]byte("\x82\x83\x61P" + bytesOf + "\xf6\x83\x61Q" + bytesOf + "\x03"))
	if got := federation.HeadsRoot(heads); got != want {
		t.Errorf("heads root %x, want %x", got, want)
	}
}

func TestRootsIgnoreTheOrderOfRows(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	var rows []federation.Row
	var heads []federation.HeadRow
	for i := range 300 {
		p := federation.PublisherID(fmt.Sprint("P", i%11))
		rows = append(rows, federation.Row{Provider: fmt.Sprintf("u%d.example", i), Domain: "d.example", Publisher: p, Class: federation.Member, Rank: i})
		heads = append(heads, federation.HeadRow{Publisher: p, Payload: sha256.Sum256([]byte{byte(i)})})
	}
	authority, table := federation.AuthorityRoot(rows), federation.HeadsRoot(heads)
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	rng.Shuffle(len(heads), func(i, j int) { heads[i], heads[j] = heads[j], heads[i] })
	again, tableAgain := federation.AuthorityRoot(rows), federation.HeadsRoot(heads)
	if !bytes.Equal(authority[:], again[:]) || table != tableAgain {
		t.Error("roots depend on the order of rows")
	}
	rows[7].Effective = true
	if federation.AuthorityRoot(rows) == authority {
		t.Error("a changed row does not change the root")
	}
}

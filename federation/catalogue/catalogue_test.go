package catalogue_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
	"pgregory.net/rapid"
)

// fixture is a store with some publishers and what their domains say of them.
type fixture struct {
	t         rapid.TB
	db        *store.DB
	keys      []crypto.PrivKey
	ids       []federation.PublisherID
	providers []federation.Provider
	alliances []federation.Alliance
	stewards  []authority.Steward
	blocks    []catalogue.Block
}

func newFixture(t rapid.TB, dir string, publishers int, providers ...string) *fixture {
	db, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, db: db}
	for range publishers {
		key, _, err := crypto.GenerateEd25519Key(nil)
		if err != nil {
			t.Fatal(err)
		}
		id, err := federation.PublisherOf(key.GetPublic())
		if err != nil {
			t.Fatal(err)
		}
		f.keys, f.ids = append(f.keys, key), append(f.ids, id)
	}
	for _, p := range providers {
		f.providers = append(f.providers, federation.Provider{ID: p})
	}
	return f
}

// says stores evidence of a domain, as if it had been fetched.
func (f *fixture) says(domain string, delegates []string, publishers ...int) {
	ids := []federation.PublisherID{}
	for _, p := range publishers {
		ids = append(ids, f.ids[p])
	}
	f.evidence(authority.Evidence{Domain: domain, Publishers: &ids, Delegates: delegates, Fetched: time.Unix(1, 0)})
}

// saysNothing stores evidence without a key publishers.
func (f *fixture) saysNothing(domain string, delegates ...string) {
	f.evidence(authority.Evidence{Domain: domain, Delegates: delegates, Fetched: time.Unix(1, 0)})
}

func (f *fixture) evidence(e authority.Evidence) {
	if err := store.TableOf[authority.Evidence](f.db, "evidence").Put(e.Domain, e); err != nil {
		f.t.Fatal(err)
	}
}

// catalogue reads everything anew: authority from the kept evidence, catalogue from the store.
func (f *fixture) catalogue(self int) *catalogue.Catalogue {
	a, err := authority.New(authority.Config{
		DB: f.db, Providers: f.providers, Alliances: f.alliances, Stewards: f.stewards, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	c := catalogue.New(catalogue.Config{DB: f.db, Authority: a, Self: f.ids[self], Blocks: f.blocks, Log: slog.New(slog.DiscardHandler)})
	f.update(c)
	return c
}

func (f *fixture) update(c *catalogue.Catalogue) {
	if err := c.Update(context.Background()); err != nil {
		f.t.Fatal(err)
	}
}

// statement is one record to publish; an empty title withdraws it.
type statement struct{ provider, subject, domain, title string }

// publish signs statements and a head that lists domains.
func (f *fixture) publish(publisher int, domains []string, statements ...statement) {
	var ops []store.Op
	for _, s := range statements {
		op := store.Op{Key: "course|" + s.provider + "|" + s.subject, Domain: s.domain}
		if entry, err := f.db.Entry(f.ids[publisher], op.Key); err == nil {
			op.Old = entry.CID
		}
		if s.title != "" {
			envelope := f.seal(publisher, s)
			op.New, op.Bytes = federation.CIDOf(envelope), len(envelope)
			if err := f.db.Stage(context.Background(), []store.Block{{CID: op.New, Data: envelope}}); err != nil {
				f.t.Fatal(err)
			}
		}
		ops = append(ops, op)
	}
	slices.Sort(domains)
	_, err := f.db.Switch(context.Background(), f.ids[publisher], ops, func(n store.Next) ([]byte, error) {
		return federation.Head{
			Epoch: 1, Seq: n.Prev.Seq + 1, Prev: n.Prev.CID, Root: n.Root, Count: n.Count, Bytes: n.Bytes, Domains: domains, Issued: 1,
		}.Seal(f.keys[publisher])
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) seal(publisher int, s statement) []byte {
	graph := fmt.Sprintf("<%s> <http://purl.org/dc/terms/title> %q@en .\n"+
		"<%s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification> .\n", s.subject, s.title, s.subject)
	envelope, err := federation.Record{
		Kind: federation.KindCourse, Subject: s.subject, Provider: s.provider, Graph: []byte(graph),
		Source: federation.Source{Domain: s.domain, ID: "test"}, Mapping: "test/1", Issued: 1,
	}.Seal(f.keys[publisher])
	if err != nil {
		f.t.Fatal(err)
	}
	return envelope
}

// shown lists subject -> publisher's number and class.
func (f *fixture) shown(c *catalogue.Catalogue) map[string]string {
	out := map[string]string{}
	for item := range c.Items("") {
		_, _, subject, err := federation.SplitKey(item.Key)
		if err != nil {
			f.t.Fatal(err)
		}
		out[subject] = fmt.Sprintf("%d %s", slices.Index(f.ids, item.Publisher), item.Class)
	}
	return out
}

func TestWhoCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir(), 3, "a.example", "b.example", "c.example")
	t.Cleanup(func() { _ = f.db.Close() })
	f.says("a.example", nil, 0, 1)
	f.says("b.example", []string{"a.example"}, 1)
	f.says("c.example", nil)
	f.publish(0, []string{"a.example"},
		statement{"a.example", "urn:a1", "a.example", "A1"}, statement{"b.example", "urn:b-by-a", "a.example", "B"},
		statement{"c.example", "urn:c-by-a", "a.example", "C"})
	c := f.catalogue(0)
	want := map[string]string{"urn:a1": "0 delegated", "urn:b-by-a": "0 delegated", "urn:c-by-a": "0 local"}
	if diff := cmp.Diff(want, f.shown(c)); diff != "" {
		t.Fatalf("what an institution and its delegate may say (-want +got):\n%s", diff)
	}
	if n, local := c.Count(); n != 2 || local != 1 {
		t.Errorf("%d effective, %d local", n, local)
	}
	if seen := f.shown(f.catalogue(2)); seen["urn:c-by-a"] != "" {
		t.Error("another node shows what is local here")
	}

	// The provider's own domain wins as a whole, as soon as its publisher lists it.
	f.publish(1, []string{}, statement{"b.example", "urn:b1", "b.example", "B1"})
	f.update(c)
	if diff := cmp.Diff(want, f.shown(c)); diff != "" {
		t.Fatalf("a domain that is not listed yet took over (-want +got):\n%s", diff)
	}
	f.publish(1, []string{"b.example"})
	f.update(c)
	want = map[string]string{"urn:a1": "0 delegated", "urn:b1": "1 delegated", "urn:c-by-a": "0 local"}
	if diff := cmp.Diff(want, f.shown(c)); diff != "" {
		t.Fatalf("takeover (-want +got):\n%s", diff)
	}

	// Of two publishers of one domain the first in its manifest counts.
	f.publish(1, []string{"a.example", "b.example"}, statement{"a.example", "urn:a2", "a.example", "A2"})
	f.update(c)
	if diff := cmp.Diff(want, f.shown(c)); diff != "" {
		t.Fatalf("the second publisher of a manifest (-want +got):\n%s", diff)
	}
}

func TestThreat17ProvenEpochIsIneffective(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir(), 1, "a.example")
	t.Cleanup(func() { _ = f.db.Close() })
	f.says("a.example", nil, 0)
	f.publish(0, []string{"a.example"}, statement{"a.example", "urn:a", "a.example", "A"})
	c := f.catalogue(0)
	before := c.Roots()
	proof := f.equivocate(0)
	if _, err := f.db.AddProof(proof); err != nil {
		t.Fatal(err)
	}
	f.update(c)
	if shown := f.shown(c); len(shown) != 0 {
		t.Errorf("an equivocating publisher still counts: %v", shown)
	}
	if after := c.Roots(); after.Heads == before.Heads || after.Catalogue == before.Catalogue {
		t.Error("the roots do not show the proof")
	}
}

// equivocate signs two heads of one number.
func (f *fixture) equivocate(publisher int) federation.Proof {
	head := federation.Head{Epoch: 1, Seq: 1, Root: emptyRoot(f.t), Domains: []string{}, Issued: 1}
	one, err := head.Seal(f.keys[publisher])
	if err != nil {
		f.t.Fatal(err)
	}
	head.Issued = 2
	two, err := head.Seal(f.keys[publisher])
	if err != nil {
		f.t.Fatal(err)
	}
	proof, err := federation.NewProof(one, two)
	if err != nil {
		f.t.Fatal(err)
	}
	return proof
}

func emptyRoot(t rapid.TB) cid.Cid {
	root, err := federation.RootOf(context.Background(), func(func(string, cid.Cid) bool) {})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// TestFollowingEqualsReadingAnew: whatever was published in whatever order, a catalogue that followed every
// change shows what one made from the final store shows, and its follower was told exactly that.
func TestFollowingEqualsReadingAnew(t *testing.T) {
	t.Parallel()
	dirs := 0
	rapid.Check(t, func(rt *rapid.T) {
		dirs++
		domains := []string{"a.example", "b.example", "c.example"}
		f := newFixture(rt, fmt.Sprintf("%s/%d", t.TempDir(), dirs), 3, domains...)
		defer f.db.Close()
		for i, d := range domains {
			delegates := rapid.SliceOfNDistinct(rapid.SampledFrom(domains), 0, 2, rapid.ID[string]).Draw(rt, "delegates")
			f.says(d, delegates, i, (i+1)%3)
		}
		c := f.catalogue(0)
		told := map[string]catalogue.Item{}
		ctx, cancel := context.WithCancel(context.Background())
		began, stopped := make(chan struct{}), make(chan struct{})
		var once sync.Once
		go func() {
			defer close(stopped)
			_ = c.Follow(ctx, func(changed []catalogue.Item, removed []string) error {
				once.Do(func() { close(began) })
				for _, item := range changed {
					told[item.Key] = item
				}
				for _, key := range removed {
					delete(told, key)
				}
				return nil
			})
		}()
		defer func() { cancel(); <-stopped }()
		<-began
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			f.step(rt, domains)
			f.update(c)
		}
		anew := f.catalogue(0)
		if diff := cmp.Diff(f.shown(anew), f.shown(c)); diff != "" {
			rt.Fatalf("followed (+) and anew (-) differ:\n%s", diff)
		}
		if c.Roots() != anew.Roots() {
			rt.Fatalf("roots differ: %v and %v", c.Roots(), anew.Roots())
		}
		if err := c.Settle(ctx); err != nil {
			rt.Fatal(err)
		}
		cancel()
		<-stopped
		want := map[string]catalogue.Item{}
		for item := range c.Items("") {
			want[item.Key] = item
		}
		if len(want) != len(told) {
			rt.Fatalf("the follower was told of %d items, %d are shown", len(told), len(want))
		}
		for key, item := range want {
			if told[key] != item {
				rt.Fatalf("%s: told %v, shown %v", key, told[key], item)
			}
		}
	})
}

// step publishes something at random.
func (f *fixture) step(t *rapid.T, domains []string) {
	publisher := rapid.IntRange(0, len(f.ids)-1).Draw(t, "publisher")
	listed := rapid.SliceOfNDistinct(rapid.SampledFrom(domains), 0, 3, rapid.ID[string]).Draw(t, "listed")
	if held, err := f.db.Head(f.ids[publisher]); err == nil {
		for _, d := range held.Domains {
			if !slices.Contains(listed, d) {
				listed = append(listed, d)
			}
		}
	}
	var statements []statement
	for _, subject := range rapid.SliceOfNDistinct(rapid.IntRange(0, 5), 0, 4, rapid.ID[int]).Draw(t, "subjects") {
		statements = append(statements, statement{
			provider: domains[subject%3], subject: fmt.Sprintf("urn:s%d", subject),
			domain: rapid.SampledFrom(domains).Draw(t, "domain"), title: rapid.SampledFrom([]string{"", "one", "two"}).Draw(t, "title"),
		})
	}
	f.publish(publisher, listed, statements...)
}

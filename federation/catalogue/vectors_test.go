package catalogue_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/libp2p/go-libp2p/core/crypto"
)

var update = flag.Bool("update", false, "write the vectors anew")

const vectorFile = "../../testdata/vectors/authority.json"

// authorityVector is for other implementations; docs/protocol.md says how to use it.
type authorityVector struct {
	Manifests   map[string]vectorManifest `json:"manifests"` // by domain, as they were last obtained
	Alliances   []federation.Alliance     `json:"alliances"`
	Authorities []authority.Steward       `json:"authorities"`
	Trust       []authority.Trust         `json:"trust"`
	Heads       []vectorHead              `json:"heads"`
	Said        []vectorSaid              `json:"said"`
	Rows        []vectorRow               `json:"rows"`
	Root        string                    `json:"authority_root"`
}

type vectorManifest struct {
	Publishers *[]federation.PublisherID `json:"publishers,omitempty"`
	Delegates  []string                  `json:"delegates,omitempty"`
}

type vectorHead struct {
	Publisher federation.PublisherID `json:"publisher"`
	Effective bool                   `json:"effective"`
	Domains   []string               `json:"domains"`
}

type vectorSaid struct {
	Publisher federation.PublisherID `json:"publisher"`
	Domain    string                 `json:"domain"`
	Provider  string                 `json:"provider"`
	Records   int                    `json:"records"`
}

type vectorRow struct {
	Provider  string                 `json:"provider"`
	Domain    string                 `json:"domain"`
	Publisher federation.PublisherID `json:"publisher"`
	Class     federation.Class       `json:"class"`
	Rank      int                    `json:"rank"`
	Effective bool                   `json:"effective"`
}

// TestVectorAuthority makes worlds of alliances and authorities from fixed numbers and compares what follows from
// them, byte for byte, with the file of vectors.
func TestVectorAuthority(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(20, 26))
	var out []authorityVector
	classes := map[federation.Class]int{}
	for range 24 {
		v := vectorOf(t, rng)
		for _, r := range v.Rows {
			classes[r.Class]++
		}
		out = append(out, v)
	}
	for _, class := range []federation.Class{federation.Delegated, federation.Member, federation.AllianceClass, federation.Authoritative} {
		if classes[class] == 0 {
			t.Errorf("no row of class %s", class)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	if err := e.Encode(out); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(vectorFile, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	held, err := os.ReadFile(vectorFile)
	if err != nil || !bytes.Equal(held, b.Bytes()) {
		t.Errorf("%s no longer is what this code makes (%v); after a deliberate change of the protocol run with -update", vectorFile, err)
	}
}

func vectorOf(t *testing.T, rng *rand.Rand) authorityVector {
	t.Helper()
	f := newFixture(t, t.TempDir(), 4, "x.land.example")
	defer f.db.Close()
	for i := range f.keys {
		f.fix(i, fmt.Sprint("publisher ", i))
	}
	v := authorityVector{
		Manifests:   map[string]vectorManifest{},
		Alliances:   []federation.Alliance{{Domain: "alliance.example", Members: []string{"a.example", "b.example"}}, {Domain: "other.example", Members: []string{"b.example", "x.land.example"}}},
		Authorities: []authority.Steward{{Domain: "ministry.example", Providers: []string{"*.land.example", "a.example"}}},
		Trust:       []authority.Trust{},
	}
	f.alliances, f.stewards = v.Alliances, v.Authorities
	for _, domain := range everyDomain {
		if m, obtained := f.someManifest(rng); obtained {
			v.Manifests[domain] = m
			f.evidence(authority.Evidence{Domain: domain, Publishers: m.Publishers, Delegates: m.Delegates, Fetched: time.Unix(1, 0)})
		}
	}
	if rng.IntN(2) == 0 {
		class := []federation.Class{federation.Member, federation.Authoritative}[rng.IntN(2)]
		v.Trust = append(v.Trust, authority.Trust{ID: f.ids[rng.IntN(4)], Provider: []string{"*", "b.example", "*.land.example"}[rng.IntN(3)], Class: class})
		if err := store.TableOf[authority.Trust](f.db, "trust").Put("one", v.Trust[0]); err != nil {
			t.Fatal(err)
		}
	}
	for p := range f.ids {
		v.Heads = append(v.Heads, f.someHead(rng, p, &v.Said))
	}
	c := f.catalogue(0)
	for _, s := range c.Standings() {
		if s.Class.Speaks() {
			v.Rows = append(v.Rows, vectorRow(s.Row()))
		}
	}
	root := c.Roots().Authority
	v.Root = hex.EncodeToString(root[:])
	return v
}

// fix makes a publisher's key from a name.
func (f *fixture) fix(i int, name string) {
	seed := sha256.Sum256([]byte(name))
	key, _, err := crypto.GenerateEd25519Key(bytes.NewReader(seed[:]))
	if err != nil {
		f.t.Fatal(err)
	}
	f.keys[i] = key
	if f.ids[i], err = federation.PublisherOf(key.GetPublic()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) someManifest(rng *rand.Rand) (m vectorManifest, obtained bool) {
	if rng.IntN(3) > 0 {
		ids := []federation.PublisherID{}
		for _, p := range rng.Perm(len(f.ids))[:rng.IntN(3)] {
			ids = append(ids, f.ids[p])
		}
		m.Publishers = &ids
	}
	if rng.IntN(3) == 0 {
		m.Delegates = []string{everyDomain[rng.IntN(len(everyDomain))]}
	}
	return m, rng.IntN(8) > 0
}

// someHead publishes a set and tells what is in it.
func (f *fixture) someHead(rng *rand.Rand, p int, said *[]vectorSaid) vectorHead {
	h := vectorHead{Publisher: f.ids[p], Effective: rng.IntN(6) > 0, Domains: []string{}}
	for _, d := range rng.Perm(len(everyDomain))[:1+rng.IntN(4)] {
		h.Domains = append(h.Domains, everyDomain[d])
	}
	slices.Sort(h.Domains)
	var statements []statement
	for n := range rng.IntN(5) {
		s := vectorSaid{Publisher: f.ids[p], Domain: everyDomain[rng.IntN(len(everyDomain))], Provider: everyDomain[rng.IntN(3)], Records: 1 + rng.IntN(2)}
		if slices.ContainsFunc(*said, func(o vectorSaid) bool {
			return o.Publisher == s.Publisher && o.Domain == s.Domain && o.Provider == s.Provider
		}) {
			continue
		}
		for i := range s.Records {
			statements = append(statements, statement{s.Provider, fmt.Sprintf("urn:%d:%d", n, i), s.Domain, "A course"})
		}
		*said = append(*said, s)
	}
	f.publish(p, h.Domains, statements...)
	if !h.Effective {
		if _, err := f.db.AddProof(f.equivocate(p)); err != nil {
			f.t.Fatal(err)
		}
	}
	return h
}

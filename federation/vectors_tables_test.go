package federation_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

func TestVectorTrees(t *testing.T) {
	t.Parallel()
	type treeVector struct {
		Name    string            `json:"name"`
		Entries map[string]string `json:"entries"`
		Root    string            `json:"root"`
		Nodes   []string          `json:"nodes"`
	}
	keys := crowd(80)
	var out []treeVector
	for _, c := range []struct {
		name string
		keys []string
	}{{"empty", nil}, {"one", keys[:1]}, {"full bucket", keys[:3]}, {"split bucket", keys[:4]}, {"deep", keys[:40]}, {"wide", keys}} {
		v := treeVector{Name: c.name, Entries: map[string]string{}, Nodes: []string{}}
		set, blocks := map[string]cid.Cid{}, memory{}
		tree, err := federation.EmptyTree(blocks)
		for i, k := range c.keys {
			if err == nil {
				set[k] = rawCID(fmt.Sprint("record ", i))
				v.Entries[k] = set[k].String()
				err = tree.Set(t.Context(), k, set[k])
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		root, err := tree.Flush(t.Context())
		if err != nil || root != plainRoot(set) {
			t.Fatalf("%s: root %s, %v", c.name, root, err)
		}
		v.Root = root.String()
		err = federation.TreeNodes(t.Context(), blocks, root, func(c cid.Cid) error {
			v.Nodes = append(v.Nodes, base64.StdEncoding.EncodeToString(blocks[c]))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	goldenJSON(t, "trees.json", out)
}

type pairVector struct {
	Provider  string                 `json:"provider"`
	Domain    string                 `json:"domain"`
	Publisher federation.PublisherID `json:"publisher"`
	Class     federation.Class       `json:"class"`
	Relation  string                 `json:"relation"`
	Order     int                    `json:"order"`
	Lists     bool                   `json:"lists"`
	Records   int                    `json:"records"`
}

type rowVector struct {
	Provider  string                 `json:"provider"`
	Domain    string                 `json:"domain"`
	Publisher federation.PublisherID `json:"publisher"`
	Class     federation.Class       `json:"class"`
	Rank      int                    `json:"rank"`
	Effective bool                   `json:"effective"`
}

func TestVectorPrecedence(t *testing.T) {
	t.Parallel()
	type precedenceVector struct {
		Pairs         []pairVector `json:"pairs"`
		Rows          []rowVector  `json:"rows"`
		AuthorityRoot string       `json:"authority_root"`
	}
	relations := []string{"own", "delegate", "alliance", "configured", "none"}
	rng := rand.New(rand.NewPCG(3, 14))
	var out []precedenceVector
	for n := range 30 {
		var v precedenceVector
		pairs := somePairs(t, rng, n%9)
		for _, p := range pairs {
			v.Pairs = append(v.Pairs, pairVector{p.Provider, p.Domain, p.Publisher, p.Class, relations[p.Relation], p.Order, p.Lists, p.Records})
		}
		rows := federation.Rows(pairs)
		for _, r := range rows {
			v.Rows = append(v.Rows, rowVector(r))
		}
		root := federation.AuthorityRoot(rows)
		v.AuthorityRoot = hex.EncodeToString(root[:])
		out = append(out, v)
	}
	goldenJSON(t, "precedence.json", out)
}

// somePairs are distinct candidates for one provider that often tie in one or two respects.
func somePairs(t *testing.T, rng *rand.Rand, n int) []federation.Pair {
	classes := []federation.Class{
		federation.Delegated, federation.Member, federation.AllianceClass, federation.Authoritative, federation.Unverified, federation.Local,
	}
	var out []federation.Pair
	for len(out) < n {
		p := federation.Pair{
			Provider: "uni.example", Domain: fmt.Sprintf("d%d.example", rng.IntN(4)), Publisher: publisherOf(t, []string{"a", "b", "thief"}[rng.IntN(3)]),
			Class: classes[rng.IntN(len(classes))], Relation: federation.Relation(1 + rng.IntN(4)), Order: rng.IntN(3),
			Lists: rng.IntN(4) > 0, Records: rng.IntN(3),
		}
		if p.Domain == "d0.example" {
			p.Domain, p.Relation = p.Provider, federation.Own
		}
		if p.Class != federation.Delegated {
			p.Order = 0
		}
		same := func(o federation.Pair) bool { return o.Domain == p.Domain && o.Publisher == p.Publisher }
		if !slices.ContainsFunc(out, same) {
			out = append(out, p)
		}
	}
	return out
}

func TestVectorRoots(t *testing.T) {
	t.Parallel()
	type headRowVector struct {
		Publisher   federation.PublisherID `json:"publisher"`
		Payload     string                 `json:"payload_sha256"`
		ProvenEpoch any                    `json:"proven_epoch"`
	}
	var table []headRowVector
	var rows []federation.HeadRow
	for i, name := range []string{"a", "b", "thief"} {
		h := sampleHead()
		h.Count = uint64(i)
		payload, err := federation.PayloadHash(sealHead(t, h, name))
		if err != nil {
			t.Fatal(err)
		}
		row := federation.HeadRow{Publisher: publisherOf(t, name), Payload: payload, ProvenEpoch: uint64(i) * 1000}
		v := headRowVector{row.Publisher, hex.EncodeToString(payload[:]), nil}
		if row.ProvenEpoch > 0 {
			v.ProvenEpoch = row.ProvenEpoch
		}
		rows, table = append(rows, row), append(table, v)
	}
	of := func(rows []federation.HeadRow) string {
		root := federation.HeadsRoot(rows)
		return hex.EncodeToString(root[:])
	}
	authority := federation.AuthorityRoot(nil)
	goldenJSON(t, "roots.json", map[string]any{
		"heads": table, "heads_root": of(rows), "heads_root_of_none": of(nil), "authority_root_of_none": hex.EncodeToString(authority[:]),
	})
}

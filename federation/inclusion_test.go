package federation_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// inclusionIn puts the sample record into a set of n others and proves that it is there.
func inclusionIn(t testing.TB, n int) federation.Inclusion {
	t.Helper()
	blocks := memory{}
	tree, err := federation.EmptyTree(blocks)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := tree.Set(t.Context(), fmt.Sprintf("course|uni.example|urn:other:%d", i), rawCID(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	record := sampleRecord()
	envelope := sealRecord(t, record, "publisher")
	if err := tree.Set(t.Context(), record.Key(), federation.CIDOf(envelope)); err != nil {
		t.Fatal(err)
	}
	head := sampleHead()
	if head.Root, err = tree.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	path, err := federation.Path(t.Context(), blocks, head.Root, record.Key())
	if err != nil {
		t.Fatal(err)
	}
	return federation.Inclusion{Head: sealHead(t, head, "publisher"), Path: path, Record: envelope}
}

func TestInclusion(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 3, 40, 5000} {
		proof := inclusionIn(t, n)
		head, record, err := proof.Open()
		if err != nil {
			t.Fatalf("among %d others: %v", n, err)
		}
		if record.Subject != courseSubject || head.Publisher != publisherOf(t, "publisher") {
			t.Errorf("among %d others: record of %s, head of %s", n, record.Subject, head.Publisher)
		}
	}
}

// TestInclusionBitByBit: there is no bit of a proof that does not count.
func TestInclusionBitByBit(t *testing.T) {
	t.Parallel()
	proof := inclusionIn(t, 100)
	r := rand.New(rand.NewPCG(1, 2))
	parts := append([]*[]byte{&proof.Head, &proof.Record}, func() (nodes []*[]byte) {
		for i := range proof.Path {
			nodes = append(nodes, &proof.Path[i])
		}
		return nodes
	}()...)
	for _, part := range parts {
		whole := *part
		for range 200 {
			bit := r.IntN(8 * len(whole))
			altered := bytes.Clone(whole)
			altered[bit/8] ^= 1 << (bit % 8)
			*part = altered
			if _, _, err := proof.Open(); err == nil {
				t.Fatalf("accepted with bit %d altered", bit)
			}
		}
		*part = whole
	}
}

func TestInclusionOfSomethingElse(t *testing.T) {
	t.Parallel()
	good := inclusionIn(t, 100)
	change := func(f func(*federation.Inclusion)) federation.Inclusion {
		p := good
		p.Path = slices.Clone(good.Path)
		f(&p)
		return p
	}
	other := sampleRecord()
	other.Subject = courseSubject + "0"
	other.Graph = bytes.ReplaceAll([]byte(courseGraph), []byte("course/1"), []byte("course/10"))
	anew := sampleRecord()
	anew.Issued++
	for name, p := range map[string]federation.Inclusion{
		"another's head": change(func(p *federation.Inclusion) {
			h, _, err := good.Open()
			if err != nil {
				t.Fatal(err)
			}
			p.Head = sealHead(t, h, "somebody else")
		}),
		"a course that is not there": change(func(p *federation.Inclusion) { p.Record = sealRecord(t, other, "publisher") }),
		"another version":            change(func(p *federation.Inclusion) { p.Record = sealRecord(t, anew, "publisher") }),
		"another root":               change(func(p *federation.Inclusion) { p.Head = sealHead(t, sampleHead(), "publisher") }),
		"no path":                    change(func(p *federation.Inclusion) { p.Path = nil }),
		"a path cut short":           change(func(p *federation.Inclusion) { p.Path = p.Path[:len(p.Path)-1] }),
		"a node too many":            change(func(p *federation.Inclusion) { p.Path = append(p.Path, p.Path[0]) }),
		"nodes in another order":     change(func(p *federation.Inclusion) { slices.Reverse(p.Path) }),
	} {
		_, _, err := p.Open()
		refused(t, err, "%s", name)
	}
}

// TestThreat18InclusionNodes: nodes in another encoding, or of a form that no tree has, are refused.
func TestThreat18InclusionNodes(t *testing.T) {
	t.Parallel()
	value := plainLink(rawCID("value"))
	entry := append([]byte{0x82, 0x41, 'k'}, value...)
	for name, node := range map[string][]byte{
		"empty":                {},
		"no list":              {0x80},
		"leading zero":         {0x82, 0x42, 0, 1, 0x81, 0x80},
		"pointer missing":      {0x82, 0x41, 3, 0x81, 0x80},
		"empty bucket":         {0x82, 0x41, 1, 0x81, 0x80},
		"indefinite list":      {0x82, 0x41, 1, 0x9f, 0xff},
		"long field":           append([]byte{0x82, 0x45}, make([]byte, 5)...),
		"bucket of four":       slices.Concat([]byte{0x82, 0x41, 1, 0x81, 0x84}, entry, entry, entry, entry),
		"bytes after":          slices.Concat([]byte{0x82, 0x41, 1, 0x81, 0x81}, entry, []byte{0}),
		"a link to a raw node": append([]byte{0x82, 0x41, 1, 0x81}, value...),
		"many pointers":        {0x82, 0x41, 1, 0x9a, 0xff, 0xff, 0xff, 0xff},
	} {
		head := sampleHead()
		head.Root = cidOf(cid.DagCBOR, 0x12, string(node))
		p := federation.Inclusion{Head: sealHead(t, head, "publisher"), Path: [][]byte{node}, Record: sealRecord(t, sampleRecord(), "publisher")}
		_, _, err := p.Open()
		refused(t, err, "%s", name)
	}
}

func FuzzInclusion(f *testing.F) {
	good := inclusionIn(f, 40)
	for _, node := range good.Path {
		f.Add(node)
	}
	f.Fuzz(func(t *testing.T, node []byte) {
		head := sampleHead()
		head.Root = cidOf(cid.DagCBOR, 0x12, string(node))
		p := federation.Inclusion{Head: sealHead(t, head, "publisher"), Path: [][]byte{node}, Record: good.Record}
		if _, _, err := p.Open(); err == nil && !bytes.Contains(node, []byte(sampleRecord().Key())) {
			t.Error("a node without the key proves that it is there")
		}
	})
}

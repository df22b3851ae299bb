package index

import (
	"encoding/binary"
	"slices"
)

// class says where in a document a term stands; the higher, the better.
type class uint8

const (
	inBody class = iota + 1
	inName
	inTitle
)

// posting list of one term: document numbers rising, each with a class, as varints of
// (difference << 2 | class). Numbers are only ever appended.
type posting struct {
	last  uint32 // document number + 1, 0 when empty
	count uint32
	data  []byte
}

func (p *posting) add(n uint32, c class) {
	p.data = binary.AppendUvarint(p.data, uint64(n+1-p.last)<<2|uint64(c))
	p.last = n + 1
	p.count++
}

// each visits the documents of a posting list.
func (p *posting) each(visit func(n uint32, c class)) {
	var at uint32
	for data := p.data; len(data) > 0; {
		v, size := uint64(data[0]), 1
		if v >= 0x80 {
			v, size = binary.Uvarint(data)
		}
		data = data[size:]
		at += uint32(v >> 2)
		visit(at-1, class(v&3))
	}
}

// mark raises best to the worth of each document's class. It does what each does, without a call for
// every document: searches spend their time here.
func (p *posting) mark(best []uint8, worth [4]uint8) {
	at := ^uint32(0)
	for data := p.data; len(data) > 0; {
		v := uint64(data[0])
		if v < 0x80 {
			data = data[1:]
		} else {
			var size int
			v, size = binary.Uvarint(data)
			data = data[size:]
		}
		at += uint32(v >> 2)
		if w := worth[v&3]; best[at] < w {
			best[at] = w
		}
	}
}

// terms is the dictionary. sorted holds all words in order, for prefixes; fresh those added since.
type terms struct {
	lists  map[string]*posting
	sorted []string
	fresh  []string
}

func newTerms() *terms { return &terms{lists: map[string]*posting{}} }

func (t *terms) add(term string, n uint32, c class) {
	p := t.lists[term]
	if p == nil {
		p = &posting{}
		t.lists[term] = p
		t.fresh = append(t.fresh, term)
	}
	p.add(n, c)
}

// settle merges the fresh words into the sorted ones.
func (t *terms) settle() {
	if len(t.fresh) == 0 {
		return
	}
	slices.Sort(t.fresh)
	merged := make([]string, 0, len(t.sorted)+len(t.fresh))
	old, fresh := t.sorted, t.fresh
	for len(old) > 0 && len(fresh) > 0 {
		if old[0] < fresh[0] {
			merged, old = append(merged, old[0]), old[1:]
		} else {
			merged, fresh = append(merged, fresh[0]), fresh[1:]
		}
	}
	t.sorted = append(append(merged, old...), fresh...)
	t.fresh = nil
}

// withPrefix lists the words that begin with a prefix.
func (t *terms) withPrefix(prefix string) []string {
	from, _ := slices.BinarySearch(t.sorted, prefix)
	to := from
	for to < len(t.sorted) && len(t.sorted[to]) >= len(prefix) && t.sorted[to][:len(prefix)] == prefix {
		to++
	}
	return t.sorted[from:to]
}

// bitset of document numbers.
type bitset []uint64

func (b *bitset) set(n uint32) {
	for int(n>>6) >= len(*b) {
		*b = append(*b, 0)
	}
	(*b)[n>>6] |= 1 << (n & 63)
}

func (b bitset) clear(n uint32)    { b[n>>6] &^= 1 << (n & 63) }
func (b bitset) has(n uint32) bool { return b[n>>6]&(1<<(n&63)) != 0 }

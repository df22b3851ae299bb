package index

import "encoding/binary"

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
	if len(p.data)+binary.MaxVarintLen32 > cap(p.data) {
		p.widen()
	}
	p.data = binary.AppendUvarint(p.data, uint64(n+1-p.last)<<2|uint64(c))
	p.last = n + 1
	p.count++
}

// widen makes room in steps of a quarter: with append, which doubles, a third of all lists would be empty room.
func (p *posting) widen() {
	size := (len(p.data)*5/4 + 2*binary.MaxVarintLen32) &^ 7
	p.data = append(make([]byte, 0, size), p.data...)
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

// postings are lists by number, in pieces that stay where they are while more come.
type postings struct {
	pieces [][]posting
	n      uint32
}

const piece = 4096

func (p *postings) at(number uint32) *posting { return &p.pieces[number/piece][number%piece] }

func (p *postings) grow() {
	if p.n%piece == 0 {
		p.pieces = append(p.pieces, make([]posting, piece))
	}
	p.n++
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

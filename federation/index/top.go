package index

import (
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"math"
	"slices"
)

// position is where a document stands in an order: what a cursor remembers. It depends on the query
// and the document alone. number orders first, then text, then tie.
type position struct {
	number int64
	text   string
	tie    [tieSize]byte
}

func (p position) compare(o position) int {
	if c := cmp.Compare(p.number, o.number); c != 0 {
		return c
	}
	if c := cmp.Compare(p.text, o.text); c != 0 {
		return c
	}
	return bytes.Compare(p.tie[:], o.tie[:])
}

// position of a document, the lower the earlier.
func (ix *Index) position(s scored, order Sort) position {
	d := &ix.docs[s.n]
	p := position{number: ix.number(s, order), tie: d.tie}
	if order == ByTitle || order == ByTitleDown || order == ByRelevance {
		p.text = d.title
	}
	return p
}

// number decides most comparisons without a look at the document.
func (ix *Index) number(s scored, order Sort) int64 {
	switch order {
	case ByRelevance:
		return -int64(s.score)
	case ByModified:
		return ix.hot[s.n].modified
	case ByModifiedDown:
		return -ix.hot[s.n].modified
	case ByECTS:
		return ectsNumber(ix.hot[s.n].ects, 1)
	case ByECTSDown:
		return ectsNumber(ix.hot[s.n].ects, -1)
	}
	return ix.hot[s.n].head
}

// titleHead orders as the first eight bytes of a title do.
func titleHead(title string) int64 {
	var b [8]byte
	copy(b[:], title)
	return int64(binary.BigEndian.Uint64(b[:]) ^ 1<<63)
}

// ectsNumber orders credits in either direction, unknown ones last.
func ectsNumber(ects float32, sign int64) int64 {
	if ects != ects {
		return math.MaxInt64
	}
	return sign * int64(ects*1000)
}

// top keeps the best documents of those offered.
type top struct {
	ix    *Index
	order Sort
	limit int
	after *position // only later ones; nil: all
	heap  ranking
}

type ranked struct {
	scored
	at position
}

// ranking is a heap with the worst document first.
type ranking struct {
	docs []ranked
	down bool // by title, backwards
}

func newTop(ix *Index, order Sort, limit int, after *position) *top {
	return &top{ix: ix, order: order, limit: limit, after: after, heap: ranking{down: order == ByTitleDown}}
}

func (t *top) offer(n, score uint32) {
	r := ranked{scored: scored{n, score}}
	if len(t.heap.docs) == t.limit {
		number, worst := t.ix.number(r.scored, t.order), t.heap.docs[0].at.number
		if number != worst && (number > worst) != t.heap.down {
			return
		}
	}
	r.at = t.ix.position(r.scored, t.order)
	if t.after != nil && t.heap.compare(r.at, *t.after) <= 0 {
		return
	}
	switch {
	case len(t.heap.docs) < t.limit:
		heap.Push(&t.heap, r)
	case t.heap.compare(r.at, t.heap.docs[0].at) < 0:
		t.heap.docs[0] = r
		heap.Fix(&t.heap, 0)
	}
}

func (t *top) sorted() []scored {
	slices.SortFunc(t.heap.docs, func(a, b ranked) int { return t.heap.compare(a.at, b.at) })
	out := make([]scored, len(t.heap.docs))
	for i, r := range t.heap.docs {
		out[i] = r.scored
	}
	return out
}

func (r *ranking) compare(a, b position) int {
	if r.down {
		a, b = b, a
	}
	return a.compare(b)
}

func (r *ranking) Len() int           { return len(r.docs) }
func (r *ranking) Less(i, j int) bool { return r.compare(r.docs[i].at, r.docs[j].at) > 0 }
func (r *ranking) Swap(i, j int)      { r.docs[i], r.docs[j] = r.docs[j], r.docs[i] }
func (r *ranking) Push(x any)         { r.docs = append(r.docs, x.(ranked)) }
func (r *ranking) Pop() any {
	last := r.docs[len(r.docs)-1]
	r.docs = r.docs[:len(r.docs)-1]
	return last
}

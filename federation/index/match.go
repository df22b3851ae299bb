package index

import (
	"context"
	"slices"
	"strings"
)

// scored is a document that has all words of a query.
type scored struct {
	n     uint32
	score uint32
}

// points of a word by where it stands; a whole word counts twice as much as the beginning of one.
var points = [4]uint8{inBody: 1, inName: 3, inTitle: 6}

const (
	wholeWord  = 2
	titleScale = 16 // leaves room for the bonus of short titles
)

// needle is one word of a query with the postings it reaches.
type needle struct {
	lists []*posting
	exact *posting // the word itself, nil when no document has it
	count int
}

// needles looks the words up, the rarest first; false when one of them occurs nowhere.
func (ix *Index) needles(words []string) ([]needle, bool) {
	out := make([]needle, len(words))
	for i, word := range words {
		exact := ix.terms.find(word)
		out[i] = needle{exact: exact}
		if i == len(words)-1 {
			out[i].lists = ix.terms.withPrefix(word)
		} else if exact != nil {
			out[i].lists = []*posting{exact}
		}
		for _, list := range out[i].lists {
			out[i].count += int(list.count)
		}
		if out[i].count == 0 {
			return nil, false
		}
	}
	slices.SortFunc(out, func(a, b needle) int { return a.count - b.count })
	return out, true
}

// match finds the documents that have all words, in order of number.
func (ix *Index) match(ctx context.Context, words []string) ([]scored, error) {
	needles, ok := ix.needles(words)
	if !ok {
		return nil, nil
	}
	best := make([]uint8, len(ix.docs)) // points of the current word by document
	var found []scored
	for i, needle := range needles {
		clear(best)
		if err := needle.mark(ctx, best); err != nil {
			return nil, err
		}
		if i == 0 {
			found = ix.collect(best, needle.count)
		} else {
			found = narrow(found, best)
		}
	}
	ix.favourTitles(found, len(words))
	return found, nil
}

// mark writes the points of a word for every document that has it.
func (n needle) mark(ctx context.Context, best []uint8) error {
	for i, list := range n.lists {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		worth := points
		if list == n.exact {
			for c := range worth {
				worth[c] *= wholeWord
			}
		}
		list.mark(best, worth)
	}
	return nil
}

// collect lists the marked documents that are live.
func (ix *Index) collect(best []uint8, atMost int) []scored {
	found := make([]scored, 0, min(atMost, len(ix.byKey)))
	for n, p := range best {
		if p > 0 && ix.live.has(uint32(n)) {
			found = append(found, scored{uint32(n), uint32(p)})
		}
	}
	return found
}

// narrow keeps the documents that have the word and adds its points.
func narrow(found []scored, best []uint8) []scored {
	kept := found[:0]
	for _, s := range found {
		if p := best[s.n]; p > 0 {
			s.score += uint32(p)
			kept = append(kept, s)
		}
	}
	return kept
}

// favourTitles puts shorter titles first among those that hold every word.
func (ix *Index) favourTitles(found []scored, words int) {
	all := uint32(words) * uint32(points[inTitle])
	for i := range found {
		s := &found[i]
		inAll := s.score >= all
		s.score *= titleScale
		if inAll {
			s.score += titleScale - 1 - min(uint32(ix.docs[s.n].words), titleScale-1)
		}
	}
}

// acceptor makes the test of one field's filter; ISCED-F codes match by prefix.
func acceptor(f Field, wanted []string) func(string) bool {
	if f != ISCED {
		return func(v string) bool { return slices.Contains(wanted, v) }
	}
	return func(v string) bool {
		return slices.ContainsFunc(wanted, func(prefix string) bool { return strings.HasPrefix(v, prefix) })
	}
}

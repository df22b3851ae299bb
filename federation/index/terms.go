package index

import (
	"bytes"
	"slices"
)

// terms is the dictionary: words and their postings. A catalogue has about as many rare words as anything else,
// so what each costs counts.
type terms struct {
	table
	lists postings   // by number of the word
	runs  [][]uint32 // all numbers but the fresh ones, sorted by word, in runs that are each more than twice as long as the next
}

func newTerms() *terms { return &terms{table: newTable(1 << 10)} }

// find returns the postings of a word, nil when no document has it.
func (t *terms) find(word string) *posting {
	if number, ok := t.table.find([]byte(word)); ok {
		return t.lists.at(number)
	}
	return nil
}

func (t *terms) add(word []byte, hash uint64, n uint32, c class) {
	number, fresh := t.table.add(word, hash)
	if fresh {
		t.lists.grow()
	}
	t.lists.at(number).add(n, c)
}

// settle sorts the fresh words in. Every word is merged a few times in its life, however often this is called.
func (t *terms) settle() {
	settled := 0
	for _, run := range t.runs {
		settled += len(run)
	}
	if settled == len(t.ends) {
		return
	}
	fresh := make([]uint32, 0, len(t.ends)-settled)
	for number := settled; number < len(t.ends); number++ {
		fresh = append(fresh, uint32(number))
	}
	slices.SortFunc(fresh, t.compare)
	t.runs = append(t.runs, fresh)
	for last := len(t.runs) - 1; last > 0 && len(t.runs[last-1]) <= 2*len(t.runs[last]); last-- {
		t.runs = append(t.runs[:last-1], t.merge(t.runs[last-1], t.runs[last]))
	}
}

func (t *terms) compare(a, b uint32) int { return bytes.Compare(t.word(a), t.word(b)) }

func (t *terms) merge(a, b []uint32) []uint32 {
	out := make([]uint32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if t.compare(a[0], b[0]) < 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// withPrefix lists the postings of the words that begin with a prefix.
func (t *terms) withPrefix(prefix string) (out []*posting) {
	p := []byte(prefix)
	for _, run := range t.runs {
		at, _ := slices.BinarySearchFunc(run, p, func(number uint32, p []byte) int { return bytes.Compare(t.word(number), p) })
		for ; at < len(run) && bytes.HasPrefix(t.word(run[at]), p); at++ {
			out = append(out, t.lists.at(run[at]))
		}
	}
	return out
}

// renumbered leaves out the documents that are not kept, and words without any.
func (t *terms) renumbered(keep func(uint32) (uint32, bool)) *terms {
	out := newTerms()
	for number := range uint32(t.len()) {
		word := t.word(number)
		hash := hashOf(word)
		t.lists.at(number).each(func(n uint32, c class) {
			if m, ok := keep(n); ok {
				out.add(word, hash, m, c)
			}
		})
	}
	out.settle()
	return out
}

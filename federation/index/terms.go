package index

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// terms is the dictionary: words and their postings, under numbers in the order of arrival. A catalogue has
// about as many rare words as anything else, so what each costs counts: words stand one after the other,
// and tables hold numbers instead of pointers.
type terms struct {
	seed  maphash.Seed
	slots []uint32 // hash table with open addressing: numbers + 1; a power of two, at most three quarters full
	text  []byte   // all words
	ends  []uint32 // where each ends in text
	lists postings
	runs  [][]uint32 // all numbers but the fresh ones, sorted by word, in runs that are each more than twice as long as the next
}

const firstSlots = 1 << 10

func newTerms() *terms {
	return &terms{seed: maphash.MakeSeed(), slots: make([]uint32, firstSlots)}
}

func (t *terms) word(number uint32) []byte {
	from := uint32(0)
	if number > 0 {
		from = t.ends[number-1]
	}
	return t.text[from:t.ends[number]]
}

// slot is where the number of a word is, or would be.
func (t *terms) slot(word []byte) *uint32 {
	mask := uint64(len(t.slots) - 1)
	for at := maphash.Bytes(t.seed, word) & mask; ; at = (at + 1) & mask {
		if s := &t.slots[at]; *s == 0 || bytes.Equal(t.word(*s-1), word) {
			return s
		}
	}
}

// find returns the postings of a word, nil when no document has it.
func (t *terms) find(word string) *posting {
	if s := t.slot([]byte(word)); *s != 0 {
		return t.lists.at(*s - 1)
	}
	return nil
}

// add notes that a document has a word. Of several times the first counts, which is where the word stands best.
func (t *terms) add(word []byte, n uint32, c class) {
	s := t.slot(word)
	if *s == 0 {
		s = t.admit(word, s)
	}
	if p := t.lists.at(*s - 1); p.last != n+1 {
		p.add(n, c)
	}
}

// admit gives a new word the next number, and its slot.
func (t *terms) admit(word []byte, s *uint32) *uint32 {
	t.text = append(t.text, word...)
	t.ends = append(t.ends, uint32(len(t.text)))
	t.lists.grow()
	*s = uint32(len(t.ends))
	if len(t.ends)*4 <= len(t.slots)*3 {
		return s
	}
	t.slots = make([]uint32, 2*len(t.slots))
	for number := range t.ends {
		*t.slot(t.word(uint32(number))) = uint32(number) + 1
	}
	return t.slot(word)
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
	for number := range t.ends {
		word := t.word(uint32(number))
		t.lists.at(uint32(number)).each(func(n uint32, c class) {
			if m, ok := keep(n); ok {
				out.add(word, m, c)
			}
		})
	}
	out.settle()
	return out
}

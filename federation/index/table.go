package index

import (
	"bytes"
	"hash/maphash"
)

// seed is one for all tables of words: nobody outside can choose words that collide.
var seed = maphash.MakeSeed()

// table holds words, each once, under numbers in the order of arrival. The words stand one after the other and are
// found by open addressing, so that a word costs its letters and a few bytes, and the collector nothing.
type table struct {
	slots []uint32 // numbers + 1; a power of two, at most three quarters full
	text  []byte
	ends  []uint32 // where each word ends in text
}

func newTable(slots int) table { return table{slots: make([]uint32, slots)} }

func (t *table) len() int { return len(t.ends) }

func (t *table) word(number uint32) []byte {
	from := uint32(0)
	if number > 0 {
		from = t.ends[number-1]
	}
	return t.text[from:t.ends[number]]
}

func hashOf(word []byte) uint64 { return maphash.Bytes(seed, word) }

// slot is where the number of a word is, or would be.
func (t *table) slot(word []byte, hash uint64) *uint32 {
	mask := uint64(len(t.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		if s := &t.slots[at]; *s == 0 || bytes.Equal(t.word(*s-1), word) {
			return s
		}
	}
}

// add returns the number of a word, which may be fresh.
func (t *table) add(word []byte, hash uint64) (number uint32, fresh bool) {
	s := t.slot(word, hash)
	if *s != 0 {
		return *s - 1, false
	}
	t.text = append(t.text, word...)
	t.ends = append(t.ends, uint32(len(t.text)))
	*s = uint32(len(t.ends))
	if len(t.ends)*4 > len(t.slots)*3 {
		t.widen()
	}
	return uint32(len(t.ends) - 1), true
}

func (t *table) widen() {
	t.slots = make([]uint32, 2*len(t.slots))
	for number := range uint32(len(t.ends)) {
		word := t.word(number)
		*t.slot(word, hashOf(word)) = number + 1
	}
}

// find returns the number of a word that is held.
func (t *table) find(word []byte) (number uint32, ok bool) {
	s := t.slot(word, hashOf(word))
	return *s - 1, *s != 0
}

// words are those of one document, each with its best class and its hash.
type words struct {
	table
	hashes  []uint64
	classes []class
}

func newWords() words { return words{table: newTable(256)} }

// add takes the words of the best class first: of several times the first counts.
func (w *words) add(word []byte, c class) {
	hash := hashOf(word)
	if _, fresh := w.table.add(word, hash); fresh {
		w.hashes, w.classes = append(w.hashes, hash), append(w.classes, c)
	}
}

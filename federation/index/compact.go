package index

const (
	compactFrom  = 4096 // documents gone before compaction is worth it
	compactShare = 3    // and at least one in so many of all
)

// compact renumbers the live documents when too many are gone; ix.mu is held. It takes about as long
// as adding the documents did, without cutting texts again.
func (ix *Index) compact() {
	gone := len(ix.docs) - len(ix.byKey)
	if gone < compactFrom || gone*compactShare < len(ix.docs) {
		return
	}
	const dropped = ^uint32(0)
	number := make([]uint32, len(ix.docs))
	docs, hots := make([]doc, 0, len(ix.byKey)), make([]hot, 0, len(ix.byKey))
	cols, live, held := [fieldCount]*column{}, bitset{}, bitset{}
	for f := range cols {
		cols[f] = newColumn()
	}
	for n := range ix.docs {
		if !ix.held.has(uint32(n)) {
			number[n] = dropped
			continue
		}
		number[n] = uint32(len(docs))
		held.set(number[n])
		if ix.live.has(uint32(n)) {
			live.set(number[n])
		}
		ix.byKey[ix.docs[n].key] = number[n]
		docs, hots = append(docs, ix.docs[n]), append(hots, ix.hot[n])
		for f, c := range ix.cols {
			cols[f].add(c.valuesOf(uint32(n)))
		}
	}
	keep := func(n uint32) (uint32, bool) { return number[n], number[n] != dropped }
	ix.terms = ix.terms.renumbered(keep)
	ix.ids, ix.runs, ix.same = ix.ids.renumbered(keep), ix.runs.renumbered(keep), ix.same.renumbered(keep)
	for r := range ix.links {
		ix.links[r] = ix.links[r].renumbered(keep)
	}
	ix.docs, ix.hot, ix.cols, ix.live, ix.held = docs, hots, cols, live, held
}

func (c *column) valuesOf(n uint32) []string {
	out := make([]string, 0, 4)
	for _, code := range c.of(n) {
		out = append(out, c.values[code])
	}
	return out
}

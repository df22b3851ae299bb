package index

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/coursemesh/coursemesh/federation/profile"
)

// Statistics of the courses that searches show.
type Statistics struct {
	Courses   int
	Counts    map[Field][]Count // by value, the most frequent first; a course of two values counts in both
	Unstated  map[Field]int     // courses without a value
	ECTS      []int             // by band, see ECTSBands
	NoECTS    int
	Quality   Quality              // of all of them
	Providers []ProviderStatistics // that have any, by id
}

// ProviderStatistics are those of one provider.
type ProviderStatistics struct {
	ID string
	Quality
}

// Quality of some courses.
type Quality struct {
	Courses  int
	Complete int   // sum of their completeness, in percent
	Stated   []int // courses that state each of profile.Facts
}

// Mean is the average completeness in percent, zero of no courses.
func (q Quality) Mean() float64 {
	if q.Courses == 0 {
		return 0
	}
	return float64(q.Complete) / float64(q.Courses)
}

func (q *Quality) add(complete uint8, stated profile.FactSet) {
	if q.Stated == nil {
		q.Stated = make([]int, len(profile.Facts()))
	}
	q.Courses++
	q.Complete += int(complete)
	for rest := uint32(stated); rest != 0; rest &= rest - 1 {
		q.Stated[bits.TrailingZeros32(rest)]++
	}
}

// ECTSBands are where bands of credits begin; each ends before the next one.
func ECTSBands() []float64 { return slices.Clone(bands) }

var bands = []float64{0, 3, 6, 10, 30, 60, 180}

// bandOf is the last band that begins at or before a number of credits, -1 for unknown ones.
func bandOf(ects float32) (band int) {
	for band = len(bands) - 1; band >= 0 && !(float64(ects) >= bands[band]); band-- {
	}
	return band
}

// Statistics counts the courses that have one of the wanted values of every field in values, by the values of fields.
func (ix *Index) Statistics(ctx context.Context, values map[Field][]string, fields ...Field) (Statistics, error) {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	s := &search{ix: ix, q: Query{Values: values, Facets: fields}}
	s.prepare()
	c := &census{search: s, by: make([]Quality, len(ix.cols[Provider].values))}
	c.out = Statistics{Counts: map[Field][]Count{}, Unstated: map[Field]int{}, ECTS: make([]int, len(bands))}
	const between = 4096 // courses between two looks at the clock
	for n := range uint32(len(ix.docs)) {
		if n%between == 0 && ctx.Err() != nil {
			return Statistics{}, ctx.Err()
		}
		if ix.live.has(n) && c.wants(n) {
			c.count(n)
		}
	}
	return c.result(), nil
}

// census is one round of counting; the index is read-locked.
type census struct {
	*search
	by  []Quality // by code of the provider
	out Statistics
}

func (c *census) wants(n uint32) bool {
	for i := range c.restrictions {
		if r := &c.restrictions[i]; !r.column.any(n, r.marked) {
			return false
		}
	}
	return true
}

func (c *census) count(n uint32) {
	c.out.Courses++
	for _, t := range c.tallies {
		codes := t.column.of(n)
		if len(codes) == 0 {
			c.out.Unstated[t.field]++
		}
		for _, code := range codes {
			t.counts[code]++
		}
	}
	stated, hot := c.ix.docs[n].stated, &c.ix.hot[n]
	if band := bandOf(hot.ects); band < 0 {
		c.out.NoECTS++
	} else {
		c.out.ECTS[band]++
	}
	c.out.Quality.add(hot.complete, stated)
	for _, code := range c.ix.cols[Provider].of(n) {
		c.by[code].add(hot.complete, stated)
	}
}

func (c *census) result() Statistics {
	for _, t := range c.tallies {
		c.out.Counts[t.field] = t.result()
	}
	for code, q := range c.by {
		if q.Courses > 0 {
			c.out.Providers = append(c.out.Providers, ProviderStatistics{c.ix.cols[Provider].values[code], q})
		}
	}
	slices.SortFunc(c.out.Providers, func(a, b ProviderStatistics) int { return cmp.Compare(a.ID, b.ID) })
	return c.out
}

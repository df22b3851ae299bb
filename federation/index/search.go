package index

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// restriction is the filter of one field, ready to be asked per document.
type restriction struct {
	field  Field
	column *column
	marked []bool
}

// tally counts the values of one field.
type tally struct {
	field       Field
	column      *column
	restriction int // place of the field's own filter, -1 when it has none
	counts      []int
}

// search is one query being answered; the index is read-locked.
type search struct {
	ix           *Index
	q            Query
	restrictions []restriction
	tallies      []tally
	named        map[uint32]bool // documents that the identifier filter allows; nil: all
	free         bool            // no other filter without a facet
	today        Day
	best         *top
	total        int
}

// Search answers a query. It gives up when ctx ends; ErrQuery, ErrCursor and ErrCursorExpired are the
// asker's faults.
func (ix *Index) Search(ctx context.Context, q Query) (Result, error) {
	q, err := q.check()
	if err != nil {
		return Result{}, err
	}
	words, err := q.words()
	if err != nil {
		return Result{}, err
	}
	after, err := q.after()
	if err != nil {
		return Result{}, err
	}
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	s := &search{ix: ix, q: q, today: DayOf(ix.cfg.Now()), best: newTop(ix, q.Sort, q.Limit+1, after)}
	s.prepare()
	if err := s.run(ctx, words); err != nil {
		return Result{}, err
	}
	return s.result(), nil
}

func (s *search) prepare() {
	for f := range fieldCount {
		if wanted := s.q.Values[f]; len(wanted) > 0 {
			c := s.ix.cols[f]
			s.restrictions = append(s.restrictions, restriction{f, c, c.accept(acceptor(f, wanted))})
		}
	}
	s.free = s.q.free()
	for _, f := range distinctFields(s.q.Facets) {
		c := s.ix.cols[f]
		own := slices.IndexFunc(s.restrictions, func(r restriction) bool { return r.field == f })
		s.tallies = append(s.tallies, tally{f, c, own, make([]int, len(c.values))})
	}
	if len(s.q.Identifiers) > 0 {
		s.named = map[uint32]bool{}
		for _, id := range s.q.Identifiers {
			for _, n := range s.ix.ids.find(Normalise(id)) {
				s.named[s.ix.shown(n)] = true
			}
		}
	}
}

func distinctFields(fields []Field) []Field {
	fields = slices.Clone(fields)
	slices.Sort(fields)
	return slices.Compact(fields)
}

// run looks at every candidate once.
func (s *search) run(ctx context.Context, words []string) error {
	const between = 4096 // candidates between two looks at the clock
	if len(words) > 0 {
		found, err := s.ix.match(ctx, words)
		for i := 0; i < len(found) && err == nil; i++ {
			s.consider(found[i].n, found[i].score)
			if i%between == 0 {
				err = ctx.Err()
			}
		}
		return err
	}
	if strings.TrimSpace(s.q.Text) != "" { // signs only: no word can match
		return nil
	}
	for n := range uint32(len(s.ix.docs)) {
		if n%between == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if s.ix.live.has(n) {
			s.consider(n, 0)
		}
	}
	return nil
}

// consider counts a document and keeps it when it is among the best. One that only the filter of a
// single field excludes still counts in that field's facet.
func (s *search) consider(n uint32, score uint32) {
	if !s.plain(n) {
		return
	}
	failed := -1
	for i := range s.restrictions {
		if r := &s.restrictions[i]; !r.column.any(n, r.marked) {
			if failed >= 0 || len(s.tallies) == 0 {
				return
			}
			failed = i
		}
	}
	for i := range s.tallies {
		if t := &s.tallies[i]; failed < 0 || t.restriction == failed {
			for _, code := range t.column.of(n) {
				t.counts[code]++
			}
		}
	}
	if failed < 0 {
		s.total++
		s.best.offer(n, score)
	}
}

// plain asks the filters that no facet belongs to.
func (s *search) plain(n uint32) bool {
	if s.free {
		return true
	}
	d, h := &s.ix.docs[n], &s.ix.hot[n]
	switch {
	case s.named != nil && !s.named[n],
		s.q.ECTSFrom != nil && !(h.ects >= float32(*s.q.ECTSFrom)),
		s.q.ECTSTo != nil && !(h.ects <= float32(*s.q.ECTSTo)),
		s.q.Active != nil && d.valid.activeAt(s.today) != *s.q.Active,
		!s.q.ModifiedFrom.IsZero() && h.modified < s.q.ModifiedFrom.Unix(),
		s.q.Offering.set() && !s.q.Offering.matches(d.offerings):
		return false
	}
	return true
}

func (s *search) result() Result {
	r := Result{Total: s.total, Generation: s.ix.generation.Load(), Facets: map[Field][]Count{}}
	found := s.best.sorted()
	if len(found) > s.q.Limit {
		found = found[:s.q.Limit]
		r.Next = s.q.cursor(s.ix.position(found[len(found)-1], s.q.Sort))
	}
	for _, f := range found {
		d := &s.ix.docs[f.n]
		r.Hits = append(r.Hits, Hit{d.key, d.cid})
	}
	for _, t := range s.tallies {
		r.Facets[t.field] = t.result()
	}
	return r
}

// result lists the values that occur, the most frequent first.
func (t tally) result() []Count {
	out := []Count{}
	for code, n := range t.counts {
		if n > 0 {
			out = append(out, Count{t.column.values[code], n})
		}
	}
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), maxFacet)]
}

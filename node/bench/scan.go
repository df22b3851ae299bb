package bench

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/coursemesh/coursemesh/federation/index"
)

// scanned is a document for a scan: its text in lower case with a blank around each word, and its values.
type scanned struct {
	text   string
	values map[index.Field][]string
	ects   float64
}

func scannedOf(d index.Document) scanned {
	var b strings.Builder
	b.WriteByte(' ')
	for _, text := range slices.Concat(d.Titles, d.Names, d.Body) {
		for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			b.WriteString(word)
			b.WriteByte(' ')
		}
	}
	s := scanned{text: b.String(), values: d.Values, ects: -1}
	if d.ECTS != nil {
		s.ects = *d.ECTS
	}
	return s
}

// scanAll is how many queries a scan answers in a CPU second. It goes over some documents at a time, so that they need
// not be held; making them is not counted. Totals other than those of the index are an error.
func scanAll(ctx context.Context, opt Options, kinds []queryKind, totals [][]int) (float64, error) {
	var all []*scan
	for k, kind := range kinds {
		for i := range min(scanQueries, len(totals[k])) {
			all = append(all, newScan(kind.query(i), fmt.Sprintf("%s, query %d", kind.name, i), totals[k][i]))
		}
	}
	cpu := 0.0
	err := documents(ctx, opt, func(made []index.Document) {
		docs := make([]scanned, len(made))
		for i, d := range made {
			docs[i] = scannedOf(d)
		}
		from := reading()
		for _, s := range all {
			s.over(docs)
		}
		cpu += from.cpuSince()
	})
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.total != s.expect {
			return 0, fmt.Errorf("%s: %d courses found by a scan, %d by the index", s.name, s.total, s.expect)
		}
	}
	return rate(len(all), cpu), nil
}

// scan counts what a query finds, and each facet's values.
type scan struct {
	index.Query
	name   string
	words  []string
	facets map[index.Field]map[string]int
	total  int
	expect int
}

func newScan(q index.Query, name string, expect int) *scan {
	s := &scan{Query: q, name: name, expect: expect, words: strings.Fields(strings.ToLower(q.Text)), facets: map[index.Field]map[string]int{}}
	for i, w := range s.words {
		s.words[i] = " " + w
		if i < len(s.words)-1 { // the last one may be the beginning of a word
			s.words[i] += " "
		}
	}
	for _, f := range q.Facets {
		s.facets[f] = map[string]int{}
	}
	return s
}

func (s *scan) over(docs []scanned) {
	for i := range docs {
		if !docs[i].matches(s.Query, s.words) {
			continue
		}
		s.total++
		for f, counts := range s.facets {
			for _, v := range docs[i].values[f] {
				counts[v]++
			}
		}
	}
}

// matches looks at the cheap things first.
func (d *scanned) matches(q index.Query, words []string) bool {
	if q.ECTSFrom != nil && d.ects < *q.ECTSFrom {
		return false
	}
	for f, wanted := range q.Values {
		if !slices.ContainsFunc(d.values[f], func(v string) bool {
			return slices.ContainsFunc(wanted, func(w string) bool { return v == w || f == index.ISCED && strings.HasPrefix(v, w) })
		}) {
			return false
		}
	}
	for _, w := range words {
		if !strings.Contains(d.text, w) {
			return false
		}
	}
	return true
}

package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/index"
)

const (
	scanName    = "a scan over the same documents (limit of doing without an index)"
	searches    = 300 // of each kind
	scanQueries = 5   // of each kind, which the scan answers too
)

// shownFacets are those that a page of results counts.
var shownFacets = []index.Field{index.Provider, index.Language, index.EQF, index.ISCEDBroad, index.Type, index.Mode}

// searching measures queries of several kinds in turn over an index in memory, from the query to keys, total and facets.
// A scan answers some of them as well, and every total has to be the same.
func searching(ctx context.Context, opt Options, progress io.Writer) (Result, error) {
	fmt.Fprintf(progress, "indexing %d courses\n", opt.N)
	ix := index.New(index.Config{})
	err := documents(ctx, opt, func(docs []index.Document) { ix.Apply(docs, nil) })
	if err != nil {
		return Result{}, err
	}
	kinds := queryKinds(opt.Seed)
	fmt.Fprintf(progress, "searching %d times\n", searches*len(kinds))
	tidy()
	m := start("search")
	took := make([][]float64, len(kinds))
	totals := make([][]int, len(kinds))
	err = m.stage(0, func() error {
		for i := range searches {
			for k, kind := range kinds {
				began := time.Now()
				found, err := ix.Search(ctx, kind.query(i))
				if err != nil {
					return fmt.Errorf("%s: %w", kind.name, err)
				}
				took[k] = append(took[k], time.Since(began).Seconds())
				totals[k] = append(totals[k], found.Total)
			}
		}
		return ctx.Err()
	})
	result := m.stop(searches * len(kinds))
	if err != nil {
		return Result{}, err
	}
	result.Courses = ix.Len()
	result.Latencies = append(result.Latencies, latency("all", slices.Concat(took...)))
	for k, kind := range kinds {
		result.Latencies = append(result.Latencies, latency(kind.name, took[k]))
	}
	fmt.Fprintln(progress, "scanning")
	theirs, err := scanAll(ctx, opt, kinds, totals)
	result.Compared = append(result.Compared, compare(scanName, result.PerCPUSecond, theirs))
	return result, err
}

// documents makes what the index takes from the courses, some at a time.
func documents(ctx context.Context, opt Options, use func([]index.Document)) error {
	known := func(id string) (federation.Provider, bool) { return federation.Provider{ID: id, Country: "DE"}, true }
	return statements(ctx, opt, func(made []statement) error {
		docs := make([]index.Document, len(made))
		for i, s := range made {
			view := elm.View(s.record.Subject, s.graph.Triples)
			item := catalogue.Item{Key: s.record.Key(), Domain: s.record.Source.Domain, Class: federation.Member}
			docs[i] = index.DocumentOf(item, s.record, view, index.ValidityOf(s.record.Subject, view.Active, s.graph.Triples), known)
		}
		use(docs)
		return nil
	})
}

// queryKind makes queries of one kind; the same number gives the same query.
type queryKind struct {
	name  string
	query func(i int) index.Query
}

func queryKinds(seed uint64) []queryKind {
	// word is one of the ranks from..to among the words by how frequent they are.
	word := func(i, from, to int) string {
		return wordOf(uint64(from + rand.New(rand.NewPCG(seed, uint64(i))).IntN(to-from)))
	}
	five := 5.0
	language := func(i int) []string { return []string{[]string{"en", "de", "fr", "es", "fi", "pl"}[i%6]} }
	return []queryKind{
		{"one word", func(i int) index.Query { return index.Query{Text: word(i, 10, 5000)} }},
		{"two words", func(i int) index.Query { return index.Query{Text: word(i, 2, 40) + " " + word(i+1, 40, 400)} }},
		{"beginning of a word", func(i int) index.Query { return index.Query{Text: word(i, 300, 5000)[:3]} }},
		{"words, filters, facets", func(i int) index.Query {
			return index.Query{Text: word(i, 2, 60), Facets: shownFacets, ECTSFrom: &five, Values: map[index.Field][]string{
				index.Language: language(i), index.EQF: {"6", "7"},
			}}
		}},
		{"filters, newest first", func(i int) index.Query {
			return index.Query{Sort: index.ByModifiedDown, ECTSFrom: &five, Values: map[index.Field][]string{
				index.Provider: {institutionOf(i)}, index.Language: language(i),
			}}
		}},
		{"field and facets", func(i int) index.Query {
			return index.Query{Facets: shownFacets, Values: map[index.Field][]string{index.ISCED: {fields[i%len(fields)].isced[:2]}}}
		}},
		{"everything and facets", func(int) index.Query { return index.Query{Facets: shownFacets} }},
	}
}

// latency sorts what queries took.
func latency(name string, took []float64) Latency {
	slices.Sort(took)
	at := func(share float64) float64 { return took[min(int(share*float64(len(took))), len(took)-1)] }
	return Latency{Name: name, Queries: len(took), P50: at(0.50), P95: at(0.95), P99: at(0.99)}
}

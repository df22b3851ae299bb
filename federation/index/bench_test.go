package index_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/index"
)

// generate makes documents whose words are distributed as in a language: few frequent, many rare ones.
func generate(n int) []index.Document {
	random := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.15, 3, 60_000)
	words := func(count int) string {
		var b strings.Builder
		for range count {
			fmt.Fprintf(&b, "w%x ", zipf.Uint64())
		}
		return b.String()
	}
	one := func(prefix string, of int) []string { return []string{fmt.Sprint(prefix, random.IntN(of))} }
	out := make([]index.Document, n)
	for i := range out {
		isced := fmt.Sprintf("%04d", random.IntN(150))
		ects := float64(random.IntN(12)) * 2.5
		out[i] = index.Document{
			Key: fmt.Sprintf("course|uni%d.example|https://uni.example/courses/%d", i%300, i), ECTS: &ects, Modified: int64(i),
			Titles: []string{words(4), words(4)}, Names: []string{fmt.Sprint("CODE-", i)}, Body: []string{words(90)},
			Values: map[index.Field][]string{
				index.Provider: {fmt.Sprintf("uni%d.example", i%300)}, index.Country: one("c", 30), index.Language: one("l", 24),
				index.EQF: one("", 8), index.ISCED: {isced}, index.ISCEDBroad: {isced[:2]}, index.Type: one("t", 6), index.Mode: one("m", 6),
			},
			IDs: []string{fmt.Sprint("https://uni.example/courses/", i), fmt.Sprint("CODE-", i)},
		}
	}
	return out
}

func build(b *testing.B, docs []index.Document) *index.Index {
	b.Helper()
	ix := index.New(index.Config{})
	for len(docs) > 0 {
		n := min(512, len(docs))
		ix.Apply(docs[:n], nil)
		docs = docs[n:]
	}
	return ix
}

func BenchmarkSearch(b *testing.B) {
	const n = 100_000
	docs := generate(n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ix := build(b, docs)
	runtime.GC()
	runtime.ReadMemStats(&after)
	facets := []index.Field{index.Provider, index.Language, index.EQF, index.ISCEDBroad, index.Type, index.Mode}
	from := 5.0
	for name, q := range map[string]index.Query{
		"two words, 3 filters, 6 facets": {Text: "w9 w20 ", Facets: facets, ECTSFrom: &from, Values: map[index.Field][]string{
			index.Language: {"l1", "l2", "l3"}, index.EQF: {"6", "7"},
		}},
		"everything, 6 facets":  {Facets: facets},
		"everything, no facets": {},
		"prefix of one letter":  {Text: "w", Facets: facets},
		"rare word":             {Text: "CODE-4711", Facets: facets},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := ix.Search(context.Background(), q); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "B/doc")
		})
	}
	runtime.KeepAlive(docs)
}

func BenchmarkBuild(b *testing.B) {
	docs := generate(5_000)
	for b.Loop() {
		build(b, docs)
	}
	b.ReportMetric(float64(b.N*len(docs))/b.Elapsed().Seconds(), "docs/s")
}

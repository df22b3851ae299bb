package index_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/google/go-cmp/cmp"
)

// Counts are those that searches with the same filter give, one value at a time.
func TestStatisticsAgreeWithSearches(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(values ...string) []string {
		return values[r.IntN(len(values)) : r.IntN(2)+len(values)-1 : len(values)]
	}
	ix := index.New(index.Config{})
	facts := len(profile.Facts())
	var docs []index.Document
	for i := range 300 {
		d := index.Document{
			Key: key(fmt.Sprint(i)), Titles: []string{fmt.Sprint("Course ", i)}, Complete: uint8(r.IntN(101)), Stated: profile.FactSet(r.Uint32N(1 << facts)),
			Values: map[index.Field][]string{
				index.Provider: {fmt.Sprintf("u%d.example", r.IntN(5))}, index.Alliance: pick("a.example", "b.example", ""), index.Country: {fmt.Sprint(r.IntN(3))},
				index.Language: pick("de", "en", "fr"), index.EQF: pick("5", "6", "7"),
			},
		}
		if r.IntN(4) > 0 {
			d.ECTS = ptr(float64(r.IntN(400)) / 2)
		}
		docs = append(docs, d)
	}
	ix.Apply(docs, nil)
	ix.Apply(docs[:50], []string{key("60"), key("61")})
	fields := []index.Field{index.Country, index.Language, index.EQF}
	for _, values := range []map[index.Field][]string{
		nil,
		{index.Provider: {"u1.example"}},
		{index.Provider: {"u1.example", "u2.example"}},
		{index.Alliance: {"a.example"}},
		{index.Alliance: {"a.example"}, index.Provider: {"u3.example"}},
		{index.Provider: {"nobody.example"}},
	} {
		got, err := ix.Statistics(context.Background(), values, fields...)
		if err != nil {
			t.Fatal(err)
		}
		compareCounts(t, ix, values, fields, got)
		compareBands(t, ix, values, got)
		compareProviders(t, ix, values, got, docs)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ix.Statistics(ctx, nil); err == nil {
		t.Error("a census that nobody waits for goes on")
	}
}

func totals(t *testing.T, ix *index.Index, q index.Query) index.Result {
	t.Helper()
	q.Limit = 1
	result, err := ix.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func compareCounts(t *testing.T, ix *index.Index, values map[index.Field][]string, fields []index.Field, got index.Statistics) {
	t.Helper()
	result := totals(t, ix, index.Query{Values: values, Facets: fields})
	if diff := cmp.Diff(result.Facets, got.Counts); diff != "" || got.Courses != result.Total {
		t.Errorf("%v: %d courses, want %d: %s", values, got.Courses, result.Total, diff)
	}
}

func compareBands(t *testing.T, ix *index.Index, values map[index.Field][]string, got index.Statistics) {
	t.Helper()
	bands, sum := index.ECTSBands(), got.NoECTS
	for i, from := range bands {
		q := index.Query{Values: values, ECTSFrom: &from}
		want := totals(t, ix, q).Total
		if i+1 < len(bands) {
			q.ECTSFrom = &bands[i+1]
			want -= totals(t, ix, q).Total
		}
		if sum += got.ECTS[i]; got.ECTS[i] != want {
			t.Errorf("%v: %d courses from %g ECTS, want %d", values, got.ECTS[i], from, want)
		}
	}
	if sum != got.Courses {
		t.Errorf("%v: %d courses in bands, want %d", values, sum, got.Courses)
	}
}

func compareProviders(t *testing.T, ix *index.Index, values map[index.Field][]string, got index.Statistics, docs []index.Document) {
	t.Helper()
	courses, complete, stated := 0, 0, make([]int, len(profile.Facts()))
	for _, p := range got.Providers {
		courses, complete = courses+p.Courses, complete+p.Complete
		for i, n := range p.Stated {
			stated[i] += n
		}
		if want := ix.Completeness()[p.ID]; values[index.Alliance] == nil && int(p.Mean()) != want {
			t.Errorf("%s: completeness %f, want %d", p.ID, p.Mean(), want)
		}
	}
	if got.Courses == 0 {
		return
	}
	if diff := cmp.Diff(stated, got.Quality.Stated); diff != "" || courses != got.Courses || complete != got.Quality.Complete {
		t.Errorf("%v: %d courses of providers, want %d: %s", values, courses, got.Courses, diff)
	}
	if values != nil {
		return
	}
	want := 0
	for i, d := range docs {
		if d.Stated.Has(3) && i != 60 && i != 61 {
			want++
		}
	}
	if stated[3] != want {
		t.Errorf("%d courses state a fact, want %d", stated[3], want)
	}
}

package index_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/index"
	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var vocabulary = []string{"alpha", "alphabet", "beta", "bet", "gamma", "delta", "deltas", "eta"}

func drawDocument(t *rapid.T) index.Document {
	word := rapid.SampledFrom(vocabulary)
	some := func(label string, of ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID).Draw(t, label)
	}
	text := func(label string, n int) []string {
		return []string{strings.Join(rapid.SliceOfN(word, 0, n).Draw(t, label), " ")}
	}
	d := index.Document{
		Key:    fmt.Sprint("course|p.example|", rapid.IntRange(0, 30).Draw(t, "key")),
		Titles: text("title", 3), Names: text("names", 2), Body: text("body", 6),
		Modified: int64(rapid.IntRange(0, 5).Draw(t, "modified")),
		Values: map[index.Field][]string{
			index.Language: some("language", "en", "de", "fr"), index.EQF: some("eqf", "5", "6", "7"),
			index.ISCED: some("isced", "06", "061", "0612", "02"),
		},
	}
	if rapid.Bool().Draw(t, "rated") {
		d.ECTS = ptr(float64(rapid.IntRange(1, 5).Draw(t, "ects")))
	}
	return d
}

func drawQuery(t *rapid.T) index.Query {
	some := func(label string, of ...string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, 2, rapid.ID).Draw(t, label)
	}
	words := rapid.SliceOfN(rapid.SampledFrom([]string{"alpha", "alp", "beta", "bet", "de", "gamma"}), 0, 2).Draw(t, "words")
	return index.Query{
		Text: strings.Join(words, " "),
		Values: map[index.Field][]string{
			index.Language: some("f.language", "en", "de"), index.EQF: some("f.eqf", "5", "7"), index.ISCED: some("f.isced", "06", "0612"),
		},
		Facets: []index.Field{index.Language, index.EQF, index.ISCED},
		Sort:   rapid.SampledFrom([]index.Sort{index.ByDefault, index.ByTitle, index.ByTitleDown, index.ByModifiedDown, index.ByECTS, index.ByECTSDown}).Draw(t, "sort"),
		Limit:  rapid.IntRange(1, 7).Draw(t, "limit"),
	}
}

// passes says by plain means whether a document has all words and passes the filters but one.
func passes(d index.Document, q index.Query, but index.Field) bool {
	have := strings.Fields(strings.Join(slices.Concat(d.Titles, d.Names, d.Body), " "))
	words := strings.Fields(q.Text)
	for i, w := range words {
		last := i == len(words)-1
		if !slices.ContainsFunc(have, func(h string) bool { return h == w || last && strings.HasPrefix(h, w) }) {
			return false
		}
	}
	for f, wanted := range q.Values {
		if f == but || len(wanted) == 0 {
			continue
		}
		if !slices.ContainsFunc(d.Values[f], func(v string) bool {
			return slices.ContainsFunc(wanted, func(w string) bool { return v == w || f == index.ISCED && strings.HasPrefix(v, w) })
		}) {
			return false
		}
	}
	return true
}

const noField = index.Field(255)

func facetsOf(docs map[string]index.Document, q index.Query) map[index.Field][]index.Count {
	out := map[index.Field][]index.Count{}
	for _, f := range q.Facets {
		counts := map[string]int{}
		for _, d := range docs {
			if passes(d, q, f) {
				for _, v := range d.Values[f] {
					counts[v]++
				}
			}
		}
		out[f] = []index.Count{}
		for v, n := range counts {
			out[f] = append(out[f], index.Count{Value: v, Count: n})
		}
		slices.SortFunc(out[f], func(a, b index.Count) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
	}
	return out
}

// The index, changed in any order, answers like a scan over all documents; paging with cursors shows
// every result once, in the order of one long page.
func TestIndexEqualsScan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ix, docs := index.New(index.Config{}), map[string]index.Document{}
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			added := rapid.SliceOfN(rapid.Custom(drawDocument), 0, 15).Draw(t, "docs")
			var removed []string
			for _, k := range rapid.SliceOfN(rapid.IntRange(0, 30), 0, 4).Draw(t, "removed") {
				removed = append(removed, fmt.Sprint("course|p.example|", k))
				delete(docs, removed[len(removed)-1])
			}
			for _, d := range added {
				docs[d.Key] = d
			}
			ix.Apply(added, removed)
		}
		q := drawQuery(t)
		want := []string{}
		for k, d := range docs {
			if passes(d, q, noField) {
				want = append(want, k)
			}
		}
		slices.Sort(want)
		facets := facetsOf(docs, q)
		got := []string{}
		for page := 0; page == 0 || q.Cursor != ""; page++ {
			r, err := ix.Search(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			if r.Total != len(want) {
				t.Fatalf("total %d, want %d", r.Total, len(want))
			}
			if diff := gocmp.Diff(facets, r.Facets); diff != "" {
				t.Fatal(diff)
			}
			for _, h := range r.Hits {
				got = append(got, h.Key)
			}
			if q.Cursor = r.Next; page > len(want) {
				t.Fatal("paging does not end")
			}
		}
		checkOrder(t, docs, q, got)
		slices.Sort(got)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func checkOrder(t *rapid.T, docs map[string]index.Document, q index.Query, keys []string) {
	for i := 1; i < len(keys); i++ {
		a, b := docs[keys[i-1]], docs[keys[i]]
		ok := true
		switch q.Sort {
		case index.ByTitle:
			ok = a.Titles[0] <= b.Titles[0]
		case index.ByTitleDown:
			ok = a.Titles[0] >= b.Titles[0]
		case index.ByModifiedDown:
			ok = a.Modified >= b.Modified
		case index.ByECTS:
			ok = b.ECTS == nil || a.ECTS != nil && *a.ECTS <= *b.ECTS
		case index.ByECTSDown:
			ok = b.ECTS == nil || a.ECTS != nil && *a.ECTS >= *b.ECTS
		}
		if !ok {
			t.Fatalf("%v before %v by %v", a, b, q.Sort)
		}
	}
}

// Two indexes that saw the same documents in another order give the same pages.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfNDistinct(rapid.Custom(drawDocument), 1, 20, func(d index.Document) string { return d.Key }).Draw(t, "docs")
		a, b := index.New(index.Config{}), index.New(index.Config{})
		a.Apply(docs, nil)
		for _, d := range rapid.Permutation(docs).Draw(t, "order") {
			b.Apply([]index.Document{d}, nil)
		}
		q := drawQuery(t)
		ra, errA := a.Search(context.Background(), q)
		rb, errB := b.Search(context.Background(), q)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		ra.Generation, rb.Generation = 0, 0
		if diff := gocmp.Diff(ra, rb, gocmp.Comparer(func(x, y index.Hit) bool { return x == y })); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestCompaction(t *testing.T) {
	t.Parallel()
	ix := index.New(index.Config{})
	for round := range 4 {
		var docs []index.Document
		for i := range 3000 {
			docs = append(docs, index.Document{
				Key: fmt.Sprint("course|p.example|", i), Titles: []string{fmt.Sprintf("common word%d round%d", i, round)},
				IDs: []string{fmt.Sprint("id", i)}, Values: map[index.Field][]string{index.EQF: {fmt.Sprint(round)}},
			})
		}
		ix.Apply(docs, nil)
	}
	r := search(t, ix, index.Query{Text: "common", Facets: []index.Field{index.EQF}})
	if r.Total != 3000 || ix.Len() != 3000 {
		t.Errorf("total %d of %d, want 3000", r.Total, ix.Len())
	}
	if diff := gocmp.Diff([]index.Count{{Value: "3", Count: 3000}}, r.Facets[index.EQF]); diff != "" {
		t.Error(diff)
	}
	if r := search(t, ix, index.Query{Text: "round2"}); r.Total != 0 {
		t.Errorf("%d replaced documents are found", r.Total)
	}
	if got := ix.Resolve("id17"); !slices.Equal(got, []string{"course|p.example|17"}) {
		t.Errorf("resolved to %v", got)
	}
}

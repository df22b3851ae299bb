package index_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

func key(id string) string { return "course|uni.example|https://uni.example/" + id }

// newIndex holds a handful of courses that differ in everything a query can ask for.
func newIndex(t *testing.T) *index.Index {
	t.Helper()
	ix := index.New(index.Config{Now: func() time.Time { return now }})
	ix.Apply([]index.Document{
		{
			Key: key("db"), Titles: []string{"Databases", "Datenbanken"}, Names: []string{"INF-201", "Hochschule Tübingen"},
			Body: []string{"Relational algebra, query languages and transactions."}, ECTS: ptr(5.0), Modified: 1000,
			Values: map[index.Field][]string{
				index.Provider: {"uni.example"}, index.Language: {"en", "de"}, index.EQF: {"6"},
				index.ISCED: {"0612"}, index.ISCEDBroad: {"06"}, index.Mode: {"online"},
			},
			IDs: []string{"urn:schac:uniqueCourseId:uni.example:INF-201", "INF-201", "5b1f0f0e-31a4-4f5c-9d8e-0a4e3a1f0001"},
			Offerings: []index.Offering{
				{Start: index.ParseDay("2026-09-01"), ApplyBy: index.ParseDay("2026-08-01"), Countries: []string{"DE"}},
				{Start: index.ParseDay("2027-03-01"), ApplyBy: index.ParseDay("2027-01-15"), Countries: []string{"AT"}, OpenToNonEnrolled: ptr(true)},
			},
		},
		{
			Key: key("adb"), Titles: []string{"Advanced topics in databases"}, ECTS: ptr(7.5), Modified: 3000,
			Values: map[index.Field][]string{
				index.Provider: {"uni.example"}, index.Language: {"en"}, index.EQF: {"7"},
				index.ISCED: {"0613"}, index.ISCEDBroad: {"06"}, index.Mode: {"presential"},
			},
			IDs: []string{"INF-201"}, Validity: index.Validity{Stated: ptr(false)},
		},
		{
			Key: key("hist"), Titles: []string{"Économie et société à l'âge moderne"}, Body: []string{"Uses archives and databases."},
			Modified: 2000, Values: map[index.Field][]string{
				index.Provider: {"lyon.example"}, index.Language: {"fr"}, index.EQF: {"6"},
				index.ISCED: {"0222"}, index.ISCEDBroad: {"02"}, index.Mode: {"online"},
			},
			Validity: index.Validity{Until: "2026-06-30"},
		},
		{
			Key: key("cpp"), Titles: []string{"C++ für Straßenbauer"}, ECTS: ptr(2.5), Modified: 4000,
			Values: map[index.Field][]string{
				index.Provider: {"lyon.example"}, index.Language: {"de"}, index.EQF: {"5"},
				index.ISCED: {"061"}, index.ISCEDBroad: {"06"},
			},
			Validity: index.Validity{From: "2026-01-01", Until: "2026-12-31"},
		},
	}, nil)
	return ix
}

func search(t *testing.T, ix *index.Index, q index.Query) index.Result {
	t.Helper()
	r, err := ix.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func found(r index.Result) []string {
	out := []string{}
	for _, h := range r.Hits {
		out = append(out, h.Key[len(key("")):])
	}
	return out
}

func TestSearch(t *testing.T) {
	t.Parallel()
	ix := newIndex(t)
	values := func(f index.Field, v ...string) map[index.Field][]string { return map[index.Field][]string{f: v} }
	for name, c := range map[string]struct {
		q    index.Query
		want []string
	}{
		"everything by title":             {index.Query{}, []string{"adb", "cpp", "db", "hist"}},
		"title ranks before text":         {index.Query{Text: "databases"}, []string{"db", "adb", "hist"}},
		"all words":                       {index.Query{Text: "topics databases"}, []string{"adb"}},
		"last word may go on":             {index.Query{Text: "relational trans"}, []string{"db"}},
		"only the last word may go on":    {index.Query{Text: "relat transactions"}, nil},
		"whole word before its beginning": {index.Query{Text: "data"}, []string{"db", "adb", "hist"}},
		"diacritics folded":               {index.Query{Text: "ECONOMIE societe"}, []string{"hist"}},
		"diacritics in the query":         {index.Query{Text: "tübing"}, []string{"db"}},
		"decomposed diacritics":           {index.Query{Text: "Tu\u0308bingen"}, []string{"db"}},
		"sharp s":                         {index.Query{Text: "strassenbauer"}, []string{"cpp"}},
		"pluses belong to a word":         {index.Query{Text: "c++ fur"}, []string{"cpp"}},
		"without pluses it is another":    {index.Query{Text: "c fur"}, nil},
		"every language of the title":     {index.Query{Text: "datenbanken"}, []string{"db"}},
		"identifier as text":              {index.Query{Text: "inf-201"}, []string{"db"}},
		"signs only":                      {index.Query{Text: "???"}, nil},
		"no such word":                    {index.Query{Text: "zoology"}, nil},
		"language, or":                    {index.Query{Values: values(index.Language, "fr", "de")}, []string{"cpp", "db", "hist"}},
		"two filters, and": {index.Query{Values: map[index.Field][]string{
			index.EQF: {"6"}, index.Mode: {"online"},
			index.Provider: {"lyon.example"},
		}}, []string{"hist"}},
		"isced by prefix":      {index.Query{Values: values(index.ISCED, "061")}, []string{"adb", "cpp", "db"}},
		"isced.broad is exact": {index.Query{Values: values(index.ISCEDBroad, "0")}, nil},
		"unknown value":        {index.Query{Values: values(index.Country, "ZZ")}, nil},
		"ects from":            {index.Query{ECTSFrom: ptr(5.0)}, []string{"adb", "db"}},
		"ects to":              {index.Query{ECTSTo: ptr(5.0)}, []string{"cpp", "db"}},
		"active":               {index.Query{Active: ptr(true)}, []string{"cpp", "db"}},
		"inactive":             {index.Query{Active: ptr(false)}, []string{"adb", "hist"}},
		"modified from":        {index.Query{ModifiedFrom: time.Unix(3000, 0)}, []string{"adb", "cpp"}},
		"identifier":           {index.Query{Identifiers: []string{"inf-201"}}, []string{"adb", "db"}},
		"identifier as DID":    {index.Query{Identifiers: []string{"did:web:uni.example:courseId:INF-201"}}, []string{"db"}},
		"starts from":          {index.Query{Offering: index.OfferingFilter{StartFrom: index.ParseDay("2027-01-01")}}, []string{"db"}},
		"one and the same offering": {index.Query{Offering: index.OfferingFilter{
			StartFrom: index.ParseDay("2027-01-01"), LocationCountries: []string{"DE"},
		}}, nil},
		"open offering": {index.Query{Offering: index.OfferingFilter{OpenToNonEnrolled: ptr(true), LocationCountries: []string{"AT", "FR"}}}, []string{"db"}},
		"by ects":       {index.Query{Sort: index.ByECTS}, []string{"cpp", "db", "adb", "hist"}},
		"by ects down":  {index.Query{Sort: index.ByECTSDown}, []string{"adb", "db", "cpp", "hist"}},
		"by modified":   {index.Query{Sort: index.ByModifiedDown}, []string{"cpp", "adb", "hist", "db"}},
		"by title down": {index.Query{Sort: index.ByTitleDown}, []string{"hist", "db", "cpp", "adb"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := search(t, ix, c.q)
			if c.want == nil {
				c.want = []string{}
			}
			if diff := cmp.Diff(c.want, found(r)); diff != "" {
				t.Error(diff)
			}
			if r.Total != len(c.want) {
				t.Errorf("total %d, want %d", r.Total, len(c.want))
			}
		})
	}
}

func TestFacetsLeaveOutTheirOwnFilter(t *testing.T) {
	t.Parallel()
	r := search(t, newIndex(t), index.Query{
		Values: map[index.Field][]string{index.Mode: {"online"}, index.ISCED: {"0"}},
		Facets: []index.Field{index.Mode, index.EQF, index.Mode},
	})
	want := map[index.Field][]index.Count{
		index.Mode: {{Value: "online", Count: 2}, {Value: "presential", Count: 1}},
		index.EQF:  {{Value: "6", Count: 2}},
	}
	if diff := cmp.Diff(want, r.Facets); diff != "" {
		t.Error(diff)
	}
}

func TestQueryOutOfBounds(t *testing.T) {
	t.Parallel()
	ix := newIndex(t)
	words := ""
	for i := range 33 {
		words += fmt.Sprintf("w%d ", i)
	}
	for name, c := range map[string]struct {
		q    index.Query
		want error
	}{
		"limit above":     {index.Query{Limit: 101}, index.ErrQuery},
		"limit below":     {index.Query{Limit: -1}, index.ErrQuery},
		"too many words":  {index.Query{Text: words}, index.ErrQuery},
		"damaged cursor":  {index.Query{Cursor: "!"}, index.ErrCursor},
		"short cursor":    {index.Query{Cursor: "AQ"}, index.ErrCursor},
		"huge cursor":     {index.Query{Cursor: string(make([]byte, 1<<20))}, index.ErrCursor},
		"later version":   {index.Query{Cursor: "_w"}, index.ErrCursorExpired},
		"another query's": {index.Query{Cursor: search(t, ix, index.Query{Limit: 1}).Next, Text: "databases"}, index.ErrCursor},
	} {
		if _, err := ix.Search(context.Background(), c.q); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestSearchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, text := range []string{"", "databases"} {
		if _, err := newIndex(t).Search(ctx, index.Query{Text: text}); !errors.Is(err, context.Canceled) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestReplaceAndRemove(t *testing.T) {
	t.Parallel()
	ix := newIndex(t)
	_, before := ix.Version()
	ix.Apply([]index.Document{{Key: key("db"), Titles: []string{"Zoology"}, IDs: []string{"ZOO"}}}, []string{key("cpp")})
	if got := found(search(t, ix, index.Query{Text: "datenbanken"})); len(got) != 0 {
		t.Errorf("the replaced document is still found: %v", got)
	}
	if diff := cmp.Diff([]string{"adb", "hist", "db"}, found(search(t, ix, index.Query{}))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{key("adb")}, ix.Resolve("INF-201")); diff != "" {
		t.Error(diff)
	}
	if _, after := ix.Version(); after == before {
		t.Error("the generation stands still")
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	ix := newIndex(t)
	db, both := []string{key("db")}, []string{key("adb"), key("db")}
	for id, want := range map[string][]string{
		"urn:schac:uniqueCourseId:uni.example:INF-201":   db,
		"URN:SCHAC:courseId:Uni.Example:INF-201":         db,
		"urn:schac:uniqueCourseId:uni.example:INF%2D20":  nil,
		"urn:schac:uniqueCourseId:uni.example:INF%2D201": db,
		"did:web:uni.example:courseId:INF-201":           db,
		"5B1F0F0E-31A4-4F5C-9D8E-0A4E3A1F0001":           db,
		"urn:uuid:5b1f0f0e-31a4-4f5c-9d8e-0a4e3a1f0001":  db,
		"inf-201": both, " INF-201 ": both, "": nil, "INF": nil, "urn:schac:uniqueCourseId:": nil, "did:web:": nil,
	} {
		if diff := cmp.Diff(want, ix.Resolve(id)); diff != "" {
			t.Errorf("%q: %s", id, diff)
		}
	}
}

package index_test

import (
	"context"
	"errors"
	"testing"

	"github.com/coursemesh/coursemesh/federation/index"
)

// A client sends cursors, texts and identifiers: nothing but the documented errors may come of them.
func FuzzSearch(f *testing.F) {
	ix := index.New(index.Config{})
	ix.Apply([]index.Document{
		{Key: "course|a.example|x", Titles: []string{"Databases"}}, {Key: "course|a.example|y", Titles: []string{"Données"}},
	}, nil)
	r, err := ix.Search(context.Background(), index.Query{Limit: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("", r.Next, "x")
	f.Add("data", "", "did:web:a.example:courseId:%zz")
	f.Add("\xff\u0301e\u0301\u200d", "AQ", "urn:schac:uniqueCourseId:a:")
	f.Fuzz(func(t *testing.T, text, cursor, id string) {
		if len(text)+len(cursor)+len(id) > 1<<16 {
			return
		}
		ix.Resolve(id)
		_, err := ix.Search(context.Background(), index.Query{Text: text, Cursor: cursor, Identifiers: []string{id}})
		if err != nil && !errors.Is(err, index.ErrQuery) && !errors.Is(err, index.ErrCursor) && !errors.Is(err, index.ErrCursorExpired) {
			t.Errorf("%v", err)
		}
	})
}

// The same for lists of offerings.
func FuzzOfferings(f *testing.F) {
	ix := index.New(index.Config{})
	ix.Apply([]index.Document{
		{Key: "course|a.example|x", Titles: []string{"Databases"}, Offerings: []index.Offering{{Start: 20_000}, {Start: 20_100}}},
	}, nil)
	r, err := ix.Offerings(context.Background(), index.OfferingQuery{Limit: 1})
	if err != nil || r.Next == "" {
		f.Fatalf("%+v, %v", r, err)
	}
	f.Add(r.Next, "", "2026-01-01")
	f.Add("AQ", "en", "2026-13-99T25:00:00Z")
	f.Fuzz(func(t *testing.T, cursor, language, start string) {
		if len(cursor)+len(language)+len(start) > 1<<16 {
			return
		}
		q := index.OfferingQuery{Cursor: cursor, StartFrom: index.ParseDay(start)}
		if language != "" {
			q.Languages = []string{language}
		}
		_, err := ix.Offerings(context.Background(), q)
		if err != nil && !errors.Is(err, index.ErrCursor) && !errors.Is(err, index.ErrQuery) {
			t.Errorf("%v", err)
		}
	})
}

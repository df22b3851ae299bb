package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/google/go-cmp/cmp"
)

type document struct {
	Name  string
	Count int
}

func TestTable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openAt(t, dir)
	table := store.TableOf[document](db, "runs")
	if _, err := table.Get("a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no table yet: %v", err)
	}
	if err := table.Delete("a"); err != nil {
		t.Error(err)
	}
	var keys []string
	for i := range 560 { // more than one batch
		key := fmt.Sprintf("uni.example|%04d", i)
		keys = append(keys, key)
		if i%100 == 0 {
			continue
		}
		if err := table.Put(key, document{key, i}); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < len(keys); i += 100 {
		if err := table.Put(keys[i], document{keys[i], i}); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"a", "uni.example", "uni.example}", "z", "\xff\xff"} {
		if err := table.Put(key, document{Name: key}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.TableOf[document](db, "run").Put("uni.example|0000", document{Name: "another table"}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openAt(t, dir)
	table = store.TableOf[document](db, "runs")
	if got, err := table.Get(keys[7]); err != nil || got != (document{keys[7], 7}) {
		t.Errorf("%+v, %v", got, err)
	}
	var walked []string
	for key, doc := range table.All("uni.example|") {
		if doc.Name != key {
			t.Errorf("%s holds %+v", key, doc)
		}
		walked = append(walked, key)
	}
	if diff := cmp.Diff(keys, walked); diff != "" {
		t.Error(diff)
	}
	for key := range table.All("") {
		if key != "a" {
			t.Errorf("begins with %q", key)
		}
		break
	}
	for prefix, want := range map[string][]string{
		"uni.example|": {keys[559], keys[558]},
		"":             {"\xff\xff", "z"},
		"\xff":         {"\xff\xff"},
		"b":            nil,
		"zz":           nil,
	} {
		docs, err := table.Last(prefix, 2)
		var got []string
		for _, d := range docs {
			got = append(got, d.Name)
		}
		if prefix == "" || prefix == "\xff" { // JSON has no such text; the key counts
			got, want = got[1:], want[1:]
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("last of %q: %q, %v", prefix, got, err)
		}
	}
	if err := table.Delete(keys[7]); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Get(keys[7]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	if err := table.Put("", document{}); err == nil {
		t.Error("empty key was taken")
	}
}

// TestWriteWhileWalking must not wait for the walk's own transaction.
func TestWriteWhileWalking(t *testing.T) {
	t.Parallel()
	db := open(t)
	table := store.TableOf[document](db, "sources")
	for i := range 50 {
		if err := table.Put(fmt.Sprintf("%02d", i), document{Count: i}); err != nil {
			t.Fatal(err)
		}
	}
	for key, doc := range table.All("") {
		doc.Count++
		if err := table.Put(key, doc); err != nil {
			t.Fatal(err)
		}
	}
	if doc, err := table.Get("49"); err != nil || doc.Count != 50 {
		t.Errorf("%+v, %v", doc, err)
	}
}

// TestDocumentOfAnotherShape is an error for who asks for it, and left out of walks.
func TestDocumentOfAnotherShape(t *testing.T) {
	t.Parallel()
	db := open(t)
	if err := store.TableOf[string](db, "mixed").Put("a", "text"); err != nil {
		t.Fatal(err)
	}
	table := store.TableOf[document](db, "mixed")
	if err := table.Put("b", document{Name: "b"}); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Get("a"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	for key := range table.All("") {
		if key != "b" {
			t.Errorf("walked over %q", key)
		}
	}
}

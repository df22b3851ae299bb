// Package sourcetest holds what the tests of the adapters of JSON APIs share: golden answers, what has to hold of a
// graph that is published, and pages of docs/mapping that are written from the rules.
package sourcetest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Publishable checks that a mapped graph has a title and is a record's once it is normalised, and gives its canonical
// bytes; of one that is too large or too entangled the reason why it is not published.
func Publishable(t *testing.T, g elm.Graph) string {
	t.Helper()
	if _, ok := g.Title(); !ok {
		t.Error("a course without a title was mapped")
	}
	normal, _ := g.Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
	text, err := normal.Canonical()
	if errors.Is(err, rdf.ErrBudget) || errors.Is(err, elm.ErrOversize) {
		return err.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	triples, err := rdf.ParseCanonical(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if err := elm.Check(g.Subject.String(), triples); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	return string(text)
}

// Golden gives the JSON files below a directory of testdata/golden by their path without extension, each as change
// makes it.
func Golden(t *testing.T, dir string, change func(any) any) map[string][]byte {
	t.Helper()
	root := os.DirFS("../../testdata/golden/" + dir)
	bodies := make(map[string][]byte)
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			return err
		}
		bodies[strings.TrimSuffix(path, ".json")], err = json.Marshal(change(v))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bodies
}

// Document keeps a page of docs/mapping in step with the rules that it is written from.
func Document(t *testing.T, name, want string, update bool) {
	t.Helper()
	file := "../../docs/mapping/" + name
	if update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a page for everyone
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file) //nolint:gosec // a page of the repository
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not what the rules say; run the test with -update:\n%s", file, diff)
	}
}

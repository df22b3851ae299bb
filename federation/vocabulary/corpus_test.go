package vocabulary_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// TestCorpus compares the embedded lists with those of the corpus, row by row.
func TestCorpus(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set: the published lists are not there to compare with")
	}
	names, err := filepath.Glob(filepath.Join(corpus, "standards/data/vocabularies/*.tsv"))
	if err != nil || len(names) < 15 {
		t.Fatalf("%d lists, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			compareList(t, name)
		})
	}
}

func compareList(t *testing.T, name string) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	header := strings.Split(lines[0], "\t")
	listed := ""
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[header[i]] = cell
		}
		iri := row["uri"] + row["eu_authority_uri"]
		c, ok := vocabulary.Lookup(iri)
		if !ok || c.IRI != iri || c.Label != row["label_en"] {
			t.Errorf("%s: %+v, want %q", iri, c, row["label_en"])
			continue
		}
		listed = c.Vocabulary
		checkCodes(t, row, iri)
	}
	if got := len(vocabulary.Concepts(listed)); got != len(lines)-1 {
		t.Errorf("%s: %d concepts embedded, %d listed", listed, got, len(lines)-1)
	}
}

// checkCodes requires that every code of the row leads to its concept.
func checkCodes(t *testing.T, row map[string]string, iri string) {
	for _, column := range []string{"iso639_1", "iso639_2b", "iso639_2t"} {
		if code := row[column]; code != "" {
			if got, _ := vocabulary.Language(code); got != iri {
				t.Errorf("language %s is %s, want %s", code, got, iri)
			}
		}
	}
	if code := row["iso3166_1_alpha2"]; code != "" {
		if got, _ := vocabulary.Country(code); got != iri {
			t.Errorf("country %s is %s, want %s", code, got, iri)
		}
	}
	if code := row["code"]; code != "" {
		got, _ := vocabulary.Country(code)
		if row["digits"] != "" {
			got = vocabulary.ISCEDFIRI(code)
		}
		if got != iri {
			t.Errorf("%s is %s, want %s", code, got, iri)
		}
	}
}

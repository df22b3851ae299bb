package rdf_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

func TestThreat13RemoteContextsAreNotFetched(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		fmt.Fprint(w, `{"@context": {"p": "urn:p"}}`)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "context.jsonld")
	if err := os.WriteFile(file, []byte(`{"@context": {"p": "urn:p"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{
		"context":        `{"@context": %q, "p": 1}`,
		"in a list":      `{"@context": [{"q": "urn:q"}, %q], "p": 1}`,
		"imported":       `{"@context": {"@version": 1.1, "@import": %q}, "p": 1}`,
		"of a property":  `{"@context": {"p": {"@id": "urn:p", "@context": %q}}, "p": {"p": 1}}`,
		"of a type":      `{"@context": {"T": {"@id": "urn:T", "@context": %q}}, "@type": "T", "p": 1}`,
		"of a node":      `{"urn:x": {"@context": %q, "p": 1}}`,
		"document is it": `%q`,
	} {
		for _, url := range []string{server.URL, server.URL + "/c.jsonld", file, "file://" + file, "c.jsonld", "//127.0.0.1/c"} {
			_, err := collect(strings.NewReader(fmt.Sprintf(source, url)), rdf.JSONLD, server.URL+"/doc", rdf.Limits{})
			if syntax := (*rdf.SyntaxError)(nil); !errors.As(err, &syntax) {
				t.Errorf("%s, %s: error %v, want a SyntaxError", name, url, err)
			}
		}
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestRemoteContextErrorSaysWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := collect(strings.NewReader(`{"@context": "https://ctx.example/elm.jsonld"}`), rdf.JSONLD, "", rdf.Limits{})
	want := `jsonld: the remote @context "https://ctx.example/elm.jsonld" is not fetched: ` +
		"write its definitions into the document, or use http://data.quality-link.eu/ontology/v1"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestEmbeddedContextNamesThePrefixesOfTheEncoders(t *testing.T) {
	t.Parallel()
	turtle := ""
	for _, p := range rdf.PrefixNames() {
		turtle += fmt.Sprintf(`, "%s:x": 1`, p)
	}
	for _, context := range []string{
		"http://data.quality-link.eu/ontology/v1", "http://data.quality-link.eu/ontology/v1#", "http://data.europa.eu/snb/model/elm/",
	} {
		got, err := collect(strings.NewReader(fmt.Sprintf(`{"@context": %q, "id": "urn:s"%s}`, context, turtle)), rdf.JSONLD, "", rdf.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(rdf.PrefixNames()) {
			t.Errorf("%s: %d of %d prefixes", context, len(got), len(rdf.PrefixNames()))
		}
		for _, triple := range got {
			if scheme, _, _ := strings.Cut(triple.Pred.String(), ":"); scheme != "http" {
				t.Errorf("%s is not expanded", triple.Pred)
			}
		}
	}
}

func TestJSONLDValues(t *testing.T) {
	t.Parallel()
	const source = "\uFEFF" + `{"@id": "urn:s", "urn:p": [
		"text", 5, -0, 12345678901234567890123, 5.0, 5.3, 1e30, true, {"@value": "x", "@language": "EN-gb"},
		{"@value": 2, "@type": "http://www.w3.org/2001/XMLSchema#double"}, {"@value": "1", "@type": "urn:t"}, null, {"@id": "urn:o"}]}`
	got, err := collect(strings.NewReader(source), rdf.JSONLD, "", rdf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, triple := range got {
		lines = append(lines, string(rdf.AppendTerm(nil, triple.Obj)))
	}
	const integer, double = `"^^<http://www.w3.org/2001/XMLSchema#integer>`, `"^^<http://www.w3.org/2001/XMLSchema#double>`
	want := []string{
		`"text"`, `"5` + integer, `"0` + integer, `"12345678901234567890123` + integer, `"5` + integer, `"5.3E0` + double,
		`"1.0E30` + double, `"true"^^<http://www.w3.org/2001/XMLSchema#boolean>`, `"x"@en-gb`, `"2.0E0` + double, `"1"^^<urn:t>`, `<urn:o>`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestJSONLDErrorsNameTheirPlace(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"{\n \"a\": ?}": "jsonld, line 2, column 7: invalid character '?' looking for beginning of value",
		"{} {}":         "jsonld, line 1, column 3: something follows the end of the document",
		`{"@id": "urn:s", "urn:p": {"@id": "o"}}`:                                                        `jsonld: urn:p of <urn:s>: "o" is no absolute IRI: give a base, or write the IRI in full`,
		`{"@id": "urn:s", "urn:p": [{"@id": "urn:o", "urn:q": 1}, {"@value": "x", "@language": "e n"}]}`: `jsonld: urn:p of <urn:s>: language tag "e n": character ' ' is not allowed here`,
	} {
		_, err := collect(strings.NewReader(source), rdf.JSONLD, "", rdf.Limits{})
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", source, err, want)
		}
	}
}

package rdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

func TestTurtleForms(t *testing.T) {
	t.Parallel()
	const head = "@prefix : <urn:x:> .\n"
	for name, c := range map[string]struct{ source, want string }{
		"byte order mark":             {"\uFEFF<urn:s> <urn:p> 1 .", "<urn:s> <urn:p> 1 ."},
		"semicolons before ]":         {head + ":s :p [ :q 1 ; ; ] .", "<urn:s:x> <urn:p> 1 ."},
		"semicolons before .":         {head + ":s :p 1 ;; .", ""},
		"lists of brackets":           {head + ":s :p [ :q 1 ] , [ :q 2 ] .", ""},
		"comment in empty brackets":   {head + ":s :p [ # nothing\n ] .", ""},
		"three quotes":                {head + ":s :p \"\"\"a \"quoted\" 'text'\n\"\" \"\"\", '''it''s''' .", ""},
		"numbers and dots":            {head + ":s :p 1.5.:s :p 1.:s :p -.5e-1.:s :p 1.E3 .", ""},
		"boolean and dot":             {head + ":s :p true.:s :p false.", ""},
		"prefix called a":             {"@prefix a: <urn:a:> . a:a a a:b .", ""},
		"name with dots":              {head + ":s.t.u :p :a.b.", ""},
		"base without blanks":         {"BASE<urn:b:c>PREFIX:<urn:x:> :s:p:o .", "error"},
		"tag of three parts":          {head + ":s :p \"x\"@zh-Hant-TW .", ""},
		"bare word":                   {head + ":s :p word .", "error"},
		"number as subject":           {"0 .", "error"},
		"dot and number":              {".0 .", "error"},
		"two dots in a number":        {"<urn:s> <urn:p> 1..23", "error"},
		"brackets alone":              {"[] .", "error"},
		"literal as subject":          {"\"x\" <urn:p> 1 .", "error"},
		"blank predicate":             {"<urn:s> _:p 1 .", "error"},
		"relative without base":       {"<s> <urn:p> 1 .", "error"},
		"base direction":              {"<urn:s> <urn:p> \"x\"@en--ltr .", "error"},
		"langString without tag":      {"<urn:s> <urn:p> \"x\"^^<" + rdf.LangString + "> .", "error"},
		"undeclared prefix":           {"<urn:s> rdf:type 1 .", "error"},
		"surrogate":                   {`<urn:s> <urn:p> "\uD800" .`, "error"},
		"beyond Unicode":              {`<urn:s> <urn:p> "\U00110000" .`, "error"},
		"escaped blank in IRI":        {`<urn:s\u0020> <urn:p> 1 .`, "error"},
		"invalid UTF-8 in a text":     {"<urn:s> <urn:p> \"\xff\" .", "error"},
		"invalid UTF-8 in an IRI":     {"<urn:s\xff> <urn:p> 1 .", "error"},
		"invalid UTF-8 in a name":     {"@prefix : <urn:x:> . :\xff :p 1 .", "error"},
		"document ends in a text":     {"<urn:s> <urn:p> \"abc", "error"},
		"document ends in an escape":  {"<urn:s> <urn:p> \"abc\\", "error"},
		"document ends in brackets":   {"<urn:s> <urn:p> [ <urn:p> ", "error"},
		"document ends in collection": {"<urn:s> <urn:p> ( 1 ", "error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := collect(strings.NewReader(c.source), rdf.Turtle, "", rdf.Limits{})
			if c.want == "error" {
				if syntax := (*rdf.SyntaxError)(nil); !errors.As(err, &syntax) {
					t.Fatalf("got %v, error %v; want a SyntaxError", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// One byte at a time, every token crosses the border of the window.
			slow, err := collect(iotest.OneByteReader(strings.NewReader(c.source)), rdf.Turtle, "", rdf.Limits{})
			if diff := cmp.Diff(canonical(t, got), canonical(t, slow)); diff != "" || err != nil {
				t.Errorf("one byte at a time: error %v\n%s", err, diff)
			}
		})
	}
}

func TestTurtleValues(t *testing.T) {
	t.Parallel()
	source := `@prefix : <urn:x:> . :s :p "A"@EN-gb, "x"@zh-Hant-TW, 01, -1.50, 1.E3, true, "\u00e4\t\"", '''a
'b''', "\U0001F600"^^:t , :a\,b%2c , <http://EXAMPLE.org/%7e/../ä#> .`
	got, err := collect(strings.NewReader(source), rdf.Turtle, "", rdf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, triple := range got {
		lines = append(lines, string(rdf.AppendTerm(nil, triple.Obj)))
	}
	const xsd = "http://www.w3.org/2001/XMLSchema#"
	want := []string{
		`"A"@en-gb`, `"x"@zh-hant-tw`, `"01"^^<` + xsd + `integer>`, `"-1.50"^^<` + xsd + `decimal>`,
		`"1.E3"^^<` + xsd + `double>`, `"true"^^<` + xsd + `boolean>`, `"ä\t\""`, `"a\n'b"`, `"😀"^^<urn:x:t>`,
		`<urn:x:a,b%2c>`, `<http://EXAMPLE.org/%7e/../ä#>`,
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
}

func TestRelativeIRIs(t *testing.T) {
	t.Parallel()
	// The examples of RFC 3986 section 5.4, then bytes that must stay.
	for ref, want := range map[string]string{
		"g": "http://a/b/c/g", "./g": "http://a/b/c/g", "g/": "http://a/b/c/g/", "/g": "http://a/g", "//g": "http://g",
		"?y": "http://a/b/c/d;p?y", "g?y": "http://a/b/c/g?y", "#s": "http://a/b/c/d;p?q#s", "g#s": "http://a/b/c/g#s",
		";x": "http://a/b/c/;x", "": "http://a/b/c/d;p?q", ".": "http://a/b/c/", "./": "http://a/b/c/", "..": "http://a/b/",
		"../g": "http://a/b/g", "../..": "http://a/", "../../g": "http://a/g", "../../../g": "http://a/g", "/./g": "http://a/g",
		"/../g": "http://a/g", "g.": "http://a/b/c/g.", ".g": "http://a/b/c/.g", "g..": "http://a/b/c/g..", "./../g": "http://a/b/g",
		"./g/.": "http://a/b/c/g/", "g/./h": "http://a/b/c/g/h", "g/../h": "http://a/b/c/h", "g?y/../x": "http://a/b/c/g?y/../x",
		"g#s/../x": "http://a/b/c/g#s/../x", "%7E%2f//x": "http://a/b/c/%7E%2f//x", "ä?ö#ü": "http://a/b/c/ä?ö#ü", "http:g": "http:g",
	} {
		got, err := collect(strings.NewReader("<"+ref+"> <urn:p> 1 ."), rdf.Turtle, "http://a/b/c/d;p?q", rdf.Limits{})
		if err != nil {
			t.Errorf("<%s>: %v", ref, err)
		} else if got[0].Subj.String() != want {
			t.Errorf("<%s> became %s, want %s", ref, got[0].Subj, want)
		}
	}
}

func TestSyntaxErrorsNameTheirPlace(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"<urn:s> <urn:p> 1 .\n<urn:ä> <urn:p> ?x .", `turtle, line 2, column 17: found '?', expected an object: an IRI, a literal, '[' or '('`},
		{"# comment\n\n<urn:s> <urn:p> \"a\nb\" .", `turtle, line 3, column 19: a line ends inside a quoted text: close it, or use three quotes`},
		{"<urn:s> x:y 1 .", `turtle, line 1, column 10: the prefix "x:" is not declared`},
		{strings.Repeat("# filler\n", 10000) + "%", `turtle, line 10001, column 1: found '%', expected a name`},
		{"<urn:s> <urn:p> \"x\"@en--ltr .", `turtle, line 1, column 21: text with a base direction is not supported: drop the direction`},
		{"<urn:s> <urn:p> \"" + strings.Repeat("é", 20000) + "\" ,", `turtle, line 1, column 20021: the document ends where an object: an IRI, a literal, '[' or '(' is expected`},
	} {
		source, want := c[0], c[1]
		_, err := collect(strings.NewReader(source), rdf.Turtle, "", rdf.Limits{})
		if err == nil || err.Error() != want {
			t.Errorf("%.60q:\n got %v\nwant %s", source, err, want)
		}
	}
}

func TestBlankNodesAreMadeAnew(t *testing.T) {
	t.Parallel()
	for f, source := range map[rdf.Format]string{
		rdf.Turtle:   `_:b1 <urn:p> [ <urn:p> _:b1 ] . _:b0 <urn:p> _:b1 .`,
		rdf.NTriples: "_:b1 <urn:p> _:x .\n_:x <urn:p> _:b1 .\n_:b0 <urn:p> _:b1 .\n",
		rdf.JSONLD:   `[{"@id": "_:b1", "urn:p": {"urn:p": {"@id": "_:b1"}}}, {"@id": "_:b0", "urn:p": {"@id": "_:b1"}}]`,
	} {
		got, err := collect(strings.NewReader(source), f, "", rdf.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		labels := map[string]bool{}
		for _, triple := range got {
			labels[triple.Subj.String()] = true
		}
		if diff := cmp.Diff(map[string]bool{"b0": true, "b1": true, "b2": true}, labels); diff != "" || len(got) != 3 {
			t.Errorf("%s: %v\n%s", f, got, diff)
		}
	}
}

func TestConsumerMayStop(t *testing.T) {
	t.Parallel()
	source := strings.Repeat("<urn:s> <urn:p> ( 1 2 [ <urn:q> 3, 4 ] ) .\n", 3)
	for stopAt := range 24 {
		seen := 0
		for _, err := range rdf.Decode(strings.NewReader(source), rdf.Turtle, "", rdf.Limits{}) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen > stopAt {
				break
			}
		}
	}
}

func TestReaderErrorsPass(t *testing.T) {
	t.Parallel()
	broken := errors.New("cable cut")
	for _, f := range []rdf.Format{rdf.Turtle, rdf.NTriples, rdf.JSONLD, rdf.RDFXML} {
		r := io.MultiReader(strings.NewReader(" "), iotest.ErrReader(broken))
		if _, err := collect(r, f, "", rdf.Limits{}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestUnsupportedFormats(t *testing.T) {
	t.Parallel()
	_, err := collect(strings.NewReader("{}"), "rdfjson", "", rdf.Limits{})
	for _, err := range []error{err, rdf.Encode(io.Discard, "rdfjson", nil)} {
		if !errors.Is(err, rdf.ErrFormat) || !strings.Contains(err.Error(), "turtle") {
			t.Errorf("error %v does not name the formats that work", err)
		}
	}
}

func TestNamedGraphsAreRefused(t *testing.T) {
	t.Parallel()
	for f, source := range map[rdf.Format]string{
		rdf.NQuads:   "<urn:s> <urn:p> <urn:o> <urn:g> .",
		rdf.NTriples: "<urn:s> <urn:p> <urn:o> <urn:g> .",
		rdf.JSONLD:   `{"@id": "urn:g", "@graph": [{"@id": "urn:s", "urn:p": 1}]}`,
	} {
		if got, err := collect(strings.NewReader(source), f, "", rdf.Limits{}); err == nil {
			t.Errorf("%s: got %v", f, got)
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		format rdf.Format
		source string
		limits rdf.Limits
	}{
		"bytes":               {rdf.Turtle, "#" + long, rdf.Limits{Bytes: 1000}},
		"bytes of JSON":       {rdf.JSONLD, `"` + long, rdf.Limits{Bytes: 1000}},
		"triples":             {rdf.Turtle, "<urn:s> <urn:p> 1, 2, 3 .", rdf.Limits{Triples: 2}},
		"triples of JSON":     {rdf.JSONLD, `{"@id": "urn:s", "urn:p": [1, 2, 3]}`, rdf.Limits{Triples: 2}},
		"literal":             {rdf.Turtle, `<urn:s> <urn:p> "` + long + `" .`, rdf.Limits{Literal: 1000}},
		"literal in escapes":  {rdf.NTriples, `<urn:s> <urn:p> "` + strings.Repeat(`\n`, 5000) + `" .`, rdf.Limits{Literal: 1000}},
		"literal in JSON":     {rdf.JSONLD, `{"@id": "urn:s", "urn:p": "` + long + `"}`, rdf.Limits{Literal: 1000}},
		"IRI":                 {rdf.NTriples, "<urn:" + long + "> <urn:p> 1 .", rdf.Limits{Literal: 1000}},
		"IRI of prefix":       {rdf.Turtle, "@prefix a: <urn:" + long[:900] + "> . a:" + long[:900] + " a:b 1 .", rdf.Limits{Literal: 1000}},
		"unbounded literal":   {rdf.Turtle, `<urn:s> <urn:p> "` + strings.Repeat("x", 2<<20), rdf.Limits{}},
		"depth of brackets":   {rdf.Turtle, "<urn:s> <urn:p> " + strings.Repeat("[ <urn:p> ", 65), rdf.Limits{}},
		"depth of lists":      {rdf.Turtle, "<urn:s> <urn:p> " + strings.Repeat("( ", 65), rdf.Limits{}},
		"depth of JSON":       {rdf.JSONLD, strings.Repeat("[", 65), rdf.Limits{}},
		"steps":               {rdf.Turtle, "@prefix p: <urn:" + long + "> . p:a p:b p:c .", rdf.Limits{Steps: 8000}},
		"contexts times uses": {rdf.JSONLD, manyContexts(6000), rdf.Limits{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := collect(strings.NewReader(c.source), c.format, "", c.limits); !errors.Is(err, rdf.ErrLimit) {
				t.Errorf("error %v, want ErrLimit", err)
			}
		})
	}
	deep := "<urn:s> <urn:p> " + strings.Repeat("[ <urn:p> ", 64) + "1" + strings.Repeat(" ]", 64) + " ."
	if _, err := collect(strings.NewReader(deep), rdf.Turtle, "", rdf.Limits{}); err != nil {
		t.Errorf("64 levels: %v", err)
	}
}

// manyContexts defines n terms once and brings n nodes with contexts of their own.
func manyContexts(n int) string {
	var terms, nodes []string
	for i := range n {
		terms = append(terms, fmt.Sprintf(`"t%d": "urn:t%d"`, i, i))
		nodes = append(nodes, `{"@context": {"x": "urn:x"}, "x": 1}`)
	}
	return `{"@context": {` + strings.Join(terms, ",") + `}, "@graph": [` + strings.Join(nodes, ",") + `]}`
}

func TestNTriplesOfLongDocuments(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&b, "<urn:s:%d> <urn:p> \"%s\" . # comment\r\n", i, strings.Repeat("é", i%100))
	}
	got, err := collect(&b, rdf.NTriples, "", rdf.Limits{})
	if err != nil || len(got) != 5000 {
		t.Errorf("%d triples, error %v", len(got), err)
	}
}

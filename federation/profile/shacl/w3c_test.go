package shacl_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

const (
	nsManifest = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
	nsTest     = "http://www.w3.org/ns/shacl-test#"
	base       = "https://w3c.example/"
)

// corpus is the folder of the W3C suite.
func corpus(t testing.TB) string {
	dir := os.Getenv("COURSEMESH_CORPUS")
	if dir == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	return filepath.Join(dir, "w3c", "shacl-core")
}

func decode(t testing.TB, text, base string) []rdf.Triple {
	t.Helper()
	var out []rdf.Triple
	for triple, err := range rdf.Decode(strings.NewReader(text), rdf.Turtle, base, rdf.Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, triple)
	}
	return out
}

// document is a file of the suite; a file is decoded once, so that its blank nodes keep their labels.
type document struct {
	triples []rdf.Triple
	objects map[string]map[string][]shacl.Term // by subject and property
}

func load(t testing.TB, dir, file string) document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	d := document{decode(t, string(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))), base+file), map[string]map[string][]shacl.Term{}}
	for _, triple := range d.triples {
		s := shacl.TermOf(triple.Subj).String()
		if d.objects[s] == nil {
			d.objects[s] = map[string][]shacl.Term{}
		}
		d.objects[s][triple.Pred.String()] = append(d.objects[s][triple.Pred.String()], shacl.TermOf(triple.Obj))
	}
	return d
}

func (d document) one(of shacl.Term, property string) shacl.Term {
	if all := d.objects[of.String()][property]; len(all) > 0 {
		return all[0]
	}
	return shacl.Term{}
}

// TestW3CSuite runs every case of the SHACL Core suite; all of them pass but those listed as known.
func TestW3CSuite(t *testing.T) {
	t.Parallel()
	dir := corpus(t)
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.ttl"))
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, file := range files {
		name, err := filepath.Rel(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		doc := load(t, dir, filepath.ToSlash(name))
		for _, triple := range doc.triples {
			if triple.Pred.String() == rdf.Type && triple.Obj.String() == nsTest+"Validate" {
				cases++
				t.Run(strings.TrimPrefix(triple.Subj.String(), base), func(t *testing.T) { w3cCase(t, dir, doc, shacl.TermOf(triple.Subj)) })
			}
		}
	}
	if cases != 98 {
		t.Errorf("%d cases found, the suite has 98", cases)
	}
}

// known are the cases that this engine answers otherwise, with the reason.
var known = map[string]string{}

func w3cCase(t *testing.T, dir string, doc document, at shacl.Term) {
	t.Helper()
	action := doc.one(at, nsManifest+"action")
	part := func(property string) []rdf.Triple {
		file := strings.TrimPrefix(doc.one(action, nsTest+property).Value, base)
		if other := load(t, dir, file); len(other.triples) != len(doc.triples) {
			return other.triples
		}
		return doc.triples
	}
	shapes, err := shacl.Compile(part("shapesGraph"))
	want := doc.one(at, nsManifest+"result")
	if err != nil {
		if want.Value != nsTest+"Failure" && known[at.Value] == "" {
			t.Error(err)
		}
		return
	}
	results, err := shapes.Check(part("dataGraph"), nil, shacl.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(expected(t, doc, want), lines(results)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func expected(t *testing.T, doc document, report shacl.Term) []string {
	t.Helper()
	var out []string
	for _, r := range doc.objects[report.String()][shacl.NS+"result"] {
		path := ""
		if node := doc.one(r, shacl.NS+"resultPath"); node.Kind != shacl.None {
			p, err := shacl.PathAt(doc.triples, node)
			if err != nil {
				t.Fatal(err)
			}
			path = p.String()
		}
		get := func(term string) string { return doc.one(r, shacl.NS+term).String() }
		out = append(out, line(get("focusNode"), path, get("value"), get("sourceConstraintComponent"), get("resultSeverity")))
	}
	slices.Sort(out)
	return out
}

func lines(results []shacl.Result) []string {
	var out []string
	for _, r := range results {
		path := ""
		if r.Path != nil {
			path = r.Path.String()
		}
		out = append(out, line(r.Focus.String(), path, r.Value.String(), "<"+r.Component+">", "<"+r.Shape.Severity+">"))
	}
	slices.Sort(out)
	return out
}

func line(parts ...string) string { return strings.Join(parts, " | ") }

package convert_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/convert"
	"github.com/coursemesh/coursemesh/node/validate"
)

const institution = "uni.example"

func converter(t *testing.T) *convert.Converter {
	t.Helper()
	c, err := node.Converter(node.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// source is something to convert.
type source struct {
	name string
	read func(ctx context.Context) convert.Read
}

func file(name string) source {
	return source{name, func(ctx context.Context) convert.Read {
		return func(v *validate.Validator) (profile.Report, error) { return v.File(ctx, name, institution) }
	}}
}

func text(body []byte, name string) source {
	return source{name, func(ctx context.Context) convert.Read {
		return func(v *validate.Validator) (profile.Report, error) {
			return v.Stream(ctx, bytes.NewReader(body), name, institution)
		}
	}}
}

// folder is an API whose answers lie in files.
func folder(dir string) source {
	name := filepath.Base(filepath.Dir(dir))
	standard, _, _ := strings.Cut(name, "-")
	spec := federation.ManifestSource{Path: "https://uni.example/data/source"}
	switch standard = strings.TrimRight(standard, "0123456789"); standard {
	case "eduapi":
		spec.Type = "edu-api"
	case "occapi":
		spec.Type, spec.Path = standard, spec.Path+"/hei/"+institution
	default:
		spec.Type = standard
	}
	get := func(_ context.Context, address string) (*adapters.Response, error) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(u.Path, "/data/source/"))) + ".json")
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
		}
		return &adapters.Response{URL: address, Body: io.NopCloser(bytes.NewReader(body))}, err
	}
	return source{name, func(ctx context.Context) convert.Read {
		return func(v *validate.Validator) (profile.Report, error) {
			return v.Source(ctx, get, spec, institution, func(place string) string { return place })
		}
	}}
}

// sources are the project's own, and the files of the corpus that hold anything like courses.
func sources(t *testing.T) []source {
	t.Helper()
	var out []source
	own, err := filepath.Glob("../../testdata/golden/*/source*")
	if err != nil || len(own) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, name := range own {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			out = append(out, folder(name))
			continue
		}
		out = append(out, file(name))
	}
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Log("COURSEMESH_CORPUS is not set: the project's own files only")
		return out
	}
	err = filepath.WalkDir(filepath.Join(corpus, "standards", "data"), func(name string, d fs.DirEntry, err error) error {
		switch filepath.Ext(name) {
		case ".ttl", ".nt", ".rdf", ".xml", ".jsonld", ".json":
			out = append(out, file(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// written is the outcome of a conversion; "" when there was nothing to convert.
func written(t *testing.T, c *convert.Converter, s source, format convert.Format) (string, convert.Summary) {
	t.Helper()
	var out bytes.Buffer
	summary, _, err := c.Write(t.Context(), s.read(t.Context()), &out, format, nil)
	if err != nil {
		return "", summary
	}
	return out.String(), summary
}

// disputed says that courses describe a node differently, which one document cannot keep apart, and that this was told.
func disputed(s convert.Summary) bool {
	return slices.ContainsFunc(s.Quality.Findings, func(f profile.Sort) bool { return f.Kind == convert.KindShared })
}

// graphs are the canonical bytes of the courses of a source, by subject.
func graphs(t *testing.T, c *convert.Converter, s source) map[string]string {
	t.Helper()
	out := map[string]string{}
	_, err := s.read(t.Context())(c.Validator.For(func(d harvest.Draft) ([]profile.Finding, error) {
		if _, twice := out[d.Subject]; !twice {
			out[d.Subject] = string(d.Graph)
		}
		return nil, nil
	}))
	if err != nil {
		return nil
	}
	return out
}

// alone is a graph without what it says of other courses of the same document, which describe themselves there.
func alone(t *testing.T, subject string, all map[string]string) string {
	t.Helper()
	triples, err := rdf.ParseCanonical([]byte(all[subject]))
	if err != nil {
		t.Fatal(err)
	}
	hangs := map[string]bool{}
	for before := -1; before != len(triples); {
		before = len(triples)
		clear(hangs)
		for _, triple := range triples {
			hangs[triple.Obj.String()] = true
		}
		triples = slices.DeleteFunc(triples, func(triple rdf.Triple) bool {
			name := triple.Subj.String()
			_, blank := triple.Subj.(rdf.Blank)
			_, course := all[name]
			return course && name != subject || blank && !hangs[name]
		})
	}
	text, err := rdf.Canonical(triples)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestThereAndBack: of every file that holds courses, what is written in each form of RDF gives the same canonical
// graphs when it is read, the same bytes when it is written twice, and the same bytes when what was written is converted again.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	c := converter(t)
	all, courses, disputes := sources(t), 0, map[string]bool{}
	for _, s := range all {
		said := graphs(t, c, s)
		want := map[string]string{}
		for subject := range said {
			want[subject] = alone(t, subject, said)
		}
		courses += len(want)
		if len(want) == 0 {
			continue
		}
		for _, format := range []convert.Format{convert.Turtle, convert.NTriples, convert.JSONLD, convert.RDFXML} {
			first, summary := written(t, c, s, format)
			if again, _ := written(t, c, s, format); again != first {
				t.Errorf("%s as %s: two conversions differ", s.name, format)
			}
			if summary.Courses != len(want) {
				t.Errorf("%s as %s: %d courses, want %d: %+v", s.name, format, summary.Courses, len(want), summary)
			}
			back := text([]byte(first), "back."+string(format))
			if disputed(summary) {
				disputes[s.name] = true
				if got := graphs(t, c, back); len(got) != len(want) {
					t.Errorf("%s as %s: %d courses, want %d", s.name, format, len(got), len(want))
				}
				continue
			}
			if diff := cmp.Diff(want, graphs(t, c, back)); diff != "" {
				t.Errorf("%s as %s: other courses (-want +got):\n%s\n%s", s.name, format, diff, first)
			}
			if onceMore, _ := written(t, c, back, format); onceMore != first {
				t.Errorf("%s as %s: converted again it differs:\n%s", s.name, format, cmp.Diff(first, onceMore))
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"ooapi-full": true, "ooapi6-full": true}, disputes); diff != "" {
		t.Errorf("sources whose courses differ about a node (-want +got):\n%s", diff)
	}
	if courses < 30 {
		t.Errorf("%d courses in %d files: nothing was tested", courses, len(all))
	}
	t.Log(fmt.Sprint(courses, " courses in ", len(all), " files"))
}

// TestJSONIsThatOfTheAPI: one course is an object, several are lines, and nothing in them depends on the moment.
func TestJSONIsThatOfTheAPI(t *testing.T) {
	t.Parallel()
	c := converter(t)
	const two = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix dcterms: <http://purl.org/dc/terms/> .
<urn:a> a ql:LearningOpportunitySpecification ; dcterms:title "A"@en ; dcterms:license <http://creativecommons.org/licenses/by/4.0/> .
<urn:b> a ql:LearningOpportunitySpecification ; dcterms:title "B <&>"@de ; dcterms:modified "2026-02-03" .`
	s := text([]byte(two), "two.ttl")
	lines, _ := written(t, c, s, convert.JSONLines)
	var got []course.Course
	for line := range strings.Lines(lines) {
		var one course.Course
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		got = append(got, one)
	}
	if len(got) != 2 || got[0].IRI != "urn:a" || got[0].Provider != institution || got[0].Standard != "elm" || got[0].Modified != "" || got[0].Record != "" ||
		!strings.Contains(got[0].Licence, "BY 4.0") || got[1].Modified != "2026-02-03T00:00:00Z" || got[1].Source.Issued != "" {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(lines, `"B <&>"`) {
		t.Errorf("escaped otherwise than by the API: %s", lines)
	}
	_, _, err := c.Write(t.Context(), s.read(t.Context()), io.Discard, convert.JSON, nil)
	if !errors.Is(err, convert.ErrSeveral) {
		t.Errorf("two courses in one object: %v", err)
	}
}

// TestTermsOfTheDocumentGoAlong: what the source states for all its courses stays stated, without person data.
func TestTermsOfTheDocumentGoAlong(t *testing.T) {
	t.Parallel()
	c := converter(t)
	s := text([]byte(`@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix dcterms: <http://purl.org/dc/terms/> . @prefix dcat: <http://www.w3.org/ns/dcat#> .
<urn:catalogue> a dcat:Catalog ; dcterms:license <http://creativecommons.org/licenses/by/4.0/> ; dcterms:rightsHolder "Uni, anna@uni.example" .
<urn:a> a ql:LearningOpportunitySpecification ; dcterms:title "A"@en .
<urn:b> a ql:LearningOpportunitySpecification ; dcterms:title "B"@en ; dcterms:license "ours" .`), "terms.ttl")
	want, _ := written(t, c, s, convert.JSONLines)
	if strings.Count(want, `"licence":"CC BY 4.0"`) != 1 || strings.Count(want, `"licence":"ours"`) != 1 || strings.Contains(want, "anna@") {
		t.Fatal(want)
	}
	for _, format := range []convert.Format{convert.Turtle, convert.NTriples, convert.JSONLD, convert.RDFXML} {
		document, _ := written(t, c, s, format)
		if got, _ := written(t, c, text([]byte(document), "terms."+string(format)), convert.JSONLines); got != want || strings.Contains(document, "anna@") {
			t.Errorf("%s: %s\n%s", format, cmp.Diff(want, got), document)
		}
		if again, _ := written(t, c, text([]byte(document), "terms."+string(format)), format); again != document {
			t.Errorf("%s: converted again it differs: %s", format, cmp.Diff(document, again))
		}
	}
}

// TestNothingIsMadeUp: without a provider courses that name their institution, or need none, are written as they are;
// of the others nobody knows whose they are.
func TestNothingIsMadeUp(t *testing.T) {
	t.Parallel()
	const document = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:a> a ql:LearningOpportunitySpecification ; dcterms:title "A"@en .
<relative> a ql:LearningOpportunitySpecification ; dcterms:title "B"@en .
[] a ql:LearningOpportunitySpecification ; dcterms:title "C"@en ; adms:identifier [ skos:notation "C1" ] .`
	var out bytes.Buffer
	read := func(v *validate.Validator) (profile.Report, error) {
		return v.Stream(t.Context(), strings.NewReader(document), "x.ttl", "")
	}
	s, _, err := converter(t).Write(t.Context(), read, &out, convert.NTriples, nil)
	if err != nil || s.Courses != 1 || s.Rejected != 2 || len(s.Errors) != 2 || !strings.Contains(s.Errors[0].Fix, "--provider") {
		t.Errorf("%v: %+v", err, s)
	}
	if strings.Contains(out.String(), validate.Nobody) || strings.Contains(out.String(), "publisher") {
		t.Error(out.String())
	}
}

// TestFileIsWholeOrNot: until it is kept nothing shows, dropped it leaves no trace, and permissions stay.
func TestFileIsWholeOrNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "out")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("out", link); err != nil {
		t.Fatal(err)
	}
	for _, keep := range []bool{false, true} {
		f, err := convert.Create(link)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("new"); err != nil {
			t.Fatal(err)
		}
		want, end := "old", f.Drop
		if keep {
			want, end = "new", f.Keep
		}
		if body, err := os.ReadFile(name); err != nil || string(body) != "old" {
			t.Errorf("before its end: %q, %v", body, err)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(name)
		info, failed := os.Lstat(name)
		entries, listed := os.ReadDir(dir)
		if err != nil || failed != nil || listed != nil || string(body) != want || info.Mode().Perm() != 0o640 || len(entries) != 2 {
			t.Errorf("kept %t: %q, %v, %d entries: %v", keep, body, info.Mode(), len(entries), errors.Join(err, failed, listed))
		}
	}
	if _, err := convert.Create(dir); err == nil {
		t.Error("a directory was taken for a file")
	}
	away := filepath.Join(dir, "away", "out")
	if _, err := convert.Create(away); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), away+":") {
		t.Errorf("%v", err)
	}
	f, err := convert.Create(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Drop(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s was replaced: %v", os.DevNull, err)
	}
}

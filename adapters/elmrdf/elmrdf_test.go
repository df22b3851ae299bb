package elmrdf_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

const path = "https://uni.example/catalogue/all"

// answer is what a server sends.
type answer struct{ url, media, body string }

func (a answer) get(_ context.Context, url string) (*adapters.Response, error) {
	if a.url == "" {
		a.url = url
	}
	return &adapters.Response{URL: a.url, MediaType: a.media, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

func source(contentType string) adapters.Source {
	return adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Type: "elm", Path: path, ContentType: contentType}}
}

// outcome of a run.
type outcome struct {
	items []adapters.Item
	lost  []*adapters.RecordError
	end   error
}

func read(get adapters.Get, src adapters.Source, lim rdf.Limits) outcome {
	var o outcome
	for item, err := range elmrdf.New(lim).Read(context.Background(), get, src, time.Time{}) {
		var lost *adapters.RecordError
		switch {
		case errors.As(err, &lost):
			o.lost = append(o.lost, lost)
		case err != nil:
			o.end = err
		default:
			o.items = append(o.items, item)
		}
	}
	return o
}

func (o outcome) subjects() []string {
	var out []string
	for _, i := range o.items {
		out = append(out, i.Graph.Subject.String())
	}
	return out
}

const prefixes = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
`

const (
	turtle = prefixes + `<https://uni.example/c/1> a ql:LearningOpportunitySpecification ; dcterms:title "One"@en .`
	lines  = `<https://uni.example/c/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification> .
<https://uni.example/c/1> <http://purl.org/dc/terms/title> "One"@en .
`
	jsonLD = `{"@context":{"title":{"@id":"http://purl.org/dc/terms/title","@container":"@language"}},
"@id":"https://uni.example/c/1","@type":"http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification","title":{"en":"One"}}`
	rdfXML = `<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcterms="http://purl.org/dc/terms/">
<ql:LearningOpportunitySpecification xmlns:ql="http://data.quality-link.eu/ontology/v1#" rdf:about="https://uni.example/c/1">
<dcterms:title xml:lang="en">One</dcterms:title></ql:LearningOpportunitySpecification></rdf:RDF>`
	otherXML = `<?xml version="1.0"?><Courses xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><course/></Courses>`
	html     = `<!DOCTYPE html><html><body>Please log in</body></html>`
)

func TestFormat(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer   answer
		override string
		refused  string // part of the error; "" means that the course is read
	}{
		"turtle by media type":                   {answer{media: "text/turtle", body: turtle}, "", ""},
		"media type with parameter":              {answer{media: "text/turtle; charset=utf-8", body: turtle}, "", ""},
		"turtle as text/plain":                   {answer{media: "text/plain", body: turtle}, "", ""},
		"turtle as octets, by extension":         {answer{url: "https://cdn.example/a/b.TTL?x=1.json", media: "application/octet-stream", body: turtle}, "", ""},
		"no media type, no extension":            {answer{body: turtle}, "", ""},
		"n-triples":                              {answer{media: "application/n-triples", body: lines}, "", ""},
		"n-triples by extension":                 {answer{url: "https://cdn.example/a.nt", body: lines}, "", ""},
		"json-ld":                                {answer{media: "application/ld+json", body: jsonLD}, "", ""},
		"json-ld as json":                        {answer{media: "application/json", body: jsonLD}, "", ""},
		"json-ld in an array":                    {answer{body: "[" + jsonLD + "]"}, "", ""},
		"json-ld as text/html":                   {answer{media: "text/html", body: "\n " + jsonLD}, "", ""},
		"turtle as json":                         {answer{media: "application/json", body: turtle}, "", ""},
		"json-ld as turtle":                      {answer{media: "text/turtle", body: jsonLD}, "", ""},
		"turtle behind a byte order mark":        {answer{body: "\xef\xbb\xbf" + turtle}, "", ""},
		"json-ld behind a byte order mark":       {answer{media: "application/ld+json", body: "\xef\xbb\xbf" + jsonLD}, "", ""},
		"turtle that starts with a node":         {answer{body: "[] a <http://x.example/y> .\n" + turtle}, "", ""},
		"turtle with SPARQL prefixes":            {answer{body: "PREFIX ex: <http://x.example/>\n" + turtle}, "", ""},
		"the manifest wins":                      {answer{url: "https://cdn.example/a.json", media: "application/json", body: turtle}, "text/turtle", ""},
		"the manifest wins, also when it errs":   {answer{media: "text/turtle", body: turtle}, "application/ld+json", "no valid JSON-LD"},
		"an unknown type in the manifest is not": {answer{media: "text/turtle", body: turtle}, "text/x-something", ""},
		"rdf/xml":                                {answer{media: "application/rdf+xml", body: rdfXML}, "", ""},
		"rdf/xml as xml":                         {answer{media: "text/xml; charset=iso-8859-1", body: rdfXML}, "", ""},
		"rdf/xml by extension":                   {answer{url: "https://cdn.example/a.rdf", media: "text/plain", body: "<!-- x -->" + rdfXML[21:]}, "", ""},
		"rdf/xml by content":                     {answer{body: rdfXML}, "", ""},
		"rdf/xml without a declaration":          {answer{body: strings.NewReplacer("rdf:", "r:", ":rdf=", ":r=").Replace(rdfXML[21:])}, "", ""},
		"rdf/xml behind a byte order mark":       {answer{media: "application/rdf+xml", body: "\xef\xbb\xbf" + rdfXML}, "", ""},
		"rdf/xml in UTF-16":                      {answer{media: "application/rdf+xml", body: utf16(rdfXML)}, "", ""},
		"rdf/xml as turtle":                      {answer{media: "text/turtle", body: rdfXML}, "", ""},
		"turtle as rdf/xml":                      {answer{media: "application/rdf+xml", body: turtle}, "", ""},
		"xml that is no rdf":                     {answer{media: "application/xml", body: otherXML}, "", "1:22: no valid RDF/XML"},
		"xml with entities from elsewhere":       {answer{body: `<!DOCTYPE x SYSTEM "file:///etc/passwd">` + rdfXML[21:]}, "", "not fetched"},
		"html":                                   {answer{media: "text/turtle", body: html}, "", "HTML page"},
		"html without a type":                    {answer{body: html}, "", "HTML page"},
		"something else":                         {answer{media: "application/pdf", body: "%PDF-1.7"}, "", "not recognised"},
		"empty":                                  {answer{media: "text/turtle"}, "", "empty"},
		"nothing but white space":                {answer{media: "application/json", body: " \n\n"}, "", "empty"},
		"gzip that nobody speaks of":             {answer{media: "text/turtle", body: "\x1f\x8b\x08\x00"}, "", "gzip"},
		"json that was cut":                      {answer{media: "application/ld+json", body: "{\n \"@graph\": [{\"@id\": \"urn:a"}, "", "2:27: no valid JSON-LD: the document ends"},
		"UTF-16":                                 {answer{media: "text/turtle", body: "\xff\xfe@\x00p\x00"}, "", "UTF-8"},
		"UTF-16 without a mark":                  {answer{media: "text/turtle", body: "\x00@\x00p"}, "", "UTF-8"},
		"json without a context":                 {answer{media: "application/json", body: `{"Name":"One","Level":6}`}, "", "@context"},
		"json lines without a context":           {answer{url: "https://cdn.example/a.json", body: "{\"Name\":\"One\"}\n{\"Name\":\"Two\"}\n"}, "", "@context"},
		"json lines":                             {answer{body: "\n" + strings.ReplaceAll(jsonLD, "\n", "") + "\n\n{}\n"}, "", ""},
		"json lines, one of them broken":         {answer{body: strings.ReplaceAll(jsonLD, "\n", "") + "\n{\"@id\": }\n"}, "", "2:"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(tt.answer.get, source(tt.override), rdf.Limits{})
			if tt.refused == "" {
				if got.end != nil || cmp.Diff([]string{"https://uni.example/c/1"}, got.subjects()) != "" {
					t.Errorf("courses %v, error %v", got.subjects(), got.end)
				}
				return
			}
			if got.end == nil || !strings.Contains(got.end.Error(), tt.refused) || len(got.items) > 0 {
				t.Errorf("courses %v, error %v; want one about %q", got.subjects(), got.end, tt.refused)
			}
		})
	}
}

// utf16 encodes ASCII text, the low byte first.
func utf16(text string) string {
	out := []byte("\xff\xfe")
	for i := range len(text) {
		out = append(out, text[i], 0)
	}
	return string(out)
}

func TestSyntaxErrorNamesPlaceAndLosesNothing(t *testing.T) {
	t.Parallel()
	broken := turtle + "\n<https://uni.example/c/2> a ql:LearningOpportunitySpecification ; dcterms:title \"Two .\n"
	got := read(answer{media: "text/turtle", body: broken}.get, source(""), rdf.Limits{})
	var syntax *rdf.SyntaxError
	if !errors.As(got.end, &syntax) || !strings.HasPrefix(got.end.Error(), path+" 7:") {
		t.Errorf("error %v", got.end)
	}
	if len(got.items)+len(got.lost) > 0 {
		t.Errorf("a document with a syntax error gave %v", got.subjects())
	}
}

func TestBaseIsTheManifestsPath(t *testing.T) {
	t.Parallel()
	body := prefixes + `<c/7> a ql:LearningOpportunitySpecification ; dcterms:title "Seven"@en .`
	got := read(answer{url: "https://cdn.example/elsewhere.ttl", body: body}.get, source(""), rdf.Limits{})
	if diff := cmp.Diff([]string{"https://uni.example/catalogue/c/7"}, got.subjects()); diff != "" || got.end != nil {
		t.Errorf("%s %v", diff, got.end)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	body := prefixes + `
[] a ql:LearningOpportunitySpecification ; dcterms:title "Minted"@en ;
   adms:identifier [ skos:notation "B 2/x" ] , [ skos:notation "A:1" ] .
[] a ql:LearningOpportunitySpecification ; dcterms:title "Again"@en ; adms:identifier [ skos:notation "A:1" ] .
[] a ql:LearningOpportunitySpecification ; dcterms:title "Nameless"@en .
<urn:x:run> a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification <https://other.example/c/9> .
<urn:x:lone> a ql:LearningOpportunityInstance ; dcterms:title "Lone"@en .
`
	got := read(answer{media: "text/turtle", body: body}.get, source(""), rdf.Limits{})
	if diff := cmp.Diff([]string{"urn:schac:uniqueCourseId:uni.example:A%3A1", "urn:x:run"}, got.subjects()); diff != "" {
		t.Error(diff)
	}
	var lost []string
	for _, e := range got.lost {
		lost = append(lost, e.Field+": "+e.Message)
		if e.Fix == "" || !strings.HasPrefix(e.Where, path+" ") {
			t.Errorf("no place or fix: %+v", e)
		}
	}
	want := []string{
		"adms:identifier: another specification of this document has the same identifier A:1",
		`adms:identifier: no identity: the specification "Nameless" has neither an IRI nor an adms:identifier with a skos:notation`,
		"elm:learningAchievementSpecification: the instance names no specification",
	}
	if diff := cmp.Diff(want, lost); diff != "" {
		t.Error(diff)
	}
	if len(got.items) > 0 && len(got.items[0].Notes) != 1 {
		t.Errorf("notes: %v", got.items[0].Notes)
	}
}

// A minted subject must not depend on the order in which a document happens to be written.
func TestMintedSubjectIgnoresOrder(t *testing.T) {
	t.Parallel()
	for _, order := range []string{`[ skos:notation "b" ] , [ skos:notation "a" ]`, `[ skos:notation "a" ] , [ skos:notation "b" ]`} {
		body := prefixes + `[] a ql:LearningOpportunitySpecification ; dcterms:title "X"@en ; adms:identifier ` + order + ` .`
		got := read(answer{body: body}.get, source(""), rdf.Limits{})
		if diff := cmp.Diff([]string{"urn:schac:uniqueCourseId:uni.example:a"}, got.subjects()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestErrorsOfGetPassThrough(t *testing.T) {
	t.Parallel()
	for _, want := range []error{adapters.ErrUnchanged, &adapters.StatusError{URL: path, Code: 503}} {
		get := func(context.Context, string) (*adapters.Response, error) { return nil, want }
		if got := read(get, source(""), rdf.Limits{}); !errors.Is(got.end, want) {
			t.Errorf("got %v, want %v", got.end, want)
		}
	}
	cut := func(_ context.Context, url string) (*adapters.Response, error) {
		body := io.MultiReader(strings.NewReader(turtle), failing{})
		return &adapters.Response{URL: url, MediaType: "text/turtle", Body: io.NopCloser(body)}, nil
	}
	if got := read(cut, source(""), rdf.Limits{}); !errors.Is(got.end, errCut) || len(got.items) > 0 {
		t.Errorf("a body that breaks off gave %v and %v", got.subjects(), got.end)
	}
}

var errCut = errors.New("connection lost")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errCut }

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, a := range []answer{{media: "text/turtle", body: turtle}, {media: "application/ld+json", body: jsonLD}, {media: "text/xml", body: rdfXML}} {
		if got := read(a.get, source(""), rdf.Limits{Bytes: 100}); !errors.Is(got.end, rdf.ErrLimit) {
			t.Errorf("%s: error %v", a.media, got.end)
		}
	}
	if got := read(answer{body: turtle}.get, source(""), rdf.Limits{Triples: 1}); !errors.Is(got.end, rdf.ErrLimit) {
		t.Errorf("error %v", got.end)
	}
}

// A text that no record can hold is for its course to answer, and a base direction is no reason to lose anything.
func TestWhatCostsNoDocument(t *testing.T) {
	t.Parallel()
	const course = "<https://uni.example/%d> a <http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification> ; <http://purl.org/dc/terms/title> \"%s\"@en .\n"
	long := fmt.Sprintf(course, 1, strings.Repeat("x", 2<<20)) + fmt.Sprintf(course, 2, "short")
	directed := `[{"@id": "https://uni.example/1", "@type": "http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification",
		"http://purl.org/dc/terms/title": {"@value": "x", "@language": "he", "@direction": "rtl"}}]`
	for body, want := range map[string]int{long: 2, directed: 1} {
		contentType := "text/turtle"
		if want == 1 {
			contentType = "application/ld+json"
		}
		o := read(answer{body: body}.get, source(contentType), rdf.Limits{})
		if got := o.subjects(); len(got) != want || o.end != nil || len(o.lost) != 0 {
			t.Errorf("%s: %d courses, %v", contentType, len(got), o.end)
		}
	}
}

func TestConsumerMayStop(t *testing.T) {
	t.Parallel()
	body := turtle + "\n<https://uni.example/c/2> a ql:LearningOpportunitySpecification ."
	n := 0
	for range elmrdf.New(rdf.Limits{}).Read(t.Context(), answer{body: body}.get, source(""), time.Time{}) {
		n++
		break
	}
	if n != 1 {
		t.Errorf("%d items", n)
	}
}

// TestSamples reads the licensed samples: conformant Turtle and JSON-LD, and the namespace that the
// profile's shapes bind elm: to.
func TestSamples(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	files := map[string]string{
		"course-conformant.ttl":              "urn:schac:uniqueCourseId:uni-example.eu:CS101",
		"course-conformant-same.nt":          "urn:schac:uniqueCourseId:uni-example.eu:CS101",
		"course-conformant-same.jsonld":      "urn:schac:uniqueCourseId:uni-example.eu:CS101",
		"course-conformant-same.rdf":         "urn:schac:uniqueCourseId:uni-example.eu:CS101",
		"course-conformant.jsonld":           "urn:schac:uniqueCourseId:uni-example.eu:CS102",
		"course-shacl-namespace-variant.ttl": "https://uni-example.eu/id/course/X1",
	}
	canonical := make(map[string][]byte)
	for name, subject := range files {
		body, err := os.ReadFile(filepath.Join(corpus, "standards/data/quality-link/examples-synthetic", name))
		if err != nil {
			t.Fatal(err)
		}
		got := read(answer{url: "https://data.uni-example.eu/" + name, body: string(body)}.get, source(""), rdf.Limits{})
		if diff := cmp.Diff([]string{subject}, got.subjects()); diff != "" || got.end != nil || len(got.lost) > 0 {
			t.Fatalf("%s: %s %v %v", name, diff, got.end, got.lost)
		}
		if canonical[name], err = got.items[0].Graph.Canonical(); err != nil {
			t.Fatal(err)
		}
	}
	// Their writer respelt durations and times, so these equal each other and have as many facts as the Turtle.
	lines := canonical["course-conformant-same.nt"]
	for _, name := range []string{"course-conformant-same.jsonld", "course-conformant-same.rdf"} {
		if diff := cmp.Diff(string(lines), string(canonical[name])); diff != "" {
			t.Errorf("N-Triples and %s, the same course, differ:\n%s", name, diff)
		}
	}
	if a, b := bytes.Count(lines, []byte("\n")), bytes.Count(canonical["course-conformant.ttl"], []byte("\n")); a != b {
		t.Errorf("%d facts in N-Triples, %d in Turtle", a, b)
	}
}

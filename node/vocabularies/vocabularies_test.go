package vocabularies_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
	"github.com/coursemesh/coursemesh/node/vocabularies"
	"github.com/google/go-cmp/cmp"
)

// These tests are not parallel: the lists in force belong to the whole process.

// world is a node's database, and a guarded client that reaches loopback.
type world struct {
	t        *testing.T
	dir      string
	db       *store.DB
	endpoint string
	*vocabularies.Store
}

func newWorld(t *testing.T, endpoint string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), endpoint: endpoint}
	w.open()
	t.Cleanup(func() {
		_ = w.db.Close()
		_ = vocabulary.Use(nil)
	})
	return w
}

func (w *world) open() {
	w.t.Helper()
	client, err := fetch.New(fetch.Config{AllowCIDRs: []string{"127.0.0.0/8"}, Politeness: fetch.Politeness{PerHost: -1, Overall: -1}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(client.Close)
	if w.db, err = store.Open(w.dir); err != nil {
		w.t.Fatal(err)
	}
	w.Store = vocabularies.Open(vocabularies.Config{
		DB: w.db, Endpoint: w.endpoint, Fetch: client.Do, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})
}

func (w *world) reopen() {
	w.t.Helper()
	if err := w.db.Close(); err != nil {
		w.t.Fatal(err)
	}
	_ = vocabulary.Use(nil)
	w.open()
}

func (w *world) file(name, text string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *world) update(q vocabularies.Request) vocabularies.Report {
	w.t.Helper()
	r, err := w.Update(context.Background(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

const (
	newMode  = vocabulary.BaseMode + "c_new00001"
	prefixes = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n@prefix mode: <http://data.europa.eu/snb/learning-assessment/> .\n"
	modes    = prefixes + `
mode:25831c2 a skos:ConceptScheme ; skos:prefLabel "modes"@en .
mode:c_new00001 a skos:Concept ; skos:inScheme mode:25831c2 ; skos:prefLabel "Underwater"@en , "unter Wasser"@de ; skos:notation "UW" .
mode:920fbb3cbe a skos:Concept ; skos:topConceptOf mode:25831c2 ; skos:prefLabel "Online"@en , "em linha"@pt .
<http://example.org/other> a skos:Concept ; skos:inScheme <http://example.org/scheme> ; skos:prefLabel "x"@en .
`
)

// TestFormats: the same statements in each form give the same lists.
func TestFormats(t *testing.T) {
	const skos = vocabulary.NSSKOS
	triples := func(subject, predicate, object string) string {
		return "<" + subject + "> <" + predicate + "> " + object + " .\n"
	}
	scheme, _, _ := vocabulary.Scheme(vocabulary.Modes)
	for name, text := range map[string]string{
		"modes.ttl": modes,
		"modes.nt": triples(newMode, vocabulary.NSRDF+"type", "<"+skos+"Concept>") + triples(newMode, skos+"inScheme", "<"+scheme+">") +
			triples(newMode, skos+"prefLabel", `"Underwater"@en`) + triples(newMode, skos+"prefLabel", `"unter Wasser"@de`) +
			triples(vocabulary.ModeOnline, vocabulary.NSRDF+"type", "<"+skos+"Concept>") + triples(vocabulary.ModeOnline, skos+"inScheme", "<"+scheme+">") +
			triples(vocabulary.ModeOnline, skos+"prefLabel", `"em linha"@pt`),
		"modes.rdf": "\ufeff" + `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<skos:Concept rdf:about="https://data.europa.eu/snb/learning-assessment/c_new00001"><skos:inScheme rdf:resource="` + scheme + `"/>
<skos:prefLabel xml:lang="en">Underwater</skos:prefLabel><skos:prefLabel xml:lang="DE">unter
 Wasser</skos:prefLabel></skos:Concept>
<skos:Concept rdf:about="` + vocabulary.ModeOnline + `"><skos:inScheme rdf:resource="` + scheme + `"/><skos:prefLabel xml:lang="pt">em linha</skos:prefLabel></skos:Concept>
</rdf:RDF>`,
		"modes.jsonld": `{"@context":{"skos":"http://www.w3.org/2004/02/skos/core#"},"@graph":[
{"@id":"` + newMode + `","@type":"skos:Concept","skos:inScheme":{"@id":"` + scheme + `"},"skos:prefLabel":[{"@value":"Underwater","@language":"en"},{"@value":"unter Wasser","@language":"de"}]},
{"@id":"` + vocabulary.ModeOnline + `","@type":"skos:Concept","skos:inScheme":{"@id":"` + scheme + `"},"skos:prefLabel":{"@value":"em linha","@language":"pt"}}]}`,
		"modes.tsv": "uri\tlabel_en\tlabel_de\tlabel_pt\tremark\r\n" + newMode + "\tUnderwater\tunter Wasser\t\tnew\r\n" + vocabulary.ModeOnline + "\t\t\tem linha\t\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "")
			report := w.update(vocabularies.Request{From: []string{w.file(name, text)}})
			want := []vocabulary.Change{{
				Vocabulary: vocabulary.Modes, Before: 7, Concepts: 8, Added: []string{"c_new00001"}, Removed: []string{},
				Labels: []vocabulary.Relabeled{{ID: "920fbb3cbe", Language: "pt", Now: "em linha"}},
			}}
			if diff := cmp.Diff(want, report.Vocabularies); diff != "" || !report.Changed || report.Version != 1 || report.Sources[0].Concepts != 2 {
				t.Errorf("%+v\n%s", report, diff)
			}
			c, ok := vocabulary.Lookup(newMode)
			if !ok || c.In("de") != "unter Wasser" {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestKept: an update survives the end of the node, the next one lies over it, and the same again is none.
func TestKept(t *testing.T) {
	w := newWorld(t, "")
	first := vocabularies.Request{From: []string{w.file("modes.ttl", modes)}}
	if r := w.update(vocabularies.Request{From: first.From, DryRun: true}); !r.Changed || r.Version != 0 {
		t.Errorf("dry run: %+v", r)
	}
	if _, ok := vocabulary.Lookup(newMode); ok {
		t.Error("a dry run changed something")
	}
	w.update(first)
	w.reopen()
	if _, ok := vocabulary.Lookup(newMode); !ok {
		t.Fatal("the update is gone")
	}
	if r := w.update(first); r.Changed || r.Version != 1 {
		t.Errorf("the same again: %+v", r)
	}
	for i := range 7 {
		row := fmt.Sprintf("iri\tlabel\n%sc_%d\tMode %d\n", vocabulary.BaseMode, i, i)
		w.update(vocabularies.Request{From: []string{w.file("more.tsv", row)}})
	}
	w.reopen()
	if got := len(vocabulary.Concepts(vocabulary.Modes)); got != 7+1+7 {
		t.Errorf("%d modes", got)
	}
	kept := 0
	for range store.TableOf[map[string]any](w.db, "vocabularies").All("") {
		kept++
	}
	if kept != 5 {
		t.Errorf("%d versions kept", kept)
	}
	// A newest version that cannot be used makes way for the one before.
	if err := store.TableOf[map[string]any](w.db, "vocabularies").Put("000000099", map[string]any{"number": 99, "lists": map[string]any{"nonsense": map[string]any{}}}); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	if got := len(vocabulary.Concepts(vocabulary.Modes)); got != 7+1+7 {
		t.Errorf("%d modes beside a version that cannot be used", got)
	}
}

func TestComplete(t *testing.T) {
	w := newWorld(t, "")
	rows := func(ids ...string) []string {
		text := "iri\tlabel_en\n"
		for _, id := range ids {
			text += vocabulary.BaseAssessmentType + id + "\t" + id + "\n"
		}
		return []string{w.file("list.tsv", text)}
	}
	var all []string
	for _, c := range vocabulary.Concepts(vocabulary.AssessmentTypes) {
		all = append(all, c.ID)
	}
	if r := w.update(vocabularies.Request{From: rows(all[1:]...), DryRun: true}); len(r.Vocabularies[0].Removed) != 0 {
		t.Errorf("an incomplete list takes away %v", r.Vocabularies[0].Removed)
	}
	if _, err := w.Update(context.Background(), vocabularies.Request{From: rows(all[:3]...), Complete: true}); !errors.Is(err, vocabularies.ErrLoss) {
		t.Errorf("a list that was cut off: %v", err)
	}
	r := w.update(vocabularies.Request{From: rows(all[1:]...), Complete: true})
	if diff := cmp.Diff([]string{all[0]}, r.Vocabularies[0].Removed); diff != "" {
		t.Error(diff)
	}
	if _, ok := vocabulary.Find(vocabulary.AssessmentTypes, all[0]); ok {
		t.Error("a concept that a complete list lacks is still there")
	}
	if c, _ := vocabulary.Find(vocabulary.AssessmentTypes, all[1]); c.Label != all[1] || c.In("de") == all[1] {
		t.Errorf("labels: %v", c.Labels())
	}
	if len(vocabulary.Concepts(vocabulary.Modes)) != 7 {
		t.Error("a vocabulary that the list does not speak of changed")
	}
	r = w.update(vocabularies.Request{From: rows(all[:3]...), Complete: true, AllowLoss: true})
	if len(vocabulary.Concepts(vocabulary.AssessmentTypes)) != 3 || len(r.Vocabularies[0].Removed) != len(all)-3 {
		t.Errorf("%+v", r)
	}
}

// TestRefused: what is wrong anywhere changes nothing and says where.
func TestRefused(t *testing.T) {
	w := newWorld(t, "")
	w.update(vocabularies.Request{From: []string{w.file("modes.ttl", modes)}})
	good := w.file("good.tsv", "iri\tlabel\n"+vocabulary.BaseMode+"c_good\tGood\n")
	for name, c := range map[string]struct{ text, says string }{
		"syntax.ttl":   {prefixes + "mode:x a skos:Concept ;;;; skos:prefLabel", "line 3"},
		"noscheme.ttl": {prefixes + `mode:x a skos:Concept ; skos:prefLabel "X"@en .`, "skos:inScheme <http://data.europa.eu/snb/learning-assessment/25831c2>"},
		"otherbase.ttl": {
			prefixes + `<http://example.org/x> a skos:Concept ; skos:inScheme mode:25831c2 ; skos:prefLabel "X"@en .`,
			"begin with http://data.europa.eu/snb/learning-assessment/",
		},
		"twoschemes.ttl": {prefixes + `mode:x a skos:Concept ; skos:inScheme mode:25831c2 , <http://data.europa.eu/snb/eqf/25831c2> ; skos:prefLabel "X"@en .`, "scheme of eqf"},
		"nolabel.ttl":    {prefixes + `mode:x a skos:Concept ; skos:inScheme mode:25831c2 ; skos:prefLabel "X" .`, "has no label"},
		"twolabels.ttl":  {prefixes + `mode:x a skos:Concept ; skos:inScheme mode:25831c2 ; skos:prefLabel "X"@en , "Y"@en .`, "two labels in one language"},
		"nothing.ttl":    {prefixes + `<http://example.org/x> a skos:Concept .`, "no concept of a vocabulary"},
		"page.html":      {"<!doctype html><html></html>", "the format is not recognised"},
		"plain.json":     {`{"a":1}`, "no concept"},
		"remote.jsonld":  {`{"@context":"https://example.org/context","@id":"x"}`, "example.org"},
		"columns.tsv":    {"a\tb\nc\td\n", "line 1"},
		"eqf9.tsv":       {"iri\tlabel\n" + vocabulary.BaseEQF + "9\tLevel 9\n", `concept "9"`},
		"path.tsv":       {"iri\tlabel\n" + vocabulary.BaseMode + "a%2Fb\tX\n", "a%2Fb"},
		"noiri.tsv":      {"iri\tlabel\n\tX\n", "line 2"},
		"long.tsv":       {"iri\tlabel\n" + strings.Repeat("x", 70_000), "too long"},
		"control.tsv":    {"iri\tlabel\n" + vocabulary.BaseMode + "x\tX\x01\n", "label"},
		"empty.ttl":      {"", "no concept"},
	} {
		from := []string{good, w.file(name, c.text)}
		if strings.Contains(c.says, "no concept") {
			from = from[1:] // beside a good one it would only be of no use
		}
		_, err := w.Update(context.Background(), vocabularies.Request{From: from})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want something about %q", name, err, c.says)
		}
	}
	if _, err := w.Update(context.Background(), vocabularies.Request{From: []string{filepath.Join(t.TempDir(), "none.ttl")}}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := w.Update(context.Background(), vocabularies.Request{From: []string{t.TempDir()}}); err == nil {
		t.Error("an empty directory was taken")
	}
	if _, ok := vocabulary.Find(vocabulary.Modes, "c_good"); ok || len(vocabulary.Concepts(vocabulary.Modes)) != 8 {
		t.Error("an update that was refused changed something")
	}
	w.reopen()
	if len(vocabulary.Concepts(vocabulary.Modes)) != 8 {
		t.Error("an update that was refused was kept")
	}
}

// endpoint answers the queries for modes and languages as the Publications Office does, everything else with
// an empty graph.
func endpoint(t *testing.T, answer func(w http.ResponseWriter, query string)) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/sparql" || !strings.Contains(r.Header.Get("Accept"), "text/turtle") {
			http.Error(w, "no", http.StatusNotFound)
			return
		}
		answer(w, r.URL.Query().Get("query"))
	}))
	t.Cleanup(s.Close)
	return s
}

const languages = `@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix language: <http://publications.europa.eu/resource/authority/language/> .
language:QTZ a skos:Concept ; skos:inScheme <http://publications.europa.eu/resource/authority/language> ;
  skos:prefLabel "Inventish"@en , "Erfindisch"@de ;
  skos:notation "qz"^^<http://publications.europa.eu/ontology/euvoc#ISO_639_1> , "qtz"^^<http://publications.europa.eu/ontology/euvoc#ISO_639_3> ,
    "QTZ"^^<http://publications.europa.eu/resource/authority/notation-type/IATE> .
`

func TestEndpoint(t *testing.T) {
	broken := ""
	server := endpoint(t, func(w http.ResponseWriter, query string) {
		w.Header().Set("Content-Type", "text/turtle; charset=UTF-8")
		switch {
		case broken != "" && strings.Contains(query, "/snb/skill-type/"):
			if broken == "status" {
				w.WriteHeader(http.StatusForbidden)
			}
			_, _ = w.Write([]byte(broken))
		case strings.Contains(query, "<http://data.europa.eu/snb/learning-assessment/25831c2>"):
			_, _ = w.Write([]byte(modes))
		case strings.Contains(query, "<http://publications.europa.eu/resource/authority/language>"):
			_, _ = w.Write([]byte(languages))
		default:
			_, _ = w.Write([]byte("# Empty TURTLE\n"))
		}
	})
	w := newWorld(t, server.URL+"/sparql")
	for _, broken = range []string{"status", "<a> <b"} {
		_, err := w.Update(context.Background(), vocabularies.Request{})
		var status *adapters.StatusError
		if err == nil || (broken == "status") != errors.As(err, &status) {
			t.Errorf("%s: %v", broken, err)
		}
		if _, ok := vocabulary.Lookup(newMode); ok {
			t.Fatal("half an update is in force")
		}
	}
	broken = ""
	report := w.update(vocabularies.Request{})
	if len(report.Vocabularies) != 2 || len(report.Sources) != len(vocabulary.Names()) || report.Version != 1 {
		t.Errorf("%+v", report)
	}
	if iri, _ := vocabulary.Language("qz"); iri != vocabulary.BaseLanguage+"QTZ" || vocabulary.LanguageCode(iri) != "qz" {
		t.Errorf("qz is %q", iri)
	}
	if iri, _ := vocabulary.LanguageNamed("erfindisch"); iri != vocabulary.BaseLanguage+"QTZ" {
		t.Errorf("Erfindisch is %q", iri)
	}
	if again := w.update(vocabularies.Request{}); again.Changed {
		t.Errorf("the same again: %+v", again)
	}
	if !strings.Contains(fmt.Sprint(refused(w, server.URL+"/elsewhere.ttl")), "404") {
		t.Error("a missing document has no status")
	}
	if r := w.update(vocabularies.Request{From: []string{server.URL + "/sparql?query=" + "%3Chttp://data.europa.eu/snb/learning-assessment/25831c2%3E"}}); r.Changed || r.Sources[0].Concepts != 2 {
		t.Errorf("by URL: %+v", r)
	}
}

func refused(w *world, from string) error {
	_, err := w.Update(context.Background(), vocabularies.Request{From: []string{from}})
	return err
}

// TestGuarded: a list is fetched through the guarded client, which reaches no inside address.
func TestGuarded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("an inside address was reached") }))
	defer server.Close()
	w := newWorld(t, "")
	client, err := fetch.New(fetch.Config{Politeness: fetch.Politeness{PerHost: -1, Overall: -1}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	w.Store = vocabularies.Open(vocabularies.Config{DB: w.db, Endpoint: server.URL, Fetch: client.Do, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	for _, from := range [][]string{nil, {server.URL + "/modes.ttl"}} {
		if _, err := w.Update(context.Background(), vocabularies.Request{From: from}); !errors.Is(err, fetch.ErrRefused) {
			t.Errorf("%v: %v", from, err)
		}
	}
}

// TestCorpus: the published lists say nothing that is not embedded.
func TestCorpus(t *testing.T) {
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set: the published lists are not there to read")
	}
	w := newWorld(t, "")
	r := w.update(vocabularies.Request{From: []string{filepath.Join(corpus, "standards/data/vocabularies")}, Complete: true})
	if r.Changed || len(r.Vocabularies) != 15 {
		t.Errorf("%+v", r.Vocabularies)
	}
}

// FuzzLists: whatever a document says, it is refused or can be used.
func FuzzLists(f *testing.F) {
	f.Add("modes.ttl", "", []byte(modes))
	f.Add("languages.ttl", "text/turtle", []byte(languages))
	f.Add("modes.tsv", "", []byte("iri\tlabel_en\tiso639_1\n"+newMode+"\tUnderwater\t\n"))
	f.Add("x", "application/rdf+xml", []byte(`<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:skos="http://www.w3.org/2004/02/skos/core#"><skos:Concept rdf:about="`+newMode+`"/></rdf:RDF>`))
	f.Add("x.json", "", []byte(`{"@id":"`+newMode+`","@type":"http://www.w3.org/2004/02/skos/core#Concept"}`))
	f.Fuzz(func(t *testing.T, name, media string, text []byte) {
		lists, err := vocabularies.Read(name, media, text)
		if err != nil || lists.Check() != nil {
			return
		}
		if err := vocabulary.Overlay(nil).With(lists).Check(); err != nil {
			t.Fatalf("usable alone, not with what is embedded: %v", err)
		}
	})
}

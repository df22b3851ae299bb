package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

const oddPrefixes = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
`

// oddCourse is a document of one course, whose IRI names the case it belongs to.
func oddCourse(name string) string {
	return oddPrefixes + `<https://odd.example/` + name + `> a ql:LearningOpportunitySpecification ; dcterms:title "Größe"@de .` + "\n"
}

// odd is a source as servers really answer, and what must come of it: a course, or an error that says why.
type odd struct {
	name   string
	answer http.HandlerFunc
	says   string // part of the error; "" when the course is read
}

func answers(media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		_, _ = w.Write([]byte(body))
	}
}

func moved(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

func refuses(code int, retryAfter string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		http.Error(w, "not now", code)
	}
}

func oddSources() []odd {
	return []odd{
		{"byte-order-mark", answers("text/turtle", "\ufeff"+oddCourse("byte-order-mark")), ""},
		{"crlf", answers("text/turtle", strings.ReplaceAll(oddCourse("crlf"), "\n", "\r\n")), ""},
		{"no-media-type", answers("", oddCourse("no-media-type")), ""},
		{"octet-stream.ttl", answers("application/octet-stream", oddCourse("octet-stream.ttl")), ""},
		{"called-html", answers("text/html; charset=iso-8859-1", oddCourse("called-html")), ""},
		{"called-json", answers("application/json", oddCourse("called-json")), ""},
		{"gzip", compressed, ""},
		{"chunked", chunked, ""},
		{"redirected", moved("/target/redirected"), ""},
		{"latin-1", answers("text/turtle", strings.ReplaceAll(oddCourse("latin-1"), "ö", "\xf6")), "not valid UTF-8"},
		{"utf-16", answers("text/turtle", "\xff\xfe@\x00p\x00"), "save it as UTF-8"},
		{"empty", answers("text/turtle", ""), "empty"},
		{"login", answers("text/turtle", "<!doctype html><title>Login</title>"), "HTML page"},
		{"xml", answers("application/rdf+xml", `<?xml version="1.0"?><a/>`), "RDF/XML"},
		{"plain-json", answers("application/json", `{"items": []}`), "@context"},
		{"remote-context", answers("application/ld+json", `{"@context": "https://evil.example/c", "@id": "https://odd.example/x"}`), "evil.example"},
		{"nested", answers("text/turtle", `<a:b> <c:d> `+strings.Repeat("[ <c:d> ", 9000)), "nested"},
		{"nested-json", answers("application/ld+json", strings.Repeat(`{"@context":`, 9000)), "nested"},
		{"endless-literal", answers("text/turtle", `<a:b> <c:d> "`+strings.Repeat("y", 33<<20)), "one literal"},
		{"cut-short", cutShort, "EOF"},
		{"undeclared", answers("text/turtle", "<a:b> a ql:X ."), `prefix "ql:"`},
		{"space-in-iri", answers("text/turtle", "<a:b c> <a:b> <a:b> ."), " 1:"},
		{"loop", moved("/sources/loop"), "redirect"},
		{"inside", moved("http://169.254.169.254/latest/meta-data"), "169.254.169.254"},
		{"other-scheme", moved("file:///etc/passwd"), "http"},
		{"gone", refuses(http.StatusNotFound, ""), "404"},
		{"denied", refuses(http.StatusForbidden, ""), "403"},
		{"broken-server", refuses(http.StatusInternalServerError, "0"), "500"},
		{"too-many", refuses(http.StatusTooManyRequests, "86400"), "429"},
	}
}

func compressed(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = z.Write([]byte(oddCourse("gzip")))
	_ = z.Close()
}

func chunked(w http.ResponseWriter, _ *http.Request) {
	for _, b := range []byte(oddCourse("chunked")) {
		_, _ = w.Write([]byte{b})
		_ = http.NewResponseController(w).Flush()
	}
}

// cutShort ends at a place where the document itself is well-formed: only the length shows the loss. It
// is long, since a short answer that breaks is asked for again, with pauses.
func cutShort(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "9000000")
	w.Header().Set("Content-Type", "text/turtle")
	_, _ = w.Write([]byte(oddCourse("cut-short") + strings.Repeat("# a comment\n", 1<<18)))
}

// oddServer serves the sources and the manifest that announces them.
func oddServer(t *testing.T, sources []odd) string {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	var announced []map[string]string
	for _, s := range sources {
		mux.HandleFunc("/sources/"+s.name, s.answer)
		announced = append(announced, map[string]string{"type": "elm", "version": "3.2", "path": server.URL + "/sources/" + s.name})
	}
	mux.HandleFunc("/target/redirected", answers("text/turtle", oddCourse("redirected")))
	manifest, err := json.Marshal(map[string]any{"sources": announced})
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/manifest", answers("text/plain", string(manifest)))
	return server.URL
}

// oddReport is what harvest --json prints.
type oddReport struct {
	Fetched, New, Changed, Withdrawn, Rejected int
	Errors                                     []struct{ Subject, Where, Message, Fix string }
}

// harvestOdd runs harvest with loopback allowed and returns report, stderr and exit code.
func harvestOdd(t *testing.T, dir, target string, more ...string) (r oddReport, said string, code int) {
	t.Helper()
	cmd := exec.Command("coursemesh", append([]string{"harvest", target, "--provider", "odd.example", "--data-dir", dir, "--json", "--quiet"}, more...)...)
	cmd.Env = append(os.Environ(), "COURSEMESH_FETCH_ALLOW_CIDRS=127.0.0.0/8",
		"COURSEMESH_FETCH_PER_HOST_PER_SECOND=10000", "COURSEMESH_FETCH_OVERALL_PER_SECOND=10000")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("harvest of %s printed %q, and on stderr %s", target, out, stderr.String())
	}
	return r, stderr.String(), cmd.ProcessState.ExitCode()
}

// TestOddSources harvests one manifest of servers and documents as they are met: each is read, or reported
// with its place and the reason, and none keeps the others from being read.
func TestOddSources(t *testing.T) {
	t.Parallel()
	sources := oddSources()
	report, _, _ := harvestOdd(t, t.TempDir(), oddServer(t, sources)+"/manifest")
	for _, s := range sources {
		var found []string
		for _, e := range report.Errors {
			if at, _, _ := strings.Cut(e.Where, " "); strings.HasSuffix(at, "/sources/"+s.name) {
				found = append(found, e.Where+": "+e.Message+"; "+e.Fix)
				if e.Fix == "" {
					t.Errorf("%s: no fix", s.name)
				}
			}
		}
		switch said := strings.Join(found, "; "); {
		case s.says == "" && said != "":
			t.Errorf("%s is not read: %s", s.name, said)
		case s.says != "" && !strings.Contains(said, s.says):
			t.Errorf("%s: the error is %q, want it to say %q", s.name, said, s.says)
		}
	}
	want := 0
	for _, s := range sources {
		if s.says == "" {
			want++
		}
	}
	if report.New != want || report.Fetched != want {
		t.Errorf("%d new of %d fetched, want %d", report.New, report.Fetched, want)
	}
}

// TestOddAnswersWithdrawNothing: a source that was read once may answer with anything; its course stays.
func TestOddAnswersWithdrawNothing(t *testing.T) {
	t.Parallel()
	var answer atomic.Value
	answer.Store(answers("text/turtle", oddCourse("kept")))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer.Load().(http.HandlerFunc)(w, r) }))
	defer server.Close()
	dir := t.TempDir()
	manifest := filepath.Join(dir, "manifest.yaml")
	yaml := fmt.Sprintf("sources: [{type: elm, version: 3, path: '%s/sources/kept'}]\n", server.URL)
	if err := os.WriteFile(manifest, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, said, code := harvestOdd(t, dir, manifest); r.New != 1 || code != 0 {
		t.Fatalf("exit %d, %+v: %s", code, r, said)
	}
	for _, s := range oddSources() {
		if s.says == "" {
			continue
		}
		answer.Store(s.answer)
		r, said, code := harvestOdd(t, dir, manifest)
		if code == 0 || len(r.Errors) != 1 || !strings.Contains(said, s.says) {
			t.Errorf("%s: exit %d, %+v: %s", s.name, code, r.Errors, said)
		}
		if r.Withdrawn != 0 || strings.Contains(said, "panic") {
			t.Errorf("%s: %d withdrawn: %s", s.name, r.Withdrawn, said)
		}
	}
	answer.Store(answers("text/turtle", oddCourse("kept")))
	if r, said, code := harvestOdd(t, dir, manifest); r.New+r.Changed+r.Withdrawn != 0 || code != 0 {
		t.Errorf("after all that: exit %d, %+v: %s", code, r, said)
	}
}

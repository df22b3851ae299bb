package federation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation"
)

const publisherA, publisherB = "12D3KooWC1PDhtnNeFAbjdeQgtMSLMtwXxAudCr2RYtUAk3efB5C", "12D3KooWGzxzKZYveHXtpG6AsrUJBcWxHBFS2HsEoGTxrMLvKXtf"

// sound is a manifest with nothing to mend.
const sound = `{"meta": {"schac": "uni.example"},
 "sources": [
  {"type": "elm", "version": "3.2", "path": "https://data.uni.example/courses.ttl"},
  {"type": "ooapi", "version": "5", "path": "https://api.uni.example/v5/", "id": "main", "refresh": 24,
   "auth": {"type": "httpheader", "field": "X-Key", "value": "c2VjcmV0"}}],
 "publishers": ["` + publisherA + `"], "delegates": ["alliance.example"]}`

func checked(t testing.TB, body string, k federation.ManifestChecks) federation.ManifestReport {
	t.Helper()
	r, err := federation.CheckManifest([]byte(body), k)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r
}

func told(r federation.ManifestReport) []string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %d %s %s", f.Severity, f.Line, f.Pointer, f.Value)))
	}
	return out
}

func TestCheckOfASoundManifest(t *testing.T) {
	t.Parallel()
	r := checked(t, sound, federation.ManifestChecks{Provider: "uni.example", Self: publisherA})
	if !r.Valid || len(r.Findings) != 0 || r.Provider != "uni.example" || r.Publishing != federation.PublishingListed {
		t.Errorf("%+v", r)
	}
	want := []federation.ManifestEntry{
		{Type: "elm", Version: "3.2", Standard: "European Learning Model 3.2", Path: "https://data.uni.example/courses.ttl", Auth: "none", Fetched: true},
		{ID: "main", Type: "ooapi", Version: "5", Standard: "Open Education API 5", Path: "https://api.uni.example/v5/", Auth: "httpheader", Fetched: true},
	}
	if diff := cmp.Diff(want, r.Sources); diff != "" {
		t.Error(diff)
	}
	says := []string{
		"It speaks for uni.example.", "Nodes read 2 of 2 sources, in this order.",
		"Read as European Learning Model 3.2: https://data.uni.example/courses.ttl, open to everybody.",
		"Read as Open Education API 5: https://api.uni.example/v5/, with a secret in the header X-Key, every 24 hours at most.",
		"One publisher may publish for the institution: " + publisherA + " (this node).",
		"Courses of the institution that alliance.example lists count too.",
	}
	if diff := cmp.Diff(says, r.Says); diff != "" {
		t.Error(diff)
	}
}

// TestCheckFindsEverything changes a sound manifest in one way at a time, or in ways that hang together.
func TestCheckFindsEverything(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		old, now string
		want     []string
	}{
		"misspelt key":          {`"path": "https://api`, `"pth": "https://api`, []string{"violation 4 /sources/1/path", "violation 4 /sources/1/pth"}},
		"other name for a key":  {`"path": "https://api`, `"URL": "https://api`, []string{"violation 4 /sources/1/path", "violation 4 /sources/1/URL"}},
		"misspelt at the top":   {`"publishers":`, `"publisher":`, []string{"violation 6 /publisher", "info 1"}},
		"somebody else's key":   {`"meta":`, `"x-generator": 1, "meta":`, []string{"info 1 /x-generator"}},
		"key beside the right":  {`"id": "main"`, `"id": "main", "url": "x"`, []string{"info 4 /sources/1/url"}},
		"key of another access": {`"field": "X-Key"`, `"field": "X-Key", "alg": "ed25519"`, []string{"info 5 /sources/1/auth/alg ed25519"}},
		"misspelt in access":    {`"field": "X-Key"`, `"headerName": "X-Key"`, []string{"violation 5 /sources/1/auth/headerName", "warning 5 /sources/1/auth/field"}},
		"key given twice":       {`"id": "main"`, `"id": "main", "id": "other"`, []string{"violation 4 /sources/1/id other"}},
		"unknown type":          {`"type": "elm"`, `"type": "rss"`, []string{"violation 3 /sources/0/type rss"}},
		"type in other words":   {`"type": "elm"`, `"type": "ELM v3"`, []string{"warning 3 /sources/0/type ELM v3"}},
		"version nobody reads":  {`"version": "5"`, `"version": 4`, []string{"violation 4 /sources/1/version 4", "warning 4 /sources/1/version 4"}},
		"version of another":    {`"version": "3.2"`, `"version": "2"`, []string{"violation 3 /sources/0/version 2"}},
		"no version":            {`"version": "3.2", `, ``, []string{"warning 3 /sources/0/version"}},
		"version in words":      {`"version": "3.2"`, `"version": "latest"`, []string{"warning 3 /sources/0/version latest"}},
		"path of another":       {`"version": "5"`, `"version": "6"`, []string{"warning 4 /sources/1/version 6"}},
		"relative address":      {`"https://data.uni.example/courses.ttl"`, `"/courses.ttl"`, []string{"violation 3 /sources/0/path /courses.ttl"}},
		"plain http":            {`https://data`, `http://data`, []string{"warning 3 /sources/0/path http://data.uni.example/courses.ttl"}},
		"secret over http":      {`https://api`, `http://api`, []string{"violation 4 /sources/1/path http://api.uni.example/v5/", "warning 4 /sources/1/path http://api.uni.example/v5/"}},
		"another domain":        {`https://data.uni.example`, `https://uni.repository.example`, []string{"info 3 /sources/0/path https://uni.repository.example/courses.ttl"}},
		"same address":          {`https://api.uni.example/v5/`, `https://data.uni.example/courses.ttl`, []string{"warning 4 /sources/1/path https://data.uni.example/courses.ttl"}},
		"unknown access":        {`"httpheader"`, `"bearer"`, []string{"violation 5 /sources/1/auth/type bearer"}},
		"a token as its type":   {`"httpheader"`, `"Bearer eyJhbGciOiJIUzI1NiJ9"`, []string{"violation 5 /sources/1/auth/type"}},
		"client's secret": {
			`{"type": "httpheader", "field": "X-Key", "value": "c2VjcmV0"}`, `{"type": "oauth2.0", "token_endpoint": "http://a.example/t", "secret": "geheim"}`,
			[]string{"violation 5 /sources/1/auth/secret", "violation 5 /sources/1/auth/token_endpoint http://a.example/t", "info 5 /sources/1/auth"},
		},
		"no secret":              {`, "value": "c2VjcmV0"`, ``, []string{"warning 5 /sources/1/auth/value"}},
		"secret in a header":     {`"id": "main"`, `"headers": {` + "\n" + `"x-api-key": "x"}`, []string{"warning 5 /sources/1/headers/x-api-key"}},
		"secret in a parameter":  {`"id": "main"`, `"queryParameters": {"api_key": "x"}`, []string{"warning 4 /sources/1/queryParameters/api_key"}},
		"secret in the address":  {`v5/"`, `v5/?token=geheim"`, []string{"warning 4 /sources/1/path https://api.uni.example/v5/?..."}},
		"password in the path":   {`https://api`, `https://u:geheim@api`, []string{"violation 4 /sources/1/path https://api.uni.example/v5/"}},
		"no publisher id":        {publisherA, "12D3KooWsomething", []string{"violation 6 /publishers/0 12D3KooWsomething", "info 6 /publishers"}},
		"publisher twice":        {`"` + publisherA + `"`, `"` + publisherA + `", "` + publisherA + `"`, []string{"warning 6 /publishers/1 " + publisherA}},
		"nobody publishes":       {`["` + publisherA + `"]`, `[]`, []string{"info 6 /publishers"}},
		"another node publishes": {publisherA, publisherB, []string{"info 6 /publishers"}},
		"delegate is no domain":  {`"alliance.example"`, `"https://alliance.example/", 7`, []string{"violation 6 /delegates/0 https://alliance.example/", "violation 6 /delegates/1 7"}},
		"delegate twice":         {`"alliance.example"`, `"alliance.example", "Alliance.example."`, []string{"warning 6 /delegates/1 Alliance.example."}},
		"shared delegate":        {`"alliance.example"`, `"co.uk"`, []string{"warning 6 /delegates/0 co.uk"}},
		"itself as delegate":     {`"alliance.example"`, `"uni.example"`, []string{"info 6 /delegates/0 uni.example"}},
		"another institution":    {`"schac": "uni.example"`, `"schac": "other.example"`, []string{"warning 1 /meta/schac other.example"}},
		"identity is no domain":  {`"schac": "uni.example"`, `"schac": "Uni Example"`, []string{"warning 1 /meta/schac Uni Example"}},
		"no identity":            {`"meta": {"schac": "uni.example"},`, ``, []string{"info 1 /meta"}},
		"odd identifiers":        {`"schac": "uni.example"`, `"schac": "uni.example", "eterid": "42", "deqarid": "x", "did": "uni"`, []string{"warning 1 /meta/deqarid x", "warning 1 /meta/eterid 42", "warning 1 /meta/did uni"}},
		"withdrawn":              {`"publishers":`, `"withdrawn": true, "publishers":`, []string{"warning 6 /withdrawn true"}},
		"refresh in seconds":     {`"refresh": 24`, `"refresh": 86400`, []string{"warning 4 /sources/1/refresh 86400"}},
		"trailing comma":         {`"alliance.example"]}`, `"alliance.example"],}`, []string{"violation 6"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(sound, k.old, k.now, 1)
			if body == sound {
				t.Fatal("the manifest is as before")
			}
			r := checked(t, body, federation.ManifestChecks{Provider: "uni.example", Self: publisherA})
			if diff := cmp.Diff(k.want, told(r)); diff != "" {
				t.Error(diff, r.Findings)
			}
			if violated := slices.ContainsFunc(k.want, func(s string) bool { return strings.HasPrefix(s, "violation") }); r.Valid == violated {
				t.Errorf("valid: %t", r.Valid)
			}
			checkReport(t, r)
			if text, _ := json.Marshal(r); strings.Contains(string(text), "geheim") {
				t.Errorf("a secret is shown: %s", text)
			}
		})
	}
}

// TestCheckAsksItsCaller: what the bytes alone do not tell.
func TestCheckAsksItsCaller(t *testing.T) {
	t.Parallel()
	r := checked(t, sound, federation.ManifestChecks{
		Unheard: "DNS located it",
		Unreachable: func(address string) string {
			return map[bool]string{true: "a private network"}[strings.Contains(address, "data")]
		},
		Secret: func(auth federation.Auth, name string) []federation.ManifestProblem {
			return []federation.ManifestProblem{{Where: "/" + name, Message: "clear " + auth.Type, Fix: "encrypt", Severity: federation.ManifestViolation}}
		},
	})
	want := []string{"violation 3 /sources/0/path https://data.uni.example/courses.ttl", "violation 5 /sources/1/auth/value", "warning 1"}
	if diff := cmp.Diff(want, told(r)); diff != "" {
		t.Error(diff)
	}
	for i, e := range r.Sources {
		if e.Fetched || e.Reason == "" {
			t.Errorf("source %d: %+v", i, e)
		}
	}
	if r.Provider != "uni.example" || r.Says[1] != "Nodes read no source, and so no courses." {
		t.Errorf("%q, %q", r.Provider, r.Says)
	}
}

func TestCheckOfYAML(t *testing.T) {
	t.Parallel()
	r := checked(t, `# courses of the University of Example
meta:
  schac: uni.example
sources:
  - type: ooapi
    version: 5
    path: https://api.uni.example/v5/
    pagesize: 100
  - type: occapi
    version: 2
    path: https://api.uni.example/occapi/v2/
publishers: []
---
sources: []
`, federation.ManifestChecks{})
	want := []string{"violation 8 /sources/0/pagesize", "violation 14", "warning 11 /sources/1/path https://api.uni.example/occapi/v2/", "info 12 /publishers"}
	if diff := cmp.Diff(want, told(r)); diff != "" {
		t.Error(diff)
	}
}

func TestCheckWithoutSources(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"publishers":["` + publisherA + `"]}`: {"warning 1", "warning 1 /meta"},
		`{"source":[]}`:                         {"violation 1", "violation 1 /source", "warning 1 /meta", "info 1"},
		`{"hello":1}`:                           {"violation 1", "warning 1 /meta", "info 1 /hello", "info 1"},
		`{"sources":null}`:                      {"violation 1", "warning 1 /meta", "info 1"},
		`{"sources":{}}`:                        {"violation 1 /sources", "warning 1 /meta", "info 1"},
		`{"withdrawn":true}`:                    {"warning 1 /meta"},
	} {
		if diff := cmp.Diff(want, told(checked(t, body, federation.ManifestChecks{}))); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
}

// TestWhatIsNoManifest: the place and the fix in words for those who do not program.
func TestWhatIsNoManifest(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]federation.ManifestRefusal{
		"":                                 {Line: 0, Message: "empty document"},
		"<html>":                           {Line: 0, Message: "a web page, not a manifest"},
		"[]":                               {Line: 0, Message: "the root is a list, not an object"},
		"{\"a\": 1\n\"b\": [2}":            {Line: 2, Message: "a comma or the closing brace is missing"},
		"{\n\"sources\": [\n":              {Line: 2, Message: "it ends early"},
		"{\"sources\": [\n1 2: }":          {Line: 2, Message: "a comma or the closing bracket is missing"},
		"sources:\n  - type: elm\n path x": {Line: 2, Message: "neither JSON nor YAML: a name is missing, or the indentation does not fit, here or further down"},
		"sources:\n  - name: a: b\n":       {Line: 2, Message: "neither JSON nor YAML: a colon within a value, or a line that is indented too far"},
		"sources: []\nx: \"\xff\"":         {Line: 2, Message: "not UTF-8"},
		"sources: &a []":                   {Line: 1, Message: "a YAML anchor or alias"},
	} {
		r, err := federation.CheckManifest([]byte(body), federation.ManifestChecks{})
		var got *federation.ManifestRefusal
		if !errors.As(err, &got) || got.Line != want.Line || got.Message != want.Message || got.Fix == "" || !errors.Is(err, federation.ErrInvalid) {
			t.Errorf("%q: %v, line %d", body, err, got.Line)
		}
		if r.Valid || len(r.Findings) != 1 || r.Findings[0].Message != want.Message {
			t.Errorf("%q: %+v", body, r)
		}
		checkReport(t, r)
	}
}

func TestCheckOfSamples(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	for name, want := range map[string][]string{
		"manifest-full.json":    {"info 1"},
		"manifest-minimal.yaml": {"warning 1 /meta", "warning 2 /sources/0/version", "info 1"},
	} {
		body, err := os.ReadFile(filepath.Join(corpus, "standards/data/quality-link/examples-synthetic", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, told(checked(t, string(body), federation.ManifestChecks{}))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzManifestCheck(f *testing.F) {
	for _, seed := range []string{
		sound, `{"source":[{"url":"http://u:p@a.example/?key=x","auth":"Bearer x"}],"meta":7}`, "sources:\n- type: oeapi\n  path: https://a.example/#x\n---\na: 1\n",
		`{"sources":[{"type":"elm","path":"https://a.example/?%zz"}],"/a~b":{"~1":[]}}`, "{", "a: b: c", "publishers: [x]\ndelegates: [co.uk, a.b]\nwithdrawn: yes",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := federation.CheckManifest(body, federation.ManifestChecks{Self: publisherA})
		if err != nil && (r.Valid || !errors.Is(err, federation.ErrInvalid)) {
			t.Errorf("%v, valid %t", err, r.Valid)
		}
		checkReport(t, r)
		if m, parseErr := federation.ParseManifest(body, false); parseErr == nil && (err != nil || len(m.Sources) != len(r.Sources) || m.LeftOut != r.LeftOut) {
			t.Errorf("read as %d sources, checked as %d (%v)", len(m.Sources), len(r.Sources), err)
		}
	})
}

// checkReport holds for whatever bytes were checked.
func checkReport(t *testing.T, r federation.ManifestReport) {
	t.Helper()
	violations := 0
	for _, f := range r.Findings {
		if f.Severity == federation.ManifestViolation {
			violations++
		}
		if f.Message == "" || f.Fix == "" || f.Where == "" || f.Line < 0 || !slices.Contains([]string{"violation", "warning", "info"}, f.Severity) {
			t.Errorf("incomplete: %+v", f)
		}
	}
	if r.Valid != (violations == 0) {
		t.Errorf("valid %t with %d violations", r.Valid, violations)
	}
	if r.Sources == nil || r.Publishers == nil || r.Delegates == nil || r.Findings == nil || len(r.Says) == 0 {
		t.Errorf("a list is null: %+v", r)
	}
	if text, err := json.Marshal(r); err != nil || len(text) > 8<<20 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

package federation_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/coursemesh/coursemesh/federation"
)

func parse(t *testing.T, body string) federation.Manifest {
	t.Helper()
	m, err := federation.ParseManifest([]byte(body), true)
	if err != nil {
		t.Fatalf("%s\n%v", body, err)
	}
	return m
}

// one is the manifest's only source, whose entry has these further members (JSON, without braces).
func one(t *testing.T, kind, members string) (federation.ManifestSource, []string) {
	t.Helper()
	if members != "" {
		members = "," + members
	}
	m := parse(t, `{"sources":[{"type":"`+kind+`","path":"https://data.uni.example/x"`+members+`}]}`)
	if len(m.Sources) != 1 {
		t.Fatalf("%s: %d sources, problems %v", members, len(m.Sources), m.Problems)
	}
	return m.Sources[0], places(m)
}

func places(m federation.Manifest) []string {
	var where []string
	for _, p := range m.Problems {
		where = append(where, p.Where)
	}
	return where
}

func TestParseManifestWhole(t *testing.T) {
	t.Parallel()
	const asJSON = `{"meta": {"schac": "uni.example", "eterid": "XX0042"},
	"sources": [
	 {"type": "elm", "path": "https://data.uni.example/all.ttl", "version": 3.2, "contentType": "text/turtle", "auth": {"type": "none"}, "refresh": 24},
	 {"type": "ooapi", "path": "https://api.uni.example/ooapi/v5/", "version": 5, "id": "main", "name": "All", "pageSize": 100,
	  "auth": {"type": "httpheader", "field": "x-api-key", "value": "QUJD"},
	  "headers": {"accept-language": "en"}, "queryParameters": {"consumer": "eu", "tag": ["a", 1, true]}}]}`
	const asYAML = `
meta: {schac: uni.example, eterid: XX0042}
sources:
- type: elm
  path: https://data.uni.example/all.ttl
  version: 3.2
  contentType: text/turtle
  auth: {type: none}
  refresh: 24
- type: ooapi
  path: https://api.uni.example/ooapi/v5/
  version: 5
  id: main
  name: All
  pageSize: 100
  auth:
    type: httpheader
    field: x-api-key
    value: QUJD
  headers: {accept-language: en}
  queryParameters:
    consumer: eu
    tag: [a, 1, true]
`
	want := federation.Manifest{
		Meta: map[string]string{"schac": "uni.example", "eterid": "XX0042"},
		Sources: []federation.ManifestSource{
			{Type: "elm", Path: "https://data.uni.example/all.ttl", Version: "3.2", ContentType: "text/turtle", Refresh: 24, Auth: federation.Auth{Type: "none"}},
			{
				Type: "ooapi", Path: "https://api.uni.example/ooapi/v5/", Version: "5", ID: "main", Name: "All", PageSize: 100,
				Auth:            federation.Auth{Type: "httpheader", Params: map[string]string{"field": "X-Api-Key", "value": "QUJD"}},
				Headers:         map[string]string{"Accept-Language": "en"},
				QueryParameters: map[string][]string{"consumer": {"eu"}, "tag": {"a", "1", "true"}},
			},
		},
	}
	for name, body := range map[string]string{"JSON": asJSON, "YAML": asYAML, "BOM": "\ufeff" + asJSON, "BOM YAML": "\ufeff" + asYAML} {
		if diff := cmp.Diff(want, parse(t, body)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseManifestRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ body, reason string }{
		{"", "empty"},
		{"\ufeff \n", "empty"},
		{"<!DOCTYPE html><html>", "a web page"},
		{"\ufeff\n <html>", "a web page"},
		{"Not found", "a text, not an object"},
		{"404", "a number, not an object"},
		{"# only a comment\n", "no content"},
		{"[]", "a list, not an object"},
		{"null", "nothing, not an object"},
		{"{}", "no list of sources"},
		{`{"sources": {"type": "elm"}}`, "no list of sources (found an object)"},
		{"sources: x", "no list of sources (found a text)"},
		{"sources: [", "neither JSON nor YAML"},
		{"a: &x [1]\nsources: []", "anchor"},
		{"sources: []\na: *x", "neither JSON nor YAML"},
		{"sources: []\n? [a]\n: b", "not plain text"},
		{"sources: \xff", "not UTF-8"},
		{`{"sources":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "nested deeper than 64"},
		{"sources: " + strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested deeper than 64"},
		{`{"sources":[], "x":"` + strings.Repeat("x", federation.MaxManifest) + `"}`, "larger than"},
	} {
		_, err := federation.ParseManifest([]byte(c.body), true)
		if !errors.Is(err, federation.ErrInvalid) || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%.60q: %v; want an error about %q", c.body, err, c.reason)
		}
	}
}

func TestParseManifestEvidence(t *testing.T) {
	t.Parallel()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id, err := federation.PublisherOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	none, self := &[]federation.PublisherID{}, &[]federation.PublisherID{id}
	for _, c := range []struct {
		body     string
		want     federation.Manifest
		problems []string
	}{
		{`{"sources": []}`, federation.Manifest{}, []string{"/sources"}},
		{`{"sources": "x"}`, federation.Manifest{}, []string{"/sources"}},
		{`{"publishers": []}`, federation.Manifest{Publishers: none}, nil},
		{"publishers:\n", federation.Manifest{Publishers: none}, []string{"/publishers"}},
		{`{"publishers": {"a": 1}}`, federation.Manifest{Publishers: none}, []string{"/publishers"}},
		{`{"publishers": ["` + string(id) + `", " ` + string(id) + ` "]}`, federation.Manifest{Publishers: self}, nil},
		{`{"publishers": "` + string(id) + `"}`, federation.Manifest{Publishers: self}, []string{"/publishers"}},
		{
			`{"publishers": ["12D3KooWrong", 7, null, "` + string(id) + `"]}`,
			federation.Manifest{Publishers: self},
			[]string{"/publishers/0", "/publishers/1", "/publishers/2"},
		},
		{`{"publishers": [], "publishers": ["` + string(id) + `"]}`, federation.Manifest{Publishers: self}, []string{"/publishers"}},
		{
			`{"delegates": ["Alliance.Example.", "DEQARINST0815", "alliance.example", "x", "https://a.example/"]}`,
			federation.Manifest{Delegates: []string{"alliance.example", "deqarinst0815"}},
			[]string{"/delegates/3", "/delegates/4"},
		},
		{`{"withdrawn": true}`, federation.Manifest{Withdrawn: true}, nil},
		{"withdrawn: yes", federation.Manifest{Withdrawn: true}, []string{"/withdrawn"}},
		{`{"withdrawn": "no"}`, federation.Manifest{}, []string{"/withdrawn"}},
		{`{"withdrawn": 1}`, federation.Manifest{}, []string{"/withdrawn"}},
		{`{"withdrawn": null}`, federation.Manifest{}, nil},
	} {
		got, err := federation.ParseManifest([]byte(c.body), false)
		if err != nil {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		if diff := cmp.Diff(c.problems, places(got)); diff != "" {
			t.Errorf("%s: problems %s", c.body, diff)
		}
		got.Problems = nil
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
	}
}

// Some servers answer every address with JSON: that is no evidence of anything.
func TestEvidenceMustConcernUs(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"error": "not found", "meta": {}}`, "status: 404"} {
		if _, err := federation.ParseManifest([]byte(body), false); !errors.Is(err, federation.ErrInvalid) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestWithdrawnNeedsNoSources(t *testing.T) {
	t.Parallel()
	if m := parse(t, "withdrawn: true"); !m.Withdrawn {
		t.Error("the manifest is not withdrawn")
	}
}

func TestSourceTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		given, version, want string
		major                int
	}{
		{"elm", `"3.2"`, "elm", 3},
		{"ELM", "3.2", "elm", 3},
		{" Elm ", `"v3"`, "elm", 3},
		{"ooapi", "5", "ooapi", 5},
		{"OOAPI", `"6.0"`, "ooapi", 6},
		{"OOAPI v5", "null", "ooapi", 5},
		{"ooapi-v6", "null", "ooapi", 6},
		{"oeapi", "null", "ooapi", 6},
		{"OEAPI", `"6"`, "ooapi", 6},
		{"edu-api", `"1.0"`, "edu-api", 1},
		{"eduapi", "1.0", "edu-api", 1},
		{"edu_api", "1", "edu-api", 1},
		{"Edu API", "1", "edu-api", 1},
		{"occapi", "null", "occapi", 0},
		{"OCCAPI", "2", "occapi", 2},
		{"elm", `"latest"`, "elm", 0},
		{"elm", `"99999999999999999999"`, "elm", 0},
	} {
		s, _ := one(t, c.given, `"version":`+c.version)
		if s.Type != c.want || s.Major() != c.major {
			t.Errorf("%q %s is read as %s %d (%q)", c.given, c.version, s.Type, s.Major(), s.Version)
		}
	}
}

func TestYAMLVersionKeepsItsDigits(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"5": "5", "3.2": "3.2", "3.20": "3.20", "'6'": "6", "v6": "v6", "2024-01-01": "2024-01-01"} {
		m := parse(t, "sources:\n- {type: elm, path: 'https://a.example/', version: "+given+"}")
		if got := m.Sources[0].Version; got != want {
			t.Errorf("version: %s is read as %q", given, got)
		}
	}
}

func TestSourcesLeftOut(t *testing.T) {
	t.Parallel()
	for members, where := range map[string]string{
		`"type":"rss","path":"https://a.example/"`:   "/sources/0/type",
		`"path":"https://a.example/"`:                "/sources/0/type",
		`"type":["elm"],"path":"https://a.example/"`: "/sources/0/type",
		`"type":"elm"`: "/sources/0/path",
		`"type":"elm","url":"https://a.example/"`:               "/sources/0/path",
		`"type":"elm","path":7`:                                 "/sources/0/path",
		`"type":"elm","path":"/relative"`:                       "/sources/0/path",
		`"type":"elm","path":"file:///etc/passwd"`:              "/sources/0/path",
		`"type":"elm","path":"ftp://a.example/"`:                "/sources/0/path",
		`"type":"elm","path":"https://"`:                        "/sources/0/path",
		`"type":"elm","path":"https:///x"`:                      "/sources/0/path",
		`"type":"elm","path":"https://user:secret@a.example/"`:  "/sources/0/path",
		`"type":"elm","path":"https://a.example/\u0000"`:        "/sources/0/path",
		`"type":"elm","path":"https://a.example/a b"`:           "/sources/0/path",
		`"type":"elm","path":"https://a.example\\@b.example/x"`: "/sources/0/path",
	} {
		m := parse(t, `{"sources":[{`+members+`}, {"type":"elm","path":"https://good.example/","version":"3"}]}`)
		if len(m.Sources) != 1 || len(m.Problems) == 0 {
			t.Errorf("%s: %d sources, problems %v", members, len(m.Sources), m.Problems)
			continue
		}
		last := m.Problems[len(m.Problems)-1]
		if last.Where != where || last.Message == "" || last.Fix == "" {
			t.Errorf("%s: problem %+v, want one at %s", members, last, where)
		}
		if strings.Contains(last.String(), "secret") {
			t.Errorf("%s: the problem shows the password", members)
		}
	}
}

func TestSourceKeysAreUnique(t *testing.T) {
	t.Parallel()
	m := parse(t, `{"sources":[
	 {"type":"elm","version":"3","path":"https://a.example/1","id":"x"},
	 {"type":"elm","version":"3","path":"https://a.example/2#part","id":"x"},
	 {"type":"elm","version":"3","path":"https://a.example/2"},
	 {"type":"elm","version":"3","path":"https://a.example/1","id":"y"},
	 {"type":"elm","version":"3","path":"https://a.example/3","id":7}]}`)
	var keys []string
	for _, s := range m.Sources {
		keys = append(keys, s.Key())
	}
	if diff := cmp.Diff([]string{"x", "https://a.example/2", "y", "7"}, keys); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/sources/1/path", "/sources/1/id", "/sources/2", "/sources/3/path"}, places(m)); diff != "" {
		t.Error(diff)
	}
}

func TestSourceNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, members string
		refresh       float64
		page          int
		problem       bool
	}{
		{"ooapi", `"pageSize":100`, 0, 100, false},
		{"ooapi", `"pageSize":"100"`, 0, 100, false},
		{"ooapi", `"pageSize":1`, 0, 10, true},
		{"ooapi", `"pageSize":80`, 0, 100, true},
		{"ooapi", `"pageSize":1e9`, 0, 250, true},
		{"ooapi", `"pageSize":1e300`, 0, 250, true},
		{"ooapi", `"pageSize":-5`, 0, 0, true},
		{"ooapi", `"pageSize":"many"`, 0, 0, true},
		{"edu-api", `"pageSize":333`, 0, 333, false},
		{"edu-api", `"pageSize":0.5`, 0, 1, false},
		{"elm", `"pageSize":50`, 0, 0, true},
		{"elm", `"refresh":24`, 24, 0, false},
		{"elm", `"refresh":"12"`, 12, 0, false},
		{"elm", `"refresh":1.5`, 1.5, 0, false},
		{"elm", `"refresh":0.1`, 1, 0, true},
		{"elm", `"refresh":0`, 0, 0, true},
		{"elm", `"refresh":"NaN"`, 0, 0, true},
		{"elm", `"refresh":1e99`, 8784, 0, false},
	} {
		s, where := one(t, c.kind, `"version":"1",`+c.members)
		if s.Refresh != c.refresh || s.PageSize != c.page || (len(where) > 0) != c.problem {
			t.Errorf("%s %s: refresh %v, page size %d, problems %v", c.kind, c.members, s.Refresh, s.PageSize, where)
		}
	}
}

func TestSourceHeaders(t *testing.T) {
	t.Parallel()
	s, where := one(t, "elm", `"version":"3","headers":{"x-key":"a","X-Number":5,"x-flag":true,"X-List":["a","b"],
	 "Host":"evil.example","content-length":"0","Transfer-Encoding":"chunked","connection":"close","Proxy-Authorization":"x","TE":"x",
	 "If-None-Match":"x","x y":"a","x-break":"a\r\nHost: b","x-object":{"a":1},"X-KEY":"b","":"a","x-null":"a\u0000"}`)
	want := map[string]string{"X-Key": "b", "X-Number": "5", "X-Flag": "true", "X-List": "a, b", "X-Object": ""}
	if diff := cmp.Diff(want, s.Headers); diff != "" {
		t.Error(diff)
	}
	if len(where) != 13 {
		t.Errorf("%d problems: %v", len(where), where)
	}
}

func TestSourceParameters(t *testing.T) {
	t.Parallel()
	s, where := one(t, "elm", `"version":"3","queryParameters":{"a":1,"b":["x",null,2]},"parameters":{"a":"other","c":false,"d":{},"e":null,"f":[]}`)
	want := map[string][]string{"a": {"1"}, "b": {"x", "2"}, "c": {"false"}}
	if diff := cmp.Diff(want, s.QueryParameters); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"/sources/0/parameters", "/sources/0/parameters/d"}, where); diff != "" {
		t.Error(diff)
	}
}

func TestSourceContentType(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"text/turtle": "text/turtle", "Text/Turtle; charset=utf-8": "text/turtle", "ttl": "text/turtle", "JSON-LD": "application/ld+json",
		"application/rdf+xml": "application/rdf+xml", "text/html": "",
	} {
		if s, _ := one(t, "elm", `"version":"3","contentType":"`+given+`"`); s.ContentType != want {
			t.Errorf("%q is read as %q", given, s.ContentType)
		}
	}
	if s, where := one(t, "ooapi", `"version":"5","contentType":"text/turtle"`); s.ContentType != "" || len(where) != 1 {
		t.Errorf("ooapi keeps %q, problems %v", s.ContentType, where)
	}
}

func TestSourceAuth(t *testing.T) {
	t.Parallel()
	const endpoint = `"token_endpoint":"https://id.uni.example/token"`
	for _, c := range []struct {
		auth    string
		want    string
		usable  bool
		problem bool
	}{
		{`null`, "none", true, false},
		{`{"type":"none"}`, "none", true, false},
		{`{"type":"NONE"}`, "none", true, false},
		{`"none"`, "none", true, true},
		{`{}`, "none", true, true},
		{`{"type":"httpheader","field":"x","value":"y"}`, "httpheader", true, false},
		{`{"type":"http-header","field":"x","values":{"fp":"y"}}`, "httpheader", true, false},
		{`{"type":"httpheader"}`, "httpheader", true, true},
		{`"httpheader"`, "httpheader", true, true},
		{`{"field":"x","value":"y"}`, "httpheader", true, true},
		{`{"type":"httpheader","field":"Host","value":"y"}`, "httpheader", false, true},
		{`{"type":"httpheader","field":"a b","value":"y"}`, "httpheader", false, true},
		{`{"type":"oauth2.0",` + endpoint + `}`, "oauth2.0", true, false},
		{`{"type":"oauth2",` + endpoint + `,"client_id":"a","client_secret":"b"}`, "oauth2.0", true, true},
		{`{"type":"oauth2.0",` + endpoint + `,"client_id":"a","client_secrets":{"fp":"b"}}`, "oauth2.0", true, false},
		{`{"type":"oauth2.0",` + endpoint + `,"client_id":"a"}`, "oauth2.0", true, true},
		{`{"type":"oauth2.0",` + endpoint + `,"client_secret":"a"}`, "oauth2.0", true, true},
		{`{` + endpoint + `}`, "oauth2.0", true, true},
		{`{"type":"oauth2.0"}`, "oauth2.0", false, true},
		{`{"type":"oauth2.0","token_endpoint":"file:///x"}`, "oauth2.0", false, true},
		{`{"type":"httpsig"}`, "httpsig", true, false},
		{`"httpsig"`, "httpsig", true, true},
		{`{"type":"httpsig","alg":"ed25519"}`, "httpsig", true, false},
		{`{"type":"httpsig","alg":"hmac-sha256"}`, "httpsig", false, true},
		{`{"type":"bearer"}`, "bearer", false, true},
		{`{"type":"apikey","value":"x"}`, "apikey", false, true},
		{`{"value":"x"}`, "unknown", false, true},
		{`["none"]`, "", false, true},
		{`7`, "", false, true},
	} {
		s, where := one(t, "elm", `"version":"3","auth":`+c.auth)
		if s.Auth.Type != c.want || (s.Unusable == "") != c.usable || (len(where) > 0) != c.problem {
			t.Errorf("%s: type %q, unusable %q, problems %v", c.auth, s.Auth.Type, s.Unusable, where)
		}
	}
	s, _ := one(t, "elm", `"version":"3","auth":{"type":"httpheader","field":"x-key","value":"a","values":{"fp":"b"}}`)
	if diff := cmp.Diff(map[string]string{"field": "X-Key", "value": "a", "values.fp": "b"}, s.Auth.Params); diff != "" {
		t.Error(diff)
	}
}

func TestYAMLTabs(t *testing.T) {
	t.Parallel()
	m := parse(t, "sources:\n\t- type: elm\n\t  version: 3\n\t  path: https://a.example/\n")
	if len(m.Sources) != 1 || len(m.Problems) != 1 {
		t.Errorf("%+v", m)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	t.Parallel()
	m, err := federation.ParseManifest([]byte(`{"sources":[`+strings.Repeat("1,", 500000)+`1]}`), true)
	if err != nil || len(m.Problems) > 210 {
		t.Errorf("%d problems, %v", len(m.Problems), err)
	}
}

func TestManifestSamples(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	for name, sources := range map[string]int{"manifest-full.json": 5, "manifest-minimal.yaml": 1} {
		body, err := os.ReadFile(filepath.Join(corpus, "standards/data/quality-link/examples-synthetic", name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := federation.ParseManifest(body, true)
		if err != nil || len(m.Sources) != sources {
			t.Errorf("%s: %d sources, problems %v, %v", name, len(m.Sources), m.Problems, err)
		}
	}
}

func FuzzManifest(f *testing.F) {
	for _, seed := range []string{
		`{"sources":[{"type":"ooapi","path":"https://a.example/#x","version":5,"auth":{"type":"oauth2"},"headers":{"Host":"x"},"pageSize":7}]}`,
		"sources:\n- type: elm\n  path: https://a.example/\n  queryParameters: {a: [1, yes]}\npublishers: []\ndelegates: [b.example]\nwithdrawn: no\n",
		"\ufeff{}", "<html>", "a: &b [*b]", "sources:\n\t- type: elm\n", `{"sources":[1,{}],"sources":[]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := federation.ParseManifest(body, true)
		if err != nil {
			if !errors.Is(err, federation.ErrInvalid) {
				t.Fatalf("%v does not wrap ErrInvalid", err)
			}
			return
		}
		checkManifest(t, m)
		again, err := federation.ParseManifest(body, true)
		if diff := cmp.Diff(m, again); diff != "" || err != nil {
			t.Errorf("a second reading differs: %v %s", err, diff)
		}
	})
}

// checkManifest holds for whatever bytes a manifest was read from.
func checkManifest(t *testing.T, m federation.Manifest) {
	keys := map[string]bool{}
	for _, s := range m.Sources {
		if keys[s.Key()] || s.Key() == "" {
			t.Errorf("the key %q is repeated or empty", s.Key())
		}
		keys[s.Key()] = true
		if !strings.HasPrefix(strings.ToLower(s.Path), "http") || strings.Contains(s.Path, "#") {
			t.Errorf("path %q", s.Path)
		}
		if s.Refresh != 0 && s.Refresh < 1 {
			t.Errorf("refresh %v", s.Refresh)
		}
		for name, value := range s.Headers {
			if name == "Host" || strings.ContainsAny(name+value, "\r\n") {
				t.Errorf("header %q: %q", name, value)
			}
		}
	}
	for _, d := range m.Delegates {
		if !federation.ValidProvider(d) {
			t.Errorf("delegate %q", d)
		}
	}
	for _, p := range m.Problems {
		if p.Message == "" || p.Fix == "" {
			t.Errorf("problem %+v", p)
		}
	}
}

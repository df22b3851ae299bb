package harvest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// What a manifest wants on every request is on every request: pages, collections, details, HEAD.
func TestHeadersAndParametersOnEveryRequest(t *testing.T) {
	t.Parallel()
	a := newAPI(25)
	asked := map[string]int{}
	var mu sync.Mutex
	w := newWorld(t)
	w.guard = func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			return true
		}
		mu.Lock()
		asked[r.Method+" "+strings.Split(r.URL.Path, "/")[1]]++
		mu.Unlock()
		query := r.URL.Query()
		if r.Header.Get("X-Tenant") != "7" || r.Header.Get("X-Flag") != "true" || r.Header.Get("Authorization") != "Key abc" || r.Host != home ||
			strings.Join(query["faculty"], "+") != "law+arts" || query.Get("key") != "k" || query.Get("own") != "kept" && r.URL.Path == "/a.ttl" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		if r.URL.Path == "/a.ttl" {
			fmt.Fprint(rw, document(course("urn:a", "A")))
			return false
		}
		return a.answer(rw, r)
	}
	const wanted = `"headers":{"X-Tenant":7,"x-flag":true,"authorization":"Key abc","Host":"evil.example","Content-Length":"3","Transfer-Encoding":"chunked","X-Break":"a\r\nX: y"},`
	w.announceSources(
		`{"type":"OOAPI","version":5,"path":"https://uni.example/api",`+wanted+`"queryParameters":{"faculty":["law","arts"],"key":"k"},"pageSize":10}`,
		`{"type":"ELM","version":3.2,"path":"https://uni.example/a.ttl?own=kept#part",`+wanted+`"parameters":{"faculty":["law","arts"],"key":"k","own":"overridden"}}`,
	)
	r := w.harvest()
	if r.Fetched != 26 || len(r.Errors) != 0 || r.Findings < 8 {
		t.Errorf("%+v", r)
	}
	w.harvest() // the document without validators is asked for by HEAD
	if asked["HEAD a.ttl"] == 0 || asked["GET a.ttl"] == 0 || asked["GET api"] < 20 {
		t.Errorf("%v", asked)
	}
}

// One row for each thing that publishers get wrong in a manifest: what is usable is harvested, the rest is told with a fix.
func TestManifestsAsTheyAreFound(t *testing.T) {
	t.Parallel()
	const good = `{"type":"elm","version":"3.2","path":"https://uni.example/a.ttl"}`
	for name, k := range map[string]struct {
		manifest string
		fetched  int
		told     []string // parts of findings and errors
	}{
		"a byte order mark":             {"\ufeff" + `{"sources":[` + good + `]}`, 1, nil},
		"YAML as text":                  {"# ours\nsources:\n- type: elm\n  version: 3.2\n  path: https://uni.example/a.ttl\n", 1, nil},
		"YAML with tabs":                {"sources:\n\t- type: elm\n\t  version: 3.2\n\t  path: https://uni.example/a.ttl\n", 1, []string{"tabs"}},
		"types in other letters":        {`{"sources":[{"type":"ELM","version":"v3","path":"https://uni.example/a.ttl"}]}`, 1, nil},
		"unknown type beside a good":    {`{"sources":[{"type":"scorm","path":"https://uni.example/b"},` + good + `]}`, 1, []string{"unknown"}},
		"no path beside a good":         {`{"sources":[{"type":"elm"},` + good + `]}`, 1, []string{"no path"}},
		"no object beside a good":       {`{"sources":["https://uni.example/b.ttl",` + good + `]}`, 1, []string{"a text where a source belongs"}},
		"the same source twice":         {`{"sources":[` + good + `,` + good + `]}`, 1, []string{"the same source"}},
		"one id for two sources":        {`{"sources":[{"id":"x","type":"elm","path":"https://uni.example/a.ttl"},{"id":"x","type":"elm","path":"https://uni.example/b.ttl"}]}`, 2, []string{"the id is used"}},
		"auth as a text":                {`{"sources":[{"type":"elm","path":"https://uni.example/a.ttl","auth":"none"}]}`, 1, []string{"a text where an object belongs"}},
		"auth without type":             {`{"sources":[{"type":"elm","path":"https://uni.example/a.ttl","auth":{}}]}`, 1, []string{"no type"}},
		"auth of another kind":          {`{"sources":[{"type":"elm","path":"https://uni.example/b.ttl","auth":{"type":"bearer","token":"` + canary + `"}},` + good + `]}`, 1, []string{"access control is unknown"}},
		"httpheader without its secret": {`{"sources":[{"type":"elm","path":"https://uni.example/b.ttl","auth":{"type":"httpheader"}},` + good + `]}`, 1, []string{"no secret"}},
		"httpheader in clear text":      {`{"sources":[{"type":"elm","path":"https://uni.example/b.ttl","auth":{"type":"httpheader","field":"X-Key","value":"` + canary + `"}},` + good + `]}`, 1, []string{"not encrypted"}},
		"refresh that is no number":     {`{"sources":[{"type":"elm","path":"https://uni.example/a.ttl","refresh":"daily"}]}`, 1, []string{"not a positive number"}},
		"a page size of a document":     {`{"sources":[{"type":"elm","path":"https://uni.example/a.ttl","pageSize":50}]}`, 1, []string{"no meaning"}},
		"a media type of nothing":       {`{"sources":[{"type":"elm","path":"https://uni.example/a.ttl","contentType":"text/html"}]}`, 1, []string{"no media type of ELM"}},
		"a fragment":                    {`{"sources":[{"type":"elm","path":"https://uni.example/a.ttl#courses"}]}`, 1, []string{"fragment"}},
		"keys that nobody knows":        {`{"$schema":"x","contact":"y","sources":[{"type":"elm","version":"3.2","path":"https://uni.example/a.ttl","note":"z"}]}`, 1, nil},
		"a source that is down":         {`{"sources":[{"type":"elm","path":"https://uni.example/missing.ttl"},` + good + `]}`, 1, []string{"404"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := guarded(t)
			w.serve("/a.ttl", document(course("urn:a", "A")))
			w.serve("/b.ttl", document(course("urn:b", "B")))
			w.serve("/.well-known/quality-link-manifest.json", k.manifest)
			r := w.harvest()
			text := fmt.Sprint(r.Errors, r.Notes)
			if r.Fetched != k.fetched || strings.Contains(text, canary) {
				t.Errorf("%d courses: %s", r.Fetched, text)
			}
			for _, part := range k.told {
				if !strings.Contains(text, part) {
					t.Errorf("nobody is told of %q: %s", part, text)
				}
			}
			if _, ok := w.record(home, "urn:a"); !ok {
				t.Error("the good source was not harvested")
			}
		})
	}
}

package detect_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/detect"
)

// answers serves bodies by path; what it lacks is 404.
func answers(bodies map[string]string) adapters.Get {
	return func(_ context.Context, address string) (*adapters.Response, error) {
		u, err := url.Parse(address)
		if err != nil {
			return nil, err
		}
		body, ok := bodies[u.Path]
		if !ok {
			return nil, &adapters.StatusError{URL: address, Code: 404}
		}
		if status, is := strings.CutPrefix(body, "status "); is {
			return nil, &adapters.StatusError{URL: address, Code: map[string]int{"401": 401, "500": 500}[status]}
		}
		return &adapters.Response{URL: address, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func TestSource(t *testing.T) {
	t.Parallel()
	const page5 = `{"pageSize":10,"pageNumber":1,"hasNextPage":true,"items":[{"courseId":"1","name":[{"language":"en","value":"A"}],"teachingLanguage":"eng"}`
	for name, k := range map[string]struct {
		bodies              map[string]string
		address             string
		kind, version, path string
	}{
		"turtle":              {map[string]string{"/c.ttl": "@prefix a: <urn:a> ."}, "/c.ttl", "elm", "", "/c.ttl"},
		"turtle with comment": {map[string]string{"/c": "# courses\n@prefix a: <urn:a> ."}, "/c", "elm", "", "/c"},
		"turtle, sparql form": {map[string]string{"/c": "PREFIX a: <urn:a>"}, "/c", "elm", "", "/c"},
		"n-triples":           {map[string]string{"/c": "<urn:a> <urn:b> <urn:c> ."}, "/c", "elm", "", "/c"},
		"rdf/xml":             {map[string]string{"/c": "\ufeff<?xml version='1.0'?><rdf:RDF/>"}, "/c", "elm", "", "/c"},
		"json-ld":             {map[string]string{"/c": `{"@context":{},"@graph":[`}, "/c", "elm", "", "/c"},
		"json-ld list":        {map[string]string{"/c": `[{"@id":"urn:a"}]`}, "/c", "elm", "", "/c"},
		"manifest":            {map[string]string{"/m": "sources:\n  - type: elm\n    path: https://uni.example/c\n"}, "/m", "manifest", "", "/m"},
		"ooapi 5 root":        {map[string]string{"/v5": `{"contactEmail":"a@b.example","specification":"https://openonderwijsapi.nl/v5"}`}, "/v5", "ooapi", "5", "/v5"},
		"ooapi 6 root":        {map[string]string{"/api/v6": `{"contactEmail":"a@b.example","specification":"https://x.example/spec"}`}, "/api/v6", "ooapi", "6", "/api/v6"},
		"ooapi, cut off":      {map[string]string{"/o/courses": page5}, "/o/", "ooapi", "5", "/o"},
		"ooapi collection":    {map[string]string{"/o/courses": page5}, "/o/courses?pageNumber=3&key=k", "ooapi", "5", "/o?key=k"},
		"ooapi 6 courses":     {map[string]string{"/o/courses": `{"items":[{"courseId":"1","modesOfDelivery":["online"]}]}`}, "/o", "ooapi", "6", "/o"},
		"ooapi 6 programmes":  {map[string]string{"/o/programmes": `{"items":[{"programmeId":"1"}]}`}, "/o", "ooapi", "6", "/o"},
		"ooapi, empty":        {map[string]string{"/o/courses": `{"pageSize":10,"items":[]}`}, "/o", "ooapi", "5", "/o"},
		"ooapi, root is html": {map[string]string{"/o": "<!doctype html>", "/o/courses": page5}, "/o", "ooapi", "5", "/o"},
		"ooapi, root fails":   {map[string]string{"/o": "status 500", "/o/courses": page5}, "/o", "ooapi", "5", "/o"},
		"edu-api":             {map[string]string{"/e/courseTemplates": `[{"sourcedId":"1"}]`}, "/e", "edu-api", "1.0", "/e"},
		"edu-api, wrapped":    {map[string]string{"/e/courseTemplates": `{"courseTemplates":[{"sourcedId":"1"}]}`}, "/e", "edu-api", "1.0", "/e"},
		"edu-api collection":  {map[string]string{"/e/courseOfferings": `[{"sourcedId":"1"}]`}, "/e/courseOfferings?limit=10", "edu-api", "1.0", "/e"},
		"occapi 2":            {map[string]string{"/occapi/v2/hei/uni.example": `{"data":{"type":"hei","id":"uni.example","links":{"course":"x"}}}`}, "/occapi/v2/hei/uni.example", "occapi", "2", "/occapi/v2/hei/uni.example"},
		"occapi 1":            {map[string]string{"/occapi/v1/hei/uni.example": `{"data":{"type":"hei","id":"uni.example"},"links":{"course":"x"}}`}, "/occapi/v1/hei/uni.example", "occapi", "1", "/occapi/v1/hei/uni.example"},
		"occapi server":       {map[string]string{"/occapi/v2": `{"data":{"type":"server","links":{}}}`}, "/occapi/v2", "occapi", "2", "/occapi/v2/hei/uni.example"},
		"occapi root missing": {map[string]string{"/occapi/v2/hei/uni.example": `{"data":{"type":"hei","id":"uni.example","links":{"course":"x"}}}`}, "/occapi/v2", "occapi", "2", "/occapi/v2/hei/uni.example"},
		"occapi collection":   {map[string]string{"/o/hei/u/course": `{"data":[{"type":"course","id":"1"}]}`}, "/o/hei/u/course", "occapi", "2", "/o/hei/u"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := detect.Source(t.Context(), answers(k.bodies), "https://api.uni.example"+k.address, "uni.example")
			if err != nil {
				t.Fatal(err)
			}
			if found.Type != k.kind || found.Version != k.version || found.Path != "https://api.uni.example"+k.path || found.Reason == "" {
				t.Errorf("%+v", found)
			}
		})
	}
}

func TestSourceOfNoKnownKind(t *testing.T) {
	t.Parallel()
	for name, bodies := range map[string]map[string]string{
		"nothing":    {},
		"web page":   {"/x": "<html>Welcome</html>"},
		"plain json": {"/x": `{"hello":[1,2]}`, "/x/courses": `{"results":[]}`},
		"deep":       {"/x": strings.Repeat("[", 1<<20)},
		"deeper":     {"/x": strings.Repeat(`{"a":`, 1<<17)},
		"text":       {"/x": "hello"},
	} {
		found, err := detect.Source(t.Context(), answers(bodies), "https://api.uni.example/x?key=hidden", "uni.example")
		if !errors.Is(err, detect.ErrUnknown) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	_, err := detect.Source(t.Context(), answers(map[string]string{"/x": "status 401"}), "https://api.uni.example/x", "")
	var status *adapters.StatusError
	if !errors.As(err, &status) || status.Code != 401 {
		t.Errorf("a closed door is told as such: %v", err)
	}
}

// FuzzSource: whatever a server says, it is recognised or not, quickly and without a panic.
func FuzzSource(f *testing.F) {
	for _, s := range []string{`{"items":[{"courseId":1}]}`, `[{"sourcedId":"a"}]`, `{"data":{"type":"hei","links":[]}}`, "sources: []", "@prefix", `{"@id":`, "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		found, err := detect.Source(t.Context(), answers(map[string]string{"/x": body, "/x/courses": body}), "https://api.uni.example/x", "uni.example")
		if (err == nil) == (found.Type == "") {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
)

const manifestText = "meta:\n  schac: uni.example\nsources:\n  - type: elm\n    version: 3.2\n    pth: https://uni.example/courses.ttl\npublishers: []\n"

func checkOf(body []byte, provider string) (federation.ManifestReport, error) {
	return federation.CheckManifest(body, federation.ManifestChecks{Provider: provider})
}

func TestCheckManifest(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for name, media := range map[string]string{"said to be YAML": "application/yaml", "of no type": "", "said to be a form": "application/x-www-form-urlencoded", "said to be JSON": "application/json"} {
		w := n.post("/v1/manifest/check?provider=lyon.example", media, strings.NewReader(manifestText))
		var got federation.ManifestReport
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: status %d, %v: %s", name, w.Code, err, w.Body)
		}
		if got.Valid || got.Provider != "lyon.example" || got.LeftOut != 1 || got.Publishing != federation.PublishingNobody || len(got.Findings) != 5 {
			t.Errorf("%s: %+v", name, got)
		}
		if f := got.Findings[1]; f.Where != "line 6, /sources/0/pth" || f.Property != "pth" || f.Fix != "rename it to path" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for name, k := range map[string]struct {
		target, media string
		body          io.Reader
		status        int
		says          string
	}{
		"empty":             {"/v1/manifest/check", "application/json", nil, http.StatusBadRequest, "empty"},
		"a web page":        {"/v1/manifest/check", "text/html", strings.NewReader("<html>"), http.StatusBadRequest, "a web page"},
		"broken":            {"/v1/manifest/check", "", strings.NewReader("{\n\"sources\" []}"), http.StatusBadRequest, "line 2: the colon after a name is missing"},
		"a list":            {"/v1/manifest/check", "", strings.NewReader("[]"), http.StatusBadRequest, "the root is a list"},
		"a form":            {"/v1/manifest/check", "multipart/form-data; boundary=x", strings.NewReader("x"), http.StatusUnsupportedMediaType, "application/yaml"},
		"too large":         {"/v1/manifest/check", "", io.LimitReader(blanks{}, 2<<20), http.StatusRequestEntityTooLarge, "1048576"},
		"unknown parameter": {"/v1/manifest/check?povider=x", "", strings.NewReader("{}"), http.StatusBadRequest, "provider"},
		"no provider":       {"/v1/manifest/check?provider=nobody", "", strings.NewReader("{}"), http.StatusBadRequest, "uni.example"},
	} {
		w := n.post(k.target, k.media, k.body)
		var problem api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != k.status || problem.Status != k.status || !strings.Contains(problem.Detail, k.says) {
			t.Errorf("%s: status %d, want %d: %s (%v)", name, w.Code, k.status, w.Body, err)
		}
	}
}

// TestThreat19ManifestsOfOneClient: checks of manifests and of documents have turns of their own.
func TestThreat19ManifestsOfOneClient(t *testing.T) {
	t.Parallel()
	n := newNode(t)
	for i := range 31 {
		w := n.post("/v1/manifest/check", "", strings.NewReader("sources: []"))
		if want := map[bool]int{true: http.StatusOK, false: http.StatusTooManyRequests}[i < 30]; w.Code != want {
			t.Fatalf("request %d: status %d, want %d", i, w.Code, want)
		}
	}
	if w := n.post("/v1/validate", "text/turtle", strings.NewReader(document)); w.Code != http.StatusOK {
		t.Errorf("a document: status %d", w.Code)
	}
}

func TestCheckManifestIsDescribed(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct{ Content map[string]any }
			Responses   map[string]any
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	newNode(t).json("/openapi.json", &doc)
	op := doc.Paths["/v1/manifest/check"]["post"]
	if len(op.RequestBody.Content) != 3 || op.Responses["200"] == nil || op.Responses["default"] == nil || op.Responses["304"] != nil {
		t.Errorf("%+v", op)
	}
	for _, key := range []string{"valid", "provider", "sources", "publishers", "delegates", "findings"} {
		if doc.Components.Schemas["ManifestReport"].Properties[key] == nil {
			t.Errorf("%s is not described", key)
		}
	}
}

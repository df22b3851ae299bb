package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// canaries are secrets that an institution gave: encrypted, in the clear by mistake, as a static key.
const (
	canaryHeader = "canary-header-4711"
	canaryClient = "canary-client-4712"
	canaryToken  = "canary-token-4713"
	canaryClear  = "canary-clear-4714"
	canaryStatic = "canary-static-4715"
	canaryQuery  = "canary-query-4716"
)

// closedInstitution lets in who has the right secret, and quotes what it was sent when it refuses.
func closedInstitution(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	id, secret, _ := r.BasicAuth()
	id, _ = url.QueryUnescape(id)
	switch {
	case r.URL.Path == "/token" && id == "client" && secret == canaryClient:
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":60}`, canaryToken)
	case r.URL.Path == "/header.ttl" && r.Header.Get("X-Key") == canaryHeader, r.URL.Path == "/oauth.ttl" && r.Header.Get("Authorization") == "Bearer "+canaryToken,
		r.URL.Path == "/static.ttl" && r.Header.Get("X-Static") == canaryStatic && r.Form.Get("key") == canaryQuery:
		fmt.Fprint(w, oddCourse(strings.Trim(r.URL.Path, "/")))
	default:
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]string{"title": "Forbidden", "detail": fmt.Sprint(r.Header, r.Form)})
	}
}

// After harvests, trials and dumps at debug level no secret is in any output, dump, backup or file of the node.
func TestThreat28NoSecretIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(closedInstitution))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	data, all := filepath.Join(dir, "data"), &bytes.Buffer{}
	run := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), "coursemesh", append(args, "--data-dir", data, "-v")...)
		cmd.Env = append(os.Environ(), "COURSEMESH_FETCH_HOSTS=odd.example="+strings.TrimPrefix(server.URL, "http://"),
			"COURSEMESH_FETCH_RESOLVER=127.0.0.1:1", "COURSEMESH_FETCH_PER_HOST_PER_SECOND=1000", "COURSEMESH_FETCH_OVERALL_PER_SECOND=1000")
		cmd.Stdin = strings.NewReader(stdin)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, all
		_ = cmd.Run() // some are to fail
		all.Write(out.Bytes())
		return strings.TrimSpace(out.String())
	}
	run("", "init")
	header, client := run(canaryHeader+"\n", "key", "encrypt"), run(canaryClient, "key", "encrypt")
	source := func(name string, more map[string]any) map[string]any {
		more["type"], more["version"], more["id"], more["path"] = "elm", "3.2", name, "https://odd.example/"+name+".ttl"
		return more
	}
	manifest, err := json.Marshal(map[string]any{"sources": []any{
		source("header", map[string]any{"auth": map[string]any{"type": "httpheader", "field": "X-Key", "value": header}}),
		source("oauth", map[string]any{"auth": map[string]any{"type": "oauth2.0", "token_endpoint": "https://odd.example/token", "client_id": "client", "client_secret": client}}),
		source("static", map[string]any{"headers": map[string]string{"X-Static": canaryStatic}, "queryParameters": map[string]string{"key": canaryQuery}}),
		source("clear", map[string]any{"auth": map[string]any{"type": "httpheader", "field": "X-Key", "value": canaryClear}}),
		map[string]any{
			"type": "ooapi", "version": "5", "id": "api", "path": "https://odd.example/api", "headers": map[string]string{"X-Static": canaryStatic},
			"queryParameters": map[string]string{"key": canaryQuery}, "auth": map[string]any{"type": "httpheader", "field": "X-Key", "value": header},
		},
		source("refused", map[string]any{"headers": map[string]string{"X-Static": canaryStatic}, "queryParameters": map[string]string{"key": canaryQuery}}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "manifest.json")
	if err := os.WriteFile(file, manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	report := run("", "harvest", file, "--provider", "odd.example", "--json")
	if !strings.Contains(report, `"new":3`) || !strings.Contains(report, "not encrypted") || !strings.Contains(report, "403") {
		t.Fatalf("%s\n%s", report, all)
	}
	run("", "harvest", file, "--provider", "odd.example", "--json")
	run("", "source", "test", file, "--provider", "odd.example")
	run(canaryHeader, "source", "test", "https://odd.example/header.ttl", "--auth", `{"type":"httpheader","field":"X-Key"}`, "--secret-stdin")
	run("", "source", "list", "--json")
	for _, name := range []string{"header", "oauth", "static", "clear", "refused", "api"} {
		run("", "source", "log", name)
		run("", "source", "runs", name, "--json")
	}
	run("", "config", "show")
	run("", "dump", filepath.Join(dir, "dump"))
	run("", "backup", filepath.Join(dir, "backup"))
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	grep(t, "the output", all.Bytes())
	for path, body := range answered(t, startServe(t, data), data) {
		grep(t, path, body)
	}
	for path, content := range unpacked(t, dir) {
		grep(t, path, content)
	}
}

// unpacked are the files below a directory.
func unpacked(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // below the test's own directory
		if err == nil && strings.HasSuffix(path, ".zst") {
			if reader, e := zstd.NewReader(nil); e == nil {
				content, _ = reader.DecodeAll(content, nil)
			}
		}
		if err == nil && strings.HasSuffix(path, ".gz") {
			if reader, e := gzip.NewReader(bytes.NewReader(content)); e == nil {
				content, _ = io.ReadAll(reader)
			}
		}
		out[path] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// answered is what a running node answers to anybody and, with metrics, to its operator: every page that leads on from
// the lists, by path.
func answered(t *testing.T, s *served, data string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	ask := func(client *http.Client, origin, path string) any {
		resp, err := client.Get(origin + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if out[path], err = io.ReadAll(resp.Body); err != nil {
			t.Fatal(err)
		}
		var document any
		_ = json.Unmarshal(out[path], &document) // pages are none
		return document
	}
	ids := func(document any) (all []string) {
		list, _ := document.(map[string]any)
		items, _ := list["items"].([]any)
		for _, item := range items {
			if fields, ok := item.(map[string]any); ok {
				all = append(all, fmt.Sprint(fields["id"]))
			}
		}
		return all
	}
	web := http.DefaultClient
	for _, path := range []string{
		"/", "/v1/node", "/v1/publishers", "/v1/heads", "/v1/peers", "/v1/providers", "/v1/providers/odd.example", "/v1/providers/odd.example/discovery", "/v1/alliances",
		"/v1/offerings", "/v1/public-key", "/v1/dumps", "/openapi.json",
	} {
		ask(web, s.ready.HTTP, path)
	}
	courses, sources := ids(ask(web, s.ready.HTTP, "/v1/courses?limit=100")), ids(ask(web, s.ready.HTTP, "/v1/sources"))
	if len(courses) == 0 || len(sources) == 0 {
		t.Fatalf("%d courses and %d sources are shown", len(courses), len(sources))
	}
	for _, id := range courses {
		for _, rest := range []string{"", "?format=ntriples", "?format=html", "/offerings", "/provenance", "/history", "/record", "/proof"} {
			ask(web, s.ready.HTTP, "/v1/courses/"+url.PathEscape(id)+rest)
		}
	}
	operator := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(data, "admin.sock"))
	}}}
	for client, origin := range map[*http.Client]string{web: s.ready.HTTP, operator: "http://localhost"} {
		for _, id := range sources {
			for _, run := range ids(ask(client, origin, "/v1/sources/"+id+"/runs")) {
				ask(client, origin, "/v1/runs/"+run)
			}
		}
	}
	ask(operator, "http://localhost", "/metrics")
	runs := 0
	for path := range out {
		if strings.HasPrefix(path, "/v1/runs/") {
			runs++
		}
	}
	if runs == 0 || !bytes.Contains(out["/metrics"], []byte("# HELP")) {
		t.Fatalf("%d runs, metrics %.80s: the operator's answers were not looked at", runs, out["/metrics"])
	}
	return out
}

func grep(t *testing.T, where string, content []byte) {
	t.Helper()
	for _, canary := range []string{canaryHeader, canaryClient, canaryToken, canaryClear, canaryStatic, canaryQuery} {
		if i := bytes.Index(content, []byte(canary)); i >= 0 {
			t.Errorf("%s holds %s: %q", where, canary, content[max(0, i-100):min(len(content), i+60)])
		}
	}
}

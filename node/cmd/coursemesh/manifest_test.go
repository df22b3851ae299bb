package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

const soundManifest = `{"meta":{"schac":"uni.example"},"sources":[{"type":"elm","version":"3.2","path":"https://uni.example/c.ttl"}],"publishers":[]}`

// announced is a name server that answers one name with one TXT record.
func announced(t *testing.T, name, record string) string {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, stopped := make(chan struct{}), make(chan struct{})
	server := &dns.Server{PacketConn: packets, NotifyStartedFunc: func() { close(started) }, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if asked := q.Question[0]; asked.Name == name+"." && asked.Qtype == dns.TypeTXT {
			m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: asked.Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{record}}}
		}
		_ = w.WriteMsg(m)
	})}
	go func() {
		defer close(stopped)
		_ = server.ActivateAndServe()
	}()
	<-started
	t.Cleanup(func() {
		_ = server.Shutdown()
		<-stopped
	})
	return packets.LocalAddr().String()
}

// said is what one run of the program says.
type said struct {
	code        int
	out, stderr string
}

func runWith(t *testing.T, environment []string, stdin string, args ...string) said {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "coursemesh", args...)
	cmd.Dir, cmd.Env, cmd.Stdin = t.TempDir(), append(os.Environ(), environment...), strings.NewReader(stdin)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if made, _ := filepath.Glob(filepath.Join(cmd.Dir, "*")); len(made) > 0 {
		t.Errorf("%v made %v", args, made)
	}
	return said{cmd.ProcessState.ExitCode(), out.String(), stderr.String()}
}

// institutionOf serves pages by host and path.
func institutionOf(t *testing.T, pages map[string]string) (environment []string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch body, there := pages[r.Host+r.URL.Path]; {
		case !there:
			http.NotFound(w, r)
		case body == "down":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			fmt.Fprint(w, body)
		}
	}))
	t.Cleanup(server.Close)
	var hosts []string
	for page := range pages {
		host, _, _ := strings.Cut(page, "/")
		hosts = append(hosts, host+"="+strings.TrimPrefix(server.URL, "http://"))
	}
	return []string{
		"COURSEMESH_FETCH_HOSTS=" + strings.Join(hosts, ","), "COURSEMESH_FETCH_RESOLVER=" + announced(t, "dns.example", "v=qldiscover1; m=https://dns.example/m.json"),
		"COURSEMESH_FETCH_PER_HOST_PER_SECOND=1000", "COURSEMESH_FETCH_OVERALL_PER_SECOND=1000",
	}
}

// TestManifestCheckOfWhatIsPublished: a domain's manifest is searched as nodes search it, a URL asked as they ask.
func TestManifestCheckOfWhatIsPublished(t *testing.T) {
	t.Parallel()
	environment := institutionOf(t, map[string]string{
		"uni.example/.well-known/quality-link-manifest.json": soundManifest, "uni.example/m.json": soundManifest,
		"dns.example/m.json":                             strings.ReplaceAll(soundManifest, "uni.example", "dns.example"),
		"page.example/.well-known/quality-link-manifest": "<html>Not found", "page.example/.well-known/quality-link-manifest.yaml": "sources: [",
		"evidence.example/.well-known/quality-link-manifest": `{"publishers":[]}`, "down.example/.well-known/quality-link-manifest": "down", "none.example/x": "", "known.example/x": "",
	})
	for target, want := range map[string]struct {
		code int
		says []string
	}{
		"uni.example": {0, []string{"manifest https://uni.example/.well-known/quality-link-manifest.json\n", "speaks for uni.example", "0 violations, 0 warnings, 1 notes"}},
		"https://uni.example/.well-known/quality-link-manifest.json": {0, []string{"speaks for uni.example", "0 violations, 0 warnings"}},
		"https://uni.example/m.json":                                 {0, []string{"does not lie at a well-known address", "0 violations, 1 warnings"}},
		"dns.example":                                                {0, []string{"DNS led to it", "publish the manifest at https://dns.example/.well-known/quality-link-manifest"}},
		"page.example":                                               {5, []string{"manifest https://page.example/.well-known/quality-link-manifest.yaml\n", "a value is missing, or a bracket is not closed"}},
		"evidence.example":                                           {0, []string{"no list of sources", "Nodes read no source"}},
		"none.example":                                               {3, []string{"no manifest at none.example", "not_found     https://none.example/.well-known/quality-link-manifest "}},
		"https://none.example/none":                                  {3, []string{"HTTP status 404"}},
		"down.example":                                               {6, []string{"HTTP status 500"}},
		"https://nowhere.example/":                                   {6, []string{"nowhere.example"}},
		"http://169.254.169.254/latest":                              {6, []string{"link-local"}},
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			got := runWith(t, environment, "", "manifest", "check", target)
			if got.code != want.code {
				t.Errorf("exit %d, want %d", got.code, want.code)
			}
			for _, text := range want.says {
				if !strings.Contains(got.out+got.stderr, text) {
					t.Errorf("%q is not in\n%s%s", text, got.out, got.stderr)
				}
			}
		})
	}
	t.Run("by the website that the configuration knows", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(file, []byte("registry: {providers: [{id: known.example, website: 'https://uni.example/en/'}]}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		got := runWith(t, environment, "", "manifest", "check", "known.example", "--config", file)
		if got.code != 0 || !strings.Contains(got.out, "manifest https://uni.example/.well-known/quality-link-manifest.json") || !strings.Contains(got.out, "another institution than known.example") {
			t.Errorf("%+v", got)
		}
	})
	var checked checkedManifest
	got := runWith(t, environment, "", "manifest", "check", "uni.example", "--json")
	if err := json.Unmarshal([]byte(got.out), &checked); err != nil || !checked.Valid || len(checked.Probes) != 4 || len(checked.Sources) != 1 {
		t.Errorf("%s: %+v, %v", got.out, checked, err)
	}
}

// TestManifestNewAsksTheAddress: --source URL without a type.
func TestManifestNewAsksTheAddress(t *testing.T) {
	t.Parallel()
	environment := institutionOf(t, map[string]string{
		"uni.example/v5/courses": `{"pageSize":10,"pageNumber":1,"items":[{"courseId":"1","teachingLanguage":"eng"}]}`,
		"uni.example/c.ttl":      oddCourse("c"), "uni.example/m.json": soundManifest, "uni.example/page": "<html>",
	})
	got := runWith(t, environment, "", "manifest", "new", "--provider", "uni.example", "--source", "https://uni.example/v5/courses?pageNumber=2", "--source", "https://uni.example/c.ttl", "--format", "yaml")
	const want = "meta:\n  schac: uni.example\nsources:\n  - type: ooapi\n    version: \"5\"\n    path: https://uni.example/v5\n  - type: elm\n    version: \"3.2\"\n    path: https://uni.example/c.ttl\n"
	if got.code != 0 || got.out != want {
		t.Errorf("exit %d: %s%s", got.code, got.out, got.stderr)
	}
	for address, want := range map[string]said{
		"https://uni.example/page":   {2, "", "TYPE=URL"},
		"https://uni.example/m.json": {2, "", "is a manifest already"},
		"https://nowhere.example/":   {6, "", "TYPE=URL"},
	} {
		if got := runWith(t, environment, "", "manifest", "new", "--provider", "uni.example", "--source", address); got.code != want.code || got.out != "" || !strings.Contains(got.stderr, want.stderr) {
			t.Errorf("%s: %+v", address, got)
		}
	}
}

// TestManifestCheckWithKeys: with the keys of a node at hand it is told for whom a secret is encrypted.
func TestManifestCheckWithKeys(t *testing.T) {
	t.Parallel()
	nodes := []string{t.TempDir(), t.TempDir()}
	secrets := make([]string, 2)
	for i, dir := range nodes {
		runWith(t, nil, "", "init", "--data-dir", dir)
		got := runWith(t, nil, canaryHeader, "key", "encrypt", "--data-dir", dir)
		if secrets[i] = strings.TrimSpace(got.out); got.code != 0 {
			t.Fatal(got.stderr)
		}
	}
	for i, want := range []string{"0 violations, 0 warnings, 1 notes", "not encrypted for this node"} {
		manifest := fmt.Sprintf(`{"meta":{"schac":"uni.example"},"publishers":[],"sources":[{"type":"elm","version":"3.2","path":"https://uni.example/c.ttl",
		 "auth":{"type":"httpheader","field":"X-Key","value":%q}}]}`, secrets[i])
		for _, dir := range []string{nodes[0], filepath.Join(nodes[0], "none")} {
			got := runWith(t, nil, manifest, "manifest", "check", "-", "--data-dir", dir)
			if got.code != 0 || dir == nodes[0] && !strings.Contains(got.out, want) || dir != nodes[0] && strings.Contains(got.out, "not encrypted") {
				t.Errorf("secret %d with %s: %+v", i, dir, got)
			}
			if strings.Contains(got.out+got.stderr, secrets[i]) {
				t.Error("the ciphertext is shown")
			}
		}
	}
}

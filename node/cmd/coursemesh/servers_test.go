package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

const (
	campus     = "campus.example"
	campusBase = "https://" + campus
)

// university is an institution whose server can be replaced, and a node's directory that reaches it by name.
type university struct {
	t       *testing.T
	dir     string
	env     []string
	handler atomic.Pointer[http.Handler]
}

func newUniversity(t *testing.T) *university {
	t.Helper()
	u := &university{t: t, dir: t.TempDir()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*u.handler.Load()).ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	u.env = append(os.Environ(), "COURSEMESH_FETCH_HOSTS="+campus+"="+strings.TrimPrefix(server.URL, "http://"),
		"COURSEMESH_FETCH_PER_HOST_PER_SECOND=10000", "COURSEMESH_FETCH_OVERALL_PER_SECOND=10000", "COURSEMESH_FETCH_RESOLVER=127.0.0.1:1")
	return u
}

// serve answers with the sources and a manifest of them.
func (u *university) serve(sources map[*testserver.Server]http.Handler) {
	u.t.Helper()
	var announced []testserver.Source
	mux := http.NewServeMux()
	for s, guarded := range sources {
		source := s.Source()
		announced = append(announced, source)
		path := strings.TrimPrefix(source.Path, campusBase)
		mux.Handle(path, guarded)
		mux.Handle(path+"/", guarded)
	}
	u.announce(mux, announced)
}

func (u *university) announce(mux *http.ServeMux, announced []testserver.Source) {
	manifest, err := json.Marshal(map[string]any{"sources": announced})
	if err != nil {
		u.t.Fatal(err)
	}
	mux.HandleFunc("/.well-known/quality-link-manifest.json", answers("application/json", string(manifest)))
	var h http.Handler = mux
	u.handler.Store(&h)
}

// run runs a command on the directory; what it prints as JSON goes into into, if not nil.
func (u *university) run(into any, stdin string, args ...string) (said string, code int) {
	u.t.Helper()
	cmd := exec.Command("coursemesh", append(args, "--data-dir", u.dir, "--json", "--quiet")...)
	cmd.Env, cmd.Stdin = u.env, strings.NewReader(stdin)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		u.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(out.Bytes(), into); err != nil {
			u.t.Fatalf("coursemesh %v printed %q, and on stderr %s", args, out.String(), stderr.String())
		}
	}
	return out.String() + stderr.String(), cmd.ProcessState.ExitCode()
}

// coursesEach makes exactly two pages of the faults that page.
const coursesEach = 4

// setOf is a set of courses of its own for each standard, so that none is another's duplicate.
func setOf(standard testserver.Standard) testserver.Set {
	set := testserver.Generate(string(standard)+"."+campus, coursesEach, 3)
	set.Domain = campus
	return set
}

func everyStandard(change func(testserver.Set) testserver.Set) map[*testserver.Server]http.Handler {
	out := map[*testserver.Server]http.Handler{}
	for _, standard := range testserver.Standards {
		set := setOf(standard)
		if standard == testserver.RDFXML || standard == testserver.JSONLD || standard == testserver.NTriples {
			for i := range set.Courses { // documents name courses by their codes
				set.Courses[i].Code += "-" + string(standard)
			}
			for i := range set.Programmes {
				set.Programmes[i].Code += "-" + string(standard)
			}
		}
		s := testserver.New(testserver.Config{Standard: standard, Set: change(set), Base: campusBase})
		out[s] = s
	}
	return out
}

// TestEveryStandard harvests one institution that speaks all of them, twice; then one course of each is gone.
func TestEveryStandard(t *testing.T) {
	t.Parallel()
	u := newUniversity(t)
	const all = (coursesEach + 1) * 9 // with one programme each
	var report oddReport
	u.serve(everyStandard(func(s testserver.Set) testserver.Set { return s }))
	said, code := u.run(&report, "", "harvest", campus)
	if code != 0 || report.New != all || report.Rejected != 0 {
		t.Fatalf("exit %d, %d new of %d: %s", code, report.New, all, said)
	}
	var found list
	if _, code := u.run(&found, "", "course", "search", "--limit", "100"); code != 0 || found.Total != all {
		t.Errorf("search finds %d courses, exit %d", found.Total, code)
	}
	if said, code := u.run(&report, "", "harvest", campus); code != 0 || report.New+report.Changed+report.Withdrawn != 0 {
		t.Errorf("again: exit %d: %s", code, said)
	}
	u.serve(everyStandard(func(s testserver.Set) testserver.Set { return s.Deleting(time.Now(), s.Courses[2].ID) }))
	if said, code := u.run(&report, "", "harvest", campus); code != 0 || report.New != 0 || report.Withdrawn != 9 {
		t.Errorf("one course of each gone: exit %d, %d withdrawn: %s", code, report.Withdrawn, said)
	}
}

// TestSourceTestEveryStandard: given no more than an address, the command finds out what lies there, reads it, and
// leaves nothing behind.
func TestSourceTestEveryStandard(t *testing.T) {
	t.Parallel()
	u := newUniversity(t)
	servers := everyStandard(func(s testserver.Set) testserver.Set { return s })
	u.serve(servers)
	for s := range servers {
		want := s.Source()
		var trial harvest.Trial
		said, code := u.run(&trial, "", "source", "test", want.Path, "--limit", "0")
		if len(trial.Sources) != 1 {
			t.Errorf("%s: exit %d: %s", want.Path, code, said)
			continue
		}
		got := trial.Sources[0]
		if got.Standard != want.Type || got.State != "complete" || got.Courses != coursesEach+1 || got.Rejected != 0 || len(got.Requests) == 0 {
			t.Errorf("%s: exit %d, %+v", want.Path, code, got)
		}
	}
	var trial harvest.Trial
	if said, _ := u.run(&trial, "", "source", "test", campus, "--limit", "2"); len(trial.Sources) != len(servers) {
		t.Errorf("the domain: %d sources: %s", len(trial.Sources), said)
	}
	var found list
	if _, code := u.run(&found, "", "course", "search"); code != 0 || found.Total != 0 {
		t.Errorf("%d courses were stored", found.Total)
	}
}

// TestSourceTestSaysWhatToMend tries servers with faults: what cannot be read is said, and where.
func TestSourceTestSaysWhatToMend(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		standard testserver.Standard
		state    string
		code     int
		says     string
	}{
		"html-with-200":          {testserver.EduAPI, "incomplete", 8, "courseTemplates"},
		"entries-without-id":     {testserver.OOAPI5, "complete", 5, "courseId"},
		"truncated-document":     {testserver.Turtle, "incomplete", 8, "courses.ttl"},
		"page-number-ignored":    {testserver.OEAPI6, "incomplete", 8, "pageNumber"},
		"500-for-everything":     {testserver.OCCAPI2, "incomplete", 8, "500"},
		"numbers-as-text":        {testserver.OCCAPI1, "complete", -1, ""},
		"served-as-octet-stream": {testserver.RDFXML, "complete", -1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUniversity(t)
			for _, f := range testserver.FaultsOf(want.standard) {
				if f.Name == name {
					s := testserver.New(testserver.Config{Standard: want.standard, Set: setOf(want.standard), Base: campusBase, Faults: []testserver.Fault{f}})
					u.serve(map[*testserver.Server]http.Handler{s: s})
				}
			}
			var trial harvest.Trial
			said, code := u.run(&trial, "", "source", "test", campus, "--limit", "0")
			if want.code >= 0 && code != want.code || len(trial.Sources) != 1 || trial.Sources[0].State != want.state || !strings.Contains(said, want.says) {
				t.Errorf("exit %d: %s", code, said)
			}
			if p := trial.Sources; len(p) == 1 && p[0].Problem != nil && p[0].Problem.Fix == "" {
				t.Errorf("no fix: %+v", p[0].Problem)
			}
		})
	}
}

const canary = "canary sesame 4711"

// TestProtectedSources harvests behind every kind of access. The header's secret is encrypted by OpenSSL as the
// QualityLink specification shows it; requests are verified by the keys that the node publishes. Afterwards no
// secret is found in anything that the node has written or said.
func TestProtectedSources(t *testing.T) {
	t.Parallel()
	u := newUniversity(t)
	var keys api.PublicKeys
	if said, code := u.run(&keys, "", "key", "public"); code != 0 || len(keys.Signatures) == 0 {
		t.Fatalf("exit %d: %s", code, said)
	}
	oauth := &testserver.OAuth{ID: "harvester", Secret: canary, Takes: testserver.BasicOnly, Uses: 4}
	signatures := &testserver.Signatures{Key: publishedKeys(t, keys)}
	mux := http.NewServeMux()
	mux.HandleFunc("/token", oauth.Token)
	var announced []testserver.Source
	for standard, door := range map[testserver.Standard]struct {
		auth  map[string]any
		guard func(http.Handler) http.Handler
	}{
		testserver.OEAPI6: {
			map[string]any{"type": "httpheader", "field": "X-Key", "value": u.encrypt(keys)},
			func(next http.Handler) http.Handler { return testserver.HeaderSecret("X-Key", canary, next) },
		},
		testserver.EduAPI: {
			map[string]any{"type": "oauth2.0", "token_endpoint": campusBase + "/token", "client_id": "harvester", "client_secret": u.encrypt(keys)},
			oauth.Guard,
		},
		testserver.OCCAPI2: {map[string]any{"type": "httpsig"}, signatures.Guard},
		testserver.RDFXML:  {map[string]any{"type": "httpsig", "alg": "rsa-pss-sha512"}, signatures.Guard},
	} {
		s := testserver.New(testserver.Config{Standard: standard, Set: setOf(standard), Base: campusBase})
		source := s.Source()
		source.Auth = door.auth
		announced = append(announced, source)
		path := strings.TrimPrefix(source.Path, campusBase)
		mux.Handle(path, door.guard(s))
		mux.Handle(path+"/", door.guard(s))
	}
	u.announce(mux, announced)
	var report oddReport
	said, code := u.run(&report, "", "harvest", campus, "-v")
	if code != 0 || report.New != 4*(coursesEach+1) {
		t.Errorf("exit %d, %d new: %s", code, report.New, said)
	}
	if oauth.Issued() < 2 {
		t.Errorf("%d tokens for more requests than one token opens", oauth.Issued())
	}
	log, _ := u.run(nil, "", "source", "log", campus)
	u.hidden(said + log)
}

// encrypt uses OpenSSL where it is installed, else the program itself.
func (u *university) encrypt(keys api.PublicKeys) string {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		var out encrypted
		u.run(&out, canary, "key", "encrypt")
		return out.Value
	}
	file := filepath.Join(u.t.TempDir(), "key.pem")
	if err := os.WriteFile(file, []byte(keys.PublicKey), 0o600); err != nil {
		u.t.Fatal(err)
	}
	cmd := exec.Command(openssl, "pkeyutl", "-encrypt", "-pubin", "-inkey", file, "-pkeyopt", "rsa_padding_mode:oaep")
	cmd.Stdin = strings.NewReader(canary + "\n") // as echo leaves it
	sealed, err := cmd.Output()
	if err != nil {
		u.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sealed)
}

func publishedKeys(t *testing.T, keys api.PublicKeys) func(string) crypto.PublicKey {
	t.Helper()
	known := map[string]crypto.PublicKey{}
	for _, s := range keys.Signatures {
		block, _ := pem.Decode([]byte(s.PublicKey))
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		known[s.KeyID] = key
	}
	return func(id string) crypto.PublicKey { return known[id] }
}

// hidden looks for the canary in what was said and in every file of the node.
func (u *university) hidden(said string) {
	u.t.Helper()
	if strings.Contains(said, canary) {
		u.t.Errorf("a secret was said: %s", said)
	}
	err := filepath.WalkDir(u.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(canary)) {
			u.t.Errorf("a secret is in %s", path)
		}
		return err
	})
	if err != nil {
		u.t.Error(err)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/coursemesh/coursemesh/api/dump"
	car "github.com/ipld/go-car/v2"
)

// TestExitCodes pins what scripts of others rely on: which failure has which code.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, code := coursemesh(t, "init", "--data-dir", dir); code != 0 {
		t.Fatalf("init: exit %d", code)
	}
	const nowhere = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"
	const somebody = "12D3KooWC1PDhtnNeFAbjdeQgtMSLMtwXxAudCr2RYtUAk3efB5C"
	for want, calls := range map[int][]string{
		0: {"", "help", "version --json", "status", "course search", "peer list", "publisher list", "config show --json"},
		2: {
			"hervest", "--nonsense", "course nonsense", "verify", "discover", "discover localhost", "discover 127.0.0.1",
			"bench nonsense", "harvest", "harvest no-file", "harvest missing.ttl --provider uni.example", "harvest ftp://uni.example/x --provider uni.example",
			"publisher trust " + somebody, "publisher trust nobody --provider uni.example", "publisher trust " + somebody + " --provider [",
			"course search --filter langauge=en", "course search --filter language", "course search --limit 1000",
			"status --config " + filepath.Join(dir, "missing.yaml"),
		},
		3: {"course get urn:nobody", "verify missing", "verify " + nowhere},
		4: {"harvest http://127.0.0.1:9/x --provider uni.example", "harvest http://169.254.169.254/x --provider uni.example"},
	} {
		for _, call := range calls {
			// One command at a time may open the data directory.
			if out, code := coursemesh(t, append(strings.Fields(call), "--data-dir", dir)...); code != want {
				t.Errorf("coursemesh %s: exit %d, want %d: %s", call, code, want, out)
			}
		}
	}
}

// served is a `coursemesh serve` of one data directory.
type served struct {
	cmd   *exec.Cmd
	ready struct {
		Ready           bool
		HTTP, Publisher string
		P2P             []string
	}
}

// startServe runs a node on ports of loopback; env wins over that.
func startServe(t *testing.T, dir string, env ...string) *served {
	t.Helper()
	s := &served{cmd: exec.Command("coursemesh", "serve", "--json", "--quiet", "--data-dir", dir)}
	s.cmd.Env = append(loopback(), env...)
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it may have ended already
		_ = s.cmd.Wait()
	})
	if err := json.NewDecoder(out).Decode(&s.ready); err != nil || !s.ready.Ready {
		t.Fatalf("serve: %v, %+v", err, s.ready)
	}
	return s
}

func loopback() []string {
	return append(os.Environ(), "COURSEMESH_HTTP_LISTEN=127.0.0.1:0", "COURSEMESH_P2P_LISTEN=/ip4/127.0.0.1/tcp/0")
}

// end sends a signal and returns the error of the process.
func (s *served) end(t *testing.T, signal syscall.Signal) error {
	t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	return s.cmd.Wait()
}

// TestNodeProcess: commands use the running node; a second one is refused; SIGTERM ends it cleanly; after
// SIGKILL nothing is in the way and nothing is lost.
func TestNodeProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "courses.ttl")
	if err := os.WriteFile(file, []byte(oddCourse("one")), 0o600); err != nil {
		t.Fatal(err)
	}
	node := startServe(t, dir)
	second := exec.Command("coursemesh", "serve", "--data-dir", dir)
	second.Env = loopback()
	var exit *exec.ExitError
	if said, err := second.CombinedOutput(); !errors.As(err, &exit) || exit.ExitCode() != 7 || !strings.Contains(string(said), "in use") {
		t.Errorf("a second serve: %v: %s", err, said)
	}
	if out, code := coursemesh(t, "harvest", file, "--provider", "odd.example", "--data-dir", dir, "--json", "--quiet"); code != 0 || !strings.Contains(out, `"new":1`) {
		t.Fatalf("harvest through the running node: exit %d, %s", code, out)
	}
	var found list
	eventually(t, 10e9, func() error { return one(node.ready.HTTP, &found) })
	if err := node.end(t, syscall.SIGKILL); err == nil {
		t.Error("SIGKILL ended it without an error")
	}
	if out, code := coursemesh(t, "verify", found.Items[0].Record, "--data-dir", dir, "--json"); code != 0 || !strings.Contains(out, node.ready.Publisher) {
		t.Errorf("verify of a CID with no node running: exit %d, %s", code, out)
	}
	purge := exec.Command("coursemesh", "purge", found.Items[0].Record, "--data-dir", dir)
	if said, err := purge.CombinedOutput(); !errors.As(err, &exit) || exit.ExitCode() != 7 || !strings.Contains(string(said), "set of publisher "+node.ready.Publisher) {
		t.Errorf("purge of what is current: %v, want exit 7 and whose set it is in: %s", err, said)
	}
	again := startServe(t, dir)
	eventually(t, 10e9, func() error { return one(again.ready.HTTP, &found) })
	if err := again.end(t, syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "admin.sock")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the admin socket is left: %v", err)
	}
}

// one wants exactly one course in a node's list.
func one(address string, l *list) error {
	resp, err := http.Get(address + "/v1/courses")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(l); err != nil {
		return err
	}
	if l.Total != 1 || len(l.Items) != 1 {
		return errors.New("not one course")
	}
	return nil
}

// TestDumpProvesItself: the CAR of a dump verifies without node or data directory, and not after any change,
// not even when a whole block is gone.
func TestDumpProvesItself(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	whole := trustedDump(t, dir, out)
	last := lastBlock(t, whole)
	file := filepath.Join(out, "catalogue.car")
	for what, c := range map[string]struct {
		data []byte
		want int
	}{
		"as dumped":           {whole, 0},
		"cut short":           {whole[:len(whole)-1], 1},
		"byte changed":        {append(slices.Clone(whole[:len(whole)-1]), whole[len(whole)-1]^1), 1},
		"byte added":          {append(slices.Clone(whole), 1), 1},
		"without last block":  {whole[:last], 1},
		"with a block twice":  {append(slices.Clone(whole), whole[last:]...), 1},
		"cut inside a length": {whole[:last+1], 1},
	} {
		if err := os.WriteFile(file, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		if said, code := coursemesh(t, "verify", file, "--json"); code != c.want {
			t.Errorf("%s: exit %d, want %d: %s", what, code, c.want, said)
		}
	}
}

// TestDumpFolderIsChecked: given the folder or its index, verify compares every file, whatever its format.
func TestDumpFolderIsChecked(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	trustedDump(t, dir, out)
	for _, whole := range []string{out, filepath.Join(out, "index.json")} {
		if said, code := coursemesh(t, "verify", whole, "--json"); code != 0 || !strings.Contains(said, `"records":2`) {
			t.Errorf("verify %s: exit %d, %s", whole, code, said)
		}
	}
	for _, name := range dump.Names() {
		path := filepath.Join(out, name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		change := func(changed []byte) {
			if err := os.WriteFile(path, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			if said, code := coursemesh(t, "verify", out, "--json"); code != 1 || !strings.Contains(said, name) {
				t.Errorf("%s changed: exit %d, want 1 and its name: %s", name, code, said)
			}
		}
		if name == dump.IndexName {
			change(bytes.Replace(data, []byte(`"records": 2`), []byte(`"records": 3`), 1))
			change(bytes.Replace(data, []byte(`"name": "`), []byte(`"name": "../`), 1))
		}
		change(data[:len(data)/2])
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if said, code := coursemesh(t, "verify", out, "--json"); code != 1 || !strings.Contains(said, name) {
			t.Errorf("%s gone: exit %d, want 1 and its name: %s", name, code, said)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// trustedDump harvests two courses on a node that trusts itself, so that they are in the catalogue, and dumps it.
func trustedDump(t *testing.T, dir, out string) []byte {
	t.Helper()
	file := filepath.Join(dir, "courses.ttl")
	if err := os.WriteFile(file, []byte(oddCourse("one")+oddCourse("two")), 0o600); err != nil {
		t.Fatal(err)
	}
	var ids struct{ Publisher string }
	said, _ := coursemesh(t, "key", "show", "--data-dir", dir, "--json")
	if err := json.Unmarshal([]byte(said), &ids); err != nil {
		t.Fatal(err)
	}
	for _, call := range [][]string{
		{"publisher", "trust", ids.Publisher, "--provider", "odd.example"},
		{"harvest", file, "--provider", "odd.example", "--quiet"},
		{"dump", out},
	} {
		if said, code := coursemesh(t, append(call, "--data-dir", dir)...); code != 0 {
			t.Fatalf("%v: exit %d: %s", call, code, said)
		}
	}
	data, err := os.ReadFile(filepath.Join(out, "catalogue.car"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// lastBlock is where the last block of a CAR begins.
func lastBlock(t *testing.T, data []byte) (at int) {
	t.Helper()
	r := bytes.NewReader(data)
	blocks, err := car.NewBlockReader(r)
	for err == nil {
		if r.Len() > 0 {
			at = len(data) - r.Len()
		}
		_, err = blocks.Next()
	}
	if !errors.Is(err, io.EOF) || at == 0 {
		t.Fatalf("the dump is no CAR: %v", err)
	}
	return at
}

// TestPublicKeyIsOrdinaryPEM: OpenSSL, which institutions encrypt with, reads it.
func TestPublicKeyIsOrdinaryPEM(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	pem, code := coursemesh(t, "key", "public", "--data-dir", t.TempDir())
	if code != 0 {
		t.Fatalf("exit %d", code)
	}
	cmd := exec.Command(openssl, "pkey", "-pubin", "-noout", "-text")
	cmd.Stdin = strings.NewReader(pem)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "4096 bit") {
		t.Errorf("%v: %s", err, out)
	}
}

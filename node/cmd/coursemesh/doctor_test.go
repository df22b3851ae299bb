package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/coursemesh/coursemesh/node/doctor"
)

// examined runs the doctor on a directory, with settings by environment.
func examined(t *testing.T, dir string, args []string, env ...string) (r doctor.Report, code int) {
	t.Helper()
	cmd := exec.Command("coursemesh", append([]string{"doctor", "--json", "--data-dir", dir}, args...)...)
	cmd.Env = append(append(os.Environ(), "COURSEMESH_HTTP_LISTEN=127.0.0.1:0", "COURSEMESH_P2P_LISTEN=/ip4/127.0.0.1/tcp/0"), env...)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, _ := cmd.Output()
	if err := json.Unmarshal(out, &r); err != nil || len(r.Checks) == 0 {
		t.Fatalf("%v: %s %s", err, out, problems.String())
	}
	return r, cmd.ProcessState.ExitCode()
}

// has wants a line with that name and status, whose message or fix contains the text.
func has(t *testing.T, r doctor.Report, name string, status doctor.Status, text string) {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name == name && c.Status == status && strings.Contains(c.Message+"\n"+c.Fix, text) {
			if status != doctor.OK && c.Fix == "" {
				t.Errorf("%+v says not what to do", c)
			}
			return
		}
	}
	t.Errorf("no line %s %s %q in %+v", status, name, text, r.Checks)
}

// sick are nodes that do not start, or do not work, and what the doctor says of them.
var sick = map[string]struct {
	spoil  func(t *testing.T, dir string) error
	env    string
	name   string
	status doctor.Status
	text   string
}{
	"broken configuration": {
		spoil: func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "coursemesh.yaml"), []byte("htpp: {}\n"), 0o600)
		},
		name: "configuration", status: doctor.Fail, text: "htpp",
	},
	"wrong variable": {env: "COURSEMESH_HTTP_LISTN=x", name: "configuration", status: doctor.Fail, text: "HTTP_LISTN"},
	"exposed key": {
		spoil: func(_ *testing.T, dir string) error { return os.Chmod(filepath.Join(dir, "keys", "host.pem"), 0o644) },
		name:  "keys", status: doctor.Fail, text: "chmod 0600",
	},
	"no key": {
		spoil: func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "keys", "publisher.pem")) },
		name:  "keys", status: doctor.Warn, text: "backup",
	},
	"one key twice": {
		spoil: func(_ *testing.T, dir string) error {
			data, err := os.ReadFile(filepath.Join(dir, "keys", "host.pem"))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, "keys", "publisher.pem"), data, 0o600)
		},
		name: "keys", status: doctor.Fail, text: "same key",
	},
	"other key": {
		spoil: func(t *testing.T, dir string) error {
			if out, code := coursemesh(t, "key", "rotate", "--publisher", "--data-dir", dir); code != 0 {
				return fmt.Errorf("exit %d: %s", code, out)
			}
			return nil
		},
		name: "keys", status: doctor.Warn, text: "was harvested and signed by publisher",
	},
	"damaged ledger": {
		spoil: func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "head.json"), []byte("{"), 0o600)
		},
		name: "last number", status: doctor.Fail, text: "epoch",
	},
	"older database": {
		spoil: func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "head.json"), []byte(`{"epoch":7,"seq":3}`), 0o600)
		},
		name: "last number", status: doctor.Warn, text: "7.3",
	},
	"no database": {
		spoil: func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "coursemesh.db"), bytes.Repeat([]byte("x"), 100_000), 0o600)
		},
		name: "database", status: doctor.Fail, text: "restore a backup",
	},
	"cut database": {
		spoil: func(_ *testing.T, dir string) error {
			return os.Truncate(filepath.Join(dir, "coursemesh.db"), 9000)
		},
		name: "database", status: doctor.Fail, text: "db check",
	},
	"nobody to talk to":  {env: "COURSEMESH_P2P_PEERS=/ip4/127.0.0.1/tcp/1/p2p/12D3KooWC1PDhtnNeFAbjdeQgtMSLMtwXxAudCr2RYtUAk3efB5C", name: "peers", status: doctor.Fail, text: "none of the 1"},
	"never harvested":    {env: "COURSEMESH_HARVEST_DOMAINS=uni.example", name: "harvest", status: doctor.Warn, text: "uni.example"},
	"dead proxy":         {env: "COURSEMESH_FETCH_PROXY=http://127.0.0.1:1", name: "proxy", status: doctor.Fail, text: "nothing is fetched"},
	"no certificates":    {env: "COURSEMESH_FETCH_CA_FILES=/nowhere.pem", name: "fetch", status: doctor.Fail, text: "ca_files"},
	"wrong public url":   {env: "COURSEMESH_HTTP_PUBLIC_URL=http://127.0.0.1:1", name: "public_url", status: doctor.Fail, text: "127.0.0.1:1"},
	"no name server":     {env: "COURSEMESH_FETCH_RESOLVER=127.0.0.1:1,COURSEMESH_HARVEST_DOMAINS=uni.example", name: "name server", status: doctor.Fail, text: "127.0.0.1:1"},
	"foreign directory":  {spoil: func(_ *testing.T, dir string) error { return os.Chmod(dir, 0o777) }, name: "data directory", status: doctor.Warn, text: "chmod"},
	"no directory":       {spoil: func(_ *testing.T, dir string) error { return os.RemoveAll(dir) }, name: "data directory", status: doctor.Fail, text: "init"},
	"nothing wrong here": {name: "database", status: doctor.OK, text: "opens"},
}

// TestDoctorOfSickNodes: each is told what it lacks, and nothing in its directory is made or changed.
func TestDoctorOfSickNodes(t *testing.T) {
	t.Parallel()
	healthy := t.TempDir()
	file := filepath.Join(t.TempDir(), "courses.ttl")
	if err := os.WriteFile(file, []byte(oddCourse("one")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := coursemesh(t, "harvest", file, "--provider", "odd.example", "--data-dir", healthy, "--quiet"); code != 0 {
		t.Fatalf("exit %d: %s", code, out)
	}
	for name, k := range sick {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			if err := os.CopyFS(dir, os.DirFS(healthy)); err != nil {
				t.Fatal(err)
			}
			for _, private := range []string{"keys", "keys/host.pem", "keys/publisher.pem"} { // CopyFS widens modes
				mode := os.FileMode(0o600)
				if private == "keys" {
					mode = 0o700
				}
				if err := os.Chmod(filepath.Join(dir, private), mode); err != nil {
					t.Fatal(err)
				}
			}
			if k.spoil != nil {
				if err := k.spoil(t, dir); err != nil {
					t.Fatal(err)
				}
			}
			before := listing(t, dir)
			r, code := examined(t, dir, nil, strings.Split(k.env, ",")...)
			has(t, r, k.name, k.status, k.text)
			if want := map[bool]int{true: 0, false: 1}[r.OK]; code != want || (k.status == doctor.Fail) == r.OK {
				t.Errorf("ok is %t, exit %d: %+v", r.OK, code, r.Checks)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("it was\n%s\nand is\n%s", before, after)
			}
		})
	}
}

// listing is what a directory holds, with sizes and modes.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	_ = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			fmt.Fprintln(&out, path, info.Size(), info.Mode(), info.ModTime())
		}
		return nil
	})
	return out.String()
}

// TestDoctorOfARunningNode: it tells by the node itself, finds the way to it, and tells another that the port is taken.
func TestDoctorOfARunningNode(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	listen, public := "COURSEMESH_HTTP_LISTEN="+port, "COURSEMESH_HTTP_PUBLIC_URL=http://"+port
	allow := "COURSEMESH_FETCH_ALLOW_CIDRS=127.0.0.0/8"
	node := startServe(t, dir, listen)
	r, code := examined(t, dir, nil, listen, public, allow)
	if code != 0 || !r.OK {
		t.Errorf("exit %d: %+v", code, r.Checks)
	}
	has(t, r, "node", doctor.OK, "it runs")
	has(t, r, "http port", doctor.OK, "served by the running node")
	has(t, r, "public_url", doctor.OK, "leads to node")
	has(t, r, "clock", doctor.OK, "agrees")
	has(t, r, "database", doctor.OK, "running node")

	other := t.TempDir()
	if out, code := coursemesh(t, "init", "--data-dir", other); code != 0 {
		t.Fatal(out)
	}
	r, code = examined(t, other, nil, listen, public, allow)
	if code != 1 {
		t.Errorf("exit %d", code)
	}
	has(t, r, "http port", doctor.Fail, "taken")
	has(t, r, "public_url", doctor.Fail, "another node")
	if err := node.end(t, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

var block = regexp.MustCompile("(?ms)^```sh( node)?\n(.*?)^```$")

// TestReadme runs the shell blocks of the README, in order, in one directory. Those marked `sh node` find a
// node of the data directory "node" under $NODE.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := block.FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 3 {
		t.Fatalf("only %d blocks found", len(blocks))
	}
	dir, env := t.TempDir(), os.Environ()
	var said bytes.Buffer
	serving := false
	for _, b := range blocks {
		if b[1] != "" && !serving {
			env = append(env, "NODE="+serve(t, dir))
			serving = true
		}
		cmd := exec.Command("sh", "-eu", "-c", b[2])
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &said, &said
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v in\n%s\n%s", err, b[2], said.String())
		}
	}
	for _, want := range []string{"publisher id", "1 new", "Graph theory", `"total":1`, "valid record"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in the output:\n%s", want, said.String())
		}
	}
}

// serve runs a node on free ports until the test ends.
func serve(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.Command("coursemesh", "serve", "--json", "--quiet", "--data-dir", "node")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "COURSEMESH_HTTP_LISTEN=127.0.0.1:0", "COURSEMESH_P2P_LISTEN=/ip4/127.0.0.1/tcp/0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	var ready struct{ HTTP string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil {
		t.Fatal(err)
	}
	return ready.HTTP
}

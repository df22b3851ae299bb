package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/coursemesh/coursemesh/node"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the program itself available to scripts and tests as the command `coursemesh`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"coursemesh": func() { os.Exit(run()) }})
}

// TestScripts runs testdata/script: what a person types, and what must come of it.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true, Setup: setup, Cmds: commands})
}

// commands of the scripts beside the program: publisherid DIR puts the directory's publisher id into PUBLISHER;
// exits N ARGS... wants that exit code of the program.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"publisherid": func(ts *testscript.TestScript, _ bool, args []string) {
		ids, err := node.Identify(ts.MkAbs(args[0]))
		ts.Check(err)
		ts.Setenv("PUBLISHER", string(ids.Publisher))
	},
	"exits": func(ts *testscript.TestScript, _ bool, args []string) {
		err := ts.Exec("coursemesh", args[1:]...)
		var exit *exec.ExitError
		if code := "0"; err != nil {
			if errors.As(err, &exit) {
				code = strconv.Itoa(exit.ExitCode())
			}
			if code == args[0] {
				return
			}
		}
		ts.Fatalf("coursemesh %v: %v, want exit %s", args[1:], err, args[0])
	},
}

func setup(env *testscript.Env) error {
	env.Setenv("CORPUS", os.Getenv("COURSEMESH_CORPUS"))
	return nil
}

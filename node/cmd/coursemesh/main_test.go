package main

import (
	"os"
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

// commands of the scripts beside the program: publisherid DIR puts the directory's publisher id into PUBLISHER.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"publisherid": func(ts *testscript.TestScript, _ bool, args []string) {
		ids, err := node.Identify(ts.MkAbs(args[0]))
		ts.Check(err)
		ts.Setenv("PUBLISHER", string(ids.Publisher))
	},
}

func setup(env *testscript.Env) error {
	env.Setenv("CORPUS", os.Getenv("COURSEMESH_CORPUS"))
	return nil
}

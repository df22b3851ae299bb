// Command coursemesh runs a node of the federation, and everything around it: discover, harvest, search,
// verify. `coursemesh help` lists the commands; docs/operating.md explains them.
//
// Data goes to stdout, progress and logs to stderr. Exit codes: 0 ok, 1 failure (verify: invalid), 2 usage,
// 3 not found, 4 denied, 5 findings, 6 network, 7 conflict, 8 partial, 74 I/O.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/coursemesh/coursemesh/api"
)

// version is set by the linker.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	if os.Getenv("GOGC") == "" {
		boundGarbage()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := newRoot().ExecuteContext(ctx)
	if err == nil {
		return api.ExitOK
	}
	var quiet silentExit
	if errors.As(err, &quiet) {
		return int(quiet)
	}
	fmt.Fprintln(os.Stderr, "coursemesh:", err)
	return api.ExitCode(err)
}

// silentExit ends the program with a code after the command has said everything.
type silentExit int

func (e silentExit) Error() string { return fmt.Sprintf("exit %d", int(e)) }

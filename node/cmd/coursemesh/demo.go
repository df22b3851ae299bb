package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/coursemesh/coursemesh/node/demo"
	"github.com/spf13/cobra"
)

// newDemo runs sample institutions and nodes on this machine.
func newDemo(o *options) *cobra.Command {
	opts := demo.Options{}
	var once, noOpen bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run sample institutions and a federation of nodes on this machine, offline",
		Long: "Sample institutions with their own web and name servers, in every standard that is read and behind every\n" +
			"kind of access, and real node processes on loopback that harvest different ones and replicate the rest.\n" +
			"At the end each institution is told what to mend. Runs until interrupted; files in an institution's\n" +
			"directory are served live, so edit one and harvest again.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			binary, err := os.Executable()
			if err != nil {
				return err
			}
			opts.Binary, opts.Tell = binary, o.progress
			opts.Equal = func(r demo.Result) error { return o.demoResult(r, !once && !noOpen && !o.json) }
			opts.Done = func(ctx context.Context) {
				if !once {
					o.progress("running until interrupted (Ctrl-C)")
					<-ctx.Done()
				}
			}
			return demo.Run(cmd.Context(), opts)
		},
	}
	cmd.Flags().IntVar(&opts.Nodes, "nodes", 3, "number of nodes")
	cmd.Flags().StringVar(&opts.Dir, "dir", "", "keep everything here (default: a temporary directory, removed at the end)")
	cmd.Flags().BoolVar(&once, "once", false, "end as soon as all nodes are equal")
	cmd.Flags().BoolVar(&noOpen, "no-open", false, "do not open the portal in a browser")
	return cmd
}

func (o *options) demoResult(r demo.Result, open bool) error {
	if o.json {
		return json.NewEncoder(o.out).Encode(r)
	}
	for _, n := range r.Nodes {
		fmt.Fprintf(o.out, "%s  %s  %d courses  data in %s\n", n.Name, n.HTTP, n.Courses, n.DataDir)
	}
	for _, i := range r.Institutions {
		fmt.Fprintf(o.out, "%s  %s  access %s  files in %s\n", i.Domain, strings.TrimSpace(i.Standard+" "+i.Version), i.Access, i.Dir)
	}
	if open {
		browse(r.Nodes[0].HTTP)
	}
	return nil
}

// browse opens a page where a desktop is there; elsewhere the address printed above must do.
func browse(url string) {
	command := "xdg-open"
	if runtime.GOOS == "darwin" {
		command = "open"
	}
	if path, err := exec.LookPath(command); err == nil {
		cmd := exec.Command(path, url)
		if cmd.Start() == nil {
			go func() { _ = cmd.Wait() }()
		}
	}
}

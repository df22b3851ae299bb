package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/spf13/cobra"
)

// newVersion names the program.
func newVersion(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version", Args: exactly(0),
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
			return o.print(v, func(w io.Writer) { fmt.Fprintf(w, "coursemesh %s %s %s\n", version, v["go"], v["platform"]) })
		},
	}
}

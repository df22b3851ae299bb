package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/coursemesh/coursemesh/api/dump"
	"github.com/spf13/cobra"
)

// newDump writes the catalogue to files.
func newDump(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "dump [DIR]",
		Short: "Write the catalogue as JSON lines, N-Quads, CSV and CAR, with an index of sizes and hashes",
		Long: "Without DIR the dump goes into the data directory, where a running node offers it under /v1/dumps.\n" +
			"Courses that only this node vouches for are left out.",
		Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			dir := ""
			if len(args) == 1 {
				if dir, err = filepath.Abs(args[0]); err != nil {
					return err
				}
			}
			var index dump.Index
			err = o.with(func(s *session) error {
				if err := s.ready(cmd.Context()); err != nil {
					return err
				}
				return s.act(cmd.Context(), "/v1/admin/dump", map[string]string{"dir": dir}, &index)
			})
			if err != nil {
				return err
			}
			return o.print(index, func(w io.Writer) { writeDump(w, index) })
		},
	}
}

func writeDump(w io.Writer, index dump.Index) {
	fmt.Fprintf(w, "%d courses, root %s\n", index.Courses, index.Root)
	for _, f := range index.Files {
		fmt.Fprintf(w, "%-20s %10d bytes  sha256 %s\n", f.Name, f.Size, f.SHA256)
	}
}

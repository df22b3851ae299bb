package main

import "github.com/spf13/cobra"

// newDump writes the catalogue to files.
func newDump(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "dump [DIR]",
		Short: "Write the catalogue as JSON lines, N-Quads, CSV and CAR, with an index of sizes and hashes",
		Args:  between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "dump"
			if len(args) == 1 {
				dir = args[0]
			}
			return o.with(func(s *session) error { return o.dump(cmd, s, dir) })
		},
	}
}

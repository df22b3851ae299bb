package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// newConfig shows the configuration in force.
func newConfig(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "config", Short: "Show the configuration", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(&cobra.Command{
		Use: "show", Short: "Show every setting and where its value came from", Args: exactly(0),
		RunE: func(*cobra.Command, []string) error {
			_, settings, err := o.load()
			if err != nil {
				return err
			}
			return o.print(settings, func(w io.Writer) {
				for _, s := range settings {
					fmt.Fprintf(w, "%-28s %-40s %s\n", s.Key, fmt.Sprint(s.Value), s.Origin)
				}
			})
		},
	})
	return cmd
}

package main

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
)

// newServe runs the node until it is interrupted.
func newServe(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the node: harvest, replicate, serve API and portal",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, _, err := o.load()
			if err != nil {
				return err
			}
			n, err := node.Open(config, version, o.log(slog.LevelInfo))
			if err != nil {
				return err
			}
			defer n.Close()
			return n.Run(cmd.Context(), func(r node.Ready) {
				_ = o.print(r, func(w io.Writer) {
					fmt.Fprintf(w, "portal and API  %s\npeer id         %s\npublisher id    %s\n", r.HTTP, r.Peer, r.Publisher)
					for _, address := range r.P2P {
						fmt.Fprintf(w, "peer address    %s\n", address)
					}
				})
			})
		},
	}
}

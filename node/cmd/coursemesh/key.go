package main

import (
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/keys"
	"github.com/spf13/cobra"
)

// newKey shows the public side of the node's keys.
func newKey(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Show the node's keys", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(
		&cobra.Command{
			Use: "show", Short: "Show the ids of the host key and the publisher key", Args: exactly(0),
			RunE: func(*cobra.Command, []string) error {
				config, _, err := o.load()
				if err != nil {
					return err
				}
				ids, err := node.Identify(config.DataDir)
				if err != nil {
					return err
				}
				return o.print(ids, func(w io.Writer) {
					fmt.Fprintf(w, "peer id       %s\npublisher id  %s\n", ids.Peer, ids.Publisher)
				})
			},
		},
		&cobra.Command{
			Use: "public", Short: "Print the RSA key to which institutions encrypt secrets, as PEM", Args: exactly(0),
			RunE: func(*cobra.Command, []string) error {
				config, _, err := o.load()
				if err != nil {
					return err
				}
				ring, err := keys.Open(config.DataDir)
				if err != nil {
					return err
				}
				pem, err := ring.PublicPEM()
				if err != nil {
					return err
				}
				return o.print(map[string]string{"public_key": string(pem)}, func(w io.Writer) { fmt.Fprintf(w, "%s", pem) })
			},
		})
	return cmd
}

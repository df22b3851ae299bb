package main

import (
	"log/slog"

	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/keys"
	"github.com/spf13/cobra"
)

// newManifest writes and checks what an institution publishes about its sources.
func newManifest(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "manifest", Short: "Write an institution's manifest, and check one", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(manifestNew(o), manifestCheck(o))
	return cmd
}

// ringAtHand is the keys of the data directory, nil when it has none: nothing is made.
func (o *options) ringAtHand(config node.Config) *keys.Ring {
	if !keys.Present(config.DataDir) {
		return nil
	}
	ring, err := keys.Open(config.DataDir)
	if err != nil {
		o.log(slog.LevelWarn).Warn("the keys of the data directory are left aside", "error", err)
		return nil
	}
	return ring
}

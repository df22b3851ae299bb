package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
)

// newRegistry updates who is known.
func newRegistry(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "registry", Short: "Update the list of known institutions and alliances", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	var allowLoss bool
	update := &cobra.Command{
		Use: "update [FILE|URL...]", Short: "Read registries and take in what they know",
		Long: "Reads DEQAR Connect lists, EWP catalogues, EUF HEI lists and snapshots, and writes one snapshot into the data directory. Institutions\n" +
			"of several lists are the same when they share an identifier; what stands first wins in names. Without an argument it asks\n  " +
			strings.Join(node.Registries, "\n  "),
		RunE: func(cmd *cobra.Command, args []string) error {
			config, _, err := o.load()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				args = node.Registries
			}
			report, err := o.updateRegistry(cmd.Context(), config, args, allowLoss)
			if errors.Is(err, node.ErrRegistryLoss) {
				return &api.AdminError{Message: err.Error(), Exit: api.ExitConflict}
			}
			if err != nil {
				return err
			}
			return o.print(report, func(w io.Writer) { writeRegistry(w, report) })
		},
	}
	update.Flags().BoolVar(&allowLoss, "allow-loss", false, "take the lists even when far fewer institutions are left")
	cmd.AddCommand(update)
	return cmd
}

// updateRegistry goes through the running node, which acts on it at once. Without one it opens none: a node that
// cannot start since its snapshot is damaged needs this very command.
func (o *options) updateRegistry(ctx context.Context, config node.Config, from []string, allowLoss bool) (report node.RegistryReport, err error) {
	s, running := connected(config)
	if !running {
		return node.UpdateRegistry(ctx, config, from, allowLoss, o.log(slog.LevelWarn))
	}
	for i, place := range from {
		from[i] = absolute(place)
	}
	err = s.act(ctx, "/v1/admin/registry", api.RegistryRequest{From: from, AllowLoss: allowLoss}, &report)
	return report, errors.Join(err, s.close())
}

func writeRegistry(w io.Writer, r node.RegistryReport) {
	for _, s := range r.Sources {
		fmt.Fprintf(w, "%s: %d entries of %s, %d left out\n", s.Source, s.Entries, s.Format, len(s.LeftOut))
		for _, reason := range s.LeftOut[:min(len(s.LeftOut), 10)] {
			fmt.Fprintf(w, "  %s\n", reason)
		}
	}
	when := "a node takes them in when it starts"
	if r.InForce {
		when = "in force now"
	}
	fmt.Fprintf(w, "%d institutions (before: %d), %d alliances in %s; %s\n", r.Providers, r.Before, r.Alliances, r.File, when)
}

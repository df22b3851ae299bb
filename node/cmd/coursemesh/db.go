package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
)

// newDB looks after the database.
func newDB(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "db", Short: "Check, mend and compact the database", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(
		&cobra.Command{
			Use: "check", Short: "Look whether the database is sound; nothing is written",
			Long: "Look at the file, every row, every hash and signature, and every tree against its signed head. Exit 0 when it is sound, 1 when not.\n" +
				"While a node runs it is the node that looks, in pieces, and goes on with its work.",
			Args: exactly(0),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return o.upkeep(cmd.Context(), "/v1/admin/db/check", node.CheckDatabase)
			},
		},
		&cobra.Command{
			Use: "scrub", Short: "Check the database and mend what can be mended",
			Long: "Check the database and mend it: what is damaged is taken out and fetched from peers again, or made anew by the next harvest; what is\n" +
				"derived is made anew; blocks that nothing refers to are removed. What cannot be mended is said, with what to do. Exit 0 when all is\n" +
				"sound afterwards, 1 when something has to come back or to be done.",
			Args: exactly(0),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return o.upkeep(cmd.Context(), "/v1/admin/db/scrub", node.ScrubDatabase)
			},
		},
		newCompact(o),
	)
	return cmd
}

// upkeep asks the running node, or does it here: without configuration or keys, since they may be what is broken.
func (o *options) upkeep(ctx context.Context, path string, here func(context.Context, string, func(harvest.Event)) (store.Report, error)) error {
	config, err := o.dataHome()
	if err != nil {
		return err
	}
	var report *store.Report
	if s, running := connected(config); running {
		report, err = follow[store.Report](ctx, o, s, path, api.UpkeepRequest{})
	} else {
		var own store.Report
		own, err = here(ctx, config.DataDir, o.event)
		report = &own
	}
	if err != nil {
		return err
	}
	if err := o.print(report, func(w io.Writer) { writeUpkeep(w, *report) }); err != nil || report.Sound {
		return err
	}
	return silentExit(api.ExitFailure)
}

// dataHome is home for what needs no more than the directory: when that is named, a broken configuration is another
// matter.
func (o *options) dataHome() (node.Config, error) {
	config, err := o.home()
	if err != nil && o.dataDir != "" && exists(o.dataDir) {
		return node.Config{DataDir: o.dataDir}, nil
	}
	return config, err
}

// event shows progress.
func (o *options) event(e harvest.Event) {
	o.progress("%s", strings.TrimSpace(fmt.Sprintf("%s %s %d %s", e.Domain, e.Source, e.Done, e.Message)))
}

func writeUpkeep(w io.Writer, r store.Report) {
	for _, f := range r.Findings {
		state := f.Fix
		if f.Mended {
			state = "mended"
		}
		fmt.Fprintf(w, "%s %s: %s\n  fix: %s\n", f.What, f.Where, f.Problem, state)
	}
	if more := r.Found - len(r.Findings); more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	fmt.Fprintf(w, "%s: %d bytes, %d publishers, %d records in current sets, %d blocks, %d changes\n", r.File, r.Bytes, r.Publishers, r.Records, r.Blocks, r.Changes)
	if r.Unreferenced > 0 {
		fmt.Fprintf(w, "%d blocks (%d bytes) belong to nothing; %d were removed\n", r.Unreferenced, r.UnreferencedBytes, r.Removed)
	}
	if r.LostCount+r.Released > 0 {
		fmt.Fprintf(w, "%d records and %d sets are lost here: after a scrub a running node fetches them from its peers, and the next harvest makes its own anew\n", r.LostCount, r.Released)
	}
	if r.Sound {
		fmt.Fprintln(w, "sound")
		return
	}
	fmt.Fprintf(w, "not sound: %d findings, %d mended\n", r.Found, r.Mended)
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"text/tabwriter"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/spf13/cobra"
)

func sourceList(o *options) *cobra.Command {
	var domain string
	cmd := &cobra.Command{
		Use: "list", Short: "List the sources this node harvests, and how their last runs went", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var found api.List[network.SourceSummary]
			err := o.with(func(s *session) error {
				return s.get(cmd.Context(), "/v1/sources?domain="+url.QueryEscape(domain), &found)
			})
			if err != nil {
				return err
			}
			return o.print(found.Items, func(w io.Writer) { writeSources(w, found.Items) })
		},
	}
	cmd.Flags().StringVar(&domain, "domain", "", "only those of this provider")
	return cmd
}

func writeSources(w io.Writer, sources []network.SourceSummary) {
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tDOMAIN\tSTANDARD\tACCESS\tSTATE\tCOURSES\tLAST\tSOURCE")
	for _, s := range sources {
		state := s.State
		if s.Stale != nil {
			state += ", stale"
		}
		fmt.Fprintf(table, "%s\t%s\t%s %s\t%s\t%s\t%d\t%s\t%s\n", s.ID, s.Domain, s.Standard, s.Version, s.Access, state, s.Courses, clock(s.Last), s.Source)
		if s.Details != nil && s.Details.Problem != "" {
			fmt.Fprintf(table, "  %s\n", s.Details.Problem)
		}
	}
	_ = table.Flush() // a closed pipe is the reader's choice
}

func clock(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

func sourceRuns(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "runs SOURCE", Short: "List the runs of a source in the last 30 days, newest first", Args: exactly(1),
		Long: "List the runs of a source in the last 30 days, newest first. SOURCE is its id, its key in the manifest, or a domain with one source.",
		RunE: func(cmd *cobra.Command, args []string) error {
			runs, err := o.runs(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return o.print(runs, func(w io.Writer) {
				table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
				fmt.Fprintln(table, "RUN\tSTARTED\tSECONDS\tSTATE\tREQUESTS\tUNCHANGED\tFETCHED\tNEW\tCHANGED\tWITHDRAWN\tREJECTED\tFINDINGS")
				for _, r := range runs {
					c := r.Counts
					fmt.Fprintf(table, "%s\t%s\t%.0f\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", r.ID, clock(&r.Started), r.Ended.Sub(r.Started).Seconds(),
						r.State, c.Requests, c.Unchanged, c.Fetched, c.New, c.Changed, c.Withdrawn, c.Rejected, c.Findings)
				}
				_ = table.Flush()
			})
		},
	}
}

func (o *options) runs(ctx context.Context, source string) ([]network.SourceRun, error) {
	var found api.List[network.SourceRun]
	err := o.with(func(s *session) error {
		return s.get(ctx, "/v1/sources/"+url.PathEscape(source)+"/runs", &found)
	})
	return found.Items, err
}

func sourceLog(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "log RUN|SOURCE", Short: "Show a run: what was lost, what should be mended, where and how", Args: exactly(1),
		Long: "Show a run by its id, or the last one of a source.",
		RunE: func(cmd *cobra.Command, args []string) error {
			var run network.SourceRun
			err := o.with(func(s *session) error {
				err := s.get(cmd.Context(), "/v1/runs/"+url.PathEscape(args[0]), &run)
				if api.ExitCode(err) != api.ExitNotFound {
					return err
				}
				var found api.List[network.SourceRun]
				if err := s.get(cmd.Context(), "/v1/sources/"+url.PathEscape(args[0])+"/runs", &found); err != nil {
					return err
				}
				if len(found.Items) == 0 {
					return err
				}
				return s.get(cmd.Context(), "/v1/runs/"+found.Items[0].ID, &run)
			})
			if err != nil {
				return err
			}
			return o.print(run, func(w io.Writer) { writeRun(w, run) })
		},
	}
}

func writeRun(w io.Writer, r network.SourceRun) {
	c := r.Counts
	fmt.Fprintf(w, "run       %s\ndomain    %s\n", r.ID, r.Domain)
	if r.Log != nil {
		fmt.Fprintf(w, "source    %s\n", r.Log.Name)
	}
	fmt.Fprintf(w, "started   %s, took %s\nstate     %s\n", r.Started.Local().Format(time.RFC3339), r.Ended.Sub(r.Started).Round(time.Millisecond), r.State)
	fmt.Fprintf(w, "answers   %d, %d unchanged\n", c.Requests, c.Unchanged)
	fmt.Fprintf(w, "courses   %d listed: %d new, %d changed, %d withdrawn, %d rejected; %d findings\n", c.Fetched, c.New, c.Changed, c.Withdrawn, c.Rejected, c.Findings)
	if c.Persons > 0 {
		fmt.Fprintf(w, "persons   %d removed\n", c.Persons)
	}
	if r.Quality != nil {
		writeQuality(w, *r.Quality)
	}
	if r.Log == nil {
		return
	}
	for _, e := range r.Log.Errors {
		writeProblem(w, "error", 0, harvest.Problem(e))
	}
	for _, e := range r.Log.Findings {
		writeProblem(w, "finding", 0, harvest.Problem(e))
	}
}

// sourceRun harvests one source now.
func sourceRun(o *options) *cobra.Command {
	var q api.HarvestRequest
	cmd := &cobra.Command{
		Use: "run SOURCE", Short: "Harvest one source now, and publish what changed", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Source = args[0]
			return o.with(func(s *session) error { return o.harvest(cmd, s, q) })
		},
	}
	harvestFlags(cmd, &q)
	return cmd
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/spf13/cobra"
)

// newHarvest harvests domains of the configuration, or what is named.
func newHarvest(o *options) *cobra.Command {
	var q api.HarvestRequest
	cmd := &cobra.Command{
		Use:   "harvest [DOMAIN|MANIFEST|FILE|URL]",
		Short: "Read sources, sign what changed, publish a head",
		Long: "Harvest every configured domain, or one DOMAIN, or a manifest, data file or URL given by hand: then\n" +
			"--provider says for whom it speaks. Exit 0 when nothing was rejected, 8 when some courses were.",
		Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				q.Target = absolute(args[0])
			}
			return o.withNew(func(s *session) error { return o.harvest(cmd, s, q) })
		},
	}
	cmd.Flags().StringVar(&q.Provider, "provider", "", "domain of the institution that a file, URL or manifest given by hand speaks for")
	cmd.Flags().StringVar(&q.Website, "website", "", "website of the institution, for the search of its manifest")
	harvestFlags(cmd, &q)
	return cmd
}

// harvestFlags are what a person may allow.
func harvestFlags(cmd *cobra.Command, q *api.HarvestRequest) {
	flags := cmd.Flags()
	flags.BoolVar(&q.AllowLoss, "allow-loss", false, "withdraw missing courses even when they are many")
	flags.BoolVar(&q.AllowMove, "allow-move", false, "follow a manifest that DNS now locates at another domain")
	flags.BoolVar(&q.Fresh, "fresh", false, "ask for everything anew, whatever is held of earlier runs")
}

// absolute keeps a file name right for a node that runs in another directory.
func absolute(target string) string {
	if strings.Contains(target, "://") || !exists(target) {
		return target
	}
	if path, err := filepath.Abs(target); err == nil {
		return path
	}
	return target
}

func (o *options) harvest(cmd *cobra.Command, s *session, q api.HarvestRequest) error {
	report, err := follow[harvest.Report](cmd.Context(), o, s, "/v1/admin/harvest", q)
	if err == nil && report.Fetched == 0 && len(report.Errors) > 0 {
		err = sourceFailure(*report)
	}
	if report != nil && err != nil && len(report.Errors) == 0 {
		report.Errors = []harvest.Problem{{Where: q.Target, Message: err.Error()}}
	}
	if report != nil && (err == nil || report.Fetched > 0 || o.json) {
		if err := o.print(report, func(w io.Writer) { writeReport(w, *report) }); err != nil {
			return err
		}
	}
	if err == nil && report.Rejected > 0 {
		return silentExit(api.ExitPartial)
	}
	return err
}

// follow sends an admin request, shows events as they come, and returns the outcome and the error if it failed.
func follow[T any](ctx context.Context, o *options, s *session, path string, request any) (*T, error) {
	resp, err := s.post(ctx, path, request)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(resp.Body)
		return nil, failed(resp.StatusCode, body)
	}
	lines := json.NewDecoder(resp.Body)
	for {
		var line api.Line[T]
		if err := lines.Decode(&line); err != nil {
			return nil, fmt.Errorf("the node ended early: %w", err)
		}
		if e := line.Event; e != nil {
			o.event(*e)
			continue
		}
		if line.Error != nil {
			return line.Report, line.Error
		}
		return line.Report, nil
	}
}

// sourceFailure is the error of a harvest that read nothing because its sources failed.
func sourceFailure(r harvest.Report) error {
	first := r.Errors[0]
	message := first.Message
	if !strings.HasPrefix(message, first.Where) {
		message = first.Where + ": " + message
	}
	return &api.AdminError{Message: message + "; " + first.Fix, Exit: api.ExitFailure}
}

func writeReport(w io.Writer, r harvest.Report) {
	fmt.Fprintf(w, "fetched %d: %d new, %d changed, %d withdrawn, %d rejected, %d findings\n", r.Fetched, r.New, r.Changed, r.Withdrawn, r.Rejected, r.Findings)
	for _, p := range r.Errors {
		writeFault(w, "error", p)
	}
	for _, p := range r.Notes {
		if p.Severity != "" && p.Subject != "" {
			continue // of the profile; summed up below
		}
		writeFault(w, "finding", p)
	}
	if r.Quality != nil {
		writeQuality(w, *r.Quality)
	}
	if r.Head != "" {
		fmt.Fprintf(w, "head %s\n", r.Head)
	}
}

// writeFault names the place, what is wrong and the fix, where the message does not hold it already.
func writeFault(w io.Writer, what string, p harvest.Problem) {
	fmt.Fprintf(w, "%s: %s %s\n  %s\n", what, p.Subject, p.Where, p.Message)
	if p.Fix != "" {
		fmt.Fprintf(w, "  fix: %s\n", p.Fix)
	}
}

package main

import (
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/api"
	"github.com/spf13/cobra"
)

// newCourseErase asks the federation to forget past versions of a course.
func newCourseErase(o *options) *cobra.Command {
	var q api.EraseRequest
	cmd := &cobra.Command{
		Use:   "erase [IRI]",
		Short: "Let every node forget the past versions of a course, or records by their CID",
		Long: "Sign a notice of erasure. Every node that lets this publisher speak for the institution drops the records from\n" +
			"history, dumps and new backups within a day, and refuses them again. What is current stays: withdraw it first.",
		Args: between(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				q.Subject = args[0]
			}
			if q.Provider == "" || q.Subject == "" && len(q.Records) == 0 {
				return usage(fmt.Errorf("say which institution with --provider, and which course by its IRI or which records with --record"))
			}
			var out api.Erased
			err := o.with(func(s *session) error { return s.act(cmd.Context(), "/v1/admin/erase", q, &out) })
			if err != nil {
				return err
			}
			return o.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "%d records named in %d notices, %d erased here\n", len(out.Records), len(out.Notices), out.Erased)
			})
		},
	}
	cmd.Flags().StringVar(&q.Provider, "provider", "", "the institution whose records they are")
	cmd.Flags().StringArrayVar(&q.Records, "record", nil, "CID of a record; repeatable")
	return cmd
}

// newPurge removes from this node alone.
func newPurge(o *options) *cobra.Command {
	var q api.PurgeRequest
	cmd := &cobra.Command{
		Use:   "purge [CID...]",
		Short: "Remove past versions or snapshots from this node alone",
		Long: "Remove from this node what nobody needs to agree on: past versions by CID, the whole history, snapshots of sources,\n" +
			"and what is left of a publisher for whom nobody speaks any more.\n" +
			"Nothing is told to other nodes; `course erase` does that.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if q.Records = args; len(args) == 0 && !q.History && !q.Snapshots && len(q.Publishers) == 0 {
				return usage(fmt.Errorf("say what to remove: CIDs, --publisher, --history or --snapshots"))
			}
			var out api.Purged
			err := o.with(func(s *session) error { return s.act(cmd.Context(), "/v1/admin/purge", q, &out) })
			if err != nil {
				return err
			}
			return o.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "%d records (%d bytes) and %d snapshots removed\n", out.Blocks, out.Bytes, out.Snapshots)
			})
		},
	}
	cmd.Flags().BoolVar(&q.History, "history", false, "every version but the current ones")
	cmd.Flags().StringArrayVar(&q.Publishers, "publisher", nil, "id of a publisher for whom nobody speaks: all that is left of it; repeatable")
	cmd.Flags().BoolVar(&q.Snapshots, "snapshots", false, "bytes fetched from sources")
	return cmd
}

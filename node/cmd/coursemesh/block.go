package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/spf13/cobra"
)

// newBlock hides things on this node.
func newBlock(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use: "block", Short: "Hide courses, institutions or publishers on this node", Args: exactly(0),
		Long: "What is blocked does not appear in this node's API, pages and dumps. Nothing else changes: it is still replicated, stays in the\n" +
			"catalogue's root, and other nodes show it.",
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, what := range []struct{ name, id, short string }{
		{catalogue.BlockCourse, "ID", "Hide a course, whoever says it"},
		{catalogue.BlockProvider, "PROVIDER", "Hide all courses of an institution"},
		{catalogue.BlockPublisher, "PUBLISHER", "Hide all that a publisher signed"},
	} {
		cmd.AddCommand(newBlockOf(o, what.name, what.id, what.short))
	}
	cmd.AddCommand(&cobra.Command{
		Use: "list", Short: "Show what is hidden here, why, and how many records that concerns", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.listBlocks(cmd) },
	})
	return cmd
}

func newBlockOf(o *options, what, id, short string) *cobra.Command {
	q := api.BlockRequest{Block: catalogue.Block{What: what}}
	cmd := &cobra.Command{
		Use: what + " " + id, Short: short, Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Value = args[0]
			return o.with(func(s *session) error {
				if err := s.ready(cmd.Context()); err != nil { // so that any identifier of a course is understood
					return err
				}
				var out json.RawMessage
				if err := s.act(cmd.Context(), "/v1/admin/blocks", q, &out); err != nil {
					return err
				}
				return o.print(out, func(w io.Writer) { fmt.Fprintf(w, "%s\n", out) })
			})
		},
	}
	cmd.Flags().StringVar(&q.Reason, "reason", "", "why, for those who ask later")
	cmd.Flags().BoolVar(&q.Remove, "remove", false, "show it again")
	return cmd
}

func (o *options) listBlocks(cmd *cobra.Command) error {
	var list json.RawMessage
	err := o.with(func(s *session) error {
		if err := s.ready(cmd.Context()); err != nil {
			return err
		}
		return s.get(cmd.Context(), "/v1/admin/blocks", &list)
	})
	if err != nil {
		return err
	}
	return o.print(list, func(w io.Writer) {
		var l struct{ Items []catalogue.Blocked }
		_ = json.Unmarshal(list, &l) // our own answer
		for _, b := range l.Items {
			from := "by command"
			if b.Configured {
				from = "by configuration"
			}
			fmt.Fprintf(w, "%s %s: %s (%d records, %s)\n", b.What, b.Value, b.Reason, b.Hidden, from)
		}
		fmt.Fprintf(w, "%d blocks\n", len(l.Items))
	})
}

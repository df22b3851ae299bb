package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// newPeer lists, adds and bans peers of the running node.
func newPeer(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "peer", Short: "List, add and ban peers", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	var reason string
	ban := &cobra.Command{
		Use: "ban PEER", Short: "Refuse a peer from now on", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.act(cmd, "/v1/admin/peers", map[string]string{"ban": args[0], "reason": reason})
		},
	}
	ban.Flags().StringVar(&reason, "reason", "banned by the operator", "why, for the list")
	cmd.AddCommand(ban,
		&cobra.Command{
			Use: "list", Short: "Show connected peers", Args: exactly(0),
			RunE: func(cmd *cobra.Command, _ []string) error { return o.list(cmd, "/v1/peers") },
		},
		&cobra.Command{
			Use: "add ADDRESS", Short: "Connect to a peer and stay connected", Args: exactly(1),
			Example: "  coursemesh peer add /dns4/node.example/tcp/4777/p2p/12D3Koo...",
			RunE: func(cmd *cobra.Command, args []string) error {
				return o.act(cmd, "/v1/admin/peers", map[string]string{"address": args[0]})
			},
		})
	return cmd
}

// list prints a list of the public side: with --json as it is, else a line an item.
func (o *options) list(cmd *cobra.Command, path string) error {
	var list json.RawMessage
	err := o.with(func(s *session) error {
		if err := s.ready(cmd.Context()); err != nil {
			return err
		}
		return s.get(cmd.Context(), path, &list)
	})
	if err != nil {
		return err
	}
	return o.print(list, func(w io.Writer) {
		var l struct{ Items []map[string]any }
		_ = json.Unmarshal(list, &l) // our own answer
		for _, item := range l.Items {
			data, _ := json.Marshal(item)
			fmt.Fprintf(w, "%s\n", data)
		}
		fmt.Fprintf(w, "%d\n", len(l.Items))
	})
}

// act sends an admin request and prints its answer.
func (o *options) act(cmd *cobra.Command, path string, request any) error {
	return o.with(func(s *session) error {
		var out json.RawMessage
		if err := s.act(cmd.Context(), path, request, &out); err != nil {
			return err
		}
		return o.print(out, func(w io.Writer) { fmt.Fprintf(w, "%s\n", out) })
	})
}

package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// newStatus shows the node, its publishers and its peers.
func newStatus(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the node: courses, roots, publishers, peers",
		Args:  exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all struct {
				Node       json.RawMessage `json:"node"`
				Publishers json.RawMessage `json:"publishers"`
				Peers      json.RawMessage `json:"peers"`
			}
			err := o.with(func(s *session) error {
				if err := s.ready(cmd.Context()); err != nil {
					return err
				}
				for path, into := range map[string]*json.RawMessage{
					"/v1/node": &all.Node, "/v1/publishers": &all.Publishers, "/v1/peers": &all.Peers,
				} {
					if err := s.get(cmd.Context(), path, into); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return o.print(all, func(w io.Writer) { writeStatus(w, all.Node, all.Publishers, all.Peers) })
		},
	}
}

func writeStatus(w io.Writer, node, publishers, peers json.RawMessage) {
	var n struct {
		Name, Publisher, Peer string
		Courses, Local        int
		Hidden                int
		Partial               bool
		CatalogueRoot         string   `json:"catalogue_root"`
		AtRisk                []string `json:"evidence_at_risk"`
	}
	_ = json.Unmarshal(node, &n) // our own answer
	if n.Partial {
		n.CatalogueRoot = "none: the catalogue is partial, since this node follows some publishers only (replicate)"
	}
	fmt.Fprintf(w, "node       %s\npublisher  %s\ncourses    %d in the catalogue, %d local, %d hidden here\nroot       %s\n", n.Name, n.Publisher, n.Courses, n.Local, n.Hidden, n.CatalogueRoot)
	fmt.Fprintf(w, "publishers %s\npeers      %s\n", count(publishers), count(peers))
	for _, domain := range n.AtRisk {
		fmt.Fprintf(w, "alert      the manifest of %s cannot be read; `coursemesh publisher check %s` says why\n", domain, domain)
	}
}

// count is the number of items of a list answer.
func count(list json.RawMessage) string {
	var l struct{ Items []json.RawMessage }
	if err := json.Unmarshal(list, &l); err != nil {
		return "?"
	}
	return fmt.Sprint(len(l.Items))
}

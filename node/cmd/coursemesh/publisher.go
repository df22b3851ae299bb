package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"text/tabwriter"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/spf13/cobra"
)

// newPublisher lists publishers, trusts them for domains and freezes them.
func newPublisher(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "publisher", Short: "List, trust and freeze publishers", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(newPublisherTrust(o), newPublisherFreeze(o), &cobra.Command{
		Use: "check DOMAIN", Short: "Look now whom a known domain lets publish; at most once a minute", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.act(cmd, "/v1/admin/evidence", api.EvidenceRequest{Domain: args[0]})
		},
	}, &cobra.Command{
		Use: "list", Short: "Show publishers, what they hold, and why they count or not", Args: exactly(0),
		Long: "Shows every publisher whose head this node holds and, for each institution it speaks about, whether it counts: the class,\n" +
			"where that comes from, the evidence with the time of the last look, and what keeps it from being effective.",
		RunE: func(cmd *cobra.Command, _ []string) error { return o.listPublishers(cmd) },
	})
	return cmd
}

func newPublisherTrust(o *options) *cobra.Command {
	q := api.TrustRequest{Trust: authority.Trust{Class: federation.Member}}
	cmd := &cobra.Command{
		Use: "trust PUBLISHER", Short: "Let a publisher count for the source domains that --provider matches", Args: exactly(1),
		Example: "  coursemesh publisher trust 12D3Koo... --provider '*.uni.example'",
		RunE: func(cmd *cobra.Command, args []string) error {
			if q.Provider == "" {
				return usage(errors.New("--provider says for which institution the publisher counts"))
			}
			if _, err := path.Match(q.Provider, ""); err != nil {
				return usage(fmt.Errorf("--provider %s: %w", q.Provider, err))
			}
			q.ID = federation.PublisherID(args[0])
			return o.act(cmd, "/v1/admin/publishers", q)
		},
	}
	cmd.Flags().StringVar(&q.Provider, "provider", "", "provider id, or pattern such as *.example")
	cmd.Flags().StringVar((*string)(&q.Class), "class", string(federation.Member), "member, or authoritative: ranks below what institutions and alliances say")
	cmd.Flags().BoolVar(&q.Revoke, "revoke", false, "take an earlier trust back")
	return cmd
}

func newPublisherFreeze(o *options) *cobra.Command {
	var q api.FreezeRequest
	cmd := &cobra.Command{
		Use: "freeze PUBLISHER", Short: "Keep what is held of a publisher as it is; newer heads are not applied", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.ID = federation.PublisherID(args[0])
			return o.act(cmd, "/v1/admin/freeze", q)
		},
	}
	cmd.Flags().StringVar(&q.Reason, "reason", "frozen by the operator", "why, for those who ask")
	cmd.Flags().BoolVar(&q.Unfreeze, "unfreeze", false, "let newer heads in again")
	return cmd
}

func (o *options) listPublishers(cmd *cobra.Command) error {
	var list json.RawMessage
	err := o.with(func(s *session) error {
		if err := s.ready(cmd.Context()); err != nil {
			return err
		}
		return s.get(cmd.Context(), "/v1/publishers?limit=5000", &list)
	})
	if err != nil {
		return err
	}
	return o.print(list, func(w io.Writer) {
		var l struct{ Items []network.Publisher }
		_ = json.Unmarshal(list, &l) // our own answer
		for _, p := range l.Items {
			writePublisher(w, p)
		}
		fmt.Fprintf(w, "%d publishers\n", len(l.Items))
	})
}

func writePublisher(w io.Writer, p network.Publisher) {
	state := "own"
	if !p.Self {
		state = "held"
		if p.Replica != nil {
			state = p.Replica.State
			if p.Replica.Reason != "" {
				state += " (" + p.Replica.Reason + ")"
			}
		}
	}
	fmt.Fprintf(w, "%s  %s\n  %s, %d records, head %d.%d, %s; effective for %d\n", p.ID, p.Name, p.Class, p.Records, p.Epoch, p.Seq, state, p.Effective)
	if p.Frozen != nil {
		fmt.Fprintf(w, "  frozen since %s: %s\n", p.Frozen.Since.Format(time.DateTime), p.Frozen.Reason)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, s := range p.Standings {
		fmt.Fprintf(t, "  %s\tfrom %s\t%s\t%s\trank %d\t%d records\t%s\n", s.Provider, s.Domain, s.Class, s.Relation, s.Rank, s.Records, s.Why)
		fmt.Fprintf(t, "  \t%s%s\n", s.Because, looked(s.Evidence))
	}
	_ = t.Flush() // a closed stdout ends the command anyway
	fmt.Fprintln(w)
}

// looked says when the evidence was looked at, and what is wrong with it.
func looked(e *network.Evidence) string {
	if e == nil || e.Checked.IsZero() {
		return ""
	}
	text := "; " + e.State + ", looked at " + e.Checked.Format(time.DateTime)
	if !e.Fetched.IsZero() {
		text += ", obtained " + e.Fetched.Format(time.DateTime)
	}
	if e.Problem != "" {
		text += ": " + e.Problem
	}
	if e.State == network.EvidenceKept {
		text += "; counts until " + e.Expires.Format(time.DateTime)
	}
	return text
}

package main

import (
	"errors"
	"fmt"
	"path"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/spf13/cobra"
)

// newPublisher lists publishers and trusts one for domains.
func newPublisher(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "publisher", Short: "List and trust publishers", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	var provider string
	trust := &cobra.Command{
		Use: "trust PUBLISHER", Short: "Let a publisher count as member for the domains that --provider matches", Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if provider == "" {
				return usage(errors.New("--provider says for which institution the publisher counts"))
			}
			if _, err := path.Match(provider, ""); err != nil {
				return usage(fmt.Errorf("--provider %s: %w", provider, err))
			}
			return o.act(cmd, "/v1/admin/publishers", authority.Trust{ID: federation.PublisherID(args[0]), Provider: provider, Class: federation.Member})
		},
	}
	trust.Flags().StringVar(&provider, "provider", "", "provider id, or pattern such as *.example")
	cmd.AddCommand(trust, &cobra.Command{
		Use: "list", Short: "Show publishers, what they hold, and why they count", Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.list(cmd, "/v1/publishers") },
	})
	return cmd
}

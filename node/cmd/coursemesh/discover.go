package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/spf13/cobra"
)

// newDiscover searches a domain's manifest and tells every step.
func newDiscover(o *options) *cobra.Command {
	var website string
	cmd := &cobra.Command{
		Use:   "discover DOMAIN",
		Short: "Search an institution's manifest and show every place tried, with the reason",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			leave, err := o.aside()
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, leave()) }()
			domain, err := federation.NormaliseDomain(args[0])
			if federation.ValidProvider(args[0]) {
				domain, err = args[0], nil // an institution without a domain of its own
			}
			if err != nil {
				return usage(fmt.Errorf("%s: %w", args[0], err))
			}
			var found discovery.Result
			err = o.withNew(func(s *session) error {
				return s.act(cmd.Context(), "/v1/admin/discover", map[string]string{"domain": domain, "website": website}, &found)
			})
			if err != nil {
				return err
			}
			if err := o.print(found, func(w io.Writer) { writeDiscovery(w, found) }); err != nil {
				return err
			}
			if found.ManifestURL == "" {
				return silentExit(api.ExitNotFound)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&website, "website", "", "website of the institution, whose host is searched too")
	return cmd
}

func writeDiscovery(w io.Writer, r discovery.Result) {
	for _, p := range r.Probes {
		fmt.Fprintf(w, "%-13s %-10s %s", p.Outcome, p.Method, p.URL)
		if p.URL == "" {
			fmt.Fprint(w, p.Domain)
		}
		if p.Reason != "" {
			fmt.Fprintf(w, "  (%s)", p.Reason)
		}
		fmt.Fprintln(w)
	}
	if r.ManifestURL == "" {
		fmt.Fprintf(w, "no manifest found for %s\n", r.Provider)
		return
	}
	fmt.Fprintf(w, "manifest %s\n", r.ManifestURL)
}

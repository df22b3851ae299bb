package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	guarded "github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
)

// checkedManifest is what `manifest check` prints.
type checkedManifest struct {
	Manifest string `json:"manifest"` // file or URL
	federation.ManifestReport
	Probes []discovery.Probe `json:"probes,omitempty"` // where it was searched
}

// manifestTarget is where to look, and for whom.
type manifestTarget struct {
	what, provider, website string
	known                   func(provider string) (website string, err error)
}

func manifestCheck(o *options) *cobra.Command {
	var q manifestTarget
	cmd := &cobra.Command{
		Use:   "check FILE|URL|DOMAIN",
		Short: "Say everything that is wrong or doubtful in a manifest, and what a node would do with it",
		Long: "Read a manifest as nodes do, from a file (- is standard input), a URL, or where a DOMAIN's manifest is searched, and say all\n" +
			"that is wrong or doubtful, each with its place and the fix, and what a node would read and whom it would let publish. Sources\n" +
			"are not asked (`source test` does that), and nothing is stored. With a node's data directory at hand it also says whether\n" +
			"secrets are encrypted for that node. Exit 0 when nothing has to be mended, 5 when something has, 3 when there is no manifest.",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.what = args[0]
			checked, err := o.checkManifest(cmd.Context(), cmd.InOrStdin(), q)
			if err != nil {
				return err
			}
			if err := o.print(checked, func(w io.Writer) { writeManifest(w, checked) }); err != nil {
				return err
			}
			if !checked.Valid {
				return silentExit(api.ExitFindings)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&q.provider, "provider", "", "domain of the institution that a file or URL is to speak for")
	cmd.Flags().StringVar(&q.website, "website", "", "website of the institution, whose host is searched too")
	return cmd
}

func (o *options) checkManifest(ctx context.Context, stdin io.Reader, q manifestTarget) (checkedManifest, error) {
	config, _, err := o.load()
	if err != nil {
		return checkedManifest{}, err
	}
	if q.provider, err = providerFlag(q.provider); err != nil {
		return checkedManifest{}, err
	}
	client, err := node.FetchClient(config, o.log(slog.LevelWarn))
	if err != nil {
		return checkedManifest{}, usage(err)
	}
	defer client.Close()
	k, err := node.ManifestChecks(client, o.ringAtHand(config))
	if err != nil {
		return checkedManifest{}, err
	}
	k.Provider = q.provider
	q.known = func(provider string) (string, error) { return node.Website(config, provider) }
	var out checkedManifest
	body, err := q.read(ctx, stdin, client, &k, &out)
	if err != nil {
		return out, err
	}
	out.ManifestReport, _ = federation.CheckManifest(body, k) // what is no manifest is a finding, too
	return out, nil
}

// providerFlag reads --provider: a domain, or deqarinst and a number.
func providerFlag(text string) (string, error) {
	if text == "" || federation.ValidProvider(text) {
		return text, nil
	}
	id, err := federation.NormaliseDomain(text)
	if err != nil {
		return "", usage(fmt.Errorf("--provider: %w", err))
	}
	return id, nil
}

// read obtains the manifest, and says in k what its place means.
func (q manifestTarget) read(ctx context.Context, stdin io.Reader, client *guarded.Client, k *federation.ManifestChecks, out *checkedManifest) ([]byte, error) {
	out.Manifest = q.what
	switch {
	case q.what == "-":
		out.Manifest = "standard input"
		return io.ReadAll(io.LimitReader(stdin, federation.MaxManifest+1))
	case isURL(q.what):
		return q.address(ctx, client, k, out)
	case exists(q.what):
		return readManifestFile(q.what)
	}
	return q.domain(ctx, client, k, out)
}

func readManifestFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usage(fmt.Errorf("%s is a folder; name the file in it", name))
	}
	return io.ReadAll(io.LimitReader(f, federation.MaxManifest+1))
}

// address: only at a well-known address, over https, a manifest says whom its domain lets publish.
func (q manifestTarget) address(ctx context.Context, client *guarded.Client, k *federation.ManifestChecks, out *checkedManifest) ([]byte, error) {
	u, err := url.Parse(q.what)
	if err != nil || u.Hostname() == "" {
		return nil, usage(fmt.Errorf("%q is no URL", q.what))
	}
	out.Manifest = guarded.Shown(u)
	if !slices.Contains(discovery.WellKnownURLs(strings.ToLower(u.Host)), q.what) {
		k.Unheard = "it does not lie at a well-known address"
	} else if domain, err := federation.RegistrableDomain(u.Hostname()); err == nil {
		k.Provider = cmp.Or(k.Provider, domain)
	}
	found, err := discovery.Look(ctx, client, q.what)
	if err != nil {
		return nil, err
	}
	return document(found, out)
}

func (q manifestTarget) domain(ctx context.Context, client *guarded.Client, k *federation.ManifestChecks, out *checkedManifest) ([]byte, error) {
	domain, err := federation.NormaliseDomain(q.what)
	if federation.ValidProvider(q.what) {
		domain, err = q.what, nil
	}
	if ending := strings.ToLower(filepath.Ext(q.what)); err != nil || strings.ContainsAny(q.what, `/\`) || slices.Contains([]string{".json", ".yaml", ".yml"}, ending) {
		return nil, &api.AdminError{Message: q.what + " is neither a file here, nor a URL, nor a domain", Exit: api.ExitNotFound}
	}
	if k.Provider != "" && k.Provider != domain {
		return nil, usage(fmt.Errorf("--provider %s: a domain's manifest speaks for %s", k.Provider, domain))
	}
	if q.website == "" {
		if q.website, err = q.known(domain); err != nil {
			return nil, usage(err)
		}
	}
	found, err := discovery.Search(ctx, client, domain, q.website)
	if err != nil {
		return nil, err
	}
	k.Provider, out.Probes = domain, found.Probes
	if slices.ContainsFunc(found.Probes, func(p discovery.Probe) bool { return p.Outcome == discovery.Found && p.Method == "dns" }) {
		k.Unheard = "DNS led to it, and DNS answers can be forged"
	}
	return document(found, out)
}

// document is what was found: a manifest, else what stands in the place of one.
func document(found discovery.Result, out *checkedManifest) ([]byte, error) {
	out.Manifest = cmp.Or(found.ManifestURL, out.Manifest)
	switch {
	case found.Manifest != nil:
		return found.Body, nil
	case found.Refused != nil:
		out.Manifest = found.Refused.URL
		return found.Refused.Body, nil
	}
	exit, lines := api.ExitNotFound, []string{"no manifest at " + out.Manifest}
	for _, p := range found.Probes {
		if p.Outcome == discovery.Error {
			exit = api.ExitNetwork
		}
		lines = append(lines, fmt.Sprintf("  %-13s %s  (%s)", p.Outcome, cmp.Or(p.URL, "TXT record of "+p.Domain), p.Reason))
	}
	return nil, &api.AdminError{Message: strings.Join(lines, "\n"), Exit: exit}
}

// writeManifest tells what to mend, then what a node makes of the manifest.
func writeManifest(w io.Writer, c checkedManifest) {
	fmt.Fprintf(w, "manifest %s\n", c.Manifest)
	counts := map[string]int{}
	for _, f := range c.Findings {
		counts[f.Severity]++
		where := f.Where
		if f.Subject != "" {
			where += ", of " + f.Subject
		}
		writeProblem(w, f.Severity, 0, harvest.Problem{Where: where, Value: f.Value, Message: f.Message, Fix: f.Fix})
	}
	fmt.Fprintln(w, "\nWhat a node does with it:")
	for _, line := range c.Says {
		fmt.Fprintf(w, "  %s\n", line)
	}
	verdict := "nothing has to be mended"
	if !c.Valid {
		verdict = "not valid until the violations are mended"
	}
	fmt.Fprintf(w, "\n%s: %d violations, %d warnings, %d notes; nothing was stored\n", verdict, counts[federation.ManifestViolation], counts[federation.ManifestWarning], counts[federation.ManifestInfo])
}

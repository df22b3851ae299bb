package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/validate"
	"github.com/spf13/cobra"
)

// validation is what validate is asked for.
type validation struct{ target, provider, standard, version string }

// newValidate checks courses against the application profile and stores nothing.
func newValidate(o *options) *cobra.Command {
	var q validation
	cmd := &cobra.Command{
		Use:   "validate FILE|URL",
		Short: "Check courses against the QualityLink application profile; exit 5 when there is something to mend",
		Long: "Check the courses of an ELM document (Turtle, N-Triples, RDF/XML, JSON-LD), of a page that an API gave, or of what lies\n" +
			"at a URL (- is standard input), against the QualityLink application profile and the shapes of profile.shapes. Nothing is stored; a file needs neither data\n" +
			"directory nor network. Exit 0 when there is nothing to mend (notes of severity info do not count), 5 when there is.",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.target = args[0]
			report, err := o.validate(cmd.Context(), q, cmd.InOrStdin())
			if err != nil {
				return err
			}
			if err := o.print(report, func(w io.Writer) { writeValidation(w, report) }); err != nil {
				return err
			}
			if report.Quality.Violations+report.Quality.Warnings > 0 {
				return silentExit(api.ExitFindings)
			}
			return nil
		},
	}
	sourceFlags(cmd, &q)
	return cmd
}

// sourceFlags say of a document or source what nobody announces.
func sourceFlags(cmd *cobra.Command, q *validation) {
	cmd.Flags().StringVar(&q.provider, "provider", "", "domain of the institution that the document speaks for")
	cmd.Flags().StringVar(&q.standard, "standard", "", "elm, ooapi, edu-api or occapi, of a URL (default: recognised)")
	cmd.Flags().StringVar(&q.version, "version", "", "version of the standard")
}

func (o *options) validate(ctx context.Context, q validation, stdin io.Reader) (profile.Report, error) {
	config, err := o.checked(&q)
	if err != nil {
		return profile.Report{}, err
	}
	v, err := node.Validator(config)
	if err != nil {
		return profile.Report{}, err
	}
	return o.read(ctx, config, v, q, stdin)
}

// checked reads the configuration, and puts what was asked for into the form that is meant.
func (o *options) checked(q *validation) (node.Config, error) {
	config, _, err := o.load()
	if err != nil {
		return config, err
	}
	if q.provider != "" && !federation.ValidProvider(q.provider) {
		if q.provider, err = federation.NormaliseDomain(q.provider); err != nil {
			return config, usage(fmt.Errorf("--provider: %w", err))
		}
	}
	if !isURL(q.target) && q.standard != "" && q.standard != "elm" {
		return config, usage(fmt.Errorf("--standard %s: of a file it is recognised, and of an API all is read when you give its URL", q.standard))
	}
	return config, nil
}

// read reads a URL, a file, or - for what comes in on standard input.
func (o *options) read(ctx context.Context, config node.Config, v *validate.Validator, q validation, stdin io.Reader) (report profile.Report, err error) {
	switch {
	case q.target == "-":
		report, err = v.Stream(ctx, stdin, "standard input", q.provider)
	case !isURL(q.target):
		report, err = v.File(ctx, q.target, q.provider)
	default:
		client, failed := node.FetchClient(config, o.log(slog.LevelWarn))
		if failed != nil {
			return report, failed
		}
		report, err = v.URL(ctx, client, federation.ManifestSource{Type: q.standard, Version: q.version, Path: q.target}, q.provider)
	}
	if errors.Is(err, validate.ErrWhose) {
		err = usage(err)
	}
	return report, err
}

func isURL(target string) bool {
	return strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
}

// writeValidation tells what to mend, each sort of finding with its first place and the worst first, then sums up. With
// --json every place is told.
func writeValidation(w io.Writer, r profile.Report) {
	for _, s := range r.Quality.Findings {
		var first profile.Example
		if len(s.Examples) > 0 {
			first = s.Examples[0]
		}
		writeProblem(w, s.Severity, s.Count, harvest.Problem{
			Subject: first.Subject, Where: first.Where, Field: s.Field, Value: first.Value, Message: s.Message, Fix: s.Fix,
		})
	}
	writeScore(w, r.Quality)
	writeMissing(w, r.Quality)
}

// writeQuality sums up what the profile says of many courses: counts, and what is most often to be mended.
func writeQuality(w io.Writer, q profile.Quality) {
	writeScore(w, q)
	const most = 10
	for i, s := range q.Findings {
		if i == most {
			fmt.Fprintf(w, "  and %d more sorts of findings\n", len(q.Findings)-most)
			break
		}
		fmt.Fprintf(w, "  %5d %-9s %s %s\n        %s\n        fix: %s\n", s.Count, s.Severity, cmp.Or(s.Field, s.Property), s.Kind, s.Message, s.Fix)
		if len(s.Examples) > 0 {
			fmt.Fprintf(w, "        first: %s\n", strings.TrimSpace(s.Examples[0].Subject+" "+s.Examples[0].Where))
		}
	}
	writeMissing(w, q)
}

func writeScore(w io.Writer, q profile.Quality) {
	fmt.Fprintf(w, "quality: %d of %d courses conform, completeness %d %%; %d violations, %d warnings, %d notes\n",
		q.Conforming, q.Courses, q.Completeness, q.Violations, q.Warnings, q.Infos)
}

// writeMissing tells how many courses do not state which facts of the completeness rule.
func writeMissing(w io.Writer, q profile.Quality) {
	var missing []string
	for _, m := range q.Missing {
		missing = append(missing, fmt.Sprintf("%s %d", m.Fact, m.Courses))
	}
	if len(missing) > 0 {
		fmt.Fprintf(w, "  not stated: %s\n", strings.Join(missing, ", "))
	}
}

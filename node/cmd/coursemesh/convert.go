package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/convert"
	"github.com/coursemesh/coursemesh/node/validate"
	"github.com/spf13/cobra"
)

// conversion is what convert is asked for.
type conversion struct {
	in     validation
	out    string
	format string
}

// newConvert writes what a node makes of a source.
func newConvert(o *options) *cobra.Command {
	var q conversion
	cmd := &cobra.Command{
		Use:   "convert IN OUT",
		Short: "Read courses of any standard and write what a node makes of them: ELM, or the API's JSON",
		Long: "Read a FILE, URL or - (standard input) of any standard that a node reads, normalise every course as a harvest does, and\n" +
			"write ELM (.ttl, .nt, .jsonld, .rdf) or the API's JSON (.json one course, .jsonl one a line) to the file OUT, or to - in\n" +
			"the --format named. A page or entry that an API gave may be saved in a file. Nothing is stored, and no data directory is needed.\n" +
			"Exit 0 when nothing was rejected (findings do not matter), 8 when some courses were. After a failure OUT is as it was.",
		Example: "  coursemesh convert courses.ttl courses.jsonld --provider uni.example\n" +
			"  coursemesh convert https://api.uni.example/v5 - --format turtle",
		Args: exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.in.target, q.out = args[0], args[1]
			return o.convert(cmd, q)
		},
	}
	cmd.Flags().StringVar(&q.format, "format", "", strings.Join(convert.Formats(), ", ")+" (default: what the ending of OUT says)")
	sourceFlags(cmd, &q.in)
	return cmd
}

func (o *options) convert(cmd *cobra.Command, q conversion) error {
	format, err := convert.FormatOf(q.format, q.out)
	if err != nil {
		return usage(err)
	}
	config, err := o.checked(&q.in)
	if err != nil {
		return err
	}
	if q.in.provider == "" && isURL(q.in.target) {
		q.in.provider = providerOf(q.in.target)
	}
	c, err := node.Converter(config)
	if err != nil {
		return err
	}
	out, keep, err := o.target(q.out)
	if err != nil {
		return err
	}
	read := func(v *validate.Validator) (profile.Report, error) {
		return o.read(cmd.Context(), config, v, q.in, cmd.InOrStdin())
	}
	summary, report, err := c.Write(cmd.Context(), read, out, format, o.written)
	if failed := keep(err); err == nil {
		err = failed
	}
	summary.In, summary.Out = q.in.target, q.out
	return o.converted(summary, report, err)
}

// providerOf is for whom an address speaks when nobody says it; "" when the address tells nothing.
func providerOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	domain, err := federation.RegistrableDomain(u.Hostname())
	if err != nil {
		return ""
	}
	return domain
}

const writtenEvery = 1000 // courses between two lines of progress

func (o *options) written(courses int) {
	if courses%writtenEvery == 0 {
		o.progress("%d courses", courses)
	}
}

// target is what is written to, and how it ends: as OUT when there was no error, else without a trace.
func (o *options) target(name string) (io.Writer, func(error) error, error) {
	if name == "-" {
		return o.out, func(error) error { return nil }, nil
	}
	f, err := convert.Create(name)
	if err != nil {
		return nil, nil, err
	}
	return f, func(err error) error {
		if err != nil {
			return f.Drop()
		}
		return f.Keep()
	}, nil
}

// converted tells what came of it: on stdout, or on stderr when that is where the courses went.
func (o *options) converted(s convert.Summary, r profile.Report, err error) error {
	if err != nil && (!errors.Is(err, convert.ErrNothing) || s.Rejected == 0) {
		if errors.Is(err, convert.ErrSeveral) {
			return usage(err)
		}
		return err
	}
	to := *o
	if s.Out == "-" {
		to.out = o.progressWriter()
	}
	if failed := to.print(s, func(w io.Writer) { writeConversion(w, s, r) }); failed != nil {
		return failed
	}
	if err != nil {
		return &api.AdminError{Message: err.Error(), Exit: api.ExitPartial}
	}
	if s.Rejected > 0 {
		return silentExit(api.ExitPartial)
	}
	return nil
}

// writeConversion tells what to mend, the worst first, then what was written.
func writeConversion(w io.Writer, s convert.Summary, r profile.Report) {
	writeValidation(w, r)
	fmt.Fprintf(w, "%s (%s) to %s (%s): %d courses written, %d rejected, %d findings; %d persons and personal addresses left out\n",
		s.In, cmp.Or(s.Standard, "no course read"), s.Out, s.Format, s.Courses, s.Rejected, s.Findings, s.Removed)
}

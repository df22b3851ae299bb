package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/coursemesh/coursemesh/node/bench"
	"github.com/spf13/cobra"
)

// newBench measures a part of the node on this machine.
func newBench(o *options) *cobra.Command {
	var opt bench.Options
	cmd := &cobra.Command{
		Use:       "bench " + strings.Join(bench.Names(), "|"),
		Short:     "Measure speed and memory; figures of one run compare with each other, not between machines",
		Args:      exactly(1),
		ValidArgs: bench.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			result, err := bench.Run(cmd.Context(), args[0], opt, o.progressWriter())
			if err != nil {
				return err
			}
			return o.print(result, func(w io.Writer) { fmt.Fprint(w, result) })
		},
	}
	cmd.Flags().IntVar(&opt.N, "n", 0, "size; 0 takes the benchmark's own")
	cmd.Flags().StringVar(&opt.Standard, "standard", "", "source standard, for ingest")
	cmd.Flags().StringVar(&opt.Out, "out", "", "file that generate writes")
	return cmd
}

// progressWriter is stderr, or nothing with --quiet.
func (o *options) progressWriter() io.Writer {
	if o.quiet {
		return io.Discard
	}
	return o.err
}

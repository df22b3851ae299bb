package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/node/bench"
	"github.com/spf13/cobra"
)

// newBench measures a part of the node on this machine.
func newBench(o *options) *cobra.Command {
	var opt bench.Options
	var out string
	cmd := &cobra.Command{
		Use:       "bench " + strings.Join(bench.Names(), "|"),
		Short:     "Measure speed and memory; figures of one run compare with each other, not between machines",
		Args:      cobra.MatchAll(exactly(1), knownBench),
		ValidArgs: bench.Names(),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := create(out)
			if err != nil {
				return err
			}
			if f != nil {
				opt.Out = f
			}
			result, err := bench.Run(cmd.Context(), args[0], opt, o.progressWriter())
			if err := errors.Join(err, f.Close()); err != nil {
				return err
			}
			return o.print(result, func(w io.Writer) { writeBench(w, result) })
		},
	}
	cmd.Flags().IntVar(&opt.N, "n", 0, "size; 0 takes the benchmark's own")
	cmd.Flags().StringVar(&opt.Standard, "standard", "", "source standard, for ingest and map (map: all)")
	cmd.Flags().StringVar(&out, "out", "", "file that generate writes")
	return cmd
}

func knownBench(_ *cobra.Command, args []string) error {
	if slices.Contains(bench.Names(), args[0]) {
		return nil
	}
	return usage(fmt.Errorf("unknown benchmark %q; there are %s", args[0], strings.Join(bench.Names(), ", ")))
}

// create opens the output file; without a name there is none, whose Close does nothing.
func create(name string) (*outFile, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return &outFile{f}, nil
}

type outFile struct{ *os.File }

func (f *outFile) Close() error {
	if f == nil {
		return nil
	}
	return f.File.Close()
}

func writeBench(w io.Writer, r bench.Result) {
	fmt.Fprintf(w, "%s of %d: %.2f s, %.2f CPU s, %.0f per CPU second, %.0f MiB anonymous memory at most\n",
		r.Name, r.N, r.Seconds, r.CPUSeconds, r.PerCPUSecond, float64(r.PeakMemory)/(1<<20))
	for _, s := range r.Stages {
		fmt.Fprintf(w, "  %-15s %6.2f s %6.2f CPU s\n", s.Name, s.Seconds, s.CPUSeconds)
	}
	for _, t := range r.Transfers {
		fmt.Fprintf(w, "  %-15s %d records, %.1f MB on the wire", t.Name, t.Records, float64(t.Bytes)/1e6)
		if t.Share > 0 {
			fmt.Fprintf(w, ", %.2f %% of the whole", 100*t.Share)
		}
		fmt.Fprintln(w)
	}
	for _, l := range r.Latencies {
		fmt.Fprintf(w, "  %-23s p50 %7.3f ms, p95 %7.3f ms, p99 %7.3f ms\n", l.Name, 1000*l.P50, 1000*l.P95, 1000*l.P99)
	}
	if r.HeldBytes > 0 {
		fmt.Fprintf(w, "  %.0f MiB kept, %d bytes for each course\n", float64(r.HeldBytes)/(1<<20), r.HeldBytes/int64(max(r.Courses, 1)))
	}
	for _, c := range r.Compared {
		fmt.Fprintf(w, "  %.1f times %s (%.0f per CPU second)\n", c.Ratio, c.Name, c.PerCPUSecond)
	}
}

// progressWriter is stderr, or nothing with --quiet.
func (o *options) progressWriter() io.Writer {
	if o.quiet {
		return io.Discard
	}
	return o.err
}

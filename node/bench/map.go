package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"time"
)

// mapping measures the adapters alone: from the bytes of a source to course graphs. Without a standard it measures
// each, one after the other; figures of the result are then of all together, and every stage is one standard.
func mapping(ctx context.Context, opt Options, progress io.Writer) (_ Result, err error) {
	standards := Standards()
	if opt.Standard != "" {
		standards = []string{opt.Standard}
	}
	dir, err := os.MkdirTemp(opt.Dir, "coursemesh-bench-")
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	var all Result
	for _, standard := range standards {
		one, err := mapOne(ctx, Options{N: opt.N, Seed: opt.Seed, Standard: standard}, dir, progress)
		if err != nil {
			return Result{}, fmt.Errorf("%s: %w", standard, err)
		}
		all.Seconds, all.CPUSeconds = all.Seconds+one.Seconds, all.CPUSeconds+one.CPUSeconds
		all.Courses, all.Triples, all.Bytes = all.Courses+one.Courses, all.Triples+one.Triples, all.Bytes+one.Bytes
		all.PeakMemory = max(all.PeakMemory, one.PeakMemory)
		all.Stages, all.Compared = append(all.Stages, one.Stages...), append(all.Compared, one.Compared...)
	}
	all.PerSecond, all.PerCPUSecond = rate(all.Courses, all.Seconds), rate(all.Courses, all.CPUSeconds)
	return all, nil
}

// mapOne reads one source, which is not made while the clock runs.
func mapOne(ctx context.Context, opt Options, parent string, progress io.Writer) (_ Result, err error) {
	dir, err := os.MkdirTemp(parent, "map-")
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintf(progress, "%s: making a source of %d courses\n", opt.Standard, opt.N)
	from, err := newSource(ctx, opt, dir)
	if err != nil {
		return Result{}, err
	}
	fmt.Fprintf(progress, "%s: reading it\n", opt.Standard)
	tidy() // what making it left
	m := start(opt.Standard)
	courses, triples := 0, 0
	err = m.stage(0, func() (err error) {
		courses, triples, err = readAll(ctx, from)
		return err
	})
	result := m.stop(courses)
	result.Courses, result.Triples, result.Bytes = courses, triples, from.bytes
	result.Stages[0].Courses, result.Stages[0].PeakMemory = courses, result.PeakMemory
	if from.pilot > 0 {
		result.Compared = append(result.Compared, compare(opt.Standard+": QualityLink pilot (reference constant)", result.PerCPUSecond, from.pilot))
	}
	return result, err
}

// readAll takes every course of a source and keeps none.
func readAll(ctx context.Context, from *source) (courses, triples int, err error) {
	next, stop := iter.Pull2(from.adapter.Read(ctx, from.get, from.spec, time.Time{}))
	defer stop()
	for more := true; more; {
		items, rest, err := take(next)
		if err != nil {
			return courses, triples, err
		}
		if err := ctx.Err(); err != nil {
			return courses, triples, err
		}
		for _, item := range items {
			triples += len(item.Graph.Triples)
		}
		courses, more = courses+len(items), rest
	}
	return courses, triples, nil
}

// Package bench measures this program on the machine it runs on, with synthetic courses that depend on
// the seed alone. Each benchmark is one process's work: CPU seconds are user and system time of the whole
// process, garbage collection included; memory is the peak of anonymous memory, which leaves out the
// mapped database file. Figures of other programs are measured in the same run where that is possible,
// and named reference constants where it is not (docs/benchmarks.md).
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Options of a run. Zero values mean the benchmark's own defaults.
type Options struct {
	N        int       // courses
	Standard string    // of the source of ingest and map, one of Standards
	Seed     uint64    // of the synthetic courses
	Out      io.Writer // where generate writes; nil discards
	Dir      string    // parent of temporary directories; "" is the system's
}

// Result of a run.
type Result struct {
	Name         string     `json:"name"`
	N            int        `json:"n"`
	Seconds      float64    `json:"seconds"`
	CPUSeconds   float64    `json:"cpu_seconds"`
	PerSecond    float64    `json:"per_second"`
	PerCPUSecond float64    `json:"per_cpu_second"`
	PeakMemory   int64      `json:"peak_rss_bytes"` // anonymous; 0 where the system does not tell
	Stages       []Stage    `json:"stages"`
	Compared     []Compared `json:"compared"`
	Courses      int        `json:"courses,omitempty"`      // ingested, with programmes where the standard has them
	Bytes        int64      `json:"bytes,omitempty"`        // of the source
	Triples      int        `json:"triples,omitempty"`      // of the source, as mapped
	RecordBytes  int64      `json:"record_bytes,omitempty"` // sum of envelope lengths
	StoredBytes  int64      `json:"stored_bytes,omitempty"` // size of the database file
	HeldBytes    int64      `json:"held_bytes,omitempty"`   // anonymous memory that the index keeps
	Transfers    []Transfer `json:"transfers,omitempty"`    // bytes that replication moved
	Latencies    []Latency  `json:"latencies,omitempty"`    // of searches
}

// Latency is how long queries of one kind took, in seconds on the wall: half of them at most P50, and so on.
type Latency struct {
	Name    string  `json:"name"`
	Queries int     `json:"queries"`
	P50     float64 `json:"p50"`
	P95     float64 `json:"p95"`
	P99     float64 `json:"p99"`
}

// Transfer is what one replication put on the wire, both ways and with all protocols.
type Transfer struct {
	Name    string  `json:"name"`
	Records int     `json:"records"`
	Bytes   int64   `json:"bytes"`
	Share   float64 `json:"share,omitempty"` // of the first transfer's bytes
}

// Stage is a part of the work.
type Stage struct {
	Name       string  `json:"name"`
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`
	PeakMemory int64   `json:"peak_rss_bytes,omitempty"` // of replicate and map
	Courses    int     `json:"courses,omitempty"`        // of map
}

// Compared is another way to do the same; Ratio says how many times as fast this program is.
type Compared struct {
	Name         string  `json:"name"`
	PerCPUSecond float64 `json:"per_cpu_second"`
	Ratio        float64 `json:"ratio"`
}

// ErrUnknown says that there is no benchmark of that name.
var ErrUnknown = errors.New("unknown benchmark")

type benchmark struct {
	n   int // by default
	run func(ctx context.Context, opt Options, progress io.Writer) (Result, error)
}

func benchmarks() map[string]benchmark {
	return map[string]benchmark{
		"generate":  {10_000, generate},
		"ingest":    {10_000, ingest},
		"canon":     {10_000, canon},
		"map":       {10_000, mapping},
		"index":     {50_000, indexing},
		"search":    {50_000, searching},
		"update":    {10_000, updating},
		"dump":      {20_000, dumping},
		"replicate": {100_000, replicate},
	}
}

// Names lists the benchmarks.
func Names() []string { return slices.Sorted(maps.Keys(benchmarks())) }

// Run runs one benchmark and tells on progress, one line each, what it is doing.
func Run(ctx context.Context, name string, opt Options, progress io.Writer) (Result, error) {
	b, ok := benchmarks()[name]
	if !ok {
		return Result{}, fmt.Errorf("%w %q: choose one of %s", ErrUnknown, name, strings.Join(Names(), ", "))
	}
	switch {
	case opt.N < 0:
		return Result{}, fmt.Errorf("bench %s: %d courses: give a positive number", name, opt.N)
	case opt.N == 0:
		opt.N = b.n
	}
	if opt.Standard != "" && (!slices.Contains(Standards(), opt.Standard) || name != "ingest" && name != "map" && opt.Standard != "elm") {
		return Result{}, fmt.Errorf("bench %s: standard %q: ingest and map measure %s, the others elm only", name, opt.Standard, strings.Join(Standards(), ", "))
	}
	result, err := b.run(ctx, opt, progress)
	if err != nil {
		return Result{}, fmt.Errorf("bench %s: %w", name, err)
	}
	result.Name, result.N = name, opt.N
	return result, nil
}

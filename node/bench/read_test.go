package bench

import (
	"iter"
	"testing"
	"time"
)

// BenchmarkRead is the first stage of ingest alone, for profiles.
func BenchmarkRead(b *testing.B) {
	for _, standard := range Standards() {
		b.Run(standard, func(b *testing.B) {
			source, err := newSource(b.Context(), Options{N: 500, Standard: standard}, b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			courses := 0
			b.ReportAllocs()
			for b.Loop() {
				next, stop := iter.Pull2(source.adapter.Read(b.Context(), source.get, source.spec, time.Time{}))
				for more := true; more; {
					items, rest, err := take(next)
					if err != nil {
						b.Fatal(err)
					}
					courses, more = courses+len(items), rest
				}
				stop()
			}
			b.ReportMetric(float64(courses)/b.Elapsed().Seconds(), "courses/s")
		})
	}
}

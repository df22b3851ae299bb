package replica_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

// BenchmarkReplicate brings 20,000 records of about 4 KB to an empty node over loopback, once per
// iteration; -short takes 2,000. It reports records a second and the peak of anonymous memory.
func BenchmarkReplicate(b *testing.B) {
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	for name, transport := range map[string]option{"TCP": tcp, "QUIC": quic} {
		b.Run(name, func(b *testing.B) {
			who := newAuthor(b)
			trusted := newTrust(who.id)
			source := newNode(b, trusted, transport, self(who.id))
			random := rand.New(rand.NewPCG(1, 2))
			batch := change{}
			for i := range n {
				batch[fmt.Sprintf("%06d", i)] = words(random, 3600)
				if len(batch) == 1000 || i == n-1 {
					who.publish(source.db, batch, nil)
					batch = change{}
				}
			}
			held, err := source.db.Head(who.id)
			if err != nil {
				b.Fatal(err)
			}
			peak := anonymous(b)
			for b.Loop() {
				target := newNode(b, trusted, transport, peers(source))
				for !target.holds(held) {
					time.Sleep(10 * time.Millisecond)
					peak = max(peak, anonymous(b))
				}
				target.stop()
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(peak)/(1<<20), "anon-MiB")
		})
	}
}

// words is text that compresses about as course descriptions do.
func words(r *rand.Rand, size int) string {
	var s strings.Builder
	for s.Len() < size {
		fmt.Fprintf(&s, "%x ", r.Uint32N(1<<20))
	}
	return s.String()
}

// anonymous is RssAnon of this process in bytes.
func anonymous(b *testing.B) int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("no /proc/self/status")
	}
	for line := range strings.Lines(string(text)) {
		var kb int64
		if _, err := fmt.Sscanf(line, "RssAnon: %d kB", &kb); err == nil {
			return kb << 10
		}
	}
	return 0
}

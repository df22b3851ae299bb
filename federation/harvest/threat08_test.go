package harvest_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// crowd is many institutions on one server, one of which may have a bad day.
type crowd struct {
	bad    string // what that one does
	lag    time.Duration
	mu     sync.Mutex
	served map[string]time.Time // when an institution's document had been sent
	ended  chan struct{}
}

const sick = "sick.example"

func (c *crowd) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/.well-known/quality-link-manifest":
		fmt.Fprintf(rw, `{"sources":[{"type":"elm","version":"3.2","path":"https://%s/a.ttl"}]}`, r.Host)
	case r.URL.Path != "/a.ttl":
		http.NotFound(rw, r)
	case r.Host == sick:
		c.sicken(rw)
	default:
		time.Sleep(c.lag)
		_, _ = io.WriteString(rw, document(course("urn:"+r.Host, r.Host)))
		c.mu.Lock()
		c.served[r.Host] = time.Now()
		c.mu.Unlock()
	}
}

func (c *crowd) sicken(rw http.ResponseWriter) {
	flush := rw.(http.Flusher).Flush
	switch c.bad {
	case "stalls":
		_, _ = io.WriteString(rw, "@prefix ")
		flush()
		<-c.ended
	case "drips":
		for {
			if _, err := io.WriteString(rw, "# one line after the other\n"); err != nil {
				return
			}
			flush()
			select {
			case <-c.ended:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	case "never ends":
		chunk := []byte(strings.Repeat("# comments without end, as fast as a good line allows\n", 1000))
		for {
			if _, err := rw.Write(chunk); err != nil {
				return
			}
			time.Sleep(2 * time.Millisecond) // some 25 MB/s: test and server share two cores
		}
	}
}

// harvestCrowd harvests n institutions, and the sick one when there is one, and says when the last of the n was
// done and by how much anonymous memory grew meanwhile.
func harvestCrowd(t *testing.T, n int, bad string) (took time.Duration, grown int64) {
	t.Helper()
	c := &crowd{bad: bad, lag: 20 * time.Millisecond, served: map[string]time.Time{}, ended: make(chan struct{})}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	t.Cleanup(sync.OnceFunc(func() { close(c.ended) }))
	hosts := map[string]string{}
	var domains []string
	if bad != "" {
		domains = append(domains, sick)
	}
	for i := range n {
		domains = append(domains, fmt.Sprintf("u%d.example", i))
	}
	for _, d := range domains {
		hosts[d] = strings.TrimPrefix(server.URL, "http://")
	}
	w := newWorld(t, func(w *world) { w.domains = domains })
	client, err := fetch.New(fetch.Config{
		Hosts: hosts, Resolver: "127.0.0.1:1", Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6}, MaxBytes: 256 << 20,
		Limits: fetch.Limits{Retries: -1, Idle: time.Second, Total: 2 * time.Second}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.harvester(client)
	before, peak := anonymous(t), int64(0)
	watched := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			peak = max(peak, anonymous(t))
			select {
			case <-watched:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	start := time.Now()
	report, err := w.h.All(t.Context(), harvest.Options{})
	close(watched)
	watching.Wait()
	if err != nil || report.New != n || (len(report.Errors) > 0) != (bad != "") {
		t.Fatalf("%s: %d new, %v, %v", bad, report.New, report.Errors, err)
	}
	for _, at := range c.served {
		took = max(took, at.Sub(start))
	}
	return took, peak - before
}

// anonymous memory of this process.
func anonymous(t *testing.T) int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("this system does not tell anonymous memory")
	}
	var kib int64
	_, rest, _ := strings.Cut(string(status), "RssAnon:")
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}

// A source that is slow, endless or silent delays the others by less than a tenth and costs at most 64 MiB.
func TestThreat08SlowSourceDelaysNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	institutions, tries := 24, 4
	if os.Getenv("COURSEMESH_SOAK") == "1" {
		institutions = 150
	}
	harvestCrowd(t, institutions, "") // warms up
	usual, usually := harvestCrowd(t, institutions, "")
	for _, bad := range []string{"stalls", "drips", "never ends"} {
		best, cost := time.Duration(1<<62), int64(1<<62)
		for range tries { // the machine does other things, too
			took, grown := harvestCrowd(t, institutions, bad)
			if best, cost = min(best, took), min(cost, grown-usually); best < usual*11/10 && cost <= 64<<20 {
				break
			}
			again, _ := harvestCrowd(t, institutions, "")
			usual = max(usual, again)
		}
		t.Logf("%s: the others took %v, usually %v; memory +%d MiB", bad, best, usual, cost>>20)
		if best >= usual*11/10 {
			t.Errorf("%s: the others took %v instead of %v", bad, best, usual)
		}
		if cost > 64<<20 {
			t.Errorf("%s: %d MiB more", bad, cost>>20)
		}
	}
}

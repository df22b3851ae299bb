package harvest_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// crowd is many institutions on one server, some of which have a bad day.
type crowd struct {
	lag    time.Duration
	mu     sync.Mutex
	served map[string]time.Time // when an institution's document had been sent
	ended  chan struct{}
}

// sicknesses of servers, by the first label of their names.
var sicknesses = []string{"mute", "stalled", "dripping", "endless"}

func (c *crowd) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	sickness, _, _ := strings.Cut(r.Host, "-")
	switch {
	case r.URL.Path == "/.well-known/quality-link-manifest":
		fmt.Fprintf(rw, `{"sources":[{"type":"elm","version":"3.2","path":"https://%s/a.ttl"}]}`, r.Host)
	case r.URL.Path != "/a.ttl":
		http.NotFound(rw, r)
	case slices.Contains(sicknesses, sickness):
		c.sicken(rw, sickness)
	default:
		time.Sleep(c.lag)
		_, _ = io.WriteString(rw, document(course("urn:"+r.Host, r.Host)))
		c.mu.Lock()
		c.served[r.Host] = time.Now()
		c.mu.Unlock()
	}
}

func (c *crowd) sicken(rw http.ResponseWriter, sickness string) {
	flush := rw.(http.Flusher).Flush
	switch sickness {
	case "mute":
		<-c.ended
	case "stalled":
		_, _ = io.WriteString(rw, "@prefix ")
		flush()
		<-c.ended
	case "dripping":
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
	case "endless":
		chunk := []byte(strings.Repeat("# comments without end, as fast as a good line allows\n", 1000))
		for {
			if _, err := rw.Write(chunk); err != nil {
				return
			}
			time.Sleep(2 * time.Millisecond) // some 25 MB/s: test and server share two cores
		}
	}
}

// harvestCrowd harvests n good institutions, and so many of each sickness among them. It says when the last of the
// good ones was done and by how much anonymous memory grew meanwhile.
func harvestCrowd(t *testing.T, n, ofEach int, lag time.Duration) (took time.Duration, grown int64) {
	t.Helper()
	c := &crowd{lag: lag, served: map[string]time.Time{}, ended: make(chan struct{})}
	server := httptest.NewServer(c)
	defer server.Close()
	defer close(c.ended)
	hosts := map[string]string{}
	var domains []string
	for i := range n {
		domains = append(domains, fmt.Sprintf("u%d.example", i))
	}
	for i := range ofEach {
		for k, sickness := range sicknesses { // all over the list, the first ones at its beginning
			at := (i*len(sicknesses) + k) * n / (ofEach * len(sicknesses))
			domains = slices.Insert(domains, at, fmt.Sprintf("%s-%d.example", sickness, i))
		}
	}
	for _, d := range domains {
		hosts[d] = strings.TrimPrefix(server.URL, "http://")
	}
	w := newWorld(t, func(w *world) { w.domains = domains })
	client, err := fetch.New(fetch.Config{
		Hosts: hosts, Resolver: "127.0.0.1:1", Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6}, MaxBytes: 256 << 20,
		Limits: fetch.Limits{Retries: -1, Header: 2 * time.Second, Idle: 2 * time.Second, Total: 4 * time.Second}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.harvester(client)
	runtime.GC()
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
	_ = w.db.Close()
	if err != nil || report.New != n || len(report.Errors) != ofEach*len(sicknesses) {
		t.Fatalf("%d new, %v, %v", report.New, report.Errors, err)
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

// Sources that are mute, slow, endless or stalled delay the others by less than a tenth and cost at most 64 MiB. Both
// ways are tried in turn, and the best of each is compared, since the machine does other things, too.
func TestThreat08SlowSourceDelaysNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	const ofEach = 1                                        // every one more is work of its own, which is no delay
	institutions, tries, lag := 24, 6, 500*time.Millisecond // long beside what a busy machine adds
	if os.Getenv("COURSEMESH_SOAK") == "1" {
		institutions, tries, lag = 150, 8, 20*time.Millisecond
	}
	harvestCrowd(t, institutions, 0, lag) // warms up
	const far = time.Duration(1 << 62)
	usual, with, usually, cost := far, far, int64(far), int64(far)
	ratio := func() float64 { return float64(with) / float64(usual) }
	for try := range tries {
		took, grown := harvestCrowd(t, institutions, 0, lag)
		usual, usually = min(usual, took), min(usually, grown)
		took, grown = harvestCrowd(t, institutions, ofEach, lag)
		with, cost = min(with, took), min(cost, grown)
		if try > 0 && ratio() < 1.1 && cost-usually <= 64<<20 {
			break
		}
	}
	t.Logf("%d good institutions took %v, with %d bad ones among them %v: ratio %.3f; anonymous memory %d MiB, then %d MiB",
		institutions, usual, ofEach*len(sicknesses), with, ratio(), usually>>20, cost>>20)
	if ratio() >= 1.1 {
		t.Errorf("the others took %v instead of %v", with, usual)
	}
	if cost-usually > 64<<20 {
		t.Errorf("%d MiB more", (cost-usually)>>20)
	}
}

// More servers that never answer than domains are harvested at a time: the one after them has its turn.
func TestThreat08MuteSourcesMakeWay(t *testing.T) {
	t.Parallel()
	c := &crowd{served: map[string]time.Time{}, ended: make(chan struct{})}
	served := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		c.ServeHTTP(rw, r)
		if r.Host == "last.example" && r.URL.Path == "/a.ttl" {
			close(served)
		}
	}))
	defer server.Close()
	hosts := map[string]string{}
	var domains []string
	for i := range 80 {
		domains = append(domains, fmt.Sprintf("mute-%d.example", i))
	}
	domains = append(domains, "last.example")
	for _, d := range domains {
		hosts[d] = strings.TrimPrefix(server.URL, "http://")
	}
	w := newWorld(t, func(w *world) { w.domains, w.patience = domains, 20*time.Millisecond })
	client, err := fetch.New(fetch.Config{
		Hosts: hosts, Resolver: "127.0.0.1:1", Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6},
		Limits: fetch.Limits{Retries: -1, Header: time.Minute}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.harvester(client)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { _, _ = w.h.All(ctx, harvest.Options{}) })
	select {
	case <-served:
	case <-time.After(40 * time.Second):
		t.Error("servers that never answer hold up the one after them")
	}
	cancel()
	close(c.ended)
	running.Wait()
}

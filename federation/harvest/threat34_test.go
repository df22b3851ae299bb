package harvest_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// census is many institutions that watch how they are asked.
type census struct {
	mu        sync.Mutex
	at        map[string][]time.Time
	all       []time.Time
	open      map[string]int
	unchanged int
	faults    []string
}

func (c *census) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	c.arrive(r)
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open[r.Host]--
	}()
	rw.Header().Set("ETag", `"same"`)
	switch {
	case r.URL.Path == "/.well-known/quality-link-manifest" || r.URL.Path == "/a.ttl":
		if r.Header.Get("If-None-Match") == `"same"` {
			c.mu.Lock()
			c.unchanged++
			c.mu.Unlock()
			rw.WriteHeader(http.StatusNotModified)
			return
		}
	default:
		http.NotFound(rw, r)
		return
	}
	if r.URL.Path == "/a.ttl" {
		fmt.Fprint(rw, document(course("urn:"+r.Host, r.Host)))
		return
	}
	fmt.Fprintf(rw, `{"sources":[{"type":"elm","path":"https://%s/a.ttl"}]}`, r.Host)
}

func (c *census) arrive(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.open[r.Host]++; c.open[r.Host] > 1 {
		c.faults = append(c.faults, r.Host+" was asked twice at a time")
	}
	if agent := r.UserAgent(); !strings.HasPrefix(agent, "coursemesh/") || !strings.Contains(agent, "+https://node.example/contact") {
		c.faults = append(c.faults, "the User-Agent is "+agent)
	}
	c.at[r.Host], c.all = append(c.at[r.Host], now), append(c.all, now)
}

// judge looks at the pace. Requests arrive a little later or earlier than they were sent.
func (c *census) judge() []string {
	const slack = 250 * time.Millisecond // a busy machine takes one up late
	for host, times := range c.at {
		for i := 1; i < len(times); i++ {
			if pause := times[i].Sub(times[i-1]); pause < time.Second-slack {
				c.faults = append(c.faults, fmt.Sprintf("%s was asked again after %v", host, pause))
			}
		}
	}
	slices.SortFunc(c.all, time.Time.Compare)
	for i := 21; i < len(c.all); i++ {
		if window := c.all[i].Sub(c.all[i-21]); window < time.Second-slack {
			c.faults = append(c.faults, fmt.Sprintf("22 requests within %v", window))
		}
	}
	return c.faults
}

// A crawl keeps to one request a second and at a time for each host and 20 a second in all, says who asks, and on its
// second pass is told by nearly everybody that nothing changed.
func TestThreat34Crawl(t *testing.T) {
	if testing.Short() {
		t.Skip("keeps the pace of the real thing")
	}
	t.Parallel()
	hosts := 40 // each twice in a pass
	if os.Getenv("COURSEMESH_SOAK") == "1" {
		hosts = 5000
	}
	c := &census{at: map[string][]time.Time{}, open: map[string]int{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	names := map[string]string{}
	var domains []string
	for i := range hosts {
		domains = append(domains, fmt.Sprintf("u%d.example", i))
		names[domains[i]] = strings.TrimPrefix(server.URL, "http://")
	}
	w := newWorld(t)
	client, err := fetch.New(fetch.Config{Hosts: names, Resolver: "127.0.0.1:1", Contact: "https://node.example/contact", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	pass := func() time.Duration {
		start := time.Now()
		for some := range slices.Chunk(domains, 150) { // a head holds 200 domains
			w.domains = some
			w.harvester(client)
			if _, err := w.h.All(t.Context(), harvest.Options{}); err != nil && hosts <= 200 {
				t.Fatal(err)
			}
		}
		return time.Since(start)
	}
	if hosts <= 200 { // one harvester for both passes, as in a node
		w.domains = domains
		w.harvester(client)
		pass = func() time.Duration {
			start := time.Now()
			if report, err := w.h.All(t.Context(), harvest.Options{}); err != nil || len(report.Errors) != 0 {
				t.Fatalf("%+v, %v", report.Errors, err)
			}
			return time.Since(start)
		}
	}
	first := pass()
	asked := len(c.all)
	second := pass()
	again := len(c.all) - asked
	t.Logf("%d hosts: %d requests in %v, then %d in %v, of which %d were 304", hosts, asked, first, again, second, c.unchanged)
	if first > 10*time.Minute || second > 10*time.Minute {
		t.Errorf("%v and %v for %d hosts", first, second, hosts)
	}
	if hosts <= 200 && c.unchanged*100 < again*95 {
		t.Errorf("%d of %d answers were 304", c.unchanged, again)
	}
	for _, fault := range c.judge() {
		t.Error(fault)
	}
}

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
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// census is many institutions that watch how they are asked. One in fifty is busy when its document is first asked
// for, and one in fifty has another document in each pass.
type census struct {
	mu        sync.Mutex
	pass      int
	at        map[string][]time.Time
	all       []time.Time
	open      map[string]int
	quiet     map[string]time.Time // until when a host asked to be left alone
	busy      int
	unchanged int
	faults    []string
}

const retryAfter = 3 * time.Second // what a busy institution asks for

// oneInFifty institutions, by their numbers.
func oneInFifty(host string, rest int) bool {
	var number int
	_, err := fmt.Sscanf(host, "u%d.example", &number)
	return err == nil && number%50 == rest
}

// What some do.
const (
	isBusy  = 7
	changes = 23
)

func (c *census) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	asked := c.arrive(r)
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open[r.Host]--
	}()
	etag, body := `"same"`, fmt.Sprintf(`{"sources":[{"type":"elm","version":"3.2","path":"https://%s/a.ttl"}]}`, r.Host)
	switch r.URL.Path {
	case "/.well-known/quality-link-manifest":
	case "/a.ttl":
		if asked == 2 && oneInFifty(r.Host, isBusy) {
			c.refuse(rw, r.Host)
			return
		}
		title := r.Host
		if oneInFifty(r.Host, changes) {
			title = fmt.Sprintf("pass %d", c.pass)
			etag = fmt.Sprintf("%q", title)
		}
		body = document(course("urn:"+r.Host, title))
	default:
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		c.mu.Lock()
		c.unchanged++
		c.mu.Unlock()
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	fmt.Fprint(rw, body)
}

func (c *census) refuse(rw http.ResponseWriter, host string) {
	c.mu.Lock()
	c.quiet[host] = time.Now().Add(retryAfter)
	c.busy++
	c.mu.Unlock()
	rw.Header().Set("Retry-After", fmt.Sprint(int(retryAfter.Seconds())))
	rw.WriteHeader(http.StatusServiceUnavailable)
}

// arrive notes a request, and gives how many its host has had.
func (c *census) arrive(r *http.Request) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.open[r.Host]++; c.open[r.Host] > 1 {
		c.faults = append(c.faults, r.Host+" was asked twice at a time")
	}
	if now.Before(c.quiet[r.Host]) {
		c.faults = append(c.faults, r.Host+" was asked before the time that Retry-After named")
	}
	if agent := r.UserAgent(); !strings.HasPrefix(agent, "coursemesh/") || !strings.Contains(agent, "+https://node.example/contact") {
		c.faults = append(c.faults, "the User-Agent is "+agent)
	}
	c.at[r.Host], c.all = append(c.at[r.Host], now), append(c.all, now)
	return len(c.at[r.Host])
}

// stalls are the times when this machine let nobody run: requests that were sent at their pace arrive in a heap then.
type stalls struct {
	mu   sync.Mutex
	seen []stall
}

type stall struct {
	end  time.Time
	took time.Duration
}

// watch notes by how much a short sleep is too long, until stop is called.
func (s *stalls) watch() (stop func()) {
	const beat, usual = 5 * time.Millisecond, 15 * time.Millisecond
	var done sync.WaitGroup
	ended := make(chan struct{})
	done.Go(func() {
		for last := time.Now(); ; last = time.Now() {
			select {
			case <-ended:
				return
			case <-time.After(beat):
			}
			if took := time.Since(last); took > usual {
				s.mu.Lock()
				s.seen = append(s.seen, stall{time.Now(), took})
				s.mu.Unlock()
			}
		}
	})
	return func() { close(ended); done.Wait() }
}

// about sums up the stalls from a second before a span to its end.
func (s *stalls) about(from, to time.Time) (sum time.Duration) {
	i, _ := slices.BinarySearchFunc(s.seen, from.Add(-time.Second), func(x stall, t time.Time) int { return x.end.Compare(t) })
	for ; i < len(s.seen) && s.seen[i].end.Add(-s.seen[i].took).Before(to); i++ {
		sum += s.seen[i].took
	}
	return sum
}

// slack is what requests differ in their ways to the server.
const slack = 100 * time.Millisecond

// judge looks at the pace: of each host, and of all in spans of a second and of ten.
func (c *census) judge(stalled *stalls) []string {
	early := func(from, to time.Time, least time.Duration) bool {
		return to.Sub(from) < least-slack-stalled.about(from, to)
	}
	for host, times := range c.at {
		for i := 1; i < len(times); i++ {
			if early(times[i-1], times[i], time.Second) {
				c.faults = append(c.faults, fmt.Sprintf("%s was asked again after %v", host, times[i].Sub(times[i-1])))
			}
		}
	}
	slices.SortFunc(c.all, time.Time.Compare)
	for _, seconds := range []int{1, 10} {
		for n, i := 20*seconds, 20*seconds; i < len(c.all); i++ {
			if early(c.all[i-n], c.all[i], time.Duration(seconds)*time.Second) {
				c.faults = append(c.faults, fmt.Sprintf("%d requests within %v", n+1, c.all[i].Sub(c.all[i-n])))
			}
		}
	}
	return c.faults
}

// A crawl keeps to one request a second and at a time for each host and 20 a second in all, says who asks, leaves
// alone who asks for it, and on its second pass is told by at least 95 % that nothing changed. Each pass over 5,000
// institutions takes ten minutes at most; what a head has no place for is said once.
func TestThreat34Crawl(t *testing.T) {
	if testing.Short() {
		t.Skip("keeps the pace of the real thing")
	}
	t.Parallel()
	hosts := 60 // each twice in a pass
	if os.Getenv("COURSEMESH_SOAK") == "1" {
		hosts = 5000
	}
	c := &census{at: map[string][]time.Time{}, open: map[string]int{}, quiet: map[string]time.Time{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	names := map[string]string{}
	var domains []string
	changing := 0
	for i := range hosts {
		domains = append(domains, fmt.Sprintf("u%d.example", i))
		names[domains[i]] = strings.TrimPrefix(server.URL, "http://")
		if oneInFifty(domains[i], changes) {
			changing++
		}
	}
	w := newWorld(t, func(w *world) { w.domains = domains })
	client, err := fetch.New(fetch.Config{Hosts: names, Resolver: "127.0.0.1:1", Contact: "https://node.example/contact", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.harvester(client)
	stalled := &stalls{}
	stop := stalled.watch()
	for pass, want := range []struct{ created, changed int }{{hosts, 0}, {0, changing}} {
		c.pass = pass
		asked, unchanged, start := len(c.all), c.unchanged, time.Now()
		report, err := w.h.All(t.Context(), harvest.Options{})
		took, same := time.Since(start), c.unchanged-unchanged
		asked = len(c.all) - asked
		if err != nil || len(report.Errors) != 0 || report.New != want.created || report.Changed != want.changed {
			t.Errorf("pass %d: %d new, %d changed, want %+v; %v, %v", pass+1, report.New, report.Changed, want, report.Errors, err)
		}
		t.Logf("pass %d over %d hosts: %d requests in %v, %d of them 304 (%.1f %%), %d asked to wait so far", pass+1, hosts, asked, took, same, 100*float64(same)/float64(asked), c.busy)
		if took > 10*time.Minute {
			t.Errorf("pass %d took %v for %d hosts", pass+1, took, hosts)
		}
		if pass == 1 && same*100 < asked*95 {
			t.Errorf("%d of %d answers of the second pass were 304", same, asked)
		}
		checkOverflow(t, w, report, hosts)
	}
	if c.busy == 0 || changing == 0 {
		t.Errorf("%d institutions asked to wait, %d changed: nothing was tried", c.busy, changing)
	}
	stop()
	faults := c.judge(stalled)
	for _, fault := range faults[:min(len(faults), 20)] {
		t.Error(fault)
	}
	t.Logf("%d violations; the machine stalled for %v in all", len(faults), stalled.about(time.Time{}, time.Now()))
}

// checkOverflow: the head lists what it has place for, and one finding says which are left out.
func checkOverflow(t *testing.T, w *world, report harvest.Report, hosts int) {
	t.Helper()
	left := max(0, hosts-federation.MaxDomains)
	head, err := w.db.Head(w.self)
	if err != nil || len(head.Domains) != hosts-left || int(head.Count) != hosts {
		t.Errorf("the head has %d records of %d domains: %v", head.Count, len(head.Domains), err)
	}
	if len(report.Unlisted) != left || len(report.Notes) != min(left, 1) {
		t.Errorf("%d left out, said by %d findings", len(report.Unlisted), len(report.Notes))
	}
}

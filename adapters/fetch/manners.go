package fetch

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// manners keeps the pace towards servers: requests a second and at a time, per host name and in all.
type manners struct {
	overall     *rate.Limiter
	interval    time.Duration // between two requests to one host
	connections int

	mu    sync.Mutex
	hosts map[string]*hostManners // guarded by mu
}

// hostManners of one host. Entries that nobody uses are dropped once their pace is forgotten anyway.
type hostManners struct {
	slots chan struct{}
	turn  chan struct{} // held by who waits to be the next
	last  time.Time     // when a request was last let go; guarded by turn
	users int           // waiting or holding a slot; guarded by manners.mu
	quiet time.Time     // until when the server asked to be left alone; guarded by manners.mu
}

const (
	longestQuiet = time.Hour   // that a server may ask for: it may have mistyped
	quietWaited  = time.Minute // for a server to be asked again, else the request fails
)

// hostsKept before unused entries are looked for.
const hostsKept = 1024

func newManners(p Politeness) *manners {
	m := &manners{
		overall:     rate.NewLimiter(rate.Inf, 1),
		connections: max(1, p.Connections),
		hosts:       map[string]*hostManners{},
	}
	if p.Overall >= 0 {
		m.overall.SetLimit(rate.Limit(p.Overall))
	}
	if p.PerHost > 0 {
		m.interval = time.Duration(float64(time.Second) / p.PerHost)
	}
	return m
}

// wait blocks until a request to host is polite, and returns what ends it.
func (m *manners) wait(ctx context.Context, host string) (done func(), err error) {
	h := m.enter(host)
	if err := take(ctx, h.slots); err != nil {
		m.leave(h)
		return nil, err
	}
	done = sync.OnceFunc(func() {
		<-h.slots
		m.leave(h)
	})
	if err := m.pace(ctx, h); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

func take(ctx context.Context, place chan struct{}) error {
	select {
	case place <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pace counts a host's interval from the moment its last request was let go: the wait for all hosts' sake comes
// after that for its own.
func (m *manners) pace(ctx context.Context, h *hostManners) error {
	if err := take(ctx, h.turn); err != nil {
		return err
	}
	defer func() { <-h.turn }()
	if pause := m.interval - time.Since(h.last); !h.last.IsZero() && pause > 0 {
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
	if err := m.hush(ctx, h); err != nil {
		return err
	}
	if err := m.overall.Wait(ctx); err != nil {
		return err
	}
	h.last = time.Now()
	return nil
}

// hush waits until the server no longer asks to be left alone.
func (m *manners) hush(ctx context.Context, h *hostManners) error {
	m.mu.Lock()
	pause := time.Until(h.quiet)
	m.mu.Unlock()
	switch {
	case pause > quietWaited:
		return fmt.Errorf("not asked: the server wants to be left alone for another %s (Retry-After)", pause.Round(time.Second))
	case pause > 0:
		return sleep(ctx, pause)
	}
	return nil
}

// heed remembers for all requests to a host that its server asked to be left alone.
func (m *manners) heed(host string, status int, header http.Header) {
	pause, asked := retryAfter(header.Get("Retry-After"), time.Now())
	if !asked || status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return
	}
	h := m.enter(host)
	defer m.leave(h)
	m.mu.Lock()
	defer m.mu.Unlock()
	h.quiet = time.Now().Add(min(pause, longestQuiet))
}

func (m *manners) enter(host string) *hostManners {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hosts[host]
	if h == nil {
		m.forget()
		h = &hostManners{slots: make(chan struct{}, m.connections), turn: make(chan struct{}, 1)}
		m.hosts[host] = h
	}
	h.users++
	return h
}

func (m *manners) leave(h *hostManners) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h.users--
}

// forget drops hosts whose interval is over, so that dropping them changes nothing. Callers hold mu.
func (m *manners) forget() {
	if len(m.hosts) < hostsKept {
		return
	}
	for name, h := range m.hosts {
		if h.users == 0 && time.Since(h.last) >= m.interval && time.Now().After(h.quiet) { // without users nobody holds the turn
			delete(m.hosts, name)
		}
	}
}

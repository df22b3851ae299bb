package fetch

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// manners keeps the pace towards servers: requests a second and at a time, per host name and in all.
type manners struct {
	overall     *rate.Limiter
	perHost     rate.Limit
	connections int

	mu    sync.Mutex
	hosts map[string]*hostManners // guarded by mu
}

// hostManners of one host. Entries that nobody uses are dropped once their pace is forgotten anyway.
type hostManners struct {
	pace  *rate.Limiter
	slots chan struct{}
	users int // waiting or holding a slot; guarded by manners.mu
}

// hostsKept before unused entries are looked for.
const hostsKept = 1024

func newManners(p Politeness) *manners {
	return &manners{
		overall:     rate.NewLimiter(limitOf(p.Overall), 1),
		perHost:     limitOf(p.PerHost),
		connections: max(1, p.Connections),
		hosts:       map[string]*hostManners{},
	}
}

func limitOf(perSecond float64) rate.Limit {
	if perSecond < 0 {
		return rate.Inf
	}
	return rate.Limit(perSecond)
}

// wait blocks until a request to host is polite, and returns what ends it.
func (m *manners) wait(ctx context.Context, host string) (done func(), err error) {
	h := m.enter(host)
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		m.leave(h)
		return nil, context.Cause(ctx)
	}
	done = sync.OnceFunc(func() {
		<-h.slots
		m.leave(h)
	})
	for _, limiter := range []*rate.Limiter{h.pace, m.overall} {
		if err := limiter.Wait(ctx); err != nil {
			done()
			return nil, err
		}
	}
	return done, nil
}

func (m *manners) enter(host string) *hostManners {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.hosts[host]
	if h == nil {
		m.forget()
		h = &hostManners{pace: rate.NewLimiter(m.perHost, 1), slots: make(chan struct{}, m.connections)}
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

// forget drops hosts whose limiter is full again, so that dropping them changes nothing. Callers hold mu.
func (m *manners) forget() {
	if len(m.hosts) < hostsKept {
		return
	}
	for name, h := range m.hosts {
		if h.users == 0 && h.pace.Tokens() >= 1 {
			delete(m.hosts, name)
		}
	}
}

package api

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// turns lets each client do so much, then one thing in every interval. Clients that were not seen for long are
// forgotten, so that many addresses cannot fill the memory.
type turns struct {
	mu      sync.Mutex
	clients *lru.Cache[netip.Prefix, *rate.Limiter]
	burst   int
	every   time.Duration
	now     func() time.Time
}

const maxClients = 16_384 // some 5 MiB

func newTurns(burst int, every time.Duration, now func() time.Time) *turns {
	clients, err := lru.New[netip.Prefix, *rate.Limiter](maxClients)
	if err != nil {
		panic("api: " + err.Error()) // a constant size
	}
	return &turns{clients: clients, burst: burst, every: every, now: now}
}

// turn is what a client got.
type turn struct {
	wait time.Duration // zero: it may go on
	left int           // that it may take at once
	full time.Duration // until it may take as many as at first
}

// take takes a turn of the client, or says how long it has to wait for one. An IPv6 client is its /64.
func (t *turns) take(client netip.Prefix) turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	limiter, ok := t.clients.Get(client)
	if !ok {
		limiter = rate.NewLimiter(rate.Every(t.every), t.burst)
		t.clients.Add(client, limiter)
	}
	now := t.now()
	reserved := limiter.ReserveN(now, 1)
	out := turn{wait: reserved.DelayFrom(now)}
	if out.wait > 0 {
		reserved.CancelAt(now)
	}
	tokens := limiter.TokensAt(now)
	out.left, out.full = max(0, int(tokens)), time.Duration((float64(t.burst)-tokens)*float64(t.every))
	return out
}

// seconds rounds up, for headers.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

func networkOf(address string) netip.Prefix {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{} // a Unix socket, or nobody: one client
	}
	bits := 64
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		bits = 32
	}
	return netip.PrefixFrom(ip, bits).Masked()
}

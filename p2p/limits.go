package p2p

import (
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"golang.org/x/time/rate"
)

// Streams of one protocol: in all, and with one peer, each direction counted for itself.
type streamLimit struct{ all, peer int }

// Limits beside libp2p's own. Bitswap opens a stream per reply of its wire and needs more than the default.
var streamLimits = map[protocol.ID]streamLimit{
	HeadsProtocol:         {all: 512, peer: 8},
	SyncProtocol:          {all: 128, peer: 8},
	ErasuresProtocol:      {all: 128, peer: 2},
	"/meshsub/1.3.0":      {all: 1024, peer: 4},
	"/meshsub/1.2.0":      {all: 1024, peer: 4},
	"/ipfs/bitswap":       {all: 256, peer: 64},
	"/ipfs/bitswap/1.0.0": {all: 256, peer: 64},
	"/ipfs/bitswap/1.1.0": {all: 256, peer: 64},
	"/ipfs/bitswap/1.2.0": {all: 1024, peer: 256},
}

const (
	streamMemory = 1 << 20 // reserved by stream buffers
	// Universities put many hosts behind one address.
	connsPerAddress = 64
	// A listing is at most about 40 MB in memory: 200,000 entries.
	maxListings = 4
	// Streams a peer may open to us: an exchange every few seconds and a sync per publisher need far less.
	budgetRate  = 20
	budgetBurst = 100
	maxBudgets  = 4096
)

// newResourceManager copies libp2p's defaults and adds a limit for every protocol we speak.
func newResourceManager() (network.ResourceManager, error) {
	limits := rcmgr.DefaultLimits
	for id, l := range streamLimits {
		limits.AddProtocolLimit(id, base(l.all), rcmgr.BaseLimitIncrease{})
		limits.AddProtocolPeerLimit(id, base(l.peer), rcmgr.BaseLimitIncrease{})
	}
	perAddress := func(bits, n int) rcmgr.ConnLimitPerSubnet {
		return rcmgr.ConnLimitPerSubnet{PrefixLength: bits, ConnCount: n}
	}
	return rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits.AutoScale()),
		rcmgr.WithMetricsDisabled(),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{perAddress(32, connsPerAddress), perAddress(24, 4*connsPerAddress)},
			[]rcmgr.ConnLimitPerSubnet{perAddress(64, connsPerAddress), perAddress(48, 4*connsPerAddress)},
		))
}

func base(streams int) rcmgr.BaseLimit {
	return rcmgr.BaseLimit{
		Streams: 2 * streams, StreamsInbound: streams, StreamsOutbound: streams,
		Memory: int64(streams) * streamMemory,
	}
}

// budget is the peer's allowance of new streams. Forgotten budgets start full again, which a peer cannot
// use for more than a burst.
func (h *Host) budget(p peer.ID) *rate.Limiter {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := h.budgets[p]
	if b == nil {
		if len(h.budgets) >= maxBudgets {
			clear(h.budgets)
		}
		b = rate.NewLimiter(budgetRate, budgetBurst)
		h.budgets[p] = b
	}
	return b
}

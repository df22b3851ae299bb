package p2p

import (
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/p2p/host/autorelay"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
)

// A relayed connection that no direct one replaced may carry this much: enough for head tables and small
// sets; bulk wants a direct connection, or following over HTTPS.
const (
	relayBytes = 256 << 20
	relayTime  = 2 * time.Hour
)

// relayOptions make a host reachable through relays, a relay itself, or neither. Hosts can always dial
// others through relays.
func relayOptions(cfg Config) ([]libp2p.Option, error) {
	options := []libp2p.Option{libp2p.EnableRelay()}
	if cfg.Relaying {
		resources := relay.DefaultResources()
		resources.Limit = &relay.RelayLimit{Duration: relayTime, Data: relayBytes}
		options = append(options, libp2p.EnableRelayService(relay.WithResources(resources)), libp2p.ForceReachabilityPublic())
	}
	if len(cfg.Relays) == 0 {
		return options, nil
	}
	relays, seeds, err := parsePeers(cfg.Relays)
	if err == nil && len(seeds) > 0 {
		err = fmt.Errorf("p2p: %s names no single relay", seeds[0])
	}
	if err != nil {
		return nil, err
	}
	return append(options,
		// Who names relays says that nobody can dial this host; waiting to find out would only take time.
		libp2p.ForceReachabilityPrivate(),
		libp2p.EnableAutoRelayWithStaticRelays(relays, autorelay.WithBootDelay(0), autorelay.WithBackoff(lastRedial)),
		libp2p.EnableHolePunching(),
	), nil
}

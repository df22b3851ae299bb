package p2p

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
	ma "github.com/multiformats/go-multiaddr"
	madns "github.com/multiformats/go-multiaddr-dns"
)

// Seeds are names instead of peers: /dnsaddr/nodes.example stands for whatever TXT records at
// _dnsaddr.nodes.example list, so a federation can change its nodes without its members changing anything.

const (
	seedEvery = 10 * time.Minute // a seed is resolved again
	seedRetry = 30 * time.Second
	maxSeeded = 64 // peers that one seed may name
)

// isSeed reports a dnsaddr without a peer's id.
func isSeed(a ma.Multiaddr) bool {
	_, err := a.ValueForProtocol(ma.P_DNSADDR)
	_, id := a.ValueForProtocol(ma.P_P2P)
	return err == nil && id != nil
}

// newResolver asks the given DNS server, "" the system's.
func newResolver(server string) (*madns.Resolver, error) {
	if server == "" {
		return madns.DefaultResolver, nil
	}
	dialer := &net.Dialer{}
	return madns.NewResolver(madns.WithDefaultResolver(&net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, network, server)
		},
	}))
}

// follow keeps the peers of a seed, for as long as the host lives.
func (h *Host) follow(seed ma.Multiaddr, names *madns.Resolver) {
	h.work.Go(func() {
		for h.ctx.Err() == nil {
			wait := seedEvery
			if err := h.resolve(seed, names); err != nil && h.ctx.Err() == nil {
				h.log.Warn("bootstrap name not resolved", "address", seed, "error", err, "again_in", seedRetry)
				wait = seedRetry
			}
			pause(h.ctx, wait, nil)
		}
	})
}

func (h *Host) resolve(seed ma.Multiaddr, names *madns.Resolver) error {
	ctx, cancel := context.WithTimeout(h.ctx, dialTimeout)
	defer cancel()
	found, err := names.Resolve(ctx, seed)
	if err != nil {
		return err
	}
	infos, err := peer.AddrInfosFromP2pAddrs(found[:min(len(found), maxSeeded)]...)
	if err != nil {
		return err
	}
	if len(infos) == 0 {
		return errors.New("it names no peer; expected TXT records dnsaddr=/dns4/.../p2p/12D3Koo... at _dnsaddr below the name")
	}
	for _, info := range infos {
		if info.ID != h.ID() {
			h.dialer.keep(info)
		}
	}
	return nil
}

// Neighbours on the same network find each other by multicast DNS, when asked to.
const mdnsService = "_coursemesh._udp"

type neighbours struct{ h *Host }

// HandlePeerFound connects once: who moves on to another network is not redialled for ever.
func (n neighbours) HandlePeerFound(info peer.AddrInfo) {
	if info.ID == n.h.ID() || n.h.IsConnected(info.ID) {
		return
	}
	n.h.work.Go(func() {
		ctx, cancel := context.WithTimeout(n.h.ctx, dialTimeout)
		defer cancel()
		if err := n.h.libp2p.Connect(ctx, info); err != nil {
			n.h.log.Debug("neighbour not reached", "peer", info.ID, "error", err)
		}
	})
}

func startMDNS(h host.Host, found mdns.Notifee) (stop func() error, err error) {
	service := mdns.NewMdnsService(h, mdnsService, found)
	if err := service.Start(); err != nil {
		return nil, fmt.Errorf("p2p: multicast DNS: %w; set p2p.mdns to false where the network has none", err)
	}
	return service.Close, nil
}

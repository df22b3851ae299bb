package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

// network is the part of a node that runs only while it serves: the libp2p host and what keeps copies of
// other publishers' sets.
type network struct {
	host    *p2p.Host
	replica *replica.Replica
}

func (n *Node) startNetwork(ctx context.Context) (*network, error) {
	r, err := replica.New(replica.Config{
		DB: n.db, Authority: n.authority, Chosen: n.chosen, Self: n.ids.Publisher, Erasures: n.erasures, Log: n.log, Now: n.cfg.Now,
		Quota: n.cfg.Limits.quota(), Quotas: n.cfg.Limits.quotas(), Unverified: n.cfg.Limits.unverified(),
		Restored: n.catalogue.Again,
	})
	if err != nil {
		return nil, err
	}
	remotes, err := n.remotes()
	if err != nil {
		return nil, fmt.Errorf("replicate.from: %w", err)
	}
	host, err := p2p.New(ctx, p2p.Config{
		Remotes: remotes, Outbound: len(remotes) > 0, NoBitswap: len(remotes) > 0,
		Mode: p2p.Mode(n.cfg.P2P.Mode), Invited: n.cfg.P2P.guests(), MDNS: n.cfg.P2P.MDNS, Resolver: n.cfg.Fetch.Resolver,
		Relays: n.cfg.P2P.Relays, Relaying: n.cfg.P2P.Relay,
		Key: n.keys.Host, Listen: n.cfg.P2P.Listen, Peers: n.cfg.P2P.Peers, UserAgent: "coursemesh/" + n.version, Erasures: n.erasures, Log: n.log,
	}, r)
	if err != nil {
		return nil, fmt.Errorf("p2p: %w", err)
	}
	return &network{host, r}, nil
}

func (w *network) run(ctx context.Context) error { return w.replica.Run(ctx, w.host) }

func (w *network) close() error { return w.host.Close() }

func (w *network) connect(ctx context.Context, address string) error {
	if _, err := peer.AddrInfoFromString(address); err != nil {
		return &api.AdminError{Message: fmt.Sprintf("%q is no peer address such as /dns4/node.example/tcp/4777/p2p/12D3Koo...: %v", address, err), Exit: api.ExitUsage}
	}
	return w.host.Connect(ctx, address)
}

func (w *network) ban(id, reason string) error {
	p, err := peer.Decode(id)
	if err != nil {
		return &api.AdminError{Message: fmt.Sprintf("%q is no peer id: %v", id, err), Exit: api.ExitUsage}
	}
	w.host.Ban(p, reason)
	if err := w.host.Disconnect(p); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// peers is what the API shows of the network; nothing while none is up.
func (n *Node) peers() []api.Peer {
	out := []api.Peer{}
	w := n.up()
	if w == nil {
		return out
	}
	for _, p := range w.replica.Peers() {
		out = append(out, api.Peer{ID: p.ID.String(), Addresses: p.Addrs, Connected: !p.Connected.IsZero(), LastSeen: p.LastSeen, Agent: p.Agent, Newer: p.Newer})
	}
	return out
}

// replicas is how far other publishers' heads are followed.
func (n *Node) replicas() map[federation.PublisherID]api.Replica {
	w := n.up()
	if w == nil {
		return nil
	}
	statuses, err := w.replica.Statuses()
	if err != nil {
		n.log.Error("replica status", "error", err)
		return nil
	}
	out := map[federation.PublisherID]api.Replica{}
	for _, s := range statuses {
		out[s.Publisher] = api.Replica{State: s.State, Behind: uint64(max(0, s.Missing-s.Fetched)), Reason: s.Reason}
	}
	return out
}

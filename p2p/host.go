package p2p

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
	ma "github.com/multiformats/go-multiaddr"
	madns "github.com/multiformats/go-multiaddr-dns"
	"golang.org/x/time/rate"
)

// Config of a host.
type Config struct {
	Key       crypto.PrivKey // Ed25519, of the host: never the publisher's
	Listen    []string       // multiaddrs; none: TCP and QUIC on all addresses, any port
	Peers     []string       // multiaddrs with /p2p/ID, kept connected
	UserAgent string
	NoBitswap bool          // leave out the bitswap server
	Erasures  ErasureSource // nil: notices of erasure are not exchanged
	Mode      Mode          // default open
	Invited   []peer.ID     // may connect in the modes that keep strangers out
	MDNS      bool          // find nodes of the same network by multicast DNS
	Resolver  string        // DNS server host:port for names in addresses; "" is the system's
	Relays    []string      // multiaddrs with /p2p/ID of relays, for a host that nobody can dial
	Relaying  bool          // be a relay for others
	Remotes   []Remote      // nodes followed over HTTPS
	Outbound  bool          // listen nowhere
	Log       *slog.Logger
}

// defaultListen takes any free port.
var defaultListen = []string{
	"/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1",
	"/ip6/::/tcp/0", "/ip6/::/udp/0/quic-v1",
}

// Connections are trimmed down to low once there are more than high; configured peers are never trimmed.
const (
	lowConns  = 400
	highConns = 600
)

// Host is a running libp2p host. Safe for concurrent use.
type Host struct {
	log      *slog.Logger
	backend  Backend
	erasures ErasureSource
	libp2p   host.Host
	gate     *gate
	remotes  map[peer.ID]Remote // never changed
	bans     *bans
	dialer   *dialer
	gossip   *gossip
	closers  []func() error

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // our goroutines and running stream handlers

	listings chan struct{} // slots for listings held in memory
	telling  sync.Mutex    // held while the backend is told who is connected

	mu      sync.Mutex // guards what follows
	seen    map[peer.ID]time.Time
	budgets map[peer.ID]*rate.Limiter
}

// New starts a host that listens, dials its peers, and serves from the backend until Close. The context
// bounds only the start.
func New(ctx context.Context, cfg Config, backend Backend) (*Host, error) {
	targets, seeds, err := parsePeers(cfg.Peers)
	if err != nil {
		return nil, err
	}
	names, err := newResolver(cfg.Resolver)
	if err != nil {
		return nil, fmt.Errorf("p2p: resolver: %w", err)
	}
	h := &Host{
		log: cfg.Log, backend: backend, erasures: cfg.Erasures, bans: newBans(time.Now), remotes: make(map[peer.ID]Remote),
		listings: make(chan struct{}, maxListings),
		seen:     make(map[peer.ID]time.Time), budgets: make(map[peer.ID]*rate.Limiter),
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	for _, r := range cfg.Remotes {
		h.remotes[r.id()] = r
	}
	h.gate = newGate(h.bans, cmp.Or(cfg.Mode, ModeOpen), cfg.Invited)
	if h.libp2p, err = newLibp2p(cfg, h.gate, names); err != nil {
		return nil, err
	}
	h.ctx, h.cancel = context.WithCancel(context.WithoutCancel(ctx))
	h.dialer = newDialer(h)
	h.closers = append(h.closers, h.libp2p.Close)
	if err := h.start(cfg, targets); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	for _, seed := range seeds {
		h.follow(seed, names)
	}
	return h, nil
}

// newLibp2p names every transport and the security explicitly: what libp2p adds by default in a later
// version must not widen what a node offers. No port mapping, no NAT service, and relays only where asked for.
func newLibp2p(cfg Config, gater *gate, names *madns.Resolver) (host.Host, error) {
	if cfg.Key == nil {
		return nil, errors.New("p2p: no host key")
	}
	resources, err := newResourceManager()
	if err != nil {
		return nil, fmt.Errorf("p2p: resource limits: %w", err)
	}
	conns, err := connmgr.NewConnManager(lowConns, highConns)
	if err != nil {
		return nil, fmt.Errorf("p2p: connection manager: %w", err)
	}
	relaying, err := relayOptions(cfg)
	if err != nil {
		return nil, err
	}
	h, err := libp2p.New(append(relaying,
		libp2p.Identity(cfg.Key),
		libp2p.NoListenAddrs, // listening begins once every handler is set
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Transport(quic.NewTransport),
		libp2p.Transport(websocket.New),
		libp2p.Security(noise.ID, noise.New),
		libp2p.ResourceManager(resources),
		libp2p.ConnectionManager(conns),
		libp2p.ConnectionGater(gater),
		libp2p.UserAgent(cfg.UserAgent),
		libp2p.MultiaddrResolver(swarm.ResolverFromMaDNS{Resolver: names}),
		libp2p.DisableMetrics(),
		// After a partition the detectors would refuse to dial whole address families.
		libp2p.UDPBlackHoleSuccessCounter(nil),
		libp2p.IPv6BlackHoleSuccessCounter(nil),
	)...)
	if err != nil {
		return nil, fmt.Errorf("p2p: make host: %w", err)
	}
	return h, nil
}

// listen takes the addresses it can; it fails when there is none, or when one that was asked for is bad.
func (h *Host) listen(texts []string) error {
	if len(texts) == 0 {
		texts = defaultListen
	}
	addrs := make([]ma.Multiaddr, len(texts))
	for i, t := range texts {
		var err error
		if addrs[i], err = ma.NewMultiaddr(t); err != nil {
			return fmt.Errorf("p2p: listen address %q: %w; expected a multiaddr such as /ip4/0.0.0.0/tcp/4001", t, err)
		}
	}
	if err := h.libp2p.Network().Listen(addrs...); err != nil {
		return fmt.Errorf("p2p: listen on %v: %w", texts, err)
	}
	return nil
}

func (h *Host) start(cfg Config, targets []peer.AddrInfo) error {
	h.libp2p.Network().Notify(&network.NotifyBundle{
		ConnectedF:    func(_ network.Network, c network.Conn) { h.connected(c) },
		DisconnectedF: func(_ network.Network, c network.Conn) { h.disconnected(c) },
	})
	h.libp2p.SetStreamHandler(HeadsProtocol, h.handler(requestIdle, h.serveHeads))
	h.libp2p.SetStreamHandler(SyncProtocol, h.handler(wantIdle, h.serveSync))
	if h.erasures != nil {
		h.libp2p.SetStreamHandler(ErasuresProtocol, h.handler(requestIdle, h.serveErasures))
	}
	if err := h.startGossip(); err != nil {
		return fmt.Errorf("p2p: gossip: %w", err)
	}
	if !cfg.NoBitswap {
		h.startBitswap()
	}
	if !cfg.Outbound {
		if err := h.listen(cfg.Listen); err != nil {
			return err
		}
	}
	if cfg.MDNS {
		stop, err := startMDNS(h.libp2p, neighbours{h})
		if err != nil {
			return err
		}
		h.closers = append(h.closers, stop)
	}
	for id := range h.remotes {
		h.backend.Connected(id)
	}
	for _, t := range targets {
		h.dialer.keep(t)
	}
	return nil
}

// Close ends all streams and connections and waits for everything the host started.
func (h *Host) Close() error {
	h.cancel()
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		errs = append(errs, h.closers[i]())
	}
	h.work.Wait()
	return errors.Join(errs...)
}

// ID is the host's peer ID.
func (h *Host) ID() peer.ID { return h.libp2p.ID() }

// Addrs are the full multiaddrs, with /p2p/ID, under which the host can be dialled.
func (h *Host) Addrs() []string {
	if len(h.libp2p.Addrs()) == 0 {
		return []string{} // it listens nowhere
	}
	addrs, err := peer.AddrInfoToP2pAddrs(&peer.AddrInfo{ID: h.ID(), Addrs: h.libp2p.Addrs()})
	if err != nil {
		return nil
	}
	out := make([]string, len(addrs))
	for i, a := range addrs {
		out[i] = a.String()
	}
	return out
}

// handler runs serve on each incoming stream, once the peer is within its budget.
func (h *Host) handler(idle time.Duration, serve func(context.Context, *wire, peer.ID) error) network.StreamHandler {
	return func(s network.Stream) {
		h.work.Add(1)
		defer h.work.Done()
		from := s.Conn().RemotePeer()
		if h.ctx.Err() != nil || !h.budget(from).Allow() {
			_ = s.Reset()
			return
		}
		stop := context.AfterFunc(h.ctx, func() { _ = s.Reset() })
		defer stop()
		err := serve(h.ctx, newWire(s, idle, func() { h.touch(from) }), from)
		if err != nil {
			h.log.Debug("stream ended", "peer", from, "protocol", s.Protocol(), "error", err)
			_ = s.Reset()
			h.judge(from, err)
			return
		}
		_ = s.Close()
	}
}

// judge penalises a peer whose bytes broke the protocol.
func (h *Host) judge(p peer.ID, err error) {
	if errors.Is(err, ErrProtocol) {
		h.Penalise(p, err.Error())
	}
}

// open starts a stream on an existing connection; dialling is the dialer's business alone. The stream is
// reset when the context ends.
func (h *Host) open(ctx context.Context, p peer.ID, proto protocol.ID, idle time.Duration) (*wire, error) {
	opening, cancel := context.WithTimeout(network.WithAllowLimitedConn(network.WithNoDial(ctx, string(proto)), string(proto)), requestIdle)
	defer cancel()
	if r, ok := h.remoteOf(p); ok {
		return h.openRemote(ctx, r, proto, idle)
	}
	s, err := h.libp2p.NewStream(opening, p, proto)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", proto, err)
	}
	w := newWire(s, idle, func() { h.touch(p) })
	w.stop = context.AfterFunc(ctx, func() { _ = s.Reset() })
	return w, nil
}

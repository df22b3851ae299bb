package p2p

import (
	"bytes"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/miekg/dns"
)

// linked reports whether two hosts hold a connection to each other.
func linked(a, b *Host) bool { return a.IsConnected(b.ID()) && b.IsConnected(a.ID()) }

func TestModes(t *testing.T) {
	t.Parallel()
	for mode, c := range map[Mode]struct{ stranger, guest, dials bool }{
		ModeOpen: {true, true, true}, ModeInvited: {false, true, true}, ModePrivate: {false, true, false},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			stranger, guest, other := newHost(t, newShelf(), nil), newHost(t, newShelf(), nil), newHost(t, newShelf(), nil)
			h := newHost(t, newShelf(), func(cfg *Config) { cfg.Mode, cfg.Invited = mode, []peer.ID{guest.ID()} })
			for who, want := range map[*Host]bool{stranger: c.stranger, guest: c.guest} {
				_ = who.Connect(t.Context(), h.Addrs()[0]) // refused after the handshake, when it already looks connected
				settled(t, func() bool { return linked(who, h) == want })
			}
			info := peer.AddrInfo{ID: other.ID(), Addrs: other.libp2p.Addrs()}
			if err := h.libp2p.Connect(t.Context(), info); (err == nil) != c.dials {
				t.Errorf("dialling a stranger: %v", err)
			}
			if err := h.Connect(t.Context(), other.Addrs()[0]); err != nil {
				t.Errorf("dialling whom the operator named: %v", err)
			}
		})
	}
	if _, err := ParseMode("closed"); err == nil {
		t.Error("a mode that there is not was taken")
	}
}

// A host that is turned away after the handshake does not dial on and on, and tells its operator why.
func TestTurnedAwayIsToldAndKeepsPace(t *testing.T) {
	t.Parallel()
	h := newHost(t, newShelf(), func(cfg *Config) { cfg.Mode = ModeInvited })
	var mu sync.Mutex
	var log bytes.Buffer
	said := func(words string) int {
		mu.Lock()
		defer mu.Unlock()
		return strings.Count(log.String(), words)
	}
	newHost(t, newShelf(), func(cfg *Config) {
		cfg.Peers = h.Addrs()
		cfg.Log = slog.New(slog.NewTextHandler(writerFunc(func(b []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			return log.Write(b)
		}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	begun := time.Now()
	for said("p2p.invited") == 0 || said("level=WARN") == 0 {
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("not told: %s", log.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
	if tries, most := said("dial failed")+said("cannot be reached"), 2+int(time.Since(begun)/(firstRedial/2)); tries > most {
		t.Errorf("%d attempts in %v, at most %d are civil", tries, time.Since(begun), most)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// settled requires a condition to come true, and to stay so.
func settled(t *testing.T, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if cond() {
			time.Sleep(200 * time.Millisecond)
			if cond() {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("not within 10 s")
		}
	}
}

func TestWebSocket(t *testing.T) {
	t.Parallel()
	h := newHost(t, newShelf(), func(cfg *Config) { cfg.Listen = []string{"/ip4/127.0.0.1/tcp/0/ws"} })
	if len(h.Addrs()) != 1 || !strings.Contains(h.Addrs()[0], "/ws/") {
		t.Fatalf("addresses %v", h.Addrs())
	}
	other := newHost(t, newShelf(), func(cfg *Config) { cfg.Peers = h.Addrs() })
	settled(t, func() bool { return linked(h, other) })
}

// A host that nobody can dial is reached through a relay, and heads are compared through it.
func TestRelay(t *testing.T) {
	t.Parallel()
	relay := newHost(t, newShelf(), func(cfg *Config) { cfg.Relaying = true })
	hidden := newHost(t, newShelf(), func(cfg *Config) { cfg.Outbound, cfg.Relays = true, relay.Addrs() })
	through := relay.Addrs()[0] + "/p2p-circuit/p2p/" + hidden.ID().String()
	seeker := newHost(t, newShelf(), func(cfg *Config) { cfg.Peers = []string{through} })
	settled(t, func() bool { return linked(seeker, hidden) }) // once the place is reserved
	x, err := seeker.Compare(t.Context(), hidden.ID(), NewTable(nil))
	if err != nil {
		t.Fatal(err)
	}
	x.Close()
}

// A name stands for the peers that its TXT records list, and for others once they change.
func TestSeeds(t *testing.T) {
	t.Parallel()
	target := newHost(t, newShelf(), nil)
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg)
		m.SetReply(q)
		if q.Question[0].Name == "_dnsaddr.nodes.example." && q.Question[0].Qtype == dns.TypeTXT {
			m.Answer = []dns.RR{&dns.TXT{
				Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 1},
				Txt: []string{"dnsaddr=" + target.Addrs()[0]},
			}}
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	h := newHost(t, newShelf(), func(cfg *Config) {
		cfg.Peers, cfg.Resolver = []string{"/dnsaddr/nodes.example"}, conn.LocalAddr().String()
	})
	settled(t, func() bool { return linked(h, target) })
}

func TestParsePeers(t *testing.T) {
	t.Parallel()
	id := testKeyID(t)
	for text, want := range map[string]string{
		"/ip4/127.0.0.1/tcp/1/p2p/" + id: "peer", "/dns4/node.example/tcp/443/wss/p2p/" + id: "peer",
		"/dnsaddr/nodes.example": "seed", "/dnsaddr/nodes.example/p2p/" + id: "peer",
		"/ip4/127.0.0.1/tcp/1": "", "node.example": "", "": "",
	} {
		peers, seeds, err := parsePeers([]string{text})
		got := map[bool]string{true: ""}[err != nil]
		if len(peers) == 1 {
			got = "peer"
		} else if len(seeds) == 1 {
			got = "seed"
		}
		if got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func testKeyID(t *testing.T) string {
	t.Helper()
	id, err := peer.IDFromPrivateKey(testKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

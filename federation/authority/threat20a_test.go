package authority_test

import (
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/miekg/dns"
)

// spoofedDNS is a name server under an attacker's control: every name announces a manifest of the attacker's.
func spoofedDNS(t *testing.T) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg)
		answer.SetReply(q)
		if q.Question[0].Qtype == dns.TypeTXT {
			answer.Answer = append(answer.Answer, &dns.TXT{
				Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET},
				Txt: []string{"v=qldiscover1; m=https://evil.example/manifest"},
			})
		}
		_ = w.WriteMsg(answer)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return conn.LocalAddr().String()
}

// client of a world whose hosts are elsewhere now.
func (w *world) reach(t *testing.T, c fetch.Config) {
	t.Helper()
	c.Limits, c.Log = fetch.Limits{Retries: -1}, slog.New(slog.DiscardHandler)
	c.Politeness = fetch.Politeness{PerHost: 1e6, Overall: 1e6}
	client, err := fetch.New(c)
	if err != nil {
		t.Fatal(err)
	}
	w.cfg.Fetch = client
	w.restart(t)
}

// TestThreat20aPosing: whoever controls names, other domains or pages below an institution's site speaks for nobody,
// and the institution's own publisher goes on counting.
func TestThreat20aPosing(t *testing.T) {
	t.Parallel()
	good, evil := publisher(t), publisher(t)
	posing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // at every path but the three on uni.example
		if r.Host == "uni.example" && strings.HasPrefix(r.URL.Path, "/.well-known/") {
			http.NotFound(w, r)
			return
		}
		lists(evil)(w, r)
	})
	plain := httptest.NewServer(posing)
	t.Cleanup(plain.Close)
	downgrade := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+"/x", http.StatusFound)
	}))
	t.Cleanup(downgrade.Close)
	foreign := httptest.NewTLSServer(lists(evil)) // its certificate is for example.com
	t.Cleanup(foreign.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: foreign.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	origin := strings.TrimPrefix(plain.URL, "http://")
	for name, attack := range map[string]struct {
		domain string
		fetch  fetch.Config
	}{
		"DNS announces another manifest, and there are user pages": {"uni.example", fetch.Config{
			Resolver: spoofedDNS(t), Hosts: map[string]string{"uni.example": origin, "evil.example": origin, "old.example": origin},
		}},
		"the name leads to a server without its certificate": {"uni.example", fetch.Config{
			Resolver: "127.0.0.1:1", CAFiles: []string{ca}, Hosts: map[string]string{"uni.example": foreign.URL},
		}},
		"its certificate is of nobody known": {"uni.example", fetch.Config{
			Resolver: "127.0.0.1:1", Hosts: map[string]string{"uni.example": foreign.URL},
		}},
		"it redirects to plain http": {"example.com", fetch.Config{
			Resolver: "127.0.0.1:1", CAFiles: []string{ca}, Hosts: map[string]string{"example.com": downgrade.URL}, AllowCIDRs: []string{"127.0.0.0/8"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, []string{attack.domain}, federation.Provider{
				ID: attack.domain, Website: "https://www.uni.example/", Aliases: []string{"old.example", "https://evil.example/"},
			})
			w.set(attack.domain, lists(good))
			w.check(t, attack.domain, time.Hour)
			w.reach(t, attack.fetch)
			for range 3 {
				w.check(t, attack.domain, day)
				w.expect(t, good, attack.domain, federation.Delegated)
			}
			if w.Best(evil) != federation.Unverified {
				t.Error("the attacker's publisher counts")
			}
			for _, other := range []string{"old.example", "evil.example"} { // a former id, and a domain that was bought
				if _, err := w.Check(t.Context(), other); !errors.Is(err, authority.ErrUnknown) {
					t.Errorf("%s: %v", other, err)
				}
			}
		})
	}
}

// A hundred institutions on a bought parent domain: each one's own domain decides, and none hears the parent.
func TestThreat20aSharedParent(t *testing.T) {
	t.Parallel()
	var hosts []string
	var providers []federation.Provider
	for i := range 100 {
		host := fmt.Sprintf("u%d.parent.example", i)
		hosts, providers = append(hosts, host), append(providers, federation.Provider{ID: host})
	}
	w := newWorld(t, append(hosts, "parent.example"), providers...)
	evil, good := publisher(t), publisher(t)
	w.set("parent.example", lists(evil))
	for _, host := range hosts[:50] {
		w.set(host, lists(good))
	}
	accepted, kept := 0, 0
	for i, host := range hosts {
		w.check(t, host, time.Hour)
		if w.Standing(evil, host, nobody).Class.Speaks() {
			accepted++
		}
		if i < 50 && w.Standing(good, host, nobody).Class == federation.Delegated {
			kept++
		}
	}
	if accepted != 0 || kept != 50 {
		t.Errorf("%d foreign publishers accepted, %d of 50 good ones kept", accepted, kept)
	}
}

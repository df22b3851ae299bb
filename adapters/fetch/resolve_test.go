package fetch_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// reply answers A and AAAA questions with the addresses of that kind.
func reply(w dns.ResponseWriter, q *dns.Msg, addresses ...string) {
	m := new(dns.Msg).SetReply(q)
	question := q.Question[0]
	for _, text := range addresses {
		a := netip.MustParseAddr(text)
		header := dns.RR_Header{Name: question.Name, Rrtype: question.Qtype, Class: dns.ClassINET}
		switch {
		case question.Qtype == dns.TypeA && a.Is4():
			m.Answer = append(m.Answer, &dns.A{Hdr: header, A: a.AsSlice()})
		case question.Qtype == dns.TypeAAAA && a.Is6():
			m.Answer = append(m.Answer, &dns.AAAA{Hdr: header, AAAA: a.AsSlice()})
		}
	}
	_ = w.WriteMsg(m)
}

// zone is what a test's name server knows.
type zone struct {
	mu    sync.Mutex
	names map[string]netip.Addr
}

func newZone() *zone { return &zone{names: map[string]netip.Addr{}} }

func (z *zone) set(name string, a netip.Addr) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.names[dns.Fqdn(name)] = a
}

func (z *zone) serve(w dns.ResponseWriter, q *dns.Msg) {
	z.mu.Lock()
	a, ok := z.names[strings.ToLower(q.Question[0].Name)]
	z.mu.Unlock()
	if ok {
		reply(w, q, a.String())
		return
	}
	m := new(dns.Msg).SetRcode(q, dns.RcodeNameError)
	_ = w.WriteMsg(m)
}

func TestLookupTXT(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	c := client(t, func(config *fetch.Config) {
		config.Resolver = nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
			m := new(dns.Msg).SetReply(q)
			header := dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}
			overUDP := w.LocalAddr().Network() == "udp"
			switch q.Question[0].Name {
			case "split.example.":
				m.Answer = []dns.RR{
					&dns.TXT{Hdr: header, Txt: []string{"v=qldiscover1; m=https://a.exa", "mple/"}},
					&dns.CNAME{Hdr: dns.RR_Header{Name: header.Name, Rrtype: dns.TypeCNAME, Class: dns.ClassINET}, Target: "x.example."},
					&dns.TXT{Hdr: header, Txt: []string{`back\\slash \"quoted\" \195\169`}},
				}
			case "big.example.":
				if overUDP {
					m.Truncated = true
				} else {
					m.Answer = []dns.RR{&dns.TXT{Hdr: header, Txt: []string{strings.Repeat("x", 255), strings.Repeat("y", 255)}}}
				}
			case "lost.example.":
				if asked.Add(1) == 1 {
					return
				}
				m.Answer = []dns.RR{&dns.TXT{Hdr: header, Txt: []string{"second"}}}
			case "none.example.":
				m.Rcode = dns.RcodeNameError
			case "broken.example.":
				m.Rcode = dns.RcodeServerFailure
			case "other.example.":
				m.Question[0].Name = "evil.example."
			case "silent.example.":
				return
			}
			_ = w.WriteMsg(m)
		})
	})
	for name, want := range map[string][]string{
		"split.example": {"v=qldiscover1; m=https://a.example/", "back\\slash \"quoted\" é"},
		"big.example":   {strings.Repeat("x", 255) + strings.Repeat("y", 255)},
		"lost.example":  {"second"},
		"none.example":  nil, "empty.example": nil,
	} {
		got, err := c.LookupTXT(t.Context(), name)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	for _, name := range []string{"broken.example", "other.example", "silent.example"} {
		start := time.Now()
		if got, err := c.LookupTXT(t.Context(), name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %q %v", name, got, err)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%s: gave up after %v", name, took)
		}
	}
}

func TestResolverIsAskedForAddresses(t *testing.T) {
	t.Parallel()
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	names := newZone()
	names.set("uni.example", netip.MustParseAddr(outside))
	c := client(t, func(config *fetch.Config) { config.Resolver = nameServer(t, names.serve) })
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	if _, body, err := get(t, c, fetch.Request{URL: "http://uni.example:" + port + "/"}); err != nil || body != "uni.example:"+port {
		t.Errorf("%q %v", body, err)
	}
	if _, _, err := get(t, c, fetch.Request{URL: "http://other.example:" + port + "/"}); err == nil || !strings.Contains(err.Error(), "no such host") {
		t.Errorf("an unknown name: %v", err)
	}
}

// proxyServer tunnels every target to one place and remembers what it was asked for.
func proxyServer(t *testing.T, to string) (address string, asked func() []string) {
	t.Helper()
	listener, err := net.Listen("tcp", inside+":0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var lines []string
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				reader := bufio.NewReader(conn)
				r, err := http.ReadRequest(reader)
				if err != nil {
					return
				}
				mu.Lock()
				lines = append(lines, r.Method+" "+r.RequestURI+" "+r.Header.Get("Proxy-Authorization"))
				mu.Unlock()
				far, err := net.Dial("tcp", to)
				if err != nil {
					_, _ = io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\n\r\n")
					return
				}
				defer func() { _ = far.Close() }()
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
				go func() { _, _ = io.Copy(far, reader) }()
				_, _ = io.Copy(conn, far)
			}()
		}
	}()
	t.Cleanup(func() { _ = listener.Close() })
	return listener.Addr().String(), func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), lines...)
	}
}

func TestProxyKeepsTheGuards(t *testing.T) {
	t.Parallel()
	s := serve(t, inside, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Host) })
	address, asked := proxyServer(t, s.Listener.Addr().String())
	names := newZone()
	names.set("uni.example", netip.MustParseAddr("93.184.216.34"))
	names.set("inside.example", netip.MustParseAddr("10.0.0.1"))
	c := client(t, func(config *fetch.Config) {
		config.Proxy = "http://user:word@" + address
		config.Resolver = nameServer(t, names.serve)
	})
	if _, body, err := get(t, c, fetch.Request{URL: "http://uni.example/"}); err != nil || body != "uni.example" {
		t.Errorf("%q %v", body, err)
	}
	for _, url := range []string{"http://inside.example/", "http://10.0.0.1/", "http://uni.example:8080/", "http://0x7f.1/"} {
		if _, _, err := get(t, c, fetch.Request{URL: url}); !errors.Is(err, fetch.ErrRefused) {
			t.Errorf("%s: %v", url, err)
		}
	}
	if diff := cmp.Diff([]string{"CONNECT 93.184.216.34:80 Basic dXNlcjp3b3Jk"}, asked()); diff != "" {
		t.Error(diff)
	}
}

func TestProxyThatRefuses(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"403": "HTTP/1.1 403 Forbidden\r\n\r\n", "malformed": "hello\r\n\r\n", "too long": strings.Repeat("x", 70<<10)} {
		listener, err := net.Listen("tcp", inside+":0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = http.ReadRequest(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, answer)
				_ = conn.Close()
			}
		}()
		c := client(t, func(config *fetch.Config) { config.Proxy = "http://" + listener.Addr().String() })
		if _, _, err := get(t, c, fetch.Request{URL: "http://93.184.216.34/", NoRetry: true}); err == nil || !strings.Contains(err.Error(), "fetch.proxy") || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

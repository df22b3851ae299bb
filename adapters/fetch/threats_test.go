package fetch_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

func TestThreat10Redirects(t *testing.T) {
	t.Parallel()
	var leaked atomic.Int64
	leaks := func(r *http.Request) bool {
		body, _ := io.ReadAll(r.Body)
		return strings.Contains(fmt.Sprint(r.Header, r.URL.RawQuery, string(body)), "secret")
	}
	other := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		if leaks(r) {
			leaked.Add(1)
		}
		_, _ = io.WriteString(w, "other")
	})
	var back string
	pong := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		if leaks(r) {
			leaked.Add(1)
		}
		http.Redirect(w, r, back, http.StatusTemporaryRedirect)
	})
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		switch hop, _ := strconv.Atoi(r.URL.Query().Get("n")); {
		case r.URL.Path == "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case r.URL.Path == "/chain" && hop > 0:
			http.Redirect(w, r, "/chain?n="+strconv.Itoa(hop-1), http.StatusMovedPermanently)
		case r.URL.Path == "/other":
			status, _ := strconv.Atoi(r.URL.Query().Get("s"))
			http.Redirect(w, r, other.URL, status)
		case r.URL.Path == "/pong":
			http.Redirect(w, r, pong.URL, http.StatusTemporaryRedirect)
		case r.URL.Path == "/back" && leaks(r):
			leaked.Add(1)
		case r.URL.Path == "/same":
			http.Redirect(w, r, "/key", http.StatusFound)
		case r.URL.Path == "/key":
			_, _ = io.WriteString(w, r.Header.Get("X-Key"))
		}
	})
	back = s.URL + "/back"
	c := client(t, nil)
	credentials := http.Header{"Authorization": {"secret"}, "X-Key": {"secret"}, "Cookie": {"secret=1"}}
	for _, k := range []struct {
		request fetch.Request
		refused bool
		body    string
	}{
		{fetch.Request{URL: s.URL + "/loop"}, true, ""},
		{fetch.Request{URL: s.URL + "/chain?n=5"}, false, ""},
		{fetch.Request{URL: s.URL + "/chain?n=6"}, true, ""},
		{fetch.Request{URL: s.URL + "/same", Header: credentials, SameOrigin: true}, false, "secret"},
		{fetch.Request{URL: s.URL + "/other?s=302", Header: credentials}, false, "other"},
		{fetch.Request{URL: s.URL + "/other?s=308", Header: credentials}, false, "other"},
		{fetch.Request{URL: s.URL + "/other?s=302", Header: credentials, SameOrigin: true}, true, ""},
		{fetch.Request{URL: s.URL + "/pong", Header: credentials}, false, ""},
		{fetch.Request{Method: "POST", URL: s.URL + "/other?s=302", Body: []byte("secret")}, false, "other"},
		{fetch.Request{Method: "POST", URL: s.URL + "/other?s=307", Body: []byte("secret")}, true, ""},
	} {
		_, body, err := get(t, c, k.request)
		if errors.Is(err, fetch.ErrRefused) != k.refused || body != k.body || err != nil && !k.refused {
			t.Errorf("%s: %q %v", k.request.URL, body, err)
		}
	}
	if leaked.Load() != 0 {
		t.Errorf("%d leaks", leaked.Load())
	}
}

func TestThreat10Downgrade(t *testing.T) {
	t.Parallel()
	var target string
	s := serve(t, inside, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, target, http.StatusFound)
		}
	})
	plain := serve(t, outside, func(http.ResponseWriter, *http.Request) {})
	c := client(t, func(config *fetch.Config) {
		config.Hosts = map[string]string{"uni.example": s.Listener.Addr().String(), "two.example": s.Listener.Addr().String()}
	})
	for to, refused := range map[string]bool{
		plain.URL: true, "http://other.example/": true, "http://uni.example:1/": true,
		"http://uni.example/x": false, "http://two.example/x": false, "//two.example/x": false, "/x": false,
		"file:///etc/passwd": true, "gopher://two.example/": true, "https://user@two.example/x": true,
	} {
		target = to
		response, _, err := get(t, c, fetch.Request{URL: "https://uni.example/"})
		if errors.Is(err, fetch.ErrRefused) != refused || err != nil && !refused {
			t.Errorf("%s: %v", to, err)
		}
		if err == nil && !response.CountsAsHTTPS {
			t.Errorf("%s does not count as https", to)
		}
	}
}

// spellings of inside addresses as a URL's host.
func spellings() []string {
	list := []string{
		"localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "0", "0.0.0.0", "0x7f.1", "0x7f000001", "0X7F000001", "2130706433",
		"017700000001", "0177.0.0.1", "0x7f.0x0.0x0.0x1", "127.0.0.0x1", "1.0x7f", "0127.0.0.1", "00000127.0.0.1", "127.0.0.1.", "127.000.000.001", "3232235521", "0xa000001",
		"012.0.0.1", "10.1", "169.254.43518", "0xa9fea9fe", "2852039166", "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]",
		"[::1%25lo]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
	}
	for _, text := range closedAddresses {
		if a := netip.MustParseAddr(text); a.Zone() == "" && a.Is6() {
			text = "[" + text + "]"
		}
		if !strings.Contains(text, "%") {
			list = append(list, text)
		}
	}
	return list
}

// Every spelling of an inside address, asked for directly, as the target of a redirect, and as the answer of a name
// server: nothing may touch the canary.
func TestThreat11InsideAddresses(t *testing.T) {
	// The environment's proxy must be ignored as well.
	address, touched := canary(t)
	t.Setenv("HTTP_PROXY", "http://"+address)
	t.Setenv("HTTPS_PROXY", "http://"+address)
	_, port, _ := net.SplitHostPort(address)
	var target atomic.Value
	redirector := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, target.Load().(string), http.StatusFound)
	})
	names := newZone()
	c := client(t, func(config *fetch.Config) {
		config.Resolver = nameServer(t, names.serve)
		config.Limits.Header = 2 * time.Second
	})
	cases, method := 0, http.MethodGet
	refused := func(what, url string) {
		cases++
		response, _, err := get(t, c, fetch.Request{Method: method, URL: url, NoRetry: true})
		if err == nil {
			t.Errorf("%s: %s gives %d", what, url, response.Status)
		} else if !errors.Is(err, fetch.ErrRefused) && !strings.Contains(err.Error(), "localhost: lookup localhost") {
			t.Errorf("%s: %s was tried: %v", what, url, err)
		}
	}
	for _, host := range spellings() {
		for _, u := range []string{"http://" + host + "/", "http://" + host + ":" + port + "/"} {
			refused("direct", u)
			target.Store(u)
			refused("redirect", redirector.URL)
			method = http.MethodPost // as to a token endpoint
			refused("direct, POST", u)
			method = http.MethodGet
		}
	}
	for i, text := range closedAddresses {
		if a := netip.MustParseAddr(text).WithZone(""); !a.Is4In6() { // no AAAA record holds one
			name := fmt.Sprintf("n%d.example", i)
			names.set(name, a)
			refused("DNS", "http://"+name+"/")
			refused("DNS", "https://"+name+":"+port+"/")
		}
	}
	for _, p := range []string{"22", "25", "6379", "8080", port} {
		refused("port", "http://93.184.216.34:"+p+"/")
	}
	t.Logf("%d cases", cases)
	if cases < 200 || touched.Load() != 0 {
		t.Errorf("%d of %d cases touched the canary", touched.Load(), cases)
	}
}

// twinPlaces is one port that a server outside and a trap inside share.
func twinPlaces(t *testing.T) (port string, trap net.Listener) {
	t.Helper()
	for range 50 {
		s := serve(t, outside, func(http.ResponseWriter, *http.Request) {})
		_, port, _ = net.SplitHostPort(s.Listener.Addr().String())
		trap, err := net.Listen("tcp", net.JoinHostPort(inside, port))
		if err == nil {
			return port, trap
		}
	}
	t.Fatal("no port is free in both places")
	return "", nil
}

// A name that is outside when it is looked at and inside when it is used.
func TestThreat12Rebinding(t *testing.T) {
	t.Parallel()
	port, trap := twinPlaces(t)
	var touched atomic.Int64
	go func() {
		for {
			conn, err := trap.Accept()
			if err != nil {
				return
			}
			touched.Add(1)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = trap.Close() })
	var turn atomic.Int64
	c := client(t, func(config *fetch.Config) {
		config.Resolver = nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
			answers := []string{outside, inside}
			if n := turn.Add(1); n%3 == 0 {
				answers = answers[1:]
			} else if n%3 == 1 {
				answers = answers[:1]
			}
			reply(w, q, answers...)
		})
	})
	rounds, reached := 1000, 0
	if testing.Short() {
		rounds = 60
	}
	for range rounds {
		if _, _, err := get(t, c, fetch.Request{URL: "http://rebind.example:" + port + "/", NoRetry: true}); err == nil {
			reached++
		} else if !errors.Is(err, fetch.ErrRefused) {
			t.Fatal(err)
		}
		c.Close() // so that every round connects anew
	}
	if touched.Load() != 0 || reached == 0 {
		t.Errorf("%d of %d connections went inside, %d outside", touched.Load(), rounds, reached)
	}
}

// Row 34: who is asked by one answer to come back later leaves the whole server alone until then.
func TestThreat34RetryAfterHoldsForEveryRequest(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if after := r.URL.Query().Get("after"); after != "" {
			w.Header().Set("Retry-After", after)
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	c := client(t, nil)
	ask := func(path string) (*fetch.Response, error) {
		response, _, err := get(t, c, fetch.Request{URL: s.URL + path, NoRetry: true})
		return response, err
	}
	if _, err := ask("/one?after=1"); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if response, err := ask("/other"); err != nil || response.Status != 200 || time.Since(start) < 900*time.Millisecond {
		t.Errorf("asked again after %v: %+v, %v", time.Since(start), response, err)
	}
	if response, err := ask("/one?after=120"); err != nil || response.Status != http.StatusServiceUnavailable {
		t.Errorf("%+v, %v", response, err)
	}
	if _, err := ask("/other"); err == nil || !strings.Contains(err.Error(), "left alone for another") || calls.Load() != 3 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

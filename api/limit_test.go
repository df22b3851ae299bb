package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/dunglas/httpsfv"
)

// limited is an API over a node's catalogue whose clients may send so many requests a minute.
type limited struct {
	t     testing.TB
	api   *api.API
	clock atomic.Int64
}

func newLimited(t testing.TB, n *node, requests int, proxies ...string) *limited {
	t.Helper()
	l := &limited{t: t}
	var err error
	l.api, err = api.New(api.Config{
		DB: n.db, Catalogue: n.catalogue, Authority: n.authority, Index: n.index, Requests: requests, TrustedProxies: proxies,
		Sync: http.NotFoundHandler(), Now: func() time.Time { return now.Add(time.Duration(l.clock.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *limited) get(from, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	if r.RemoteAddr = from; from != "" && from != "@" {
		r.RemoteAddr = "[" + from + "]:1234"
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	l.api.ServeHTTP(w, r)
	return w
}

// item reads a header of one item with a name and whole numbers as parameters.
func (l *limited) item(header http.Header, name string) map[string]int64 {
	l.t.Helper()
	list, err := httpsfv.UnmarshalList(header.Values(name))
	if err != nil || len(list) != 1 {
		l.t.Fatalf("%s %q: %v", name, header.Values(name), err)
	}
	item := list[0].(httpsfv.Item)
	if item.Value != "requests" {
		l.t.Errorf("%s is about %v", name, item.Value)
	}
	out := map[string]int64{}
	for _, key := range item.Params.Names() {
		v, _ := item.Params.Get(key)
		out[key] = v.(int64)
	}
	return out
}

func TestRequestsOfAClientAreLimited(t *testing.T) {
	t.Parallel()
	l := newLimited(t, sample(t), 6)
	for i := range int64(6) {
		w := l.get("192.0.2.1", "/v1/node")
		policy, left := l.item(w.Header(), "RateLimit-Policy"), l.item(w.Header(), "RateLimit")
		if w.Code != http.StatusOK || policy["q"] != 6 || policy["w"] != 60 || left["r"] != 5-i || left["t"] != 10*(i+1) {
			t.Errorf("request %d: %d, %v %v", i+1, w.Code, policy, left)
		}
	}
	w := l.get("192.0.2.1", "/")
	var problem api.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != http.StatusTooManyRequests || problem.Status != w.Code || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if left := l.item(w.Header(), "RateLimit"); left["r"] != 0 || left["t"] != 10 || w.Header().Get("Retry-After") != "10" {
		t.Errorf("%v, retry after %s", left, w.Header().Get("Retry-After"))
	}
	if exposed := w.Header().Get("Access-Control-Expose-Headers"); !strings.Contains(exposed, "RateLimit-Policy") || !strings.Contains(exposed, "Retry-After") {
		t.Errorf("exposed: %s", exposed)
	}
	for _, other := range []string{"192.0.2.2", "::ffff:192.0.2.3", "2001:db8::1"} {
		if w := l.get(other, "/v1/node"); w.Code != http.StatusOK {
			t.Errorf("another client %s: %d", other, w.Code)
		}
	}
	for _, target := range []string{"/livez", "/readyz"} {
		if w := l.get("192.0.2.1", target); w.Code != http.StatusOK || w.Header().Get("RateLimit") != "" {
			t.Errorf("%s: %d %v", target, w.Code, w.Header())
		}
	}
	after, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if err != nil {
		t.Fatal(err)
	}
	l.clock.Add(int64(after) * int64(time.Second))
	if w := l.get("192.0.2.1", "/v1/nothing"); w.Code != http.StatusNotFound || l.item(w.Header(), "RateLimit")["r"] != 0 {
		t.Errorf("after the wait: %d %v", w.Code, w.Header())
	}
}

func TestWhoIsOneClient(t *testing.T) {
	t.Parallel()
	n := sample(t)
	for name, c := range map[string]struct {
		proxies []string
		from    [2]string
		header  [2]string
		one     bool
	}{
		"addresses of an IPv6 network":        {nil, [2]string{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9"}, [2]string{}, true},
		"IPv6 networks":                       {nil, [2]string{"2001:db8:1:2::1", "2001:db8:1:3::1"}, [2]string{}, false},
		"one address in two forms":            {nil, [2]string{"192.0.2.1", "::ffff:192.0.2.1"}, [2]string{}, true},
		"clients of a trusted proxy":          {[]string{"10.0.0.0/8"}, [2]string{"10.0.0.1", "10.0.0.1"}, [2]string{"192.0.2.1", "192.0.2.2"}, false},
		"clients of a proxy nobody trusts":    {nil, [2]string{"10.0.0.1", "10.0.0.1"}, [2]string{"192.0.2.1", "192.0.2.2"}, true},
		"one client through a trusted proxy":  {[]string{"10.0.0.0/8"}, [2]string{"10.0.0.1", "10.0.0.2"}, [2]string{"192.0.2.1", "192.0.2.1"}, true},
		"what a client says of itself before": {[]string{"10.0.0.0/8"}, [2]string{"10.0.0.1", "10.0.0.1"}, [2]string{"198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1"}, true},
	} {
		l := newLimited(t, n, 1, c.proxies...)
		var codes [2]int
		for i := range codes {
			codes[i] = l.get(c.from[i], "/v1/node", "X-Forwarded-For", c.header[i]).Code
		}
		if codes[0] != http.StatusOK || (codes[1] == http.StatusTooManyRequests) != c.one {
			t.Errorf("%s: %v", name, codes)
		}
	}
	l := newLimited(t, n, 1)
	for _, from := range []string{"", "@"} { // inside a command, and over the admin socket
		for range 3 {
			if w := l.get(from, "/v1/node"); w.Code != http.StatusOK || w.Header().Get("RateLimit") != "" {
				t.Errorf("from %q: %d", from, w.Code)
			}
		}
	}
}

// The description of the API names the limit and what tells where a client stands.
func TestLimitIsDescribed(t *testing.T) {
	t.Parallel()
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Headers map[string]any
				Content map[string]any
			}
		}
	}
	w := newLimited(t, sample(t), 6).get("192.0.2.1", "/openapi.json")
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			refused := op.Responses["429"]
			if refused.Headers["Retry-After"] == nil || refused.Content["application/problem+json"] == nil || op.Responses["200"].Headers["RateLimit"] == nil || op.Responses["200"].Headers["Retry-After"] != nil {
				t.Errorf("%s %s: %+v", method, path, op.Responses)
			}
		}
	}
}

// A whole page of the portal and a harvest of the API page by page stay below the limit that nodes have by default.
func TestOrdinaryUseIsNotLimited(t *testing.T) {
	t.Parallel()
	l := newLimited(t, sample(t), 30_000)
	for i := range 2000 { // 200,000 courses at once
		if w := l.get("192.0.2.1", "/v1/courses?limit=100"); w.Code != http.StatusOK {
			t.Fatalf("request %d: %d", i, w.Code)
		}
	}
}

// TestThreat22Addresses: requests from many addresses do not fill the memory.
func TestThreat22Addresses(t *testing.T) {
	n := sample(t)
	l := newLimited(t, n, 30_000)
	request := func(i int) {
		if w := l.get(fmt.Sprintf("2001:db8:%x:%x::1", i>>16, i&0xffff), "/nothing"); w.Code != http.StatusNotFound {
			t.Fatalf("address %d: %d", i, w.Code)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 40_000 {
		request(i)
	}
	if grown := int64(heap()) - int64(before); grown > 12<<20 {
		t.Errorf("40,000 addresses take %d bytes", grown)
	}
	if got := l.item(l.get("2001:db8::1", "/v1/node").Header(), "RateLimit")["r"]; got != 29_999 {
		t.Errorf("the address seen longest ago is remembered: %d left", got)
	}
	if got := l.item(l.get(fmt.Sprintf("2001:db8:0:%x::1", 39_999), "/v1/node").Header(), "RateLimit")["r"]; got != 29_998 {
		t.Errorf("the address seen last is forgotten: %d left", got)
	}
}

package api_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
)

// TestThreat22: connections that dribble or send giant headers do not slow honest clients down. It is not
// parallel, since it measures time: other tests must not be what slows the clients.
func TestThreat22(t *testing.T) {
	n := sample(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := api.Server(n.api)
	if server.ReadHeaderTimeout != 5*time.Second || server.MaxHeaderBytes > 16<<10 || server.WriteTimeout == 0 || server.IdleTimeout == 0 {
		t.Errorf("limits: %+v", server)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	defer serving.Wait()
	defer server.Close()
	address := "http://" + listener.Addr().String()
	alone := honest(t, address)
	for range 200 {
		c, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprint(c, "GET /v1/courses HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	}
	// A busy machine is slow with and without the attack: what it takes alone is allowed on top.
	if p, limit := honest(t, address)[98], 200*time.Millisecond+alone[98]; p > limit {
		t.Errorf("99 of 100 honest requests take up to %v, limit %v", p, limit)
	}
	giant, _ := http.NewRequest(http.MethodGet, address+"/v1/courses", nil)
	giant.Header.Set("X-Giant", strings.Repeat("a", 64<<10))
	r, err := http.DefaultClient.Do(giant)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a giant header gives %d", r.StatusCode)
	}
}

// honest returns how long 100 requests take, sorted.
func honest(t *testing.T, address string) (took []time.Duration) {
	for range 100 {
		began := time.Now()
		r, err := http.Get(address + "/v1/courses?q=data")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took
}

// Whatever a client sends as path and query, the answer is one of the documented kinds.
func FuzzRequest(f *testing.F) {
	n := sample(f)
	for _, seed := range []string{
		"/v1/courses?q=data&limit=5&ects.gte=1", "/v1/courses/urn:x?format=turtle", "/v1/courses/%2F%2e%2e%2f?provider=%00", "/?provider=a&eqf=6",
		"/courses/a%20b", "/ipfs/bafy?format=car", "/v1/resolve?id=did:web:x:courseId:y", "/v1/dumps/..%2f", "/v1/courses?cursor=AQ&facets=eqf,,language", "/v1/changes?since=0&what=course&limit=3", "/v1/changes?since=0123456789abcdef-1-9", "/v1/statistics?provider=uni.example&cursor=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		r, err := http.NewRequest(http.MethodGet, "http://node.example"+target, nil)
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		r.RequestURI = target
		w := httptest.NewRecorder()
		n.api.ServeHTTP(w, r)
		if w.Code >= 500 && w.Code != http.StatusServiceUnavailable && !strings.HasPrefix(target, "/ipfs/") {
			t.Errorf("%q: %d %s", target, w.Code, w.Body)
		}
	})
}

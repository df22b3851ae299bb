package fetch_test

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// The tests know two places on loopback: 127.0.0.2 stands for the public internet, since the configuration allows
// it, and 127.0.0.1 for the inside of a network, which nothing may reach.
const (
	outside = "127.0.0.2"
	inside  = "127.0.0.1"
)

// client reaches outside and knows no manners, unless change says otherwise.
func client(t testing.TB, change func(*fetch.Config)) *fetch.Client {
	t.Helper()
	config := fetch.Config{
		AllowCIDRs: []string{outside + "/32"},
		Politeness: fetch.Politeness{PerHost: -1, Overall: -1, Connections: 100},
		Contact:    "https://node.example/",
		Version:    "1.2.3",
	}
	if change != nil {
		change(&config)
	}
	c, err := fetch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve starts a server on one of the two places. A fault of the machine, not of the code, skips the test.
func serve(t testing.TB, place string, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(place, "0"))
	if err != nil {
		t.Skipf("this machine has no %s: %v", place, err)
	}
	s := &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// canary counts connections to the inside.
func canary(t *testing.T) (address string, touched *atomic.Int64) {
	t.Helper()
	touched = new(atomic.Int64)
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
			touched.Add(1)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String(), touched
}

// get reads a whole answer.
func get(t *testing.T, c *fetch.Client, r fetch.Request) (*fetch.Response, string, error) {
	t.Helper()
	response, err := c.Do(t.Context(), r)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	return response, string(body), err
}

// certificateFile holds what a test server presents, to be trusted.
func certificateFile(t *testing.T, s *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// bothPorts finds a port that is free for UDP and TCP.
func bothPorts(t *testing.T) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		packets, err := net.ListenPacket("udp", inside+":0")
		if err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, listener
		}
		_ = packets.Close()
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

// nameServer runs a DNS server on UDP and TCP and gives its address.
func nameServer(t *testing.T, handler dns.HandlerFunc) string {
	t.Helper()
	packets, listener := bothPorts(t)
	for _, s := range []*dns.Server{{PacketConn: packets, Handler: handler}, {Listener: listener, Handler: handler}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			_ = s.ActivateAndServe()
		}()
		<-started
		t.Cleanup(func() {
			_ = s.ShutdownContext(context.WithoutCancel(t.Context()))
			<-stopped
		})
	}
	return packets.LocalAddr().String()
}

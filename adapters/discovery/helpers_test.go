package discovery_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// world is a small internet on loopback: one HTTPS server for many names, with a certificate of a throw-away
// authority, and one name server. Tests say what is where.
type world struct {
	t      *testing.T
	client *fetch.Client

	mu    sync.Mutex
	pages map[string]http.HandlerFunc // host and path
	txt   map[string][]string         // name
	asked []string                    // host and path, in order
}

// newWorld knows these hosts; any other has no address.
func newWorld(t *testing.T, hosts ...string) *world {
	t.Helper()
	w := &world{t: t, pages: map[string]http.HandlerFunc{}, txt: map[string][]string{}}
	certificate, authority := issue(t, hosts)
	origin := w.serve(&tls.Config{Certificates: []tls.Certificate{certificate}})
	config := fetch.Config{
		Hosts: map[string]string{}, CAFiles: []string{authority}, Resolver: w.nameServer(),
		Politeness: fetch.Politeness{PerHost: -1, Overall: -1},
		Limits:     fetch.Limits{Header: 2 * time.Second},
	}
	for _, host := range hosts {
		config.Hosts[host] = "https://" + origin
	}
	client, err := fetch.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	w.client = client
	return w
}

// issue makes an authority and a certificate of it for the hosts that do not begin with "untrusted".
func issue(t *testing.T, hosts []string) (tls.Certificate, string) {
	t.Helper()
	caKey, caTemplate := newKey(t), &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "throw-away"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leafKey, leaf := newKey(t), &x509.Certificate{SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour)}
	for _, host := range hosts {
		if host != "untrusted.example" {
			leaf.DNSNames = append(leaf.DNSNames, host)
		}
	}
	caBytes, err := x509.CreateCertificate(rand.Reader, caTemplate, caTemplate, caKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	leafBytes, err := x509.CreateCertificate(rand.Reader, leaf, caTemplate, leafKey.Public(), caKey)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caBytes}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{leafBytes}, PrivateKey: leafKey}, file
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// serve answers for every host and gives its address.
func (w *world) serve(config *tls.Config) string {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		w.t.Fatal(err)
	}
	server := &http.Server{Handler: w, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Serve(listener)
	}()
	w.t.Cleanup(func() {
		_ = server.Close()
		<-stopped
	})
	return listener.Addr().String()
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.asked = append(w.asked, r.Host+r.URL.Path)
	page := w.pages[r.Host+r.URL.Path]
	w.mu.Unlock()
	if page == nil {
		http.NotFound(out, r)
		return
	}
	page(out, r)
}

func (w *world) page(place string, handler http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[place] = handler
}

// announce replaces the TXT records of a name.
func (w *world) announce(name string, records ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.txt[name] = records
}

// visits since the last call.
func (w *world) visits() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = nil
	return asked
}

func (w *world) nameServer() string {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	started, stopped := make(chan struct{}), make(chan struct{})
	server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(w.answer), NotifyStartedFunc: func() { close(started) }}
	go func() {
		defer close(stopped)
		_ = server.ActivateAndServe()
	}()
	<-started
	w.t.Cleanup(func() {
		_ = server.ShutdownContext(context.Background())
		<-stopped
	})
	return packets.LocalAddr().String()
}

// answer knows TXT records only. A record "FAIL" makes the server fail.
func (w *world) answer(out dns.ResponseWriter, q *dns.Msg) {
	name := q.Question[0].Name
	w.mu.Lock()
	records := w.txt[name[:len(name)-1]]
	w.mu.Unlock()
	m := new(dns.Msg).SetReply(q)
	for _, text := range records {
		if text == "FAIL" {
			m.Rcode = dns.RcodeServerFailure
			break
		}
		if q.Question[0].Qtype == dns.TypeTXT {
			half := len(text) / 2 // in two character-strings
			m.Answer = append(m.Answer, &dns.TXT{
				Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET}, Txt: []string{text[:half], text[half:]},
			})
		}
	}
	_ = out.WriteMsg(m)
}

// Kinds of pages.
func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

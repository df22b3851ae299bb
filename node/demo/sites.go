package demo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/coursemesh/coursemesh/node/demo/institutions"
	"github.com/miekg/dns"
)

// site is an institution's web server on loopback.
type site struct {
	institutions.Institution
	dir    string
	origin string // https://127.0.0.1:port
}

// openSites starts one HTTPS server per institution, with certificates of a throw-away authority, and the
// name server that knows their TXT records.
func (f *federation) openSites(all []institutions.Institution) error {
	authority, err := newAuthority(f.caFile())
	if err != nil {
		return err
	}
	for _, inst := range all {
		cert, err := authority.certify(inst.Domain, "*."+inst.Domain)
		if err != nil {
			return err
		}
		listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
		if err != nil {
			return err
		}
		server := &http.Server{
			Handler: f.doors[inst.Domain].before(institutions.Handler(f.institutions(), inst)), ReadHeaderTimeout: 10 * time.Second,
			ErrorLog: log.New(io.Discard, "", 0),
		}
		f.serve(func() error { return server.Serve(listener) }, server.Close)
		f.sites = append(f.sites, site{inst, inst.Dir(f.institutions()), "https://" + listener.Addr().String()})
	}
	return f.openNames()
}

// serve runs a server until close, which waits for it.
func (f *federation) serve(run, stop func() error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = run() // ends with stop
	}()
	f.closers = append(f.closers, func() error {
		err := stop()
		<-done
		return err
	})
}

func (f *federation) caFile() string { return filepath.Join(f.root, "ca.pem") }

// certificateAuthority signs for the time of one demo; its key is never written.
type certificateAuthority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

const certificateLife = 30 * 24 * time.Hour

func newAuthority(file string) (*certificateAuthority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "coursemesh demo"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(certificateLife),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &certificateAuthority{cert, key}, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

func (a *certificateAuthority) certify(names ...string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// openNames starts the name server: it knows the institutions' TXT records, and that nothing else exists.
func (f *federation) openNames() error {
	records := map[string]string{}
	for _, s := range f.sites {
		records[dns.Fqdn(s.Domain)] = s.TXT()
	}
	udp, tcp, err := pairOfPorts()
	if err != nil {
		return err
	}
	f.resolver = udp.LocalAddr().String()
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) { _ = w.WriteMsg(reply(q, records)) })
	for _, server := range []*dns.Server{{PacketConn: udp, Handler: handler}, {Listener: tcp, Handler: handler}} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		f.serve(server.ActivateAndServe, func() error { return server.ShutdownContext(context.Background()) })
		<-started
	}
	return nil
}

// pairOfPorts takes one free port for UDP and TCP.
func pairOfPorts() (net.PacketConn, net.Listener, error) {
	var last error
	for range 20 {
		udp, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		tcp, err := net.Listen("tcp", udp.LocalAddr().String())
		if err == nil {
			return udp, tcp, nil
		}
		last = errors.Join(err, udp.Close())
	}
	return nil, nil, last
}

func reply(q *dns.Msg, records map[string]string) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(q)
	if len(q.Question) != 1 {
		m.Rcode = dns.RcodeFormatError
		return m
	}
	name := dns.CanonicalName(q.Question[0].Name)
	text, known := records[name]
	if !known {
		m.Rcode = dns.RcodeNameError
		return m
	}
	if text != "" && q.Question[0].Qtype == dns.TypeTXT {
		m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 60}, Txt: []string{text}}}
	}
	return m
}

// Package fetch is the one guarded HTTP client. Whatever URL it is handed, by a manifest, a redirect or an
// operator, it promises:
//
//   - The address of every connection is checked as it is made, after name resolution, so no answer of a name
//     server and no spelling of an address reaches the inside of a network. Exemptions are the operator's alone.
//   - Headers, bodies, decompression, redirects, retries and every wait are limited.
//   - Credentials stay at the origin they were meant for, and no error or log line shows them or a query string.
//   - Strangers' servers see one request at a time, one a second, with a way to reach us.
//
// Proxies of the environment are ignored. It imports nothing of ours and knows no format.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"
)

// ErrRefused is wrapped when a guard refused; the text names the guard and the setting that would allow it.
var ErrRefused = errors.New("refused")

// Config is the configuration block `fetch` of coursemesh.yaml. The zero value is a working client that reaches
// public addresses only.
type Config struct {
	AllowCIDRs []string          // may be reached although private, over plain http and any port
	Hosts      map[string]string // exact host name -> origin ("127.0.0.1:8081" means http; "https://127.0.0.1:8443" is verified for the mapped name); see ParseHosts
	Resolver   string            // DNS server host:port to ask, also for TXT; "" means the system's
	CAFiles    []string          // PEM files of further certificate authorities
	Proxy      string            // http or https URL of an outgoing proxy that allows CONNECT
	MaxBytes   int64             // of one answer as sent; default 256 MiB
	Contact    string            // URL or address for the User-Agent
	Version    string            // of the program, for the User-Agent; default that of the build
	Politeness Politeness
	Limits     Limits
	Log        *slog.Logger // default: discards
}

// Politeness towards the servers of others. Zero fields take the default; a negative rate means no limit.
type Politeness struct {
	PerHost     float64 // requests per second to one host name; default 1
	Overall     float64 // requests per second in all; default 20
	Connections int     // requests at a time to one host name; default 1
}

// Limits in time and size. Zero fields take the default.
type Limits struct {
	Header  time.Duration // from connecting to the end of the header; default 10 s each for dial, handshake and header
	Idle    time.Duration // between two reads of a body; default 30 s
	Total   time.Duration // for one request with its body; default 10 min
	Retries time.Duration // spent waiting for retries of one request; default 60 s, negative means no retry
	Decoded int64         // bytes of one answer after decompression; default 1 GiB
}

const (
	defaultMaxBytes  = 256 << 20
	defaultDecoded   = 1 << 30
	maxHeaderBytes   = 64 << 10
	maxRedirects     = 5
	maxURL           = 8 << 10
	dnsTimeout       = 2 * time.Second
	idleConnections  = 64
	idleConnLifetime = 30 * time.Second
)

// withDefaults fills what is not set.
func (c Config) withDefaults() Config {
	c.MaxBytes = either(c.MaxBytes, defaultMaxBytes)
	c.Politeness.PerHost = either(c.Politeness.PerHost, 1)
	c.Politeness.Overall = either(c.Politeness.Overall, 20)
	c.Politeness.Connections = either(c.Politeness.Connections, 1)
	c.Limits.Header = either(c.Limits.Header, 10*time.Second)
	c.Limits.Idle = either(c.Limits.Idle, 30*time.Second)
	c.Limits.Total = either(c.Limits.Total, 10*time.Minute)
	c.Limits.Retries = either(c.Limits.Retries, time.Minute)
	c.Limits.Decoded = either(c.Limits.Decoded, defaultDecoded)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func either[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// Client fetches. Safe for concurrent use; Close it when done.
type Client struct {
	config    Config
	allow     []netip.Prefix
	hosts     map[string]origin
	names     resolver
	proxy     *proxy
	manners   *manners
	transport *http.Transport
	agent     string
}

// New checks the configuration. It opens nothing.
func New(config Config) (*Client, error) {
	c := &Client{config: config.withDefaults()}
	var err error
	if c.allow, err = parsePrefixes(config.AllowCIDRs); err != nil {
		return nil, err
	}
	if c.hosts, err = parseOrigins(config.Hosts); err != nil {
		return nil, err
	}
	if c.names, err = newResolver(config.Resolver); err != nil {
		return nil, err
	}
	if c.agent, err = userAgent(config.Version, config.Contact); err != nil {
		return nil, err
	}
	roots, err := certificates(config.CAFiles)
	if err != nil {
		return nil, err
	}
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	if c.proxy, err = parseProxy(config.Proxy, tlsConfig); err != nil {
		return nil, err
	}
	c.manners = newManners(c.config.Politeness)
	c.transport = c.newTransport(tlsConfig)
	return c, nil
}

func (c *Client) newTransport(tlsConfig *tls.Config) *http.Transport {
	return &http.Transport{
		DialContext:            c.dial,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    c.config.Limits.Header,
		ResponseHeaderTimeout:  c.config.Limits.Header,
		MaxResponseHeaderBytes: maxHeaderBytes,
		MaxIdleConns:           idleConnections,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idleConnLifetime,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // decompression is ours, under caps
	}
}

// Close drops idle connections. Requests under way are not disturbed.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Request of one URL.
type Request struct {
	Method             string // default GET
	URL                string // absolute, http or https
	Header             http.Header
	Body               []byte
	ETag, LastModified string // make the request conditional
	MaxBytes           int64  // of the answer, as sent and decompressed; 0: the client's limits
	SameOrigin         bool   // refuse redirects to another origin (the request carries credentials)
	NoRetry            bool   // one attempt; the caller comes again anyway
}

// Response of one request. The caller closes Body, which is capped in bytes, in decompression ratio and idle time;
// it yields decompressed bytes, and an error rather than a short body when a cap is passed.
type Response struct {
	URL           string // after redirects
	Status        int
	Header        http.Header
	Body          io.ReadCloser
	CountsAsHTTPS bool // https all the way, or plain http by an entry of Hosts
}

// LookupTXT asks the configured resolver (2 s limit) for TXT records; each record's character-strings are joined.
// A name without TXT records, or that does not exist, gives none and no error.
func (c *Client) LookupTXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	records, err := c.names.LookupTXT(ctx, name)
	var dnsError *net.DNSError
	if errors.As(err, &dnsError) && dnsError.IsNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("TXT records of %s: %w", name, err)
	}
	return records, nil
}

// certificates are the system's authorities and those of the files.
func certificates(files []string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, file := range files {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("fetch.ca_files: %w", err)
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("fetch.ca_files: %s holds no PEM certificate", file)
		}
	}
	return pool, nil
}

// userAgent says who asks and how to reach them.
func userAgent(version, contact string) (string, error) {
	if strings.ContainsFunc(version+contact, func(c rune) bool { return c < ' ' || c > '~' || c == '(' || c == ')' }) {
		return "", errors.New("fetch.contact: write a URL or mail address in ASCII, without parentheses")
	}
	if info, ok := debug.ReadBuildInfo(); ok && version == "" {
		version = strings.Trim(info.Main.Version, "()")
	}
	agent := "coursemesh/" + either(version, "devel")
	if contact != "" {
		agent += " (+" + contact + ")"
	}
	return agent, nil
}

// Package fetch is the one guarded HTTP client: every address is checked in the dialer on the
// connected address, every body, header, redirect chain and wait is capped, credentials never
// cross origins, and proxies of the environment are ignored. It imports nothing of ours.
package fetch

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

// Config is the configuration block `fetch` of coursemesh.yaml (CONTRACTS 'Configuration').
type Config struct {
	AllowCIDRs []string          // may be reached although private, over plain http and any port
	Hosts      map[string]string // exact host name -> origin ("127.0.0.1:8081" means http; "https://127.0.0.1:8443" is verified for the mapped name)
	Resolver   string            // DNS server host:port to ask, also for TXT
	CAFiles    []string
	Proxy      string
	MaxBytes   int64  // of one answer; default 256 MiB
	Contact    string // for the User-Agent
	Log        *slog.Logger
}

// Client fetches. Safe for concurrent use.
type Client struct { /* owner's fields */
}

func New(c Config) (*Client, error) { panic("unwritten") }

// Request of one URL.
type Request struct {
	Method             string // default GET
	URL                string
	Header             http.Header
	Body               []byte
	ETag, LastModified string // make the request conditional
	MaxBytes           int64  // 0: the client's
	SameOrigin         bool   // refuse redirects to another origin (the request carries credentials)
}

// Response of one request; Body is capped in bytes, in decompression ratio (100:1, 1 GiB) and idle time.
type Response struct {
	URL           string // after redirects
	Status        int
	Header        http.Header
	Body          io.ReadCloser
	CountsAsHTTPS bool // https, or plain http by an entry of Hosts
}

// Do sends one request, following at most 5 redirects, never https to http, each hop checked anew. Retries 429 and
// 5xx politely (Retry-After) for idempotent methods. Errors say what was refused and which setting would allow it.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) { panic("unwritten") }

// LookupTXT asks the configured resolver (2 s limit) for TXT records; each record's character-strings are joined.
func (c *Client) LookupTXT(ctx context.Context, name string) ([]string, error) { panic("unwritten") }

// Allowed says why an address may not be reached, or nil.
func (c *Client) Allowed(a netip.AddrPort, host string) error { panic("unwritten") }

// ErrRefused is wrapped when a guard refused.
var ErrRefused error

var _ = net.Dialer{}
var _ = time.Second

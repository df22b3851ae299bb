package fetch

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// addressesTried of one name, so that a name with hundreds of dead addresses does not eat the time limit.
const addressesTried = 6

// dial is the transport's way to a connection: address is name:port of the outgoing request.
func (c *Client) dial(ctx context.Context, _, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Limits.Header)
	defer cancel()
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%w: port %q", ErrRefused, portText)
	}
	if o, ok := c.hosts[host]; ok && o.port == uint16(port) {
		var d net.Dialer // the operator named this very origin: there is nothing to check
		return d.DialContext(ctx, "tcp", o.hostPort(o.host))
	}
	addresses, err := c.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var errs []error
	for i, a := range addresses {
		conn, err := c.dialOne(ctx, netip.AddrPortFrom(a, uint16(port)), len(addresses)-i)
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
	}
	return nil, errors.Join(errs...)
}

// dialOne gives each of the remaining addresses its share of the time.
func (c *Client) dialOne(ctx context.Context, a netip.AddrPort, remaining int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && remaining > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(remaining))
		defer cancel()
	}
	if c.proxy != nil {
		if err := c.Allowed(a, ""); err != nil {
			return nil, err
		}
		return c.proxy.dial(ctx, a)
	}
	d := net.Dialer{Control: c.control}
	return d.DialContext(ctx, "tcp", a.String())
}

// control runs between the making of the socket and its connecting, on the address that is really used.
func (c *Client) control(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: the address %q", ErrRefused, address)
	}
	return c.Allowed(a, "")
}

// resolve gives the addresses of a host name or literal, as far as they will be tried.
func (c *Client) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if numericHost(host) {
		return nil, fmt.Errorf("%w: the host %q reads as an IP address in an odd form", ErrRefused, host)
	}
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	addresses, err := c.names.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("addresses of %s: %w", host, err)
	}
	return addresses[:min(len(addresses), addressesTried)], nil
}

// proxy is an outgoing proxy that is asked for a tunnel (CONNECT) to an address that has been checked, never to a
// name: a proxy that resolves names itself could be led inside. Requests over plain http are tunnelled as well.
type proxy struct {
	address       string
	tls           *tls.Config // nil: the proxy is spoken to in the clear
	authorization string
}

func parseProxy(text string, config *tls.Config) (*proxy, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("fetch.proxy: write it like http://proxy.example:3128")
	}
	p := &proxy{address: net.JoinHostPort(u.Hostname(), urlPort(u))}
	if u.Scheme == "https" {
		p.tls = config.Clone()
		p.tls.ServerName = u.Hostname()
	}
	if u.User != nil {
		password, _ := u.User.Password()
		p.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password))
	}
	return p, nil
}

func (p *proxy) dial(ctx context.Context, target netip.AddrPort) (net.Conn, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, fmt.Errorf("fetch.proxy: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	tunnel, err := p.tunnel(ctx, conn, target.String())
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("fetch.proxy: tunnel to %s: %w", target, err)
	}
	return tunnel, nil
}

func (p *proxy) tunnel(ctx context.Context, conn net.Conn, target string) (net.Conn, error) {
	if p.tls != nil {
		secured := tls.Client(conn, p.tls)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn = secured
	}
	var request strings.Builder
	request.WriteString("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n")
	if p.authorization != "" {
		request.WriteString("Proxy-Authorization: " + p.authorization + "\r\n")
	}
	request.WriteString("\r\n")
	if _, err := conn.Write([]byte(request.String())); err != nil {
		return nil, err
	}
	return conn, readTunnelAnswer(conn)
}

// readTunnelAnswer reads one byte at a time, so that nothing of the tunnel is taken with the header.
func readTunnelAnswer(conn net.Conn) error {
	reader := bufio.NewReaderSize(&headerOnly{conn: conn, left: maxHeaderBytes}, 16)
	answer, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return err
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy answers %d", answer.StatusCode)
	}
	return nil
}

type headerOnly struct {
	conn net.Conn
	left int
}

func (h *headerOnly) Read(p []byte) (int, error) {
	if h.left == 0 {
		return 0, errors.New("the proxy's header is too long")
	}
	h.left--
	return h.conn.Read(p[:1])
}

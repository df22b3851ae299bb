package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/node"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// httpPort wants the port of the API free, or served by the node of this data directory.
func (v *visit) httpPort() {
	address := v.Config.HTTP.Listen
	_, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return // the configuration says it, or any port will do
	}
	if v.Running != nil {
		v.served(address)
		return
	}
	v.free("http port", "http.listen", "tcp", address)
}

// served asks whoever listens who it is.
func (v *visit) served(address string) {
	const name = "http port"
	who, _, err := v.whoAnswers(&http.Client{Timeout: patience}, "http://"+here(address))
	switch {
	case err != nil:
		v.say(name, Fail, "start the node again if http.listen was changed since it started", "the node runs, and %s does not answer as one: %v", address, err)
	case who.Peer != v.peer:
		v.say(name, Fail, "give one of the two another http.listen, and start it again", "%s is served by another node (%s)", address, who.Peer)
	default:
		v.ok(name, "%s is served by the running node", address)
	}
}

// here is where an address to listen on is reached from this machine.
func here(address string) string {
	host, port, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// whoAnswers reads the status of a node, and the time that it is there.
func (v *visit) whoAnswers(client *http.Client, origin string) (who network.Status, date time.Time, err error) {
	req, err := http.NewRequestWithContext(v.ctx, http.MethodGet, strings.TrimSuffix(origin, "/")+"/v1/node", nil)
	if err != nil {
		return who, date, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return who, date, err
	}
	defer resp.Body.Close()
	date, _ = http.ParseTime(resp.Header.Get("Date"))
	return who, date, statusOf(resp.StatusCode, resp.Body, &who)
}

func statusOf(status int, body io.Reader, who *network.Status) error {
	if status != http.StatusOK {
		return fmt.Errorf("it answers with status %d", status)
	}
	if err := json.NewDecoder(io.LimitReader(body, 1<<20)).Decode(who); err != nil || who.Peer == "" {
		return errors.New("it answers, but not like a coursemesh node")
	}
	return nil
}

// free tries to listen, for a moment.
func (v *visit) free(name, key, protocol, address string) {
	var err error
	if protocol == "udp" {
		var c net.PacketConn
		if c, err = net.ListenPacket("udp", address); err == nil {
			err = c.Close()
		}
	} else {
		var l net.Listener
		if l, err = net.Listen("tcp", address); err == nil {
			err = l.Close()
		}
	}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		v.say(name, Fail, "end the program that has it (`ss -lntup` names it), or set another "+key, "%s %s is taken by another program", protocol, address)
	case errors.Is(err, syscall.EACCES):
		v.say(name, Fail, "set a port above 1023 in "+key+", behind a proxy, or allow the user to use it", "%s %s may not be used by this user", protocol, address)
	case err != nil:
		v.say(name, Fail, "correct "+key, "%v", err)
	default:
		v.ok(name, "%s %s is free", protocol, address)
	}
}

// p2pPorts does the same for the addresses of the peer-to-peer host.
func (v *visit) p2pPorts() {
	if v.Config.Replicate.From != "" {
		return // such a node listens for nobody
	}
	for _, text := range v.Config.P2P.Listen {
		protocol, address, err := dialable(text)
		if err != nil {
			v.say("p2p port", Fail, "write it like /ip4/0.0.0.0/tcp/4777", "p2p.listen: %q: %v", text, err)
			continue
		}
		if protocol == "" || strings.HasSuffix(address, ":0") {
			continue
		}
		if v.Running == nil {
			v.free("p2p port", "p2p.listen", protocol, address)
		} else if protocol == "tcp" {
			v.listens(address)
		}
	}
}

func (v *visit) listens(address string) {
	if err := v.dial(here(address)); err != nil {
		v.say("p2p port", Fail, "start the node again if p2p.listen was changed since it started", "the node runs, and nobody listens at %s: %v", address, err)
		return
	}
	v.ok("p2p port", "somebody listens at %s", address)
}

func (v *visit) dial(address string) error {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return conn.Close()
}

// dialable splits a multiaddress; the protocol is "" for what is reached in another way, such as a relay or a name
// that stands for several.
func dialable(text string) (protocol, address string, err error) {
	m, err := ma.NewMultiaddr(text)
	if err != nil {
		return "", "", err
	}
	transport, _ := splitPeer(m)
	if transport == nil {
		return "", "", nil
	}
	protocol, address, err = manet.DialArgs(transport)
	if err != nil {
		return "", "", nil
	}
	return strings.TrimRight(protocol, "46"), address, nil
}

// splitPeer leaves the host and port of an address.
func splitPeer(m ma.Multiaddr) (transport ma.Multiaddr, rest ma.Multiaddr) {
	return ma.SplitFunc(m, func(c ma.Component) bool {
		switch c.Protocol().Code {
		case ma.P_IP4, ma.P_IP6, ma.P_DNS, ma.P_DNS4, ma.P_DNS6, ma.P_TCP, ma.P_UDP, ma.P_IP6ZONE:
			return false
		}
		return true
	})
}

// onThisMachine says that an address may be asked without Online.
func onThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return ip != nil && ip.IsLoopback()
}

// client makes the guarded HTTP client of the configuration, which reads its files.
func (v *visit) client() {
	if v.ConfigErr != nil {
		return
	}
	if _, err := node.FetchClient(v.Config, slog.New(slog.DiscardHandler)); err != nil {
		v.say("fetch", Fail, "correct what the message names", "%v", err)
		return
	}
	v.ok("fetch", "what harvests need can be made from the configuration")
}

// resolver asks for a name that the configuration holds.
func (v *visit) resolver() {
	server := v.Config.Fetch.Resolver
	if !v.Online && !onThisMachine(server) {
		return
	}
	client, err := node.FetchClient(v.Config, slog.New(slog.DiscardHandler))
	name := v.nameToAsk()
	if err != nil || name == "" {
		return
	}
	began := time.Now()
	if _, err := client.LookupTXT(v.ctx, name); err != nil {
		v.say("name server", Fail, "set fetch.resolver to a name server that answers this machine, or mend /etc/resolv.conf; without one no manifest is found", "%s does not answer: %v", firstOf(server, "the system's"), err)
		return
	}
	v.ok("name server", "%s answers within %d ms", firstOf(server, "the system's"), time.Since(began).Milliseconds())
}

// nameToAsk is a name of the configuration, so that nobody hears of anything else.
func (v *visit) nameToAsk() string {
	if len(v.Config.Harvest.Domains) > 0 {
		return v.Config.Harvest.Domains[0]
	}
	if u, err := url.Parse(v.Config.HTTP.PublicURL); err == nil {
		return u.Hostname()
	}
	return ""
}

func (v *visit) proxy() {
	if v.Config.Fetch.Proxy == "" {
		return
	}
	u, err := url.Parse(v.Config.Fetch.Proxy)
	if err != nil || u.Host == "" || !v.Online && !onThisMachine(u.Host) {
		return // a wrong one is said with the client
	}
	address := u.Host
	switch {
	case u.Port() != "":
	case u.Scheme == "https":
		address = net.JoinHostPort(u.Hostname(), "443")
	default:
		address = net.JoinHostPort(u.Hostname(), "80")
	}
	if err := v.dial(address); err != nil {
		v.say("proxy", Fail, "mend fetch.proxy, or the way to it: nothing is fetched without", "fetch.proxy cannot be reached: %v", err)
		return
	}
	v.ok("proxy", "%s can be reached", address)
}

// peers tries the configured ones. A running node knows better: which are connected.
func (v *visit) peers() {
	if len(v.Config.P2P.Peers) == 0 && v.Config.Replicate.From == "" {
		v.say("peers", Warn, "name one under p2p.peers if this node is to be part of a federation", "none is configured")
		return
	}
	connected := 0
	for _, p := range v.facts.peers {
		if p.Connected {
			connected++
		}
	}
	reached, tried := 0, 0
	for _, text := range v.Config.P2P.Peers {
		protocol, address, err := dialable(text)
		if err != nil {
			v.say("peers", Fail, "write it like /dns4/node.example/tcp/4777/p2p/12D3Koo...", "p2p.peers: %q: %v", text, err)
			continue
		}
		if protocol != "tcp" || !v.Online && !onThisMachine(address) {
			continue
		}
		tried++
		if err := v.dial(address); err != nil {
			v.say("peers", Warn, "ask who runs it, or see whether a firewall lets this machine out to that port", "%s cannot be reached: %v", text, err)
			continue
		}
		reached++
	}
	switch {
	case v.Running != nil && connected == 0:
		v.say("peers", Fail, "see that the firewall lets TCP and UDP out to the peers' ports, or follow one over HTTPS (replicate.from)", "the running node is connected to nobody")
	case v.Running != nil:
		v.ok("peers", "the running node is connected to %d", connected)
	case tried > 0 && reached > 0:
		v.ok("peers", "%d of %d that were tried can be reached", reached, tried)
	case tried > 0:
		v.say("peers", Fail, "see that the network lets this machine out to the peers' ports", "none of the %d that were tried can be reached", tried)
	}
}

// publicURL goes the way that people go, and reads the clock at its end.
func (v *visit) publicURL() {
	for key, origin := range map[string]string{"public_url": v.Config.HTTP.PublicURL, "replicate.from": v.Config.Replicate.From} {
		u, err := url.Parse(origin)
		if origin == "" || err != nil || !v.Online && !onThisMachine(u.Host) {
			continue
		}
		who, date, err := v.through(origin)
		switch {
		case err != nil:
			v.say(key, Fail, "see that the name leads to this machine's proxy, its certificate is valid, and the proxy passes requests on to http.listen", "%s: %v", origin, err)
		case key == "public_url" && v.peer != "" && who.Peer != v.peer:
			v.say(key, Fail, "let the proxy pass requests on to this node", "%s leads to another node (%s)", origin, who.Peer)
		default:
			v.ok(key, "%s leads to node %s", origin, who.Peer)
		}
		v.clock(origin, date)
	}
}

// through asks with the guarded client, so that what refuses others refuses here.
func (v *visit) through(origin string) (who network.Status, date time.Time, err error) {
	client, err := node.FetchClient(v.Config, slog.New(slog.DiscardHandler))
	if err != nil {
		return who, date, err
	}
	ctx, cancel := context.WithTimeout(v.ctx, 2*patience)
	defer cancel()
	resp, err := client.Do(ctx, fetch.Request{Method: http.MethodGet, URL: strings.TrimSuffix(origin, "/") + "/v1/node", NoRetry: true})
	if err != nil {
		return who, date, err
	}
	defer resp.Body.Close()
	date, _ = http.ParseTime(resp.Header.Get("Date"))
	return who, date, statusOf(resp.Status, resp.Body, &who)
}

// wrongClock is beyond what certificates and signatures of requests bear.
const wrongClock = time.Minute

func (v *visit) clock(origin string, there time.Time) {
	if there.IsZero() {
		return
	}
	if off := v.Now().Sub(there).Abs(); off > wrongClock {
		v.say("clock", Warn, "let the machine follow a time server: signed requests and certificates depend on it", "it differs from that of %s by %s", origin, off.Round(time.Second))
		return
	}
	v.ok("clock", "it agrees with that of %s", origin)
}

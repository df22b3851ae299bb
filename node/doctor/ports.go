package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/coursemesh/coursemesh/api/network"
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

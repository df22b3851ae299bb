package doctor

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/node"
)

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
		v.say("name server", Fail, "set fetch.resolver to a name server that answers this machine, or mend /etc/resolv.conf; without one no manifest is found", "%s does not answer: %v", cmp.Or(server, "the system's"), err)
		return
	}
	v.ok("name server", "%s answers within %d ms", cmp.Or(server, "the system's"), time.Since(began).Milliseconds())
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

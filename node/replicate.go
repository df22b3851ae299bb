package node

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/p2p"
)

// ReplicateConfig makes a light node: of whom it holds sets, and how it gets them. A set is held whole or
// not at all, so everything is verified up to its signed root; the catalogue of such a node is partial and
// has no root to compare.
type ReplicateConfig struct {
	Publishers []federation.PublisherID `yaml:"publishers"`
	Alliances  []string                 `yaml:"alliances"` // publishers of their domains and of their members
	Countries  []string                 `yaml:"countries"` // ISO 3166-1 alpha-2: publishers of their institutions
	From       string                   `yaml:"from"`      // URL of a node to follow over HTTPS, with no libp2p port of one's own
}

// partial says that only some publishers are replicated.
func (c ReplicateConfig) partial() bool {
	return len(c.Publishers)+len(c.Alliances)+len(c.Countries) > 0
}

func (c *ReplicateConfig) check(bad func(string, error)) {
	for _, p := range c.Publishers {
		if !p.Valid() {
			bad("replicate.publishers", fmt.Errorf("%q is no publisher id (12D3Koo...)", p))
		}
	}
	for i, domain := range c.Alliances {
		id, err := federation.NormaliseDomain(domain)
		bad("replicate.alliances", err)
		c.Alliances[i] = id
	}
	for i, code := range c.Countries {
		c.Countries[i] = strings.ToUpper(strings.TrimSpace(code))
		if len(c.Countries[i]) != 2 {
			bad("replicate.countries", fmt.Errorf("%q is no country code of two letters, such as AT", code))
		}
	}
	if c.From == "" {
		return
	}
	u, err := url.Parse(c.From)
	if err == nil && (u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		err = fmt.Errorf("%q is no URL of a node, such as https://node.example", c.From)
	}
	bad("replicate.from", err)
	c.From = strings.TrimSuffix(c.From, "/")
}

// chosen says why a head is not replicated here, "" when it is.
func (n *Node) chosen(h federation.Head) string {
	c := n.cfg.Replicate
	if !c.partial() || slices.Contains(c.Publishers, h.Publisher) || slices.ContainsFunc(h.Domains, n.concerns) {
		return ""
	}
	return "not chosen in this node's configuration (replicate)"
}

// concerns says that the records of a source domain are wanted here.
func (n *Node) concerns(domain string) bool {
	c := n.cfg.Replicate
	if slices.Contains(c.Alliances, domain) || slices.ContainsFunc(n.authority.AlliancesOf(domain), func(a string) bool {
		return slices.Contains(c.Alliances, a)
	}) {
		return true
	}
	if p, ok := n.authority.Known(domain); ok && slices.Contains(c.Countries, p.Country) {
		return true
	}
	alliance, ok := n.authority.Alliance(domain)
	return ok && slices.ContainsFunc(alliance.Members, func(member string) bool {
		p, known := n.authority.Known(member)
		return known && slices.Contains(c.Countries, p.Country)
	})
}

// syncPath is where nodes answer followers.
const syncPath = "/v1/sync"

// remotes are the nodes to follow over HTTPS. They are asked by a client of their own, since the pace that
// is polite to institutions would make a first copy take days.
func (n *Node) remotes() ([]p2p.Remote, error) {
	if n.cfg.Replicate.From == "" {
		return nil, nil
	}
	f := n.cfg.Fetch
	client, err := fetch.New(fetch.Config{
		AllowCIDRs: f.AllowCIDRs, Hosts: f.Hosts, Resolver: f.Resolver, CAFiles: f.CAFiles, Proxy: f.Proxy,
		MaxBytes: cmp.Or(f.MaxBytes, maxAnswer), Contact: f.Contact, Log: n.log,
		Politeness: fetch.Politeness{PerHost: -1, Overall: -1, Connections: 8},
	})
	if err != nil {
		return nil, err
	}
	return []p2p.Remote{{URL: n.cfg.Replicate.From + syncPath, Post: (&follower{client: client, log: n.log, of: n.cfg.Replicate.From}).post}}, nil
}

const maxAnswer = 256 << 20

// follower posts to the followed node and tells the operator when that does not work: such a node has nobody else, so
// it would stay as it is without a word.
type follower struct {
	client *fetch.Client
	log    *slog.Logger
	of     string

	mu   sync.Mutex
	said string // the problem that was told last, "" while there is none
}

func (f *follower) post(ctx context.Context, address string, body []byte) (int, io.ReadCloser, error) {
	status, answer, err := f.ask(ctx, address, body)
	if ctx.Err() == nil {
		f.tell(err)
	}
	return status, answer, err
}

func (f *follower) tell(err error) {
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err == nil && f.said != "":
		f.log.Info("following again", "from", f.of)
	case err != nil && f.said == "":
		f.log.Warn("the node named by replicate.from cannot be followed; this one keeps what it has, and tries again", "from", f.of, "error", err)
	case problem != f.said:
		f.log.Debug("still not following", "from", f.of, "error", err)
		return
	}
	f.said = problem
}

func (f *follower) ask(ctx context.Context, address string, body []byte) (int, io.ReadCloser, error) {
	resp, err := f.client.Do(ctx, fetch.Request{
		Method: http.MethodPost, URL: address, Body: body, NoRetry: true, SameOrigin: true,
		Header: http.Header{"Content-Type": {p2p.FramesMedia}, "Accept": {p2p.FramesMedia}},
	})
	if err != nil {
		return 0, nil, err
	}
	media := resp.Header.Get("Content-Type")
	if resp.Status == http.StatusOK && media == p2p.FramesMedia {
		return resp.Status, resp.Body, nil
	}
	said, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal)) // as far as it comes
	if resp.Status == http.StatusOK || resp.Status == http.StatusNotFound {
		err = fmt.Errorf("%s answers with status %d and %q: there is no node, or one too old to be followed over HTTPS", address, resp.Status, media)
	} else {
		err = fmt.Errorf("%s answers with status %d: %s", address, resp.Status, bytes.TrimSpace(said))
	}
	return 0, nil, errors.Join(err, resp.Body.Close())
}

const maxRefusal = 256 // bytes shown of an answer that is no frames

// serveSync answers followers while the node runs.
func (n *Node) serveSync(w http.ResponseWriter, r *http.Request) {
	network := n.up()
	if p2p.Mode(n.cfg.P2P.Mode) == p2p.ModePrivate {
		http.Error(w, "this node is private: nobody follows it over HTTPS", http.StatusForbidden)
		return
	}
	if network == nil {
		http.Error(w, "this node is not running", http.StatusServiceUnavailable)
		return
	}
	network.host.ServeHTTP(w, r)
}

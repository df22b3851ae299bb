// Package node wires the rooms of the house into one running node: configuration, keys, store,
// authority, catalogue, index, harvest, network, API.
//
// Open makes everything that needs no network, which is all that a one-shot command wants. Run adds
// listeners, peers and schedules, and returns when its context ends.
package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/erasure"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/journal"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/node/keys"
	"github.com/coursemesh/coursemesh/node/vocabularies"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
)

// AdminSocket is the name of the admin socket in the data directory.
const AdminSocket = "admin.sock"

// historyShare is the part of a publisher's quota that its past versions may take, beyond its current set.
const historyShare = 5

// Node is one node of the federation.
type Node struct {
	cfg     Config
	version string
	log     *slog.Logger
	ids     Identity
	keys    *keys.Ring

	db           *store.DB
	fetch        *fetch.Client
	authority    *authority.Authority
	catalogue    *catalogue.Catalogue
	index        *index.Index
	journal      *journal.Journal
	harvest      *harvest.Harvester
	erasures     *erasure.Register
	vocabularies *vocabularies.Store
	api          *api.API
	profile      atomic.Pointer[profile.Checker]

	running sync.Mutex // guards network
	network *network   // nil while the node does not Run

	follow func() error // stops the followers of a node that does not Run
}

// Identity is the public side of a node's keys.
type Identity struct {
	Peer      string                 `json:"peer"`
	Publisher federation.PublisherID `json:"publisher"`
}

// Init makes the data directory and its keys, or opens those that are there.
func Init(dataDir string) (Identity, error) {
	if err := os.MkdirAll(dataDir, 0o700); err != nil {
		return Identity{}, err
	}
	return Identify(dataDir)
}

// ConfigFile is the name of the configuration in a data directory.
const ConfigFile = "coursemesh.yaml"

// Identify reads the ids of a data directory's keys.
func Identify(dataDir string) (Identity, error) {
	ring, err := keys.Open(dataDir)
	if err != nil {
		return Identity{}, err
	}
	return identity(ring)
}

func identity(ring *keys.Ring) (Identity, error) {
	host, err := peer.IDFromPrivateKey(ring.Host)
	if err != nil {
		return Identity{}, err
	}
	publisher, err := federation.PublisherOf(ring.Publisher.GetPublic())
	return Identity{host.String(), publisher}, err
}

// Open opens keys and database and wires what needs no network. Close releases the data directory.
func Open(cfg Config, version string, log *slog.Logger) (*Node, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	n := &Node{cfg: cfg, version: version, log: log}
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, err
	}
	var err error
	if n.keys, err = keys.Open(cfg.DataDir); err != nil {
		return nil, err
	}
	if n.ids, err = identity(n.keys); err != nil {
		return nil, err
	}
	if n.fetch, err = FetchClient(cfg, log); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if n.db, err = store.Open(cfg.DataDir, store.HistoryBytes(cfg.Limits.PublisherBytes/historyShare)); err != nil {
		return nil, err
	}
	if err := n.wire(); err != nil {
		return nil, errors.Join(err, n.db.Close())
	}
	return n, nil
}

// FetchClient is the guarded client that a configuration asks for.
func FetchClient(cfg Config, log *slog.Logger) (*fetch.Client, error) {
	f := cfg.Fetch
	return fetch.New(fetch.Config{
		AllowCIDRs: f.AllowCIDRs, Hosts: f.Hosts, Resolver: f.Resolver, CAFiles: f.CAFiles, Proxy: f.Proxy,
		MaxBytes: f.MaxBytes, Contact: f.Contact, Log: log,
		Politeness: fetch.Politeness{PerHost: f.PerHost, Overall: f.Overall},
	})
}

// wire connects the rooms; functions stand where one room may not import another.
func (n *Node) wire() (err error) {
	n.vocabularies = vocabularies.Open(vocabularies.Config{
		DB: n.db, Endpoint: n.cfg.Vocabulary.Endpoint, Fetch: n.fetch.Do, Log: n.log, Now: n.cfg.Now,
	})
	known, err := n.cfg.known(n.log)
	if err != nil {
		return err
	}
	n.authority, err = authority.New(authority.Config{
		DB: n.db, Fetch: n.fetch, Providers: known.Providers, Alliances: slices.Concat(n.cfg.Trust.Alliances, known.Alliances), Stewards: n.cfg.Trust.Authorities,
		Trust: n.cfg.Trust.Publishers, Log: n.log, Now: n.cfg.Now,
	})
	if err != nil {
		return err
	}
	if err := n.loadProfile(); err != nil {
		return err
	}
	n.catalogue = catalogue.New(catalogue.Config{DB: n.db, Authority: n.authority, Self: n.ids.Publisher, Blocks: n.cfg.Block, Log: n.log})
	n.erasures = erasure.Open(n.db, erasure.Authority{Counts: n.countsFor, Vouched: n.vouched})
	n.index = index.New(index.Config{Catalogue: n.catalogue, Get: n.db.Get, Known: n.authority.Known, Alliances: n.authority.AlliancesOf, Now: n.cfg.Now, Log: n.log})
	n.journal, err = journal.New(journal.Config{DB: n.db, Catalogue: n.catalogue, Note: api.Note(n.db.Get), Log: n.log})
	if err != nil {
		return err
	}
	if n.harvest, err = harvest.New(n.harvestConfig()); err != nil {
		return err
	}
	n.api, err = api.New(n.apiConfig())
	return err
}

// readers are the standards that are read, by the type of a manifest's source.
func readers() map[string]adapters.Adapter {
	return map[string]adapters.Adapter{
		"elm":     elmrdf.New(rdf.Limits{}),
		"ooapi":   ooapi.New(ooapi.Limits{}),
		"edu-api": eduapi.New(eduapi.Limits{}),
		"occapi":  occapi.New(occapi.Limits{}),
	}
}

func (n *Node) harvestConfig() harvest.Config {
	return harvest.Config{
		DB: n.db, Dir: n.cfg.DataDir, Fetch: n.fetch,
		Adapters: readers(),
		Key:      func() crypto.PrivKey { return n.keys.Publisher },
		Node:     federation.NodeInfo{Name: n.cfg.Node.Name, Alliance: n.cfg.Node.Alliance, URL: n.cfg.Node.URL},
		Domains:  n.cfg.Harvest.Domains, Log: n.log, Now: n.cfg.Now,
		Listed: n.cfg.Limits.quotas()[n.ids.Publisher].Domains, // one line for this node and those that follow it
		Known:  n.authority.Known, Providers: n.authority.Providers,
		Evidence:  n.checkEvidence,
		Effective: n.catalogue.Predecessor,
		Prefers: func(provider, one, other string) bool {
			return n.authority.Prefers(n.ids.Publisher, provider, one, other)
		},
		Profile: n.profile.Load,
		Keys:    n.keys, Credentials: n.cfg.Harvest.Credentials,
	}
}

// checkEvidence looks whom a known domain lets publish; its absence keeps nobody from harvesting.
func (n *Node) checkEvidence(ctx context.Context, domain string) {
	if _, err := n.authority.Check(ctx, domain); err != nil {
		n.log.Info("evidence not obtained", "domain", domain, "error", err)
	}
}

func (n *Node) apiConfig() api.Config {
	return api.Config{
		DB: n.db, Catalogue: n.catalogue, Authority: n.authority, Index: n.index,
		Node: api.Node{
			Name: n.cfg.Node.Name, Alliance: n.cfg.Node.Alliance, Version: n.version,
			Publisher: n.ids.Publisher, Peer: n.ids.Peer, Addresses: n.cfg.Fetch.Addresses,
		},
		TrustedProxies: n.cfg.HTTP.TrustedProxies, PublicURL: n.cfg.HTTP.PublicURL,
		Peers: n.peers, Replicas: n.replicas, Sync: http.HandlerFunc(n.serveSync), Partial: n.cfg.Replicate.partial(), Limits: n.cfg.Limits.shown(),
		Discovery: n.discovery, Sources: n.harvest, PublicKeys: n.publicKeys, Validate: n.validateText, CheckManifest: n.checkManifest, Dumps: n.dumps(), Changes: n.journal, Streams: int(n.cfg.Limits.Streams), Requests: int(n.cfg.Limits.Requests),
		Log: n.log, Now: n.cfg.Now,
	}
}

// discovery is the last search for a provider's manifest; of a provider that other nodes harvest, the last
// look at its well-known places, which every node takes for itself.
func (n *Node) discovery(provider string) (discovery.Result, bool) {
	if d, ok := n.harvest.Discovery(provider); ok {
		return d.Result, true
	}
	e, ok := n.authority.Evidence(provider)
	found := discovery.Result{Provider: provider, Probes: e.Probes}
	if e.Problem == "" {
		found.ManifestURL = e.URL
	}
	return found, ok
}

// Close stops what Open and Admin started and releases the data directory.
func (n *Node) Close() error {
	var err error
	if n.follow != nil {
		err = n.follow()
	}
	return errors.Join(err, n.db.Close())
}

// up is the network while the node runs, else nil.
func (n *Node) up() *network {
	n.running.Lock()
	defer n.running.Unlock()
	return n.network
}

func (n *Node) setNetwork(w *network) {
	n.running.Lock()
	defer n.running.Unlock()
	n.network = w
}

// socketPath is where the admin socket lies.
func (n *Node) socketPath() string { return filepath.Join(n.cfg.DataDir, AdminSocket) }

// Package harvest turns what an institution announces into signed records: manifest, sources,
// course graphs, ownership, and at the end one new head.
//
// A run reads one source through its adapter. Every course is normalised, made canonical and compared
// with what this publisher says already; only differences are signed. A course that cannot be used is
// reported with its place and the fix, and the others go on. A course that a complete listing no
// longer holds is withdrawn; an incomplete listing withdraws nothing. When all sources of a domain
// have run, one head is signed, or none when nothing changed.
//
// Which source owns a course, what a source listed, and where a domain's manifest was found is local
// state in the store; records say only from whose announcement they came.
package harvest

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// Config of a Harvester. The functions reach what harvest may not import.
type Config struct {
	DB       *store.DB
	Dir      string // data directory: snapshots and the head ledger
	Fetch    *fetch.Client
	Adapters map[string]adapters.Adapter // by manifest source type
	Key      func() crypto.PrivKey       // the publisher key
	Node     federation.NodeInfo
	Domains  []string      // harvested by schedule
	Listed   int           // source domains that a head lists at most; 0: federation.MaxDomains, which others accept
	Patience time.Duration // after which a domain makes way for others and goes on beside them; 0: 10 s
	Log      *slog.Logger
	Now      func() time.Time

	Profile     func() *profile.Checker // in force at the moment; nil: courses are not checked
	Keys        access.Keys             // nil: only sources open to everybody
	Credentials []access.Credential     // handed to the operator

	Known     func(id string) (federation.Provider, bool)
	Providers func() []federation.Provider
	Evidence  func(ctx context.Context, domain string) // check whom the domain lets publish, now
	Effective func(key string) cid.Cid                 // the record that a new one under the key replaces, for prev; Undef when none

	// Prefers says that of two source domains that list one key of a provider the first keeps it
	// (PROTOCOL section 3); nil: the provider's own, then by name.
	Prefers func(provider, one, other string) bool
}

// Harvester runs harvests, a few domains at a time. Safe for concurrent use.
type Harvester struct {
	cfg         Config
	self        federation.PublisherID
	ledger      *ledger
	sources     store.Table[SourceState]
	discoveries store.Table[Discovery]
	runs        store.Table[Run]
	bindings    store.Table[binding]
	salts       store.Table[[]byte]
	access      *access.Gate
	domains     sync.Map // domain -> *sync.Mutex: one harvest of a domain at a time
	manifests   sync.Map // domain -> heldManifest

	parsing      chan struct{}  // a place for each document in memory
	owners       func() *owners // read on first use
	institutions *Institutions

	publishing sync.Mutex   // one head at a time
	overflow   sync.Once    // the log says once that the head is full
	pruned     atomic.Int64 // Unix seconds: when old snapshots were last looked for
	binding    sync.Mutex   // one new binding at a time
}

// New opens the head ledger beside the database.
func New(cfg Config) (*Harvester, error) {
	if cfg.Prefers == nil {
		cfg.Prefers = ownFirst
	}
	cfg.Listed = cmp.Or(cfg.Listed, federation.MaxDomains)
	cfg.Patience = cmp.Or(cfg.Patience, slotPatience)
	self, err := federation.PublisherOf(cfg.Key().GetPublic())
	if err != nil {
		return nil, err
	}
	ledger, err := openLedger(cfg.Dir)
	if err != nil {
		return nil, err
	}
	h := &Harvester{
		cfg: cfg, self: self, ledger: ledger,
		sources:     store.TableOf[SourceState](cfg.DB, "sources"),
		discoveries: store.TableOf[Discovery](cfg.DB, "discoveries"),
		runs:        store.TableOf[Run](cfg.DB, "runs"),
		bindings:    store.TableOf[binding](cfg.DB, "bindings"),
		salts:       store.TableOf[[]byte](cfg.DB, "salts"),
		parsing:     make(chan struct{}, documentsHeld),
	}
	h.owners = sync.OnceValue(func() *owners { return loadOwners(store.TableOf[listing](cfg.DB, "listings"), cfg.Prefers) })
	h.institutions = NewInstitutions(cfg.Known, cfg.Providers)
	h.access = h.gate(h.bind)
	return h, nil
}

// gate opens sources; bind says whose a ciphertext is.
func (h *Harvester) gate(bind func([]byte, access.Binding) (access.Binding, error)) *access.Gate {
	return access.New(access.Config{Fetch: h.cfg.Fetch, Keys: h.cfg.Keys, Bind: bind, Stored: h.cfg.Credentials, Now: h.cfg.Now})
}

// lock lets one harvest of a domain run at a time.
func (h *Harvester) lock(domain string) func() {
	mu, _ := h.domains.LoadOrStore(domain, new(sync.Mutex))
	mu.(*sync.Mutex).Lock()
	return mu.(*sync.Mutex).Unlock
}

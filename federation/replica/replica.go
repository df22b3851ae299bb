// Package replica keeps this node's copies of other publishers' sets up to date, serves them to peers,
// and announces what this node switched to.
//
// Heads reach a node by gossip, which is a hint, and by the comparison of head tables with every peer,
// which misses nothing. A head that counts (its publisher has authority here, it is within quota, above
// the held one, and of no epoch with proven equivocation) is fetched from any peer that lists it: what
// changed is planned against the own set, records come from up to four peers at once, are verified and
// staged in batches, and one switch applies the operations, provided they lead to the signed root. A broken
// transfer resumes with what is staged. A publisher that changes more than its quota within an hour waits. Two different heads of one number become a proof, which spreads like heads do.
//
// Publishers without authority are kept only if the operator wants, few of them and under a small quota; a
// frozen publisher's held set stays as it is.
package replica

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/errgroup"
)

// Authority says who counts.
type Authority interface {
	// Best is the highest class of a publisher over all domains.
	Best(p federation.PublisherID) federation.Class
	// Frozen says that the operator keeps the held set of a publisher as it is, and why.
	Frozen(p federation.PublisherID) (reason string, frozen bool)
	// Version rises with every change of an answer; Wait blocks until it is above after.
	Version() uint64
	Wait(ctx context.Context, after uint64) (uint64, error)
}

// Quota of one publisher, checked against the head before anything is fetched.
type Quota struct {
	Records, Bytes uint64
	Domains        int // source domains a head may list
}

// DefaultQuota is what a node takes unless configured for more.
func DefaultQuota() Quota {
	return Quota{Records: 200_000, Bytes: 1 << 30, Domains: federation.MaxDomains}
}

// Config of a replica.
type Config struct {
	DB        *store.DB
	Authority Authority
	Self      federation.PublisherID           // its heads are made here and taken from nobody
	Quota     Quota                            // zero: DefaultQuota
	Quotas    map[federation.PublisherID]Quota // of single publishers, in place of Quota
	// Unverified is the quota of each publisher without authority here; zero records: none is kept.
	Unverified Quota
	Interval   time.Duration // between comparisons with a peer; zero: 5 s, at most 10 s
	Log        *slog.Logger
	Now        func() time.Time
	Chosen     func(federation.Head) string // why a head is not to be replicated here, "" when it is; nil: all are
	Erasures   Erasures                     // nil: notices of erasure are neither exchanged nor obeyed
	Patience   time.Duration                // with a slow peer while others wait; zero: 15 s
	Forget     time.Duration                // between two readings of a peer's notices; zero: 5 minutes
	Restored   func()                       // lost records of held sets are back, so that search can have them again; nil: nobody wants to know
}

const (
	defaultInterval = 5 * time.Second
	maxInterval     = 10 * time.Second
	parallel        = 3 // publishers fetched at a time
)

// Replica is the backend of a p2p.Host. Safe for concurrent use.
type Replica struct {
	db         *store.DB
	authority  Authority
	self       federation.PublisherID
	quota      Quota
	quotas     map[federation.PublisherID]Quota
	unverified Quota
	interval   time.Duration
	log        *slog.Logger
	now        func() time.Time
	chosen     func(federation.Head) string
	erasures   Erasures
	forget     time.Duration
	patience   time.Duration

	table tableCache
	kick  chan struct{} // there may be work for the scheduler
	seen  recent        // heads that are known to agree with the held ones

	refusals recent // heads that are not admissible, until authority changes

	tally tally

	restoring sync.Mutex // held by whoever asks a peer for lost records
	restored  func()

	mu         sync.Mutex // guards what follows
	host       *p2p.Host  // nil until Run
	publishers map[federation.PublisherID]*publisher
	peers      map[peer.ID]*neighbour
	started    func(*neighbour) // starts following a peer; nil until Run
	running    int              // transfers
}

// New makes a replica, which serves as backend at once and works while Run runs.
func New(cfg Config) (*Replica, error) {
	if cfg.DB == nil || cfg.Authority == nil {
		return nil, errors.New("replica: database and authority are required")
	}
	r := &Replica{
		db: cfg.DB, authority: cfg.Authority, self: cfg.Self, quota: cfg.Quota, quotas: cfg.Quotas, unverified: cfg.Unverified,
		chosen: cfg.Chosen, erasures: cfg.Erasures, forget: cmp.Or(cfg.Forget, erasuresEvery), patience: cmp.Or(cfg.Patience, defaultPatience), interval: cfg.Interval, log: cfg.Log, now: cfg.Now, restored: cfg.Restored,
		kick:       make(chan struct{}, 1),
		publishers: make(map[federation.PublisherID]*publisher),
		peers:      make(map[peer.ID]*neighbour),
	}
	if r.quota == (Quota{}) {
		r.quota = DefaultQuota()
	}
	if r.interval == 0 {
		r.interval = defaultInterval
	}
	r.interval = min(r.interval, maxInterval)
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.now == nil {
		r.now = time.Now
	}
	return r, nil
}

// Run follows peers, database and authority until the context ends or the database fails. The host must
// have been made with this replica as backend. Run once.
func (r *Replica) Run(ctx context.Context, host *p2p.Host) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.followStore(ctx, host) })
	group.Go(func() error { return r.followAuthority(ctx) })
	group.Go(func() error { return r.schedule(ctx, group) })
	r.begin(host, func(n *neighbour) {
		group.Go(func() error {
			r.followPeer(ctx, n)
			return nil
		})
	})
	<-ctx.Done()
	r.begin(nil, nil)
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("replica: %w", err)
	}
	return nil
}

// begin sets the host and starts following the peers that connected before; nil ends both.
func (r *Replica) begin(host *p2p.Host, start func(*neighbour)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.host, r.started = host, start
	if start == nil {
		return
	}
	for _, n := range r.peers {
		start(n)
	}
}

// followAuthority judges all known heads anew when authority changes.
func (r *Replica) followAuthority(ctx context.Context) error {
	version := r.authority.Version()
	for {
		next, err := r.authority.Wait(ctx, version)
		if err != nil {
			return err
		}
		version = next
		r.reassess()
	}
}

// reassess drops heads of publishers that no longer count, and asks all peers again for those that may now.
func (r *Replica) reassess() {
	r.refusals.clear()
	r.mu.Lock()
	for id, p := range r.publishers {
		p.repace(r.quotaOf(id))
		if err := r.bar(id); err != nil {
			p.best, p.sources = nil, nil
			p.refused, p.barred = err.Error(), true
		} else if p.barred {
			p.refused, p.barred = "", false
		}
	}
	r.mu.Unlock()
	r.nudgeAll()
	r.wake()
}

// wake lets the scheduler look for work.
func (r *Replica) wake() {
	select {
	case r.kick <- struct{}{}:
	default:
	}
}

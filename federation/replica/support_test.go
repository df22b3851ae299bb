package replica_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

func newKey(t testing.TB) crypto.PrivKey {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// author makes records and heads of one publisher.
type author struct {
	t   testing.TB
	key crypto.PrivKey
	id  federation.PublisherID
}

func newAuthor(t testing.TB) *author {
	t.Helper()
	key := newKey(t)
	id, err := federation.PublisherOf(key.GetPublic())
	if err != nil {
		t.Fatal(err)
	}
	return &author{t, key, id}
}

func subjectOf(name string) string { return "https://uni.example/course/" + name }
func keyOf(name string) string     { return "course|uni.example|" + subjectOf(name) }

// record is a signed course with that title.
func (a *author) record(name, title string) []byte {
	a.t.Helper()
	s := subjectOf(name)
	graph := fmt.Sprintf("<%s> <http://purl.org/dc/terms/title> %q .\n", s, title) +
		fmt.Sprintf("<%s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/LearningOpportunitySpecification> .\n", s)
	envelope, err := federation.Record{
		Kind: federation.KindCourse, Subject: s, Provider: "uni.example", Graph: []byte(graph),
		Source:  federation.Source{Domain: "uni.example", ID: "courses"},
		Mapping: "elmrdf/1", Issued: 1_700_000_000,
	}.Seal(a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	return envelope
}

// change is what a publication does to courses: name to title, "" withdraws.
type change map[string]string

func courses(from, to int, title string) change {
	c := make(change, to-from)
	for i := from; i < to; i++ {
		c[fmt.Sprintf("%05d", i)] = fmt.Sprintf("%s %d", title, i)
	}
	return c
}

// ops stages the records of a change and returns its operations on the current set.
func (a *author) ops(db *store.DB, c change) []store.Op {
	a.t.Helper()
	var ops []store.Op
	var blocks []store.Block
	for name, title := range c {
		old, err := db.Entry(a.id, keyOf(name))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			a.t.Fatal(err)
		}
		op := store.Op{Key: keyOf(name), Old: old.CID}
		if title != "" {
			envelope := a.record(name, title)
			op.New, op.Domain, op.Bytes = federation.CIDOf(envelope), "uni.example", len(envelope)
			blocks = append(blocks, store.Block{CID: op.New, Data: envelope})
		}
		ops = append(ops, op)
	}
	if err := db.Stage(a.t.Context(), blocks); err != nil {
		a.t.Fatal(err)
	}
	return ops
}

// publish switches the database to the next head, after edit changed it.
func (a *author) publish(db *store.DB, c change, edit func(*federation.Head)) store.Held {
	a.t.Helper()
	held, err := db.Switch(a.t.Context(), a.id, a.ops(db, c), func(next store.Next) ([]byte, error) {
		h := federation.Head{
			Epoch: max(1, next.Prev.Epoch), Seq: next.Prev.Seq + 1, Prev: next.Prev.CID, Root: next.Root,
			Count: next.Count, Bytes: next.Bytes, Domains: []string{"uni.example"}, Issued: 1_700_000_000,
		}
		if edit != nil {
			edit(&h)
		}
		return h.Seal(a.key)
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return held
}

// trust is an authority that tests set.
type trust struct {
	mu      sync.Mutex
	members map[federation.PublisherID]bool
	frozen  map[federation.PublisherID]string
	version uint64
	moved   chan struct{}
}

func newTrust(ids ...federation.PublisherID) *trust {
	a := &trust{members: map[federation.PublisherID]bool{}, frozen: map[federation.PublisherID]string{}, moved: make(chan struct{})}
	for _, id := range ids {
		a.members[id] = true
	}
	return a
}

func (a *trust) set(id federation.PublisherID, member bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.members[id] = member
	a.bump()
}

func (a *trust) bump() {
	a.version++
	close(a.moved)
	a.moved = make(chan struct{})
}

// freeze with a reason; "" thaws.
func (a *trust) freeze(id federation.PublisherID, reason string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.frozen[id] = reason; reason == "" {
		delete(a.frozen, id)
	}
	a.bump()
}

func (a *trust) Frozen(p federation.PublisherID) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	reason, frozen := a.frozen[p]
	return reason, frozen
}

func (a *trust) Best(p federation.PublisherID) federation.Class {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.members[p] {
		return federation.Member
	}
	return federation.Unverified
}

func (a *trust) Version() uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.version
}

func (a *trust) Wait(ctx context.Context, after uint64) (uint64, error) {
	for {
		a.mu.Lock()
		version, moved := a.version, a.moved
		a.mu.Unlock()
		if version > after {
			return version, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return version, ctx.Err()
		}
	}
}

// node is a database, a replica and a host on loopback.
type node struct {
	t    testing.TB
	dir  string
	db   *store.DB
	rep  *replica.Replica
	host *p2p.Host
	stop func()
	wrap func(p2p.Backend) p2p.Backend // what the host serves from, nil: the replica
}

type option func(*replica.Config, *p2p.Config)

func quic(_ *replica.Config, c *p2p.Config)   { c.Listen = []string{"/ip4/127.0.0.1/udp/0/quic-v1"} }
func tcp(_ *replica.Config, c *p2p.Config)    { c.Listen = []string{"/ip4/127.0.0.1/tcp/0"} }
func rarely(c *replica.Config, _ *p2p.Config) { c.Interval = 10 * time.Second }

func self(id federation.PublisherID) option {
	return func(c *replica.Config, _ *p2p.Config) { c.Self = id }
}

func quota(q replica.Quota) option {
	return func(c *replica.Config, _ *p2p.Config) { c.Quota = q }
}

func peers(nodes ...*node) option {
	return func(_ *replica.Config, c *p2p.Config) {
		for _, n := range nodes {
			c.Peers = append(c.Peers, n.host.Addrs()...)
		}
	}
}

// newNode starts a node that compares tables every half second, and stops it with the test.
func newNode(t testing.TB, authority replica.Authority, options ...option) *node {
	t.Helper()
	n := &node{t: t, dir: t.TempDir()}
	n.start(authority, options...)
	return n
}

func (n *node) start(authority replica.Authority, options ...option) {
	n.t.Helper()
	var err error
	if n.db, err = store.Open(n.dir); err != nil {
		n.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("REPLICA_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("test", n.t.Name())
	}
	rc := replica.Config{DB: n.db, Authority: authority, Interval: 500 * time.Millisecond, Log: log}
	hc := p2p.Config{Key: newKey(n.t), Log: log}
	tcp(&rc, &hc)
	for _, o := range options {
		o(&rc, &hc)
	}
	if n.rep, err = replica.New(rc); err != nil {
		n.t.Fatal(err)
	}
	backend := p2p.Backend(n.rep)
	if n.wrap != nil {
		backend = n.wrap(n.rep)
	}
	if n.host, err = p2p.New(n.t.Context(), hc, backend); err != nil {
		n.t.Fatal(err)
	}
	n.run()
}

func (n *node) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.rep.Run(ctx, n.host) }()
	n.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			n.t.Errorf("replica: %v", err)
		}
		if err := n.host.Close(); err != nil {
			n.t.Errorf("close host: %v", err)
		}
		if err := n.db.Close(); err != nil {
			n.t.Errorf("close database: %v", err)
		}
	})
	n.t.Cleanup(n.stop)
}

const patience = 20 * time.Second

// until polls a condition that must come true.
func until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !cond(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// holds reports whether the node's current head of that publisher is the given one.
func (n *node) holds(h store.Held) bool {
	held, err := n.db.Head(h.Publisher)
	return err == nil && held.CID == h.CID
}

func (n *node) waitFor(h store.Held) {
	n.t.Helper()
	until(n.t, fmt.Sprintf("head %d.%d on %s", h.Epoch, h.Seq, n.host.ID()), func() bool { return n.holds(h) })
}

// set is what the node has of a publisher.
func (n *node) set(id federation.PublisherID) map[string]cid.Cid {
	n.t.Helper()
	out := map[string]cid.Cid{}
	for e, err := range n.db.Entries(id, "") {
		if err != nil {
			n.t.Fatal(err)
		}
		out[e.Key] = e.CID
	}
	return out
}

func (n *node) status(id federation.PublisherID) replica.Status {
	n.t.Helper()
	all, err := n.rep.Statuses()
	if err != nil {
		n.t.Fatal(err)
	}
	for _, s := range all {
		if s.Publisher == id {
			return s
		}
	}
	return replica.Status{}
}

package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/keys"
	"github.com/coursemesh/coursemesh/node/launch"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// The receiver is asked so often, and at most a tenth of the time: its answer, with a thousand heads, is work too.
const (
	lookEvery = 20 * time.Millisecond
	lookShare = 10
)

// pair is two nodes, a sender and a receiver, and the wire between them.
type pair struct {
	sender, receiver *launch.Process
	wire             *wire
}

func newPair(dir string) (*pair, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, err
	}
	w, err := newWire()
	if err != nil {
		return nil, err
	}
	p := &pair{wire: w}
	p.sender = &launch.Process{Name: "sender", Dir: filepath.Join(dir, "sender"), Binary: binary}
	p.receiver = &launch.Process{Name: "receiver", Dir: filepath.Join(dir, "receiver"), Binary: binary}
	return p, nil
}

func (p *pair) init(ctx context.Context) error {
	return errors.Join(p.sender.Init(ctx), p.receiver.Init(ctx))
}

func (p *pair) close() error {
	p.sender.Interrupt()
	p.receiver.Interrupt()
	return errors.Join(p.sender.Wait(), p.receiver.Wait(), p.wire.close())
}

// fill makes the sets of some publishers in the sender's database, the first one being its own.
func (p *pair) fill(ctx context.Context, publishers int, opt Options) (ids []federation.PublisherID, bytes int64, err error) {
	db, err := store.Open(p.sender.Dir)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for i := range publishers {
		key, err := p.key(i)
		if err != nil {
			return nil, 0, err
		}
		f, err := newFiller(db, key, i, opt.Seed)
		if err != nil {
			return nil, 0, err
		}
		if err := f.fill(ctx, 0, opt.N/publishers); err != nil {
			return nil, 0, err
		}
		ids, bytes = append(ids, f.publisher), bytes+f.bytes
	}
	return ids, bytes, nil
}

// key is the sender's own for the first publisher, and a new one for every other.
func (p *pair) key(i int) (crypto.PrivKey, error) {
	if i > 0 {
		key, _, err := crypto.GenerateEd25519Key(rand.Reader)
		return key, err
	}
	ring, err := keys.Open(p.sender.Dir)
	if err != nil {
		return nil, err
	}
	return ring.Publisher, nil
}

func newFiller(db *store.DB, key crypto.PrivKey, i int, seed uint64) (*filler, error) {
	id, err := federation.PublisherOf(key.GetPublic())
	name := provider
	if i > 0 {
		name = fmt.Sprintf("bench%d.example", i)
	}
	random := mrand.New(mrand.NewPCG(seed, uint64(i)+1))
	word := mrand.NewZipf(random, wordSkew, wordShift, wordCount-1)
	return &filler{db: db, key: key, publisher: id, provider: name, word: word}, err
}

// serve starts both nodes; the receiver trusts the publishers, and reaches the sender by the wire alone. It returns
// the CPU seconds that the sender took before.
func (p *pair) serve(ctx context.Context, ids []federation.PublisherID) (sent float64, err error) {
	if err := p.serveSender(ctx); err != nil {
		return 0, err
	}
	sent = cpuOf(p.sender.PID())
	c := overTCP(p.receiver.Name)
	c.P2P.Peers = []string{p.wire.address() + "/p2p/" + p.sender.Identity.Peer}
	for _, id := range ids {
		c.Trust.Publishers = append(c.Trust.Publishers, authority.Trust{ID: id, Provider: "*.example", Class: federation.Member})
	}
	if err := p.receiver.Configure(c); err != nil {
		return 0, err
	}
	return sent, p.receiver.Serve(ctx)
}

func (p *pair) serveSender(ctx context.Context) error {
	if err := p.sender.Configure(overTCP(p.sender.Name)); err != nil {
		return err
	}
	if err := p.sender.Serve(ctx); err != nil {
		return err
	}
	if err := loaded(ctx, p.sender); err != nil {
		return err
	}
	return p.wire.lead(p.sender.Ready.P2P[0])
}

// loaded waits until a node has read its catalogue: others join nodes that run, not nodes that start.
func loaded(ctx context.Context, node *launch.Process) error {
	for {
		ready, err := answersOK(ctx, node.Ready.HTTP+"/readyz")
		if ready || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

func answersOK(ctx context.Context, url string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, err
	}
	return response.StatusCode == http.StatusOK, response.Body.Close()
}

// overTCP is a configuration whose bytes a wire can count.
func overTCP(name string) node.Config {
	c := launch.Loopback(name, nil)
	c.P2P.Listen = []string{"/ip4/127.0.0.1/tcp/0"}
	return c
}

// change alters records of the sender's own set while it is down, and starts it again.
func (p *pair) change(ctx context.Context, n int, opt Options) (err error) {
	p.sender.Interrupt()
	if err := p.sender.Wait(); err != nil {
		return err
	}
	db, err := store.Open(p.sender.Dir)
	if err != nil {
		return err
	}
	key, err := p.key(0)
	if err == nil {
		var f *filler
		if f, err = newFiller(db, key, 0, opt.Seed+1); err == nil {
			err = f.batch(ctx, 0, n)
		}
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	p.wire.take()
	return p.serveSender(ctx)
}

// taken is what one replication took of the receiver.
type taken struct {
	seconds, cpu float64
	peak         int64
	moved        int64 // bytes on the wire, both ways
	seq          uint64
}

func (t taken) stage(name string) Stage {
	return Stage{Name: name, Seconds: t.seconds, CPUSeconds: t.cpu, PeakMemory: t.peak}
}

// await looks until the receiver holds heads of so many publishers, with so many records in all, the first of
// them at or above a number.
func (p *pair) await(ctx context.Context, records, publishers int, seq uint64) (t taken, err error) {
	began, before := time.Now(), cpuOf(p.receiver.PID())
	if seq == 1 {
		before = 0 // its start belongs to it
	}
	for {
		asked := time.Now()
		done, at, err := p.holds(ctx, records, publishers, seq)
		t.peak = max(t.peak, anonymousOf(p.receiver.PID()))
		if err != nil {
			return t, err
		}
		if done {
			t.seconds, t.cpu, t.moved, t.seq = time.Since(began).Seconds(), cpuOf(p.receiver.PID())-before, p.wire.take(), at
			return t, nil
		}
		select {
		case <-ctx.Done():
			return t, ctx.Err()
		case <-time.After(max(lookEvery, lookShare*time.Since(asked))):
		}
	}
}

func (p *pair) holds(ctx context.Context, records, publishers int, seq uint64) (done bool, at uint64, err error) {
	var heads struct {
		Items []struct {
			Count int
			Seq   uint64
		}
	}
	if err := p.receiver.Get(ctx, "/v1/heads?limit=5000", &heads); err != nil {
		return false, 0, err
	}
	total := 0
	for _, h := range heads.Items {
		total, at = total+h.Count, max(at, h.Seq)
	}
	return len(heads.Items) == publishers && total == records && at >= seq, at, nil
}

package replica_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

// giver serves records in its own way and counts them.
type giver struct {
	p2p.Backend
	given atomic.Int64
	give  func(n int64, get func() ([]byte, error)) ([]byte, error)
}

func (g *giver) Get(c cid.Cid) ([]byte, error) {
	return g.give(g.given.Add(1), func() ([]byte, error) { return g.Backend.Get(c) })
}

// slowly makes transfers last long enough for other peers to be seen.
func slowly(_ int64, get func() ([]byte, error)) ([]byte, error) {
	time.Sleep(time.Millisecond / 2)
	return get()
}

// givers starts nodes that hold the same set, each serving in its own way.
func givers(t *testing.T, who *author, trusted *trust, ways ...func(int64, func() ([]byte, error)) ([]byte, error)) ([]*node, []*giver) {
	t.Helper()
	nodes, out := make([]*node, len(ways)), make([]*giver, len(ways))
	for i, way := range ways {
		g := &giver{give: way}
		n := &node{t: t, dir: t.TempDir(), wrap: func(b p2p.Backend) p2p.Backend {
			g.Backend = b
			return g
		}}
		n.start(trusted)
		nodes[i], out[i] = n, g
		if i == 0 {
			who.publish(n.db, courses(0, manyRecords, "course"), nil)
			continue
		}
		copyHead(t, who, nodes[0].db, n.db)
	}
	return nodes, out
}

const manyRecords = 2500

func TestSeveralPeersGiveOneSet(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	nodes, counts := givers(t, who, trusted, slowly, slowly, slowly)
	target := newNode(t, trusted, peers(nodes...))
	held, err := nodes[0].db.Head(who.id)
	if err != nil {
		t.Fatal(err)
	}
	target.waitFor(held)
	sameSet(t, nodes[0], target, who.id)
	total := int64(0)
	for i, g := range counts {
		t.Logf("peer %d gave %d", i, g.given.Load())
		if total += g.given.Load(); g.given.Load() == 0 {
			t.Errorf("peer %d gave nothing", i)
		}
	}
	if total > 2*manyRecords { // some are asked twice when the machine is busy
		t.Errorf("%d records were sent for a set of %d", total, manyRecords)
	}
}

// One peer falls silent in the middle and one sends other bytes: what they were asked for comes from
// elsewhere, long before the silent one's time is up.
func TestThreat18BadPeersAmongSeveral(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	silent := func(n int64, get func() ([]byte, error)) ([]byte, error) {
		if n > 300 {
			<-t.Context().Done()
			return nil, context.Canceled
		}
		return get()
	}
	altering := func(n int64, get func() ([]byte, error)) ([]byte, error) {
		data, err := get()
		if n > 300 && len(data) > 0 {
			data = append([]byte(nil), data...)
			data[len(data)/2] ^= 1
		}
		return data, err
	}
	nodes, counts := givers(t, who, trusted, slowly, silent, altering)
	target := newNode(t, trusted, peers(nodes...))
	held, err := nodes[0].db.Head(who.id)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	target.waitFor(held)
	sameSet(t, nodes[0], target, who.id)
	t.Logf("%v; given %d, %d, %d", time.Since(start), counts[0].given.Load(), counts[1].given.Load(), counts[2].given.Load())
}

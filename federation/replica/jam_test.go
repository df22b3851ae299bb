package replica_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

func patient(d time.Duration) option {
	return func(c *replica.Config, _ *p2p.Config) { c.Patience = d }
}

// A table full of publishers that nobody knows leaves room for those who count.
func TestThreat20StrangersFillTheTable(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	rows := make([]p2p.Row, 20_000)
	for i := range rows {
		id, err := federation.PublisherOf(newKey(t).GetPublic())
		if err != nil {
			t.Fatal(err)
		}
		rows[i] = p2p.Row{Publisher: id, Epoch: 1, Seq: 1, Payload: [32]byte{1}}
	}
	bad := newLiar(t, trusted, func(b p2p.Backend) liar { return liar{Backend: b, table: p2p.NewTable(rows)} })
	victim := newNode(t, trusted, peers(bad))
	until(t, "strangers are known", func() bool {
		all, err := victim.rep.Statuses()
		return err == nil && len(all) == len(rows)
	})
	good := newNode(t, trusted)
	held := who.publish(good.db, courses(0, 3, "course"), nil)
	if err := victim.host.Connect(t.Context(), good.host.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	victim.waitFor(held)
}

// A row is not signed: it cannot make a node say that it is behind.
func TestThreat15MadeUpRowIsNotBehind(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	trusted := newTrust(who.id)
	bad := newLiar(t, trusted, func(b p2p.Backend) liar {
		return liar{Backend: b, table: p2p.NewTable([]p2p.Row{{Publisher: who.id, Epoch: 9, Seq: 9, Payload: [32]byte{1}}})}
	})
	held := who.publish(bad.db, courses(0, 3, "course"), nil)
	victim := newNode(t, trusted, peers(bad))
	victim.waitFor(held)
	since := time.Now()
	until(t, "tables compared again", func() bool {
		p := victim.rep.Peers()
		return len(p) == 1 && p[0].Compared.After(since)
	})
	if s := victim.status(who.id); s.Behind || s.State != replica.InSync {
		t.Errorf("status %+v", s)
	}
}

// A peer offers true heads of as many publishers as are fetched at a time, and drips. They come from
// elsewhere, and so does what waits for a slot, long before the dripping is over.
func TestThreat18DrippingPeerGivesWay(t *testing.T) {
	t.Parallel()
	authors := []*author{newAuthor(t), newAuthor(t), newAuthor(t), newAuthor(t)}
	trusted := newTrust()
	for _, who := range authors {
		trusted.set(who.id, true)
	}
	bad := newLiar(t, trusted, func(b p2p.Backend) liar {
		return liar{Backend: b, get: func(c cid.Cid) ([]byte, error) {
			select {
			case <-time.After(time.Second):
			case <-t.Context().Done():
			}
			return b.Get(c)
		}}
	})
	good := newNode(t, trusted)
	for i, who := range authors {
		who.publish(good.db, courses(0, 60, fmt.Sprint(i)), nil)
		if i > 0 {
			copyHead(t, who, good.db, bad.db)
		}
	}
	victim := newNode(t, trusted, peers(bad), patient(500*time.Millisecond))
	until(t, "all slots are taken", func() bool {
		busy := 0
		for _, who := range authors {
			if victim.status(who.id).State == replica.Syncing {
				busy++
			}
		}
		return busy == 3
	})
	if err := victim.host.Connect(t.Context(), good.host.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	for _, who := range authors {
		held, err := good.db.Head(who.id)
		if err != nil {
			t.Fatal(err)
		}
		victim.waitFor(held)
	}
	if victim.bans(bad.host.ID()) {
		t.Error("being slow is no offence")
	}
}

package replica_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/p2p"
)

// Who changes more than a whole quota again and again is slowed; the peer that tells of it stays, others
// are not held up, and nothing is lost.
func TestThreat19BulkIsSlowedNotBanned(t *testing.T) {
	t.Parallel()
	busy, other := newAuthor(t), newAuthor(t)
	trusted := newTrust(busy.id, other.id)
	var ahead atomic.Int64
	clock := func(c *replica.Config, _ *p2p.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	}
	source := newNode(t, trusted)
	target := newNode(t, trusted, peers(source), quota(replica.Quota{Records: 100, Bytes: 1 << 20, Domains: 1}), clock)
	for _, title := range []string{"first", "second"} {
		target.waitFor(busy.publish(source.db, courses(0, 100, title), nil))
	}
	third := busy.publish(source.db, courses(0, 100, "third"), nil)
	until(t, "the reason is told", func() bool {
		s := target.status(busy.id)
		return s.State == replica.Behind && strings.Contains(s.Reason, "slowed")
	})
	target.waitFor(other.publish(source.db, courses(0, 5, "other"), nil))
	if target.holds(third) || len(target.rep.Peers()) != 1 {
		t.Errorf("third head is held: %v; peers: %d", target.holds(third), len(target.rep.Peers()))
	}
	fourth := busy.publish(source.db, courses(0, 100, "fourth"), nil)
	ahead.Add(int64(time.Hour))
	target.waitFor(fourth)
	sameSet(t, source, target, busy.id)
}

// What a stranger used up of its small quota does not slow it once it counts.
func TestStrangerThatCountsIsNotSlowed(t *testing.T) {
	t.Parallel()
	who := newAuthor(t)
	source := newNode(t, newTrust(who.id))
	trusted := newTrust()
	target := newNode(t, trusted, peers(source), openTo(10))
	target.waitFor(who.publish(source.db, courses(0, 3, "first"), nil))
	next := who.publish(source.db, courses(0, 3, "second"), nil)
	until(t, "the reason is told", func() bool { return strings.Contains(target.status(who.id).Reason, "slowed") })
	trusted.set(who.id, true)
	target.waitFor(next)
}

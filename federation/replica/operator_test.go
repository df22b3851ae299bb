package replica_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/p2p"
)

// A frozen publisher's held set stays as it is, through a restart, and catches up when thawed.
func TestFrozenPublisherStaysAsItIs(t *testing.T) {
	t.Parallel()
	who, other := newAuthor(t), newAuthor(t)
	trusted := newTrust(who.id, other.id)
	a := newNode(t, newTrust(who.id, other.id), self(who.id))
	b := newNode(t, trusted, peers(a))
	held := who.publish(a.db, courses(0, 10, "course"), nil)
	b.waitFor(held)
	trusted.freeze(who.id, "disputed")
	if s := b.status(who.id); s.State != replica.Frozen || s.Reason != "disputed" {
		t.Errorf("%+v", s)
	}
	next := who.publish(a.db, change{"00001": "later"}, nil)
	b.waitFor(other.publish(a.db, courses(10, 20, "course"), nil)) // others are followed
	until(t, "the newer head is known", func() bool { return b.status(who.id).Behind })
	b.stop()
	b.start(trusted, peers(a))
	until(t, "the newer head is known again", func() bool { return b.status(who.id).Behind })
	if s := b.status(who.id); !b.holds(held) || s.State != replica.Frozen {
		t.Errorf("the frozen set moved: %+v", s)
	}
	trusted.freeze(who.id, "")
	b.waitFor(next)
	sameSet(t, a, b, who.id)
}

// Publishers without authority are kept only by who wants to, each under the small quota.
func TestUnverifiedUnderASmallQuota(t *testing.T) {
	t.Parallel()
	small, large := newAuthor(t), newAuthor(t)
	a := newNode(t, newTrust(small.id, large.id))
	keep := func(c *replica.Config, _ *p2p.Config) {
		c.Unverified = replica.Quota{Records: 10, Bytes: 1 << 20, Domains: 1}
	}
	b := newNode(t, newTrust(), peers(a), keep)
	held := small.publish(a.db, courses(0, 10, "course"), nil)
	large.publish(a.db, courses(0, 11, "course"), nil)
	b.waitFor(held)
	until(t, "refusal", func() bool {
		return strings.Contains(b.status(large.id).Reason, "over quota: 11 records, 10 are allowed")
	})
}

// A publisher may have a quota of its own.
func TestQuotaOfOnePublisher(t *testing.T) {
	t.Parallel()
	big, who := newAuthor(t), newAuthor(t)
	trusted := newTrust(big.id, who.id)
	a := newNode(t, trusted)
	limits := replica.DefaultQuota()
	limits.Records = 5
	own := func(c *replica.Config, _ *p2p.Config) {
		c.Quotas = map[federation.PublisherID]replica.Quota{big.id: replica.DefaultQuota()}
	}
	b := newNode(t, trusted, peers(a), quota(limits), own)
	who.publish(a.db, courses(0, 10, "course"), nil)
	b.waitFor(big.publish(a.db, courses(0, 10, "course"), nil))
	until(t, "refusal", func() bool { return strings.Contains(b.status(who.id).Reason, "over quota: 10 records, 5 are allowed") })
}

package replica

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

const (
	announceGap = 100 * time.Millisecond // gathers switches that come close together
	maxNews     = 64                     // changes sent along with a head
	maxNewsSize = 15 << 10               // bytes of their records
)

// followStore gossips every head that becomes current, and lets peers see the new table.
func (r *Replica) followStore(ctx context.Context, host *p2p.Host) error {
	last := r.db.LastChange()
	known, err := r.currentHeads()
	if err != nil {
		return err
	}
	for {
		if last, err = r.db.Wait(ctx, last); err != nil {
			return err
		}
		heads, err := r.db.Heads()
		if err != nil {
			return err
		}
		for _, h := range heads {
			if known[h.Publisher] == h.CID {
				continue
			}
			if err := r.announce(ctx, host, h, known[h.Publisher]); err != nil {
				return err
			}
			known[h.Publisher] = h.CID
		}
		r.nudgeAll()
		if !sleep(ctx, announceGap, nil, nil) {
			return ctx.Err()
		}
	}
}

func (r *Replica) currentHeads() (map[federation.PublisherID]cid.Cid, error) {
	heads, err := r.db.Heads()
	if err != nil {
		return nil, fmt.Errorf("held heads: %w", err)
	}
	known := make(map[federation.PublisherID]cid.Cid, len(heads))
	for _, h := range heads {
		known[h.Publisher] = h.CID
	}
	return known, nil
}

// announce sends the changes along for this node's own heads only: for others the words are then the same
// on every node, and gossip carries them once.
func (r *Replica) announce(ctx context.Context, host *p2p.Host, h store.Held, since cid.Cid) error {
	a := p2p.Announcement{Envelope: h.Envelope}
	if h.Publisher == r.self {
		delta, err := r.delta(h, since)
		if err != nil {
			return err
		}
		a.Delta = delta
	}
	if err := host.Announce(ctx, a); err != nil && ctx.Err() == nil {
		r.log.Warn("announce", "publisher", h.Publisher, "error", err) // peers find out by comparing tables
	}
	return nil
}

// delta is nil when the changes are too many to send along, or not known.
func (r *Replica) delta(h store.Held, since cid.Cid) (*p2p.Delta, error) {
	ops, err := r.smallOps(h, since)
	if err != nil || ops == nil {
		return nil, err
	}
	delta := p2p.Delta{Base: since}
	size := 0
	for _, op := range ops {
		if size += op.Bytes; size > maxNewsSize {
			return nil, nil
		}
		if !op.New.Defined() {
			delta.Withdrawn = append(delta.Withdrawn, op.Key)
			continue
		}
		data, err := r.db.Get(op.New)
		if err != nil {
			return nil, err
		}
		delta.Records = append(delta.Records, data)
	}
	return &delta, nil
}

// smallOps are the operations since a head, or from nothing; nil when there are too many.
func (r *Replica) smallOps(h store.Held, since cid.Cid) ([]store.Op, error) {
	if since.Defined() {
		ops, err := r.db.OpsSince(h.Publisher, since)
		if errors.Is(err, store.ErrTooOld) || len(ops) > maxNews {
			return nil, nil
		}
		if err == nil && ops == nil {
			ops = []store.Op{}
		}
		return ops, err
	}
	if h.Count > maxNews {
		return nil, nil
	}
	ops := []store.Op{}
	for e, err := range r.db.Entries(h.Publisher, "") {
		if err != nil {
			return nil, err
		}
		ops = append(ops, store.Op{Key: e.Key, New: e.CID, Domain: e.Domain, Bytes: e.Bytes})
	}
	return ops, nil
}

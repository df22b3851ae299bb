package harvest

import (
	"context"
	"errors"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// draft is a staged record that a key shall hold, or a withdrawal (CID Undef).
type draft struct {
	cid    cid.Cid
	domain string
	bytes  int
}

// publish applies drafts to this publisher's set and signs the head that says so. Without a change it
// signs nothing. It returns the head afterwards; the zero Held when there never was one.
func (h *Harvester) publish(ctx context.Context, drafts map[string]draft) (store.Held, error) {
	h.publishing.Lock()
	defer h.publishing.Unlock()
	held, err := h.cfg.DB.Head(h.self)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return held, err
	}
	ops, err := h.operations(drafts)
	if err != nil {
		return held, err
	}
	domains := h.finished(held.Domains)
	proven, err := h.cfg.DB.Proven(h.self)
	if err != nil {
		return held, err
	}
	ruined := proven > 0 && proven >= held.Epoch
	// A restored database lags behind what peers hold of this publisher until it signs in a new epoch.
	behind := held.Epoch > 0 && h.ledger.last.after(position{held.Epoch, held.Seq})
	if len(ops) == 0 && !ruined && !behind && slices.Equal(domains, held.Domains) && (held.Epoch == 0 || held.Node == h.cfg.Node) {
		return held, nil
	}
	if ruined {
		if err := h.ledger.heal(h.cfg.Now()); err != nil {
			return held, err
		}
	}
	return h.cfg.DB.Switch(ctx, h.self, ops, func(next store.Next) ([]byte, error) {
		return h.seal(next, domains, proven)
	})
}

// operations leaves out drafts that the set already holds.
func (h *Harvester) operations(drafts map[string]draft) ([]store.Op, error) {
	var ops []store.Op
	for key, d := range drafts {
		entry, err := h.cfg.DB.Entry(h.self, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if entry.CID != d.cid {
			ops = append(ops, store.Op{Key: key, Old: entry.CID, New: d.cid, Domain: d.domain, Bytes: d.bytes})
		}
	}
	return ops, nil
}

// seal signs the next head. Its position is on disk before anybody can see it.
func (h *Harvester) seal(next store.Next, domains []string, proven uint64) ([]byte, error) {
	at := h.ledger.next(position{next.Prev.Epoch, next.Prev.Seq}, proven)
	head := federation.Head{
		Epoch: at.Epoch, Seq: at.Seq, Prev: next.Prev.CID, Root: next.Root, Count: next.Count, Bytes: next.Bytes,
		Domains: domains, Issued: h.cfg.Now().Unix(), Node: h.cfg.Node,
	}
	envelope, err := head.Seal(h.cfg.Key())
	if err != nil {
		return nil, err
	}
	return envelope, h.ledger.write(at)
}

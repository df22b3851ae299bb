package replica

import (
	"context"
	"errors"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

// Erasures are the notices of erasure that this node keeps.
type Erasures interface {
	p2p.ErasureSource
	Has(h p2p.Hash) bool
	// Add keeps a notice; an error is no fault of who brought it.
	Add(envelope []byte) (federation.Erasure, error)
	// Refuses says that a record must not be stored again.
	Refuses(c cid.Cid, record federation.Record) bool
}

// errErased: the head lists a record that is to be forgotten. Its publisher has to sign another one.
var errErased = errors.New("the record was erased")

// erasuresEvery is how often a peer is asked for notices: they act within a day.
const erasuresEvery = 5 * time.Minute

// exchangeErasures takes over the notices that a peer lists and this node lacks.
func (r *Replica) exchangeErasures(ctx context.Context, n *neighbour) {
	host := r.currentHost()
	if r.erasures == nil || host == nil || r.now().Sub(n.erasures) < r.forget {
		return
	}
	mine, _ := r.erasures.Erasures()
	err := host.FetchErasures(ctx, n.id, mine, func(h p2p.Hash) bool { return !r.erasures.Has(h) }, func(e federation.Erasure, envelope []byte) error {
		if _, err := r.erasures.Add(envelope); err != nil {
			r.log.Debug("notice of erasure not kept", "publisher", e.Publisher, "provider", e.Provider, "error", err)
		}
		return nil
	})
	if err != nil {
		r.log.Debug("notices of erasure", "peer", n.id, "error", err)
		return
	}
	n.erasures = r.now()
}

// refuse gives up a head that cannot be taken whoever serves it.
func (r *Replica) refuse(id federation.PublisherID, c candidate, cause error) {
	r.log.Warn("head refused", "publisher", id, "epoch", c.Epoch, "seq", c.Seq, "error", cause)
	r.refusals.add(c.payload) // else every comparison of tables would fetch it again
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.publishers[id]
	p.refused = cause.Error()
	if p.best != nil && p.best.Compare(c.Head) <= 0 {
		p.best, p.sources = nil, nil
	}
}

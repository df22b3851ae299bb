package replica

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
)

// States of a publisher's copy.
const (
	InSync  = "in sync"
	Behind  = "behind" // a higher head is known and no source can be asked at the moment
	Syncing = "syncing"
	Refused = "refused"
	Frozen  = "frozen" // the operator keeps the held set as it is
	Proven  = "proven" // two heads of one number: no head counts until one of a later epoch is held
	NotHeld = "not held"
)

// Status of one publisher.
type Status struct {
	Publisher federation.PublisherID `json:"publisher"`
	Class     federation.Class       `json:"class"`
	Held      *HeadStatus            `json:"held,omitempty"`
	Best      *Number                `json:"best,omitempty"` // the highest number that any peer showed
	Behind    bool                   `json:"behind"`
	State     string                 `json:"state"`
	Reason    string                 `json:"reason,omitempty"` // of refusal, or the last failure
	Proven    uint64                 `json:"proven_epoch,omitempty"`
	Fetched   int                    `json:"fetched,omitempty"` // records of the running transfer
	Missing   int                    `json:"missing,omitempty"` // that it began with
	Sources   int                    `json:"sources,omitempty"` // peers that list the wanted head
}

// Number orders the heads of a publisher.
type Number struct {
	Epoch uint64 `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// HeadStatus tells of a held head.
type HeadStatus struct {
	Number
	CID     string `json:"cid"`
	Records uint64 `json:"records"`
	Bytes   uint64 `json:"bytes"`
}

// Statuses lists held and shown publishers, sorted.
func (r *Replica) Statuses() ([]Status, error) {
	heads, err := r.db.Heads()
	if err != nil {
		return nil, err
	}
	held := make(map[federation.PublisherID]store.Held, len(heads)) // zero of those that are only shown or proven
	proven, err := r.db.ProvenEpochs()
	if err != nil {
		return nil, err
	}
	for id := range proven {
		held[id] = store.Held{}
	}
	r.mu.Lock()
	for id := range r.publishers {
		held[id] = store.Held{}
	}
	for _, h := range heads {
		held[h.Publisher] = h
	}
	out := make([]Status, 0, len(held))
	for id, h := range held {
		out = append(out, r.status(id, h, proven[id]))
	}
	r.mu.Unlock()
	slices.SortFunc(out, func(a, b Status) int { return cmp.Compare(a.Publisher, b.Publisher) })
	return out, nil
}

// status of one publisher; the caller holds mu.
func (r *Replica) status(id federation.PublisherID, h store.Held, proven uint64) Status {
	s := Status{Publisher: id, Class: r.authority.Best(id), State: InSync, Proven: proven}
	if h.CID.Defined() {
		s.Held = &HeadStatus{Number: Number{h.Epoch, h.Seq}, CID: h.CID.String(), Records: h.Count, Bytes: h.Bytes}
	} else {
		s.State = NotHeld
	}
	if proven > 0 && proven >= h.Epoch {
		s.State, s.Reason = Proven, fmt.Sprintf("two heads of one number are proven in epoch %d; no head of a later epoch is held", proven)
	}
	reason, frozen := r.authority.Frozen(id)
	if frozen {
		s.State, s.Reason = Frozen, reason
	}
	p := r.publishers[id]
	if p == nil || !numberOf(h.Head).below(p.shown) {
		return s
	}
	s.Best, s.Behind = &Number{p.shown.Epoch, p.shown.Seq}, true
	s.Fetched, s.Missing, s.Sources = p.done, p.total, len(p.sources)
	switch {
	case frozen:
	case p.refused != "":
		s.State, s.Reason = Refused, p.refused
	case p.busy:
		s.State, s.Reason = Syncing, p.problem
	default:
		s.State, s.Reason = Behind, cmp.Or(p.waiting, p.problem)
	}
	return s
}

// tally counts since the start.
type tally struct{ gossiped, transferred, failed, records atomic.Uint64 }

// Counts since the start.
type Counts struct {
	Gossiped    uint64 `json:"gossiped"`    // switches by changes that came along with the head
	Transferred uint64 `json:"transferred"` // switches by transfer from a peer
	Failed      uint64 `json:"failed"`      // transfers that broke or were refused
	Records     uint64 `json:"records"`     // fetched by transfers, verified and staged
}

// Counts of switches and transfers.
func (r *Replica) Counts() Counts {
	return Counts{r.tally.gossiped.Load(), r.tally.transferred.Load(), r.tally.failed.Load(), r.tally.records.Load()}
}

// PeerStatus of one peer.
type PeerStatus struct {
	p2p.Peer
	Equal    bool      `json:"equal"`             // its table of heads is ours
	Compared time.Time `json:"compared,omitzero"` // last comparison
	Problem  string    `json:"problem,omitempty"` // of the last attempt
	Leads    int       `json:"leads,omitempty"`   // publishers of which it has a head we want
}

// Peers lists the host's peers with the state of their tables; none while Run does not run.
func (r *Replica) Peers() []PeerStatus {
	host := r.currentHost()
	if host == nil {
		return nil
	}
	peers := host.Peers()
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]PeerStatus, len(peers))
	for i, p := range peers {
		out[i].Peer = p
		if n := r.peers[p.ID]; n != nil {
			out[i].Equal, out[i].Compared, out[i].Problem = n.equal, n.last, n.problem
		}
		for _, pub := range r.publishers {
			if pub.sources[p.ID] != nil {
				out[i].Leads++
			}
		}
	}
	return out
}

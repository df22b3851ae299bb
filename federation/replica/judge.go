package replica

import (
	"errors"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

// errStale: there is nothing to do about a head that is not above the held one.
var errStale = errors.New("head is not above the held one")

// relate compares a valid head with what is held and proven: news is a head to fetch, same the held one. A head
// whose set was let go is news again.
// A second head of one number is proven on the way.
func (r *Replica) relate(h federation.Head, envelope []byte) (news, same bool, err error) {
	last, held, err := r.db.Last(h.Publisher)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, false, err
	}
	order := 1
	if err == nil {
		order = h.Compare(last.Head)
	}
	payload, err := federation.PayloadHash(envelope)
	if err != nil {
		return false, false, err
	}
	switch {
	case order == 0 && payload == last.Payload && held:
		return false, true, nil
	case order == 0 && payload != last.Payload:
		return false, false, r.prove(last.Envelope, envelope)
	case order < 0:
		return false, false, r.checkPast(h, payload, envelope)
	}
	proven, err := r.db.Proven(h.Publisher)
	return h.Epoch > proven, false, err
}

// checkPast compares a head below the held one with the kept head of that number.
func (r *Replica) checkPast(h federation.Head, payload [32]byte, envelope []byte) error {
	if r.seen.has(payload) {
		return nil
	}
	past, err := r.db.PastHeads(h.Publisher)
	if err != nil {
		return err
	}
	for _, old := range past {
		if h.Compare(old.Head) == 0 && old.Payload != payload {
			return r.prove(old.Envelope, envelope)
		}
	}
	r.seen.add(payload)
	return nil
}

// prove keeps the proof that two heads are. A pair that proves nothing, such as one statement signed
// twice, is no error.
func (r *Replica) prove(a, b []byte) error {
	proof, err := federation.NewProof(a, b)
	if err != nil {
		r.log.Debug("no proof", "error", err)
		return nil
	}
	return r.keepProof(proof)
}

func (r *Replica) keepProof(proof federation.Proof) error {
	added, err := r.db.AddProof(proof)
	if err != nil || !added {
		return err
	}
	r.log.Warn("publisher signed two heads of one number", "publisher", proof.Publisher, "epoch", proof.Epoch, "seq", proof.Seq)
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.publishers[proof.Publisher]; p != nil && p.best != nil && p.best.Epoch <= proof.Epoch {
		p.best, p.sources = nil, nil
	}
	return nil
}

// consider takes note of a validly signed head that a peer showed; own or with its changes, when gossiped.
func (r *Replica) consider(from peer.ID, h federation.Head, envelope []byte, news *p2p.Announcement) error {
	above, _, err := r.relate(h, envelope)
	if err != nil || !above {
		return err
	}
	payload, err := federation.PayloadHash(envelope)
	if err != nil {
		return err
	}
	refusal := r.admissible(h)
	if refusal != nil {
		r.refusals.add(payload)
	}
	r.mu.Lock()
	p := r.publisher(h.Publisher)
	if p == nil {
		r.mu.Unlock()
		return nil
	}
	rival := p.note(from, candidate{Head: h, cid: federation.CIDOf(envelope), envelope: envelope, payload: payload, news: news}, refusal)
	r.mu.Unlock()
	if rival != nil {
		return r.prove(rival, envelope)
	}
	r.wake()
	return nil
}

// Judge lets a gossiped head pass when it is news here, or held already. Of publishers without authority
// here and of stale heads others may think otherwise, so the messenger is not blamed.
func (r *Replica) Judge(_ peer.ID, h federation.Head, envelope []byte) p2p.Verdict {
	if h.Publisher != r.self && r.admissible(h) != nil {
		return p2p.Ignore
	}
	news, same, err := r.relate(h, envelope)
	switch {
	case err != nil:
		r.log.Error("judge a head", "publisher", h.Publisher, "error", err)
		return p2p.Ignore
	case same:
		return p2p.Forward
	case news && h.Publisher != r.self:
		return p2p.News
	}
	return p2p.Ignore
}

// Announced takes up gossiped news. The peer that signed the message holds the head.
func (r *Replica) Announced(from peer.ID, a p2p.Announcement) {
	var news *p2p.Announcement
	if a.Delta != nil {
		news = &a
	}
	if err := r.consider(from, a.Head, a.Envelope, news); err != nil {
		r.log.Error("gossiped head", "publisher", a.Head.Publisher, "error", err)
	}
}

package replica

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
)

// candidate is a head above the held one that this node wants to hold.
type candidate struct {
	federation.Head
	cid      cid.Cid
	envelope []byte
	payload  [32]byte
	news     *p2p.Announcement // with the changes, when they came along
}

// publisher is what is known beyond the database.
type publisher struct {
	best    *candidate // nil: nothing to fetch
	sources map[peer.ID]*source
	busy    bool   // being fetched
	shown   number // highest head that anyone showed, counting or not
	refused string // why the shown head is not fetched
	barred  bool   // refused whatever the head says: until authority changes
	problem string // of the last attempt
	paced   time.Time
	waiting string // why it is not fetched although it could be
	done    int    // records fetched of the running transfer
	total   int
}

type number struct{ Epoch, Seq uint64 }

func (n number) below(o number) bool { return n.Epoch < o.Epoch || n.Epoch == o.Epoch && n.Seq < o.Seq }

func numberOf(h federation.Head) number { return number{h.Epoch, h.Seq} }

// barred is why no head of a publisher is taken, until authority changes.
type barred string

func (b barred) Error() string { return string(b) }

const notAuthorised = barred("publisher has no authority here")

// errStale: there is nothing to do about a head that is not above the held one.
var errStale = errors.New("head is not above the held one")

// bar says why no head of a publisher can be taken.
func (r *Replica) bar(id federation.PublisherID) error {
	if reason, frozen := r.authority.Frozen(id); frozen {
		return barred("frozen by the operator: " + reason)
	}
	if r.unverified.Records == 0 && r.authority.Best(id) == federation.Unverified {
		return notAuthorised
	}
	return nil
}

// admissible says why a head cannot be taken, apart from order.
func (r *Replica) admissible(h federation.Head) error {
	if h.Publisher == r.self {
		return errors.New("head of this node's own publisher comes from elsewhere")
	}
	if err := r.bar(h.Publisher); err != nil {
		return err
	}
	if r.chosen != nil {
		if why := r.chosen(h); why != "" {
			return errors.New(why)
		}
	}
	if r.unverifiedQuota(h.Publisher) {
		if err := r.roomForUnverified(h.Publisher); err != nil {
			return err
		}
	}
	quota := r.quotaOf(h.Publisher)
	switch {
	case h.Count > quota.Records:
		return fmt.Errorf("over quota: %d records, %d are allowed", h.Count, quota.Records)
	case h.Bytes > quota.Bytes:
		return fmt.Errorf("over quota: %d bytes, %d are allowed", h.Bytes, quota.Bytes)
	case len(h.Domains) > quota.Domains:
		return fmt.Errorf("over quota: %d source domains, %d are allowed", len(h.Domains), quota.Domains)
	}
	return nil
}

// quotaOf is the publisher's own quota by configuration, else that of those with or without authority.
func (r *Replica) quotaOf(id federation.PublisherID) Quota {
	if own, ok := r.quotas[id]; ok {
		return own
	}
	if r.unverifiedQuota(id) {
		return r.unverified
	}
	return r.quota
}

func (r *Replica) unverifiedQuota(id federation.PublisherID) bool {
	_, own := r.quotas[id]
	return !own && r.authority.Best(id) == federation.Unverified
}

// maxUnverified is how many publishers without authority a node keeps that wants any.
const maxUnverified = 100

func (r *Replica) roomForUnverified(id federation.PublisherID) error {
	held, err := r.db.Heads()
	if err != nil {
		return err
	}
	kept := 0
	for _, h := range held {
		if h.Publisher == id {
			return nil
		}
		if h.Publisher != r.self && r.authority.Best(h.Publisher) == federation.Unverified {
			kept++
		}
	}
	if kept >= maxUnverified {
		return fmt.Errorf("%w; %d such publishers are kept already", notAuthorised, kept)
	}
	return nil
}

// relate compares a valid head with what is held and proven: news is a head to fetch, same the held one.
// A second head of one number is proven on the way.
func (r *Replica) relate(h federation.Head, envelope []byte) (news, same bool, err error) {
	held, err := r.db.Head(h.Publisher)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, false, err
	}
	order := 1
	if err == nil {
		order = h.Compare(held.Head)
	}
	payload, err := federation.PayloadHash(envelope)
	if err != nil {
		return false, false, err
	}
	switch {
	case order == 0 && payload == held.Payload:
		return false, true, nil
	case order == 0:
		return false, false, r.prove(held.Envelope, envelope)
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

// note keeps the highest candidate and who shows it; it returns the envelope of another head of the same
// number, if that is the candidate so far.
func (p *publisher) note(from peer.ID, c candidate, refusal error) (rival []byte) {
	if p.shown.below(numberOf(c.Head)) {
		p.shown = numberOf(c.Head)
	}
	if p.best != nil && c.Compare(p.best.Head) == 0 && c.payload != p.best.payload {
		return p.best.envelope
	}
	if refusal != nil {
		p.refused, p.barred = refusal.Error(), errors.As(refusal, new(barred))
		return nil
	}
	switch {
	case p.best == nil || c.Compare(p.best.Head) > 0:
		p.best, p.refused, p.barred, p.problem = &c, "", false, ""
		p.sources = map[peer.ID]*source{from: {}}
	case c.Compare(p.best.Head) == 0:
		p.addSource(from)
		if p.best.news == nil {
			p.best.news = c.news
		}
	}
	return nil
}

func (p *publisher) addSource(from peer.ID) {
	if p.sources == nil {
		p.sources = make(map[peer.ID]*source)
	}
	if p.sources[from] == nil {
		p.sources[from] = new(source)
	}
}

// dropSource gives up the candidate with its last source.
func (p *publisher) dropSource(from peer.ID) {
	if p.sources[from] == nil {
		return
	}
	delete(p.sources, from)
	if len(p.sources) == 0 {
		p.best = nil
	}
}

// maxPublishers bounds what hostile tables can make this node remember.
const maxPublishers = 20_000

// publisher returns the entry, nil when there are too many. The caller holds mu.
func (r *Replica) publisher(id federation.PublisherID) *publisher {
	p := r.publishers[id]
	if p == nil && len(r.publishers) < maxPublishers {
		p = new(publisher)
		r.publishers[id] = p
	}
	return p
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

func (s *recent) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.set)
}

// recent remembers payload hashes up to a bound.
type recent struct {
	mu  sync.Mutex
	set map[[32]byte]struct{}
}

const maxRecent = 10_000

func (s *recent) has(h [32]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.set[h]
	return ok
}

func (s *recent) add(h [32]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set == nil || len(s.set) >= maxRecent {
		s.set = make(map[[32]byte]struct{})
	}
	s.set[h] = struct{}{}
}

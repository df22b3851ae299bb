package replica

import (
	"errors"
	"time"

	"github.com/coursemesh/coursemesh/federation"
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
	pacedBy uint64 // quota of records that paced is reckoned by
	waiting string // why it is not fetched although it could be
	done    int    // records fetched of the running transfer
	total   int
}

type number struct{ Epoch, Seq uint64 }

func (n number) below(o number) bool { return n.Epoch < o.Epoch || n.Epoch == o.Epoch && n.Seq < o.Seq }

func numberOf(h federation.Head) number { return number{h.Epoch, h.Seq} }

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

// maxPublishers bounds what hostile tables can make this node remember. Publishers with authority are
// as many as manifests name, and must find room whatever strangers list.
const maxPublishers = 20_000

// publisher returns the entry, nil for a stranger when there are too many. The caller holds mu.
func (r *Replica) publisher(id federation.PublisherID) *publisher {
	p := r.publishers[id]
	if p == nil && (len(r.publishers) < maxPublishers || r.authority.Best(id) != federation.Unverified) {
		p = new(publisher)
		r.publishers[id] = p
	}
	return p
}

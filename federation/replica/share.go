package replica

import (
	"context"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
)

// share hands the records that a plan misses out to the peers that fetch them, a page at a time. What a peer
// leaves unread goes to another, and what it is slow to send is asked of another too, so that the end does
// not wait for the slowest.
type share struct {
	ops []store.Op

	mu      sync.Mutex
	left    []int         // not asked of anybody
	asked   map[int]asked // and not claimed
	missing int           // not handed on
	news    chan struct{} // closed when left grew or nothing is missing
	done    func()        // called when nothing is missing
}

// asked is whom a record was asked of last.
type asked struct {
	of   *p2p.Transfer
	when time.Time
}

// fewest records on a page, unless there are no more. Pages become smaller towards the end, so that peers
// end together.
const fewest = 50

// overdue is how long a record may take before another peer is asked for it, when nothing else is left.
const overdue = 3 * time.Second

func newShare(pl *plan, done func()) *share {
	return &share{ops: pl.ops, left: pl.missing, missing: len(pl.missing), asked: make(map[int]asked), news: make(chan struct{}), done: done}
}

// page takes what is next to be asked of a peer, nothing when the others are at the rest.
func (s *share) page(t *p2p.Transfer) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	n := min(len(s.left), max(fewest, min(len(s.left)/4, p2p.MaxRecordWants)))
	page := s.left[:n:n]
	s.left = s.left[n:]
	if n == 0 {
		page = s.late(t, now)
	}
	for _, op := range page {
		s.asked[op] = asked{t, now}
	}
	return page
}

// late lists what others were asked for too long ago.
func (s *share) late(t *p2p.Transfer, now time.Time) []int {
	var late []int
	for op, a := range s.asked {
		if a.of != t && now.Sub(a.when) > overdue && len(late) < p2p.MaxRecordWants {
			late = append(late, op)
		}
	}
	return late
}

func (s *share) cids(page []int) []cid.Cid {
	out := make([]cid.Cid, len(page))
	for i, op := range page {
		out[i] = s.ops[op].New
	}
	return out
}

// claim picks from what a peer sent the records that no other peer's batch had before.
func (s *share) claim(b batch) batch {
	s.mu.Lock()
	defer s.mu.Unlock()
	var own batch
	for i, op := range b.ops {
		if _, open := s.asked[op]; open {
			delete(s.asked, op)
			own.ops, own.blocks = append(own.ops, op), append(own.blocks, b.blocks[i])
		}
	}
	return own
}

// handed notes that so many records went on to be verified.
func (s *share) handed(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missing -= n; s.missing == 0 {
		s.tell()
		s.done()
	}
}

// back returns what a peer was asked for and did not send.
func (s *share) back(t *p2p.Transfer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for op, a := range s.asked {
		if a.of == t {
			delete(s.asked, op)
			s.left = append(s.left, op)
		}
	}
	s.tell()
}

func (s *share) tell() {
	close(s.news)
	s.news = make(chan struct{})
}

func (s *share) complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missing == 0
}

// much reports whether more is left than is asked of one peer at a time.
func (s *share) much() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.left) > p2p.MaxRecordWants
}

// wait blocks until there may be something to ask of a peer, false when all have come or the context ended.
func (s *share) wait(ctx context.Context, t *p2p.Transfer) bool {
	for ctx.Err() == nil {
		s.mu.Lock()
		news, over, some := s.news, s.missing == 0, len(s.left) > 0 || len(s.late(t, time.Now())) > 0
		s.mu.Unlock()
		if over || some {
			return !over
		}
		sleep(ctx, overdue/4, news, nil)
	}
	return false
}

package replica

import (
	"sync"
)

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

func (s *recent) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.set)
}

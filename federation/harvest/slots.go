package harvest

import (
	"context"
	"time"
)

const (
	parallelDomains = 32
	slowDomains     = 224              // that go on beside them
	slotPatience    = 10 * time.Second // after which a domain counts as slow
)

// slots bound how many domains are harvested at a time. A server may take ten minutes to say nothing; so a domain that
// takes long gives its slot to the next and goes on beside it, while there are not too many of that kind.
type slots struct {
	quick, slow chan struct{}
	patience    time.Duration
}

func newSlots(patience time.Duration) *slots {
	return &slots{make(chan struct{}, parallelDomains), make(chan struct{}, slowDomains), patience}
}

// do runs the work in a slot, or not at all once ctx has ended.
func (s *slots) do(ctx context.Context, work func()) {
	select {
	case <-ctx.Done():
		return
	case s.quick <- struct{}{}:
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		work()
	}()
	timer := time.NewTimer(s.patience)
	defer timer.Stop()
	select {
	case <-done:
		<-s.quick
		return
	case <-timer.C:
	}
	select {
	case <-done:
		<-s.quick
	case s.slow <- struct{}{}:
		<-s.quick
		<-done
		<-s.slow
	}
}

package harvest

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// All harvests every configured domain, a few at a time. The report sums them up; a domain that fails
// does not keep the others from running.
func (h *Harvester) All(ctx context.Context, opts Options) (Report, error) {
	if len(h.cfg.Domains) == 0 {
		return Report{}, fmt.Errorf("nothing %w: harvest.domains is empty; configure domains, or name a domain, file or URL", ErrTarget)
	}
	var (
		all    sync.WaitGroup
		mu     sync.Mutex
		sum    = Report{Errors: []Problem{}}
		failed []error
	)
	opts = opts.serialised(&mu)
	slots := newSlots(h.cfg.Patience)
	harvest := func(domain string) {
		report, err := h.domain(ctx, domain, opts)
		mu.Lock()
		defer mu.Unlock()
		sum.add(report)
		sum.Head = report.Head
		if err != nil {
			failed = append(failed, err)
		}
	}
	for _, domain := range h.cfg.Domains {
		all.Go(func() { slots.do(ctx, func() { harvest(domain) }) })
	}
	all.Wait()
	if err := ctx.Err(); err != nil {
		failed = append(failed, err)
	}
	h.unlisted(&sum)
	return sum, errors.Join(failed...)
}

// serialised makes Progress safe to call from several harvests.
func (o Options) serialised(mu *sync.Mutex) Options {
	if tell := o.Progress; tell != nil {
		o.Progress = func(e Event) {
			mu.Lock()
			defer mu.Unlock()
			tell(e)
		}
	}
	return o
}

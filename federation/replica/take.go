package replica

import (
	"context"
	"fmt"
	"runtime"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/p2p"
	"golang.org/x/sync/errgroup"
)

// takeAll verifies what was fetched, batch by batch, while the batch before is being staged; no more bytes than
// the head says.
func (r *Replica) takeAll(ctx context.Context, pl *plan, batches <-chan batch) error {
	verified := make(chan batch)
	group, taking := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(verified)
		for b := range batches {
			if err := r.verify(taking, pl, b); err != nil {
				return err
			}
			select {
			case verified <- b:
			case <-taking.Done():
				return taking.Err()
			}
		}
		return nil
	})
	group.Go(func() error { return r.stageAll(ctx, pl, verified) }) // also what came before a bad one
	return group.Wait()
}

func (r *Replica) stageAll(ctx context.Context, pl *plan, verified <-chan batch) error {
	done := 0
	for b := range verified {
		if err := r.db.Stage(ctx, b.blocks); err != nil {
			return err
		}
		r.tally.records.Add(uint64(len(b.ops)))
		done += len(b.ops)
		r.progress(pl.publisher, done, len(pl.missing))
	}
	return nil
}

// verify judges a batch on all processors.
func (r *Replica) verify(ctx context.Context, pl *plan, b batch) error {
	for _, block := range b.blocks {
		if pl.bytes < uint64(len(block.Data)) {
			return fmt.Errorf("%w: more bytes of records than the head says", p2p.ErrProtocol)
		}
		pl.bytes -= uint64(len(block.Data))
	}
	group, checking := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, n := range b.ops {
		group.Go(func() error {
			if checking.Err() != nil {
				return checking.Err()
			}
			rec, err := federation.OpenRecord(b.blocks[i].Data)
			if err != nil {
				return fmt.Errorf("%w: record %s: %w", p2p.ErrProtocol, b.blocks[i].CID, err)
			}
			return r.describe(&pl.ops[n], rec, pl.publisher, len(b.blocks[i].Data))
		})
	}
	return group.Wait()
}

func (r *Replica) progress(id federation.PublisherID, done, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.publishers[id]; p != nil {
		p.done, p.total = done, total
	}
}

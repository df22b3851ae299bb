package replica

import (
	"context"
	"fmt"
	"runtime"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/p2p"
	"golang.org/x/sync/errgroup"
)

// takeAll verifies and stages what was fetched, batch by batch; no more bytes than the head says.
func (r *Replica) takeAll(ctx context.Context, pl *plan, batches <-chan batch) error {
	done := 0
	for b := range batches {
		for _, block := range b.blocks {
			if pl.bytes < uint64(len(block.Data)) {
				return fmt.Errorf("%w: more bytes of records than the head says", p2p.ErrProtocol)
			}
			pl.bytes -= uint64(len(block.Data))
		}
		if err := r.take(ctx, pl, b); err != nil {
			return err
		}
		r.tally.records.Add(uint64(len(b.ops)))
		done += len(b.ops)
		r.progress(pl.publisher, done, len(pl.missing))
	}
	return nil
}

// take verifies a batch on all processors and stages it.
func (r *Replica) take(ctx context.Context, pl *plan, b batch) error {
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
	if err := group.Wait(); err != nil {
		return err
	}
	return r.db.Stage(ctx, b.blocks)
}

func (r *Replica) progress(id federation.PublisherID, done, total int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.publishers[id]; p != nil {
		p.done, p.total = done, total
	}
}

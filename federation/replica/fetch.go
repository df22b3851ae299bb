package replica

import (
	"context"
	"errors"
	"sync"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/errgroup"
)

// Batches of records between the network and the database.
const (
	batchRecords = 1000
	batchBytes   = 8 << 20
)

// helpers is how many peers give records beside the one whose listing is followed.
const helpers = 3

type batch struct {
	ops    []int
	blocks []store.Block
}

func (b *batch) full(size int) bool { return len(b.ops) == batchRecords || size >= batchBytes }

// fetch reads the missing records, verifies and stages them, while the next batches are on their way.
func (r *Replica) fetch(ctx context.Context, t *p2p.Transfer, pl *plan) error {
	r.progress(pl.publisher, 0, len(pl.missing))
	batches := make(chan batch, 1)
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(batches)
		return r.gather(reading, t, pl, batches)
	})
	var bad error // what is wrong with the records, rather than that reading was broken off for it
	group.Go(func() error {
		bad = r.takeAll(ctx, pl, batches)
		return bad
	})
	err := group.Wait()
	if bad != nil {
		return bad
	}
	return err
}

// gather reads from the peer of the transfer, and from others that hold its head when there is much to read.
// It fails only if something is still missing when all of them have ended.
func (r *Replica) gather(ctx context.Context, t *p2p.Transfer, pl *plan, out chan<- batch) error {
	working, finish := context.WithCancel(ctx)
	defer finish()
	s := newShare(pl, finish)
	recruiting, enough := context.WithCancel(working)
	var others sync.WaitGroup
	others.Go(func() {
		r.recruit(recruiting, t, s, func(id peer.ID) {
			others.Go(func() { r.assist(working, id, t, s, out) })
		})
	})
	err := r.readAll(working, t, s, out)
	enough()
	others.Wait()
	if err == nil || !s.complete() {
		return err
	}
	r.failed(pl.publisher, t.Peer, err)
	return nil
}

// recruit asks others for a share as they come to be known, while there is much to read.
func (r *Replica) recruit(ctx context.Context, t *p2p.Transfer, s *share, ask func(peer.ID)) {
	used := map[peer.ID]bool{t.Peer: true}
	for ctx.Err() == nil && s.much() {
		for _, id := range r.sourcesOf(t.Head.Publisher) {
			if !used[id] && len(used) <= helpers {
				used[id] = true
				ask(id)
			}
		}
		sleep(ctx, lookAgain, nil, nil)
	}
}

// assist reads a share from one more peer. Asking what leads from the head to itself opens a transfer
// without a listing.
func (r *Replica) assist(ctx context.Context, id peer.ID, main *p2p.Transfer, s *share, out chan<- batch) {
	host := r.currentHost()
	if host == nil {
		return
	}
	head := federation.CIDOf(main.Envelope)
	t, err := host.Sync(ctx, id, p2p.SyncRequest{Publisher: main.Head.Publisher, Head: head, Have: head})
	if err == nil {
		defer t.Close()
		err = r.readBeside(ctx, t, s, out)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, p2p.ErrNotHeld) {
		r.failed(main.Head.Publisher, id, err)
	}
}

// maxBeside bounds the changes that a peer has made since the head whose records it is asked for.
const maxBeside = 10_000

func (r *Replica) readBeside(ctx context.Context, t *p2p.Transfer, s *share, out chan<- batch) error {
	if t.Full || t.Count > maxBeside { // it has gone on too far to be worth it
		return nil
	}
	for _, err := range t.Entries() {
		if err != nil {
			return err
		}
	}
	return r.readAll(ctx, t, s, out)
}

// readAll takes shares from one peer until all records have come.
func (r *Replica) readAll(ctx context.Context, t *p2p.Transfer, s *share, out chan<- batch) error {
	defer s.back(t)
	defer context.AfterFunc(ctx, t.Abort)() // the read may be waiting for the peer
	for s.wait(ctx, t) {
		if err := r.readShare(ctx, t, s, out); err != nil && !s.complete() {
			return err
		}
	}
	if s.complete() {
		return nil
	}
	return ctx.Err()
}

func (r *Replica) readShare(ctx context.Context, t *p2p.Transfer, s *share, out chan<- batch) error {
	var b batch
	var queue []int
	size := 0
	flush := func() error {
		own := s.claim(b)
		b, size = batch{}, 0
		if len(own.ops) == 0 {
			return nil
		}
		select {
		case out <- own:
			s.handed(len(own.ops))
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	pages := func() []cid.Cid {
		page := s.page(t)
		queue = append(queue, page...)
		return s.cids(page)
	}
	for data, err := range t.Records(pages) {
		if err != nil {
			return errors.Join(err, flush()) // what arrived is kept for the next attempt
		}
		op := queue[0]
		queue = queue[1:]
		b.ops = append(b.ops, op)
		b.blocks = append(b.blocks, store.Block{CID: s.ops[op].New, Data: data})
		if size += len(data); b.full(size) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

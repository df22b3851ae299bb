package replica

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
)

// restore asks a peer for records of held sets whose blocks a scrub took out or missed, this node's own among them: it
// signed them, and peers hold them as they were. One peer is asked at a time.
func (r *Replica) restore(ctx context.Context, from peer.ID) {
	if !r.restoring.TryLock() {
		return
	}
	defer r.restoring.Unlock()
	lost, err := r.db.Lost()
	if err != nil {
		r.log.Error("records that are lost", "error", err)
		return
	}
	byPublisher := map[federation.PublisherID][]store.Lost{}
	for _, l := range lost {
		byPublisher[l.Publisher] = append(byPublisher[l.Publisher], l)
	}
	for id, of := range byPublisher {
		back, err := r.restoreFrom(ctx, from, id, of)
		if err != nil && ctx.Err() == nil && !errors.Is(err, p2p.ErrNotHeld) {
			r.log.Info("lost records not restored", "publisher", id, "peer", from, "restored", back, "of", len(of), "error", err)
		}
		if back == 0 {
			continue
		}
		r.log.Info("lost records restored", "publisher", id, "peer", from, "restored", back, "of", len(of))
		if r.restored != nil {
			r.restored()
		}
	}
}

// restoreFrom opens a transfer without a listing and asks for the records in random order, so that one that the peer
// lacks too does not stand before the others for ever.
func (r *Replica) restoreFrom(ctx context.Context, from peer.ID, id federation.PublisherID, lost []store.Lost) (back int, err error) {
	host := r.currentHost()
	held, err := r.db.Head(id)
	if err != nil || host == nil {
		return 0, err
	}
	t, err := host.Sync(ctx, from, p2p.SyncRequest{Publisher: id, Head: held.CID, Have: held.CID})
	if err != nil {
		return 0, err
	}
	defer t.Close()
	defer context.AfterFunc(ctx, t.Abort)()
	if t.Full || t.Count > maxBeside {
		return 0, fmt.Errorf("%w: the peer has gone on too far", p2p.ErrNotHeld)
	}
	for _, err := range t.Entries() {
		if err != nil {
			return 0, err
		}
	}
	rand.Shuffle(len(lost), func(i, j int) { lost[i], lost[j] = lost[j], lost[i] })
	return r.takeBack(ctx, t, lost)
}

// takeBack reads the records and stages those that are what was lost.
func (r *Replica) takeBack(ctx context.Context, t *p2p.Transfer, lost []store.Lost) (back int, err error) {
	asked := 0
	pages := func() (page []cid.Cid) {
		for ; asked < len(lost) && len(page) < p2p.MaxRecordWants; asked++ {
			page = append(page, lost[asked].CID)
		}
		return page
	}
	next := 0
	for data, err := range t.Records(pages) {
		if err != nil {
			return back, err
		}
		l := lost[next]
		next++
		err = r.fits(l, data)
		if errors.Is(err, errErased) {
			continue
		}
		if err == nil {
			err = r.db.Stage(ctx, []store.Block{{CID: l.CID, Data: data}})
		}
		if err != nil {
			return back, err
		}
		back++
	}
	return back, nil
}

// fits verifies a record like any other that comes from a peer.
func (r *Replica) fits(l store.Lost, data []byte) error {
	rec, err := federation.OpenRecord(data)
	if err != nil {
		return fmt.Errorf("%w: record %s: %w", p2p.ErrProtocol, l.CID, err)
	}
	return r.describe(&store.Op{Key: l.Key, New: l.CID}, rec, l.Publisher, len(data))
}

package p2p

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Exchange is one comparison of head tables with a peer, over one stream. Close it.
type Exchange struct {
	h    *Host
	peer peer.ID
	wire *wire

	// Digest is the peer's; Rows are all its rows of the buckets that differ, and Buckets say which those are.
	Digest  [32]byte
	Buckets []byte
	Rows    []Row
}

// Compare asks a connected peer for the rows of its table in which it may differ from ours.
func (h *Host) Compare(ctx context.Context, p peer.ID, mine *Table) (*Exchange, error) {
	w, err := h.open(ctx, p, HeadsProtocol, requestIdle)
	if err != nil {
		h.dropDead(p, err)
		return nil, err
	}
	x := &Exchange{h: h, peer: p, wire: w}
	if err := x.compare(mine); err != nil {
		w.reset()
		h.judge(p, err)
		h.dropDead(p, err)
		return nil, fmt.Errorf("compare heads: %w", err)
	}
	return x, nil
}

func (x *Exchange) compare(mine *Table) error {
	start := time.Now()
	body, err := x.ask(headsRequest{digest: &mine.digest}, maxDigests)
	if err != nil {
		return err
	}
	x.h.libp2p.Peerstore().RecordLatency(x.peer, time.Since(start))
	m, err := decodeDigests(body)
	if err != nil {
		return err
	}
	x.Digest = m.digest
	if m.buckets == nil {
		return nil
	}
	if x.Buckets = mine.differing(m.buckets); len(x.Buckets) == 0 {
		return nil
	}
	if err := x.wire.send(headsRequest{buckets: x.Buckets}.encode()); err != nil {
		return err
	}
	return x.readRows()
}

func (x *Exchange) ask(r headsRequest, max int) ([]byte, error) {
	if err := x.wire.send(r.encode()); err != nil {
		return nil, err
	}
	body, err := x.wire.receive(max)
	return body, noEOF(err)
}

func (x *Exchange) readRows() error {
	for {
		body, err := x.wire.receive(maxPage)
		if err != nil {
			return noEOF(err)
		}
		page, err := decodeRowPage(body)
		if err != nil {
			return err
		}
		for _, r := range page.rows {
			if err := x.addRow(r); err != nil {
				return err
			}
		}
		if !page.more {
			return nil
		}
	}
}

// addRow checks the order, by bucket and publisher, which also makes the answer end.
func (x *Exchange) addRow(r Row) error {
	if _, asked := slices.BinarySearch(x.Buckets, BucketOf(r.Publisher)); !asked {
		return fmt.Errorf("%w: row of a bucket not asked for", ErrProtocol)
	}
	if n := len(x.Rows); n > 0 && compareRows(x.Rows[n-1], r) >= 0 {
		return fmt.Errorf("%w: rows do not rise", ErrProtocol)
	}
	if len(x.Rows) == maxRows {
		return fmt.Errorf("%w: table of more than %d publishers", ErrProtocol, maxRows)
	}
	x.Rows = append(x.Rows, r)
	return nil
}

func compareRows(a, b Row) int {
	return cmp.Or(cmp.Compare(BucketOf(a.Publisher), BucketOf(b.Publisher)), cmp.Compare(a.Publisher, b.Publisher))
}

// Received is what a peer sent about one publisher, verified: a head of that publisher, a proof against
// it, either absent.
type Received struct {
	Envelope []byte // nil: the peer did not send it
	Head     federation.Head
	Proof    *federation.Proof
}

// Fetch asks for heads and proofs and hands them over one by one, in the order of wants.
func (x *Exchange) Fetch(wants []Want, each func(Want, Received) error) error {
	for page := range slices.Chunk(wants, maxWants) {
		if err := x.fetchPage(page, each); err != nil {
			x.h.judge(x.peer, err)
			return fmt.Errorf("fetch heads: %w", err)
		}
	}
	return nil
}

func (x *Exchange) fetchPage(wants []Want, each func(Want, Received) error) error {
	if err := x.wire.send(headsRequest{want: wants}.encode()); err != nil {
		return err
	}
	for _, want := range wants {
		body, err := x.wire.receive(maxHeadReply)
		if err != nil {
			return noEOF(err)
		}
		got, err := openReply(want, body)
		if err != nil {
			return err
		}
		if err := each(want, got); err != nil {
			return err
		}
	}
	return nil
}

func openReply(want Want, body []byte) (got Received, err error) {
	m, err := decodeHeadReply(body)
	if err != nil {
		return got, err
	}
	if m.head != nil {
		if got.Head, err = openHead(m.head); err != nil {
			return got, fmt.Errorf("%w: head: %w", ErrProtocol, err)
		}
		got.Envelope = m.head
		if got.Head.Publisher != want.Publisher || (want.Head.Defined() && federation.CIDOf(m.head) != want.Head) {
			return got, fmt.Errorf("%w: another head than the one asked for", ErrProtocol)
		}
	}
	if m.proof != nil {
		proof, err := federation.OpenProof(m.proof)
		if err != nil {
			return got, fmt.Errorf("%w: proof: %w", ErrProtocol, err)
		}
		if proof.Publisher != want.Publisher {
			return got, fmt.Errorf("%w: proof about another publisher", ErrProtocol)
		}
		got.Proof = &proof
	}
	return got, nil
}

// Close ends the stream.
func (x *Exchange) Close() { x.wire.close() }

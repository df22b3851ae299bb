package p2p

import (
	"context"
	"fmt"
	"iter"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Transfer is a running sync from one peer: first Entries, to their end, then Records. Close it.
// Errors that wrap ErrProtocol are the peer's fault; the caller decides on the penalty.
type Transfer struct {
	Peer     peer.ID
	Envelope []byte
	Head     federation.Head // the asked one or a later one of the publisher
	Full     bool            // Entries are the whole set
	Count    uint64          // entries to come

	wire  *wire
	begun bool // records were asked for
	done  bool // everything asked for was read
}

// Sync opens a transfer; ErrNotHeld when the peer has neither that head nor a later one.
func (h *Host) Sync(ctx context.Context, p peer.ID, r SyncRequest) (*Transfer, error) {
	w, err := h.open(ctx, p, SyncProtocol, syncIdle)
	if err != nil {
		return nil, err
	}
	t := &Transfer{Peer: p, wire: w}
	if err := t.begin(r); err != nil {
		w.reset()
		return nil, fmt.Errorf("sync: %w", err)
	}
	return t, nil
}

func (t *Transfer) begin(r SyncRequest) error {
	if err := t.wire.send(r.encode()); err != nil {
		return err
	}
	body, err := t.wire.receive(maxSyncAnswer)
	if err != nil {
		return noEOF(err)
	}
	m, err := decodeSyncAnswer(body)
	if err != nil {
		return err
	}
	if m.mode == modeNone {
		return ErrNotHeld
	}
	if t.Head, err = openHead(m.head); err != nil {
		return fmt.Errorf("%w: head: %w", ErrProtocol, err)
	}
	if t.Head.Publisher != r.Publisher {
		return fmt.Errorf("%w: head of another publisher", ErrProtocol)
	}
	t.Envelope, t.Full, t.Count = m.head, m.mode == modeFull, m.count
	if t.Full && t.Count != t.Head.Count {
		return fmt.Errorf("%w: %d entries for a head of %d", ErrProtocol, t.Count, t.Head.Count)
	}
	return nil
}

// Entries yields exactly Count entries with rising keys, or ends with an error. The caller bounds Count first.
func (t *Transfer) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		last := ""
		for left := t.Count; left > 0; {
			page, err := t.page()
			if err == nil && uint64(len(page)) > left {
				err = fmt.Errorf("%w: more entries than announced", ErrProtocol)
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range page {
				if e.Key <= last {
					yield(Entry{}, fmt.Errorf("%w: keys do not rise", ErrProtocol))
					return
				}
				last = e.Key
				if !yield(e, nil) {
					return
				}
			}
			left -= uint64(len(page))
		}
	}
}

func (t *Transfer) page() ([]Entry, error) {
	body, err := t.wire.receive(maxPage)
	if err != nil {
		return nil, noEOF(err)
	}
	return decodeEntryPage(body, t.Full)
}

// Records yields the records of one page of wants after the other, in that order, until next has no more;
// it may be called again. Their bytes match their CIDs, and nothing more is promised. A page is asked for
// while the one before it is being read.
func (t *Transfer) Records(next func() []cid.Cid) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if err := t.records(next, func(data []byte) bool { return yield(data, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

func (t *Transfer) records(next func() []cid.Cid, yield func([]byte) bool) error {
	t.done = false
	var asked []cid.Cid // and not read
	for {
		if len(asked) < MaxRecordWants/2 {
			page := next()
			if err := t.want(page); err != nil {
				return err
			}
			asked = append(asked, page...)
		}
		if len(asked) == 0 {
			t.done = true
			return nil
		}
		data, err := readSection(t.wire.in, asked[0])
		if err != nil {
			return err
		}
		asked = asked[1:]
		if !yield(data) {
			return nil
		}
	}
}

// want asks for a page; the answer to the first begins with the header of the CAR.
func (t *Transfer) want(page []cid.Cid) error {
	if len(page) == 0 {
		return nil
	}
	if err := t.wire.send(encodeRecordWants(page)); err != nil {
		return err
	}
	if t.begun || t.wire.headerless {
		return nil
	}
	t.begun = true
	return readHeader(t.wire.in, federation.CIDOf(t.Envelope))
}

// Received is how many bytes have come from the peer so far.
func (t *Transfer) Received() int64 { return t.wire.total.Load() }

// Abort breaks the stream off; a Records loop in another goroutine then ends with an error.
func (t *Transfer) Abort() { t.wire.reset() }

// Close ends the stream, breaking off what is still to come.
func (t *Transfer) Close() {
	if t.done {
		t.wire.close()
		return
	}
	t.wire.reset()
}

package p2p

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Listing leads to a held head: operations, or the whole set when Full.
type Listing struct {
	Envelope []byte
	Full     bool
	Entries  []Entry // sorted by key
}

// A peer must take a listing in this time, because it occupies a slot: about 1 Mbit/s.
const (
	listingTime      = 20 * time.Second
	listingEntryTime = 2 * time.Millisecond
)

// serveSync answers one request and then the pages of wanted records.
func (h *Host) serveSync(ctx context.Context, w *wire, _ peer.ID) error {
	body, err := w.receive(maxSyncRequest)
	if err != nil {
		return err
	}
	r, err := decodeSyncRequest(body)
	if err != nil {
		return err
	}
	root, err := h.sendListing(ctx, w, r)
	if err != nil || !root.Defined() {
		return err
	}
	return h.sendRecords(w, root)
}

// sendListing returns the CID of the head it led to, Undef after the answer 'none'. The listing is let go
// before records are sent, so that slow peers do not hold memory.
func (h *Host) sendListing(ctx context.Context, w *wire, r SyncRequest) (cid.Cid, error) {
	select {
	case h.listings <- struct{}{}:
		defer func() { <-h.listings }()
	case <-ctx.Done():
		return cid.Undef, ctx.Err()
	}
	l, err := h.backend.Listing(ctx, r)
	if errors.Is(err, ErrNotHeld) {
		return cid.Undef, w.send(syncAnswer{mode: modeNone}.encode())
	}
	if err != nil {
		return cid.Undef, err
	}
	m := syncAnswer{head: l.Envelope, mode: modeOps, count: uint64(len(l.Entries))}
	if l.Full {
		m.mode = modeFull
	}
	w.until = time.Now().Add(listingTime + time.Duration(len(l.Entries))*listingEntryTime)
	defer func() { w.until = time.Time{} }()
	if err := w.put(m.encode()); err != nil {
		return cid.Undef, err
	}
	if err := sendEntries(w, l.Entries, l.Full); err != nil {
		return cid.Undef, err
	}
	return federation.CIDOf(l.Envelope), w.out.Flush()
}

func sendEntries(w *wire, entries []Entry, full bool) error {
	const overhead = 2*48 + 8
	start, size := 0, 0
	for i, e := range entries {
		n := len(e.Key) + overhead
		if size+n > maxPage-overhead {
			if err := w.put(encodeEntryPage(entries[start:i], full)); err != nil {
				return err
			}
			start, size = i, 0
		}
		size += n
	}
	if start == len(entries) {
		return nil
	}
	return w.put(encodeEntryPage(entries[start:], full))
}

// sendRecords writes one CAR: the records of each page of wants, in the order asked for, until the peer
// closes its side. A record that cannot be read ends the stream; the peer goes on elsewhere.
func (h *Host) sendRecords(w *wire, root cid.Cid) error {
	for page := 0; ; page++ {
		body, err := w.receive(maxRecordPage)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		wants, err := decodeRecordWants(body)
		if err != nil {
			return err
		}
		if page == 0 {
			if _, err := w.out.Write(carHeader(root)); err != nil {
				return err
			}
		}
		if err := h.sendPage(w, wants); err != nil {
			return err
		}
	}
}

func (h *Host) sendPage(w *wire, wants []cid.Cid) error {
	for _, c := range wants {
		data, err := h.backend.Get(c)
		if err != nil {
			return fmt.Errorf("record %s: %w", c, err)
		}
		if err := writeSection(w.out, c, data); err != nil {
			return err
		}
	}
	return w.out.Flush()
}

package p2p

import (
	"context"
	"errors"
	"io"

	"github.com/libp2p/go-libp2p/core/peer"
)

// Requests on one heads stream: digest, buckets, and pages of wants for the largest table.
const maxHeadsRequests = 2 + maxRows/maxWants + 1

// serveHeads answers requests until the peer closes its side.
func (h *Host) serveHeads(_ context.Context, w *wire, from peer.ID) error {
	for range maxHeadsRequests {
		body, err := w.receive(maxWantPage)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r, err := decodeHeadsRequest(body)
		if err != nil {
			return err
		}
		if err := h.answerHeads(w, from, r); err != nil {
			return err
		}
		if err := w.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) answerHeads(w *wire, from peer.ID, r headsRequest) error {
	if r.want != nil {
		return h.answerWants(w, r.want)
	}
	t, err := h.backend.Table()
	if err != nil {
		return err
	}
	if r.buckets != nil {
		return sendRows(w, t, r.buckets)
	}
	m := digests{digest: t.digest}
	if t.digest != *r.digest {
		m.buckets = t.joined()
		h.backend.Differs(from, *r.digest)
	}
	return w.put(m.encode())
}

// sendRows writes the rows of the buckets in pages.
func sendRows(w *wire, t *Table, list []byte) error {
	var page []Row
	size := 0
	for _, b := range list {
		for _, r := range t.rows[b] {
			if size += maxRowSize; size > maxPage {
				if err := w.put(rowPage{rows: page, more: true}.encode()); err != nil {
					return err
				}
				page, size = nil, maxRowSize
			}
			page = append(page, r)
		}
	}
	return w.put(rowPage{rows: page}.encode())
}

// answerWants sends null for what is not held: a head may have been replaced since it was listed.
func (h *Host) answerWants(w *wire, wants []Want) error {
	for _, want := range wants {
		var m headReply
		if head, err := h.backend.Head(want.Publisher, want.Head); err == nil {
			m.head = head
		}
		if proof, err := h.backend.Proof(want.Publisher); err == nil {
			m.proof = proof
		}
		if err := w.put(m.encode()); err != nil {
			return err
		}
	}
	return nil
}

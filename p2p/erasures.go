package p2p

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/libp2p/go-libp2p/core/peer"
)

// Limits of the exchange of notices of erasure.
const (
	MaxErasures     = 4096 // notices one node lists
	maxErasureWants = 64   // hashes in one request
	maxErasureList  = MaxErasures*32 + 128
	maxErasureReply = federation.MaxErasure + 64
	maxErasureAsked = maxErasureWants*32 + 64
	erasureRequests = 1 + MaxErasures/maxErasureWants
)

// Hash names a notice of erasure: sha2-256 of its envelope.
type Hash = [32]byte

// erasuresRequest is one of {list} and {want}.
type erasuresRequest struct {
	list *Hash  // what the asker's list hashes to
	want []Hash // notices asked for
}

func (r erasuresRequest) encode() []byte {
	var e encoder
	e.fields(1)
	if r.list != nil {
		e.text("list")
		e.bytes(r.list[:])
		return e.b
	}
	e.text("want")
	e.bytes(joined(r.want))
	return e.b
}

func decodeErasuresRequest(b []byte) (r erasuresRequest, err error) {
	d := decoder{b: b}
	d.fields(1)
	switch name := d.text(16); name {
	case "list":
		h := d.hash()
		r.list = &h
	case "want":
		if r.want = d.hashes(maxErasureWants); len(r.want) == 0 {
			d.fail("request wants nothing")
		}
	default:
		d.fail("unknown request %q", name)
	}
	return r, d.end()
}

// erasureList answers {list}: null when both lists hash to the same.
type erasureList struct{ notices []Hash }

func (m erasureList) encode() []byte {
	var e encoder
	e.fields(1)
	e.text("notices")
	e.bytes(joined(m.notices))
	return e.b
}

func decodeErasureList(b []byte) (m erasureList, err error) {
	d := decoder{b: b}
	d.fields(1)
	d.key("notices")
	if !d.isNull() {
		m.notices = d.hashes(MaxErasures)
	}
	return m, d.end()
}

// erasureReply answers each hash of {want}; null is what the peer does not hold.
type erasureReply struct{ notice []byte }

func (m erasureReply) encode() []byte {
	var e encoder
	e.fields(1)
	e.text("notice")
	e.bytes(m.notice)
	return e.b
}

func decodeErasureReply(b []byte) (m erasureReply, err error) {
	d := decoder{b: b}
	d.fields(1)
	d.key("notice")
	m.notice = d.maybeBytes(federation.MaxErasure)
	return m, d.end()
}

// joined writes nil for nil, so that it becomes null.
func joined(hashes []Hash) []byte {
	if hashes == nil {
		return nil
	}
	out := make([]byte, 0, 32*len(hashes))
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}

// hashes is a byte string of at most max hashes, strictly rising.
func (d *decoder) hashes(max int) []Hash {
	raw := d.bytes(max * 32)
	if len(raw)%32 != 0 {
		d.fail("hashes of %d bytes", len(raw))
		return nil
	}
	out := make([]Hash, len(raw)/32)
	for i := range out {
		out[i] = Hash(raw[32*i:])
		if i > 0 && slices.Compare(out[i-1][:], out[i][:]) >= 0 {
			d.fail("hashes do not rise")
		}
	}
	return out
}

// ErasureSource is what a host needs to exchange notices of erasure.
type ErasureSource interface {
	// Erasures lists the notices held, rising, and the sha2-256 of the list's bytes.
	Erasures() (digest Hash, notices []Hash)
	// Erasure is one notice; an error when it is not held.
	Erasure(h Hash) ([]byte, error)
}

// serveErasures answers requests until the peer closes its side.
func (h *Host) serveErasures(_ context.Context, w *wire, _ peer.ID) error {
	for range erasureRequests {
		body, err := w.receive(maxErasureAsked)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r, err := decodeErasuresRequest(body)
		if err != nil {
			return err
		}
		if err := h.answerErasures(w, r); err != nil {
			return err
		}
		if err := w.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) answerErasures(w *wire, r erasuresRequest) error {
	if r.list != nil {
		digest, notices := h.erasures.Erasures()
		if digest == *r.list {
			notices = nil
		} else if notices == nil {
			notices = []Hash{}
		}
		return w.put(erasureList{notices}.encode())
	}
	for _, hash := range r.want {
		var m erasureReply
		if notice, err := h.erasures.Erasure(hash); err == nil {
			m.notice = notice
		}
		if err := w.put(m.encode()); err != nil {
			return err
		}
	}
	return nil
}

// FetchErasures asks a connected peer for the notices it lists that are wanted, and hands them over one by
// one, verified. A peer that does not speak the protocol gives no error.
func (h *Host) FetchErasures(ctx context.Context, p peer.ID, mine Hash, wanted func(Hash) bool, each func(federation.Erasure, []byte) error) error {
	if _, remote := h.remoteOf(p); remote {
		// it answers with a status when it has none
	} else if known, err := h.libp2p.Peerstore().SupportsProtocols(p, ErasuresProtocol); err != nil || len(known) == 0 {
		return nil
	}
	w, err := h.open(ctx, p, ErasuresProtocol, requestIdle)
	if err != nil {
		return err
	}
	defer w.close()
	if err := fetchErasures(w, mine, wanted, each); err != nil {
		w.reset()
		h.judge(p, err)
		return fmt.Errorf("notices of erasure: %w", err)
	}
	return nil
}

func fetchErasures(w *wire, mine Hash, wanted func(Hash) bool, each func(federation.Erasure, []byte) error) error {
	if err := w.send(erasuresRequest{list: &mine}.encode()); err != nil {
		return err
	}
	body, err := w.receive(maxErasureList)
	if err != nil {
		return noEOF(err)
	}
	list, err := decodeErasureList(body)
	if err != nil {
		return err
	}
	wants := slices.DeleteFunc(list.notices, func(h Hash) bool { return !wanted(h) })
	for page := range slices.Chunk(wants, maxErasureWants) {
		if err := w.send(erasuresRequest{want: page}.encode()); err != nil {
			return err
		}
		for _, hash := range page {
			if err := receiveErasure(w, hash, each); err != nil {
				return err
			}
		}
	}
	return nil
}

func receiveErasure(w *wire, want Hash, each func(federation.Erasure, []byte) error) error {
	body, err := w.receive(maxErasureReply)
	if err != nil {
		return noEOF(err)
	}
	m, err := decodeErasureReply(body)
	if err != nil || m.notice == nil {
		return err
	}
	if sha256.Sum256(m.notice) != want {
		return fmt.Errorf("%w: another notice than the one asked for", ErrProtocol)
	}
	notice, err := federation.OpenErasure(m.notice)
	if err != nil {
		return fmt.Errorf("%w: notice of erasure: %w", ErrProtocol, err)
	}
	return each(notice, m.notice)
}

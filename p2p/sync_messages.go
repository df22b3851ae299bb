package p2p

import (
	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// Limits of the sync messages.
const (
	maxKey         = 16 + 256 + federation.MaxSubject // kind|provider|subject
	maxSyncRequest = 256
	maxSyncAnswer  = federation.MaxHead + 256
	// MaxRecordWants is how many records one request page names.
	MaxRecordWants = 1000
	maxRecordPage  = MaxRecordWants*48 + 16
)

// SyncRequest asks for what leads from Have (Undef: from nothing) to Head or a later head.
type SyncRequest struct {
	Publisher federation.PublisherID
	Head      cid.Cid
	Have      cid.Cid
}

func (m SyncRequest) encode() []byte {
	var e encoder
	e.fields(3)
	e.text("have")
	e.link(m.Have)
	e.text("head")
	e.link(m.Head)
	e.text("publisher")
	e.text(string(m.Publisher))
	return e.b
}

func decodeSyncRequest(b []byte) (m SyncRequest, err error) {
	d := decoder{b: b}
	d.fields(3)
	d.key("have")
	m.Have = d.maybeLink()
	d.key("head")
	m.Head = d.link()
	d.key("publisher")
	m.Publisher = d.publisher()
	return m, d.end()
}

// Modes of a sync answer.
const (
	modeNone = "none" // the peer does not hold that head or a later one
	modeOps  = "ops"  // operations since have
	modeFull = "full" // the whole sorted list
)

// syncAnswer opens the answer: the head that the list leads to, and how many entries follow.
type syncAnswer struct {
	head  []byte
	mode  string
	count uint64
}

func (m syncAnswer) encode() []byte {
	var e encoder
	e.fields(3)
	e.text("head")
	e.bytes(m.head)
	e.text("mode")
	e.text(m.mode)
	e.text("count")
	e.uint(m.count)
	return e.b
}

func decodeSyncAnswer(b []byte) (m syncAnswer, err error) {
	d := decoder{b: b}
	d.fields(3)
	d.key("head")
	m.head = d.maybeBytes(federation.MaxHead)
	d.key("mode")
	m.mode = d.text(8)
	d.key("count")
	m.count = d.uint()
	switch m.mode {
	case modeNone:
		if m.head != nil || m.count != 0 {
			d.fail("answer 'none' with content")
		}
	case modeOps, modeFull:
		if m.head == nil {
			d.fail("answer without head")
		}
	default:
		d.fail("unknown mode %q", m.mode)
	}
	return m, d.end()
}

// Entry is one line of a listing: what a key was (ops only; Undef: nothing) and is (Undef: withdrawn).
type Entry struct {
	Key      string
	Old, New cid.Cid
}

// entryPage is a list of [key, old or null, new or null] in mode ops, of [key, new] in mode full.
func encodeEntryPage(entries []Entry, full bool) []byte {
	var e encoder
	e.list(len(entries))
	for _, v := range entries {
		if full {
			e.list(2)
			e.text(v.Key)
			e.link(v.New)
			continue
		}
		e.list(3)
		e.text(v.Key)
		e.link(v.Old)
		e.link(v.New)
	}
	return e.b
}

func decodeEntryPage(b []byte, full bool) ([]Entry, error) {
	d := decoder{b: b}
	n := d.list(len(b))
	if n == 0 {
		d.fail("empty page")
	}
	var out []Entry
	for range n {
		out = append(out, d.entry(full))
		if d.err != nil {
			break
		}
	}
	return out, d.end()
}

func (d *decoder) entry(full bool) (v Entry) {
	if full {
		d.tuple(2)
		v.Key = d.text(maxKey)
		v.New = d.link()
		return v
	}
	d.tuple(3)
	v.Key = d.text(maxKey)
	v.Old = d.maybeLink()
	v.New = d.maybeLink()
	if d.err == nil && v.Old == v.New {
		d.fail("operation changes nothing")
	}
	return v
}

// recordWants is a list of record links.
func encodeRecordWants(cids []cid.Cid) []byte {
	var e encoder
	e.list(len(cids))
	for _, c := range cids {
		e.link(c)
	}
	return e.b
}

func decodeRecordWants(b []byte) ([]cid.Cid, error) {
	d := decoder{b: b}
	n := d.list(MaxRecordWants)
	if n == 0 {
		d.fail("request wants nothing")
	}
	var out []cid.Cid
	for range n {
		out = append(out, d.link())
		if d.err != nil {
			break
		}
	}
	return out, d.end()
}

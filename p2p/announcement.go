package p2p

import (
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
)

// maxGossip is the largest gossip message; a pubsub message over its own limit would vanish silently.
const maxGossip = 16 << 10

// ErrTooLarge: an announcement over 16 KiB. Announce the head without its changes.
var ErrTooLarge = errors.New("announcement is over 16 KiB")

// Announcement is the gossip message: {"head": envelope, "delta": null or {"base", "records", "withdrawn"}}.
type Announcement struct {
	Envelope []byte
	Delta    *Delta

	// Set on receipt.
	Head    federation.Head
	Records []federation.Record // of the delta, in its order
}

// Delta is everything that leads from the head Base (Undef: from nothing) to the announced head.
type Delta struct {
	Base      cid.Cid
	Records   [][]byte // envelopes of new and changed records
	Withdrawn []string // keys
}

// Encode fails with ErrTooLarge.
func (a Announcement) Encode() ([]byte, error) {
	var e encoder
	e.fields(2)
	e.text("head")
	e.bytes(a.Envelope)
	e.text("delta")
	if a.Delta == nil {
		e.null()
	} else {
		e.delta(*a.Delta)
	}
	if len(e.b) > maxGossip {
		return nil, ErrTooLarge
	}
	return e.b, nil
}

func (e *encoder) delta(v Delta) {
	e.fields(3)
	e.text("base")
	e.link(v.Base)
	e.text("records")
	e.list(len(v.Records))
	for _, r := range v.Records {
		e.bytes(r)
	}
	e.text("withdrawn")
	e.list(len(v.Withdrawn))
	for _, k := range v.Withdrawn {
		e.text(k)
	}
}

// OpenAnnouncement decodes strictly and verifies the head's signature. The records are not looked at: see verify.
func OpenAnnouncement(b []byte) (Announcement, error) {
	if len(b) > maxGossip {
		return Announcement{}, fmt.Errorf("%w: %w", ErrProtocol, ErrTooLarge)
	}
	d := decoder{b: b}
	var a Announcement
	d.fields(2)
	d.key("head")
	a.Envelope = d.bytes(maxGossip)
	d.key("delta")
	if !d.isNull() {
		a.Delta = d.delta()
	}
	if err := d.end(); err != nil {
		return Announcement{}, err
	}
	var err error
	if a.Head, err = openHead(a.Envelope); err != nil {
		return Announcement{}, fmt.Errorf("%w: gossiped head: %w", ErrProtocol, err)
	}
	return a, nil
}

// openHead leaves the number of source domains to the limit of bytes: how many a receiver takes is its
// configuration, so it cannot be an offence.
func openHead(envelope []byte) (federation.Head, error) {
	return federation.OpenHeadUpTo(envelope, federation.MaxHead)
}

func (d *decoder) delta() *Delta {
	var v Delta
	d.fields(3)
	d.key("base")
	v.Base = d.maybeLink()
	d.key("records")
	for range d.list(maxGossip) {
		v.Records = append(v.Records, d.bytes(maxGossip))
		if d.err != nil {
			return nil
		}
	}
	d.key("withdrawn")
	for range d.list(maxGossip) {
		v.Withdrawn = append(v.Withdrawn, d.text(maxKey))
		if d.err != nil {
			return nil
		}
	}
	return &v
}

// verify opens every record of the delta, which must be the announcing publisher's own. It is the costly
// part of judging a message, and comes after the cheap part.
func (a *Announcement) verify() error {
	if a.Delta == nil {
		return nil
	}
	for _, envelope := range a.Delta.Records {
		r, err := federation.OpenRecord(envelope)
		if err != nil {
			return fmt.Errorf("%w: gossiped record: %w", ErrProtocol, err)
		}
		if r.Publisher != a.Head.Publisher {
			return fmt.Errorf("%w: gossiped record of another publisher", ErrProtocol)
		}
		a.Records = append(a.Records, r)
	}
	return nil
}

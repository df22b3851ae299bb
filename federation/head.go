package federation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// NodeInfo is what a head says about the node that signed it. All of it may be empty.
type NodeInfo struct{ Name, Alliance, URL string }

// Head is a publisher's signed tree root.
type Head struct {
	Publisher  PublisherID
	Epoch, Seq uint64  // both from 1; a new epoch restarts Seq at 1
	Prev       cid.Cid // CID of the previous head's envelope; Undef is null
	Root       cid.Cid
	Count      uint64   // records
	Bytes      uint64   // sum of envelope lengths
	Domains    []string // sorted source domains, each completely listed once
	Issued     int64    // Unix seconds; orders and gates nothing
	Node       NodeInfo
}

// Seal encodes and signs the head; it fails when OpenHead would, but for the number of domains, which
// receivers may be configured to take. The publisher is set from the key.
func (h Head) Seal(key crypto.PrivKey) (_ []byte, err error) {
	if h.Publisher, err = PublisherOf(key.GetPublic()); err != nil {
		return nil, err
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	payload, err := encode(1<<10, h.fields)
	if err != nil {
		return nil, err
	}
	return headStatement().seal(payload, key)
}

// OpenHead verifies a head envelope strictly, with at most MaxDomains source domains.
func OpenHead(envelope []byte) (Head, error) { return OpenHeadUpTo(envelope, MaxDomains) }

// OpenHeadUpTo is OpenHead for a receiver configured for more source domains.
func OpenHeadUpTo(envelope []byte, domains int) (Head, error) {
	h, _, err := openHead(envelope)
	if err != nil {
		return Head{}, err
	}
	if len(h.Domains) > domains {
		return Head{}, invalid("head lists %d source domains, at most %d are allowed", len(h.Domains), domains)
	}
	return h, nil
}

// openHead leaves the number of domains to the limit of bytes; it returns the payload too.
func openHead(b []byte) (h Head, payload []byte, err error) {
	e, err := headStatement().parse(b)
	if err != nil {
		return Head{}, nil, err
	}
	if err := decode(e.payload, h.fields); err != nil {
		return Head{}, nil, err
	}
	if err := h.check(); err != nil {
		return Head{}, nil, err
	}
	if err := e.signedBy(h.Publisher); err != nil {
		return Head{}, nil, err
	}
	if err := headStatement().verify(e); err != nil {
		return Head{}, nil, err
	}
	return h, e.payload, nil
}

// Compare orders heads of one publisher by (epoch, seq): -1, 0, +1.
func (h Head) Compare(o Head) int {
	return cmp.Or(cmp.Compare(h.Epoch, o.Epoch), cmp.Compare(h.Seq, o.Seq))
}

// EffectiveHead is the head of a publisher that counts, among those held: the highest, if its epoch
// exceeds every epoch that a proof of equivocation names (provenEpoch is the highest of them, or 0).
func EffectiveHead(heads []Head, provenEpoch uint64) (Head, bool) {
	if len(heads) == 0 {
		return Head{}, false
	}
	highest := slices.MaxFunc(heads, Head.Compare)
	if highest.Epoch <= provenEpoch {
		return Head{}, false
	}
	return highest, true
}

// fields walks over the payload.
func (h *Head) fields(f *form) {
	issued := uint64(h.Issued) // what is negative becomes too large
	f.mapping("head", 11)
	f.version()
	f.number("seq", &h.Seq)
	f.key("node")
	f.mapping("node", 3)
	f.text("url", &h.Node.URL, maxText)
	f.text("name", &h.Node.Name, maxName)
	f.text("alliance", &h.Node.Alliance, maxName)
	f.linkOrNull("prev", &h.Prev, cid.Raw)
	f.link("root", &h.Root, cid.DagCBOR)
	f.number("bytes", &h.Bytes)
	f.number("count", &h.Count)
	f.number("epoch", &h.Epoch)
	f.number("issued", &issued)
	f.texts("domains", &h.Domains, maxDomain)
	f.text("publisher", (*string)(&h.Publisher), publisherLen)
	h.Issued = int64(issued)
}

// check judges what the fields hold; their sizes are judged by fields.
func (h Head) check() error {
	switch {
	case h.Epoch == 0 || h.Seq == 0:
		return invalid("epoch and seq begin at 1")
	case h.Epoch == 1 && h.Seq == 1 && h.Prev.Defined():
		return invalid("the first head has a prev")
	case h.Seq > 1 && !h.Prev.Defined():
		return invalid("head %d of epoch %d has no prev", h.Seq, h.Epoch)
	case h.Node.URL != "" && !webURL(h.Node.URL):
		return invalid("node.url is no http or https URL")
	}
	for i, d := range h.Domains {
		if !providerID(d) {
			return invalid("source domain %q is no provider id", clip(d))
		}
		if i > 0 && h.Domains[i-1] >= d {
			return invalid("source domains are not sorted, or one is listed twice")
		}
	}
	return nil
}

func webURL(s string) bool {
	return ValidIRI(s) && (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://"))
}

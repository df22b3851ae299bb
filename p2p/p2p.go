// Package p2p is the libp2p host of a node: gossip of heads, three framed stream protocols (the exchange
// of head tables, the transfer of one publisher's records, and notices of erasure), the same over plain HTTPS for
// nodes without a port, and bitswap over a read-only view. It is open, by invitation or private, and may relay.
//
// It promises that whatever it hands over kept to the size limits and to the one valid encoding, that
// heads are correctly signed, and that record bytes hash to the CID that was asked for. Whether a head
// counts, what is fetched from whom and what is stored is decided by the Backend.
package p2p

import (
	"context"
	"errors"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Names on the wire. A change of a message means a new number.
const (
	HeadsTopic    = "/coursemesh/heads/1"
	HeadsProtocol = protocol.ID("/coursemesh/heads/1.0")
	SyncProtocol  = protocol.ID("/coursemesh/sync/1.0")

	ErasuresProtocol = protocol.ID("/coursemesh/erasures/1.0")
)

var (
	// ErrProtocol is wrapped when a peer sent what no honest peer sends: a malformed or oversize
	// message, an invalid signature, wrong bytes for a CID. The caller may penalise the peer.
	ErrProtocol = errors.New("peer broke the protocol")
	// ErrNotHeld: the peer does not hold what was asked for.
	ErrNotHeld = errors.New("peer does not hold it")
	// ErrSlow: the peer sent less than the required rate; it is no offence.
	ErrSlow = errors.New("peer is too slow")
)

// Blocks is the verifying, read-only view that sync and bitswap serve from: Get returns bytes that
// match the CID, or an error.
type Blocks interface {
	Get(c cid.Cid) ([]byte, error)
}

// Backend is what a host serves from and tells about. Its methods are called from many goroutines.
type Backend interface {
	Blocks
	// Table is the table of heads this node holds completely.
	Table() (*Table, error)
	// Head is the envelope of one held head; cid.Undef means the current one.
	Head(p federation.PublisherID, c cid.Cid) ([]byte, error)
	// Proof is the encoded equivocation proof of the highest proven epoch.
	Proof(p federation.PublisherID) ([]byte, error)
	// Listing is what leads from r.Have (Undef or unknown: from nothing) to the current head; ErrNotHeld
	// when that is neither r.Head nor above it.
	Listing(ctx context.Context, r SyncRequest) (Listing, error)

	// Judge says what to do with a validly signed gossiped head before it is passed on.
	Judge(from peer.ID, h federation.Head, envelope []byte) Verdict
	// Announced receives what Judge accepted as news.
	Announced(from peer.ID, a Announcement)
	// Connected and Disconnected follow the peers; either may come again without a change.
	Connected(p peer.ID)
	Disconnected(p peer.ID)
	// Differs tells that a peer showed a table digest that is not ours.
	Differs(p peer.ID, digest [32]byte)
}

// Verdict on a gossiped head.
type Verdict int

const (
	Ignore  Verdict = iota // stale, or of a publisher unknown here: others may think otherwise
	Forward                // held already: pass it on, nothing to do
	News                   // pass it on and tell the backend
)

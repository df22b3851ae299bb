// Package p2p is the libp2p host: gossip, framed streams, and bitswap over a read-only, verifying
// view of the store. It knows heads and records as bytes that package federation judges.
package p2p

import (
	"context"
)

// Blocks is the verifying, read-only view that bitswap and the gateway serve from.
type Blocks interface {
	// Get returns bytes that match the CID, or an error.
	Get(ctx context.Context, cid string) ([]byte, error)
}

package p2p

import (
	"context"
	"errors"

	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/bitswap/server"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
)

// bitswapMessage is the size up to which blocks are packed into one reply: with the library's 16 KiB a
// bulk request meets the stream limits.
const bitswapMessage = 1 << 20

// startBitswap serves single blocks to other IPFS software. Only the server half runs: nodes fetch from
// each other by sync. All use of the bitswap library is in this file.
func (h *Host) startBitswap() {
	network := bsnet.NewFromIpfsHost(h.libp2p)
	s := server.New(h.ctx, network, readOnly{h.backend},
		server.WithTargetMessageSize(bitswapMessage),
		server.SetSendDontHaves(true),
	)
	network.Start(s)
	h.closers = append(h.closers, func() error {
		network.Stop()
		s.Close()
		return nil
	})
}

var errReadOnly = errors.New("p2p: the view is read-only")

// readOnly is the blockstore that bitswap sees.
type readOnly struct{ blocks Blocks }

func (r readOnly) Get(_ context.Context, c cid.Cid) (blocks.Block, error) {
	data, err := r.blocks.Get(c)
	if err != nil {
		return nil, ipld.ErrNotFound{Cid: c}
	}
	return blocks.NewBlockWithCid(data, c)
}

func (r readOnly) Has(ctx context.Context, c cid.Cid) (bool, error) {
	_, err := r.Get(ctx, c)
	return err == nil, nil
}

func (r readOnly) GetSize(ctx context.Context, c cid.Cid) (int, error) {
	b, err := r.Get(ctx, c)
	if err != nil {
		return 0, err
	}
	return len(b.RawData()), nil
}

func (readOnly) Put(context.Context, blocks.Block) error       { return errReadOnly }
func (readOnly) PutMany(context.Context, []blocks.Block) error { return errReadOnly }
func (readOnly) DeleteBlock(context.Context, cid.Cid) error    { return errReadOnly }

// AllKeysChan lists nothing: bitswap does not need it, and what a node holds is told by its heads.
func (readOnly) AllKeysChan(context.Context) (<-chan cid.Cid, error) {
	none := make(chan cid.Cid)
	close(none)
	return none, nil
}

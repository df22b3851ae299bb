// Command interop is a plain bitswap client on another version of boxo and libp2p than the program's own: a
// module of its own, so that the two never share code. It fetches single blocks from a node, checks their
// hashes, and prints their sizes. Tests run it; nothing depends on it.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/go-cid"
	ds "github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: interop MULTIADDRESS CID...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
		os.Exit(1)
	}
}

const patience = 30 * time.Second

func run(address string, cids []string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	node, err := peer.AddrInfoFromString(address)
	if err != nil {
		return err
	}
	h, err := libp2p.New(libp2p.NoListenAddrs)
	if err != nil {
		return err
	}
	defer h.Close()
	client := bitswap.New(ctx, bsnet.NewFromIpfsHost(h), nil, blockstore.NewBlockstore(dssync.MutexWrap(ds.NewMapDatastore())))
	defer client.Close()
	if err := h.Connect(ctx, *node); err != nil {
		return err
	}
	for _, text := range cids {
		c, err := cid.Decode(text)
		if err != nil {
			return err
		}
		block, err := client.GetBlock(ctx, c)
		if err != nil {
			return fmt.Errorf("%s: %w", c, err)
		}
		if got, err := c.Prefix().Sum(block.RawData()); err != nil || !got.Equals(c) {
			return fmt.Errorf("%s: the bytes hash to %s", c, got)
		}
		fmt.Println(c, len(block.RawData()))
	}
	return nil
}

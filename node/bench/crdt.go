package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/ipfs/boxo/bitswap"
	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/blockstore"
	"github.com/ipfs/boxo/ipld/merkledag"
	ds "github.com/ipfs/go-datastore"
	dssync "github.com/ipfs/go-datastore/sync"
	crdt "github.com/ipfs/go-ds-crdt"
	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// The peer that replication is compared with: a replicated key-value store on the same network stack. It is
// given memory to store in, batches to write in, and no signatures to check.
const (
	crdtName = "go-ds-crdt v0.6.5 in batches (both sides, in memory)"
	crdtKeys = 20_000 // its speed does not depend on how many more there are, and its patience does
	crdtWait = 5 * time.Minute
)

type crdtPeer struct {
	host  host.Host
	store *crdt.Datastore
	held  atomic.Int64 // keys it has seen
}

func newCRDTPeer(ctx context.Context) (p *crdtPeer, err error) {
	p = new(crdtPeer)
	if p.host, err = libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics()); err != nil {
		return nil, err
	}
	gossip, err := pubsub.NewGossipSub(ctx, p.host)
	if err != nil {
		return nil, err
	}
	broadcaster, err := crdt.NewPubSubBroadcaster(ctx, gossip, "bench")
	if err != nil {
		return nil, err
	}
	memory := dssync.MutexWrap(ds.NewMapDatastore())
	blocks := blockstore.NewBlockstore(memory)
	exchange := bitswap.New(ctx, bsnet.NewFromIpfsHost(p.host), nil, blocks)
	options := crdt.DefaultOptions()
	options.PutHook = func(ds.Key, []byte) { p.held.Add(1) }
	p.store, err = crdt.New(memory, ds.NewKey("bench"), merkledag.NewDAGService(blockservice.New(blocks, exchange)), broadcaster, options)
	return p, err
}

func (p *crdtPeer) close() error { return errors.Join(p.store.Close(), p.host.Close()) }

// crdtRate replicates n keys of 4 KB from one peer to another, both in this process, and returns keys per CPU second.
func crdtRate(ctx context.Context, n int, seed uint64) (perCPU float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, crdtWait)
	defer cancel()
	from, err := newCRDTPeer(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, from.close()) }()
	to, err := newCRDTPeer(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	if err := to.host.Connect(ctx, peer.AddrInfo{ID: from.host.ID(), Addrs: from.host.Addrs()}); err != nil {
		return 0, err
	}
	watch := start()
	if err := from.put(ctx, n, seed); err != nil {
		return 0, err
	}
	for to.held.Load() < int64(n) {
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("go-ds-crdt: %d of %d keys after %s", to.held.Load(), n, crdtWait)
		case <-time.After(lookEvery):
		}
	}
	return watch.stop(n).PerCPUSecond, nil
}

// put writes keys in batches, which is how it is fastest.
func (p *crdtPeer) put(ctx context.Context, n int, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 2))
	for done := 0; done < n; done += replicaBatch {
		batch, err := p.store.Batch(ctx)
		if err != nil {
			return err
		}
		for i := done; i < min(done+replicaBatch, n); i++ {
			value := make([]byte, replicaText+400)
			for j := range value {
				value[j] = "0123456789abcdef "[random.IntN(17)]
			}
			if err := batch.Put(ctx, ds.NewKey(fmt.Sprint(i)), value); err != nil {
				return err
			}
		}
		if err := batch.Commit(ctx); err != nil {
			return err
		}
	}
	return nil
}

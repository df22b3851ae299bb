package api

import (
	"context"
	"errors"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/gin-gonic/gin"
	"github.com/ipfs/boxo/blockservice"
	"github.com/ipfs/boxo/exchange/offline"
	"github.com/ipfs/boxo/gateway"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
)

// gateway serves blocks of the store to IPFS software: raw blocks and CARs that the client verifies
// itself, nothing rendered, nothing fetched from elsewhere.
func (a *API) gateway(engine *gin.Engine) {
	view := blockView{a.cfg.DB}
	backend, err := gateway.NewBlocksBackend(blockservice.New(view, offline.Exchange(view)))
	if err != nil {
		panic("api: gateway: " + err.Error()) // constant options
	}
	handler := gateway.NewHandler(gateway.Config{
		NoDNSLink: true, DisableHTMLErrors: true, RetrievalTimeout: 10 * time.Second,
		MaxRequestDuration: time.Minute, MaxConcurrentRequests: 64, MetricsRegistry: a.metrics.registry,
	}, backend)
	engine.GET("/ipfs/*path", func(c *gin.Context) { handler.ServeHTTP(c.Writer, c.Request) })
}

// blockView is a read-only view of the store. Get checks hashes, so a damaged block is never served.
type blockView struct{ db *store.DB }

var errReadOnly = errors.New("the gateway is read-only")

func (v blockView) Get(_ context.Context, c cid.Cid) (blocks.Block, error) {
	data, err := v.db.Get(c)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ipld.ErrNotFound{Cid: c}
	}
	if err != nil {
		return nil, err
	}
	return blocks.NewBlockWithCid(data, c)
}

func (v blockView) Has(_ context.Context, c cid.Cid) (bool, error) { return v.db.Has(c) }

func (v blockView) GetSize(ctx context.Context, c cid.Cid) (int, error) {
	b, err := v.Get(ctx, c)
	if err != nil {
		return -1, err
	}
	return len(b.RawData()), nil
}

func (blockView) Put(context.Context, blocks.Block) error       { return errReadOnly }
func (blockView) PutMany(context.Context, []blocks.Block) error { return errReadOnly }
func (blockView) DeleteBlock(context.Context, cid.Cid) error    { return errReadOnly }
func (blockView) AllKeysChan(context.Context) (<-chan cid.Cid, error) {
	return nil, errors.New("the gateway lists no blocks")
}

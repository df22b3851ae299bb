package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
	carv2 "github.com/ipld/go-car/v2"
	"github.com/ipld/go-car/v2/storage"
)

const carMedia = "application/vnd.ipld.car"

// proof answers with the way from the publisher's signed head to the course's record, as CAR: the head,
// the tree nodes from the root down, the record. Nothing else is needed to check it.
func (a *API) proof(c *call, item catalogue.Item) (response, error) {
	inclusion, err := a.inclusion(c.ctx, item)
	if err != nil {
		return response{}, err
	}
	head := federation.CIDOf(inclusion.Head)
	body, err := inclusionCAR(head, inclusion)
	if err != nil {
		return response{}, inside(err)
	}
	return response{
		body: body, media: carMedia + "; version=1", etag: `"` + item.CID.String() + "-" + head.String() + `"`,
		header: map[string]string{"Content-Disposition": `attachment; filename="` + item.CID.String() + `.proof.car"`},
	}, nil
}

// headTries is how often the publisher's head may move on while a path is read.
const headTries = 3

func (a *API) inclusion(ctx context.Context, item catalogue.Item) (federation.Inclusion, error) {
	var last error
	for range headTries {
		i, err := a.inclusionNow(ctx, item)
		if err != nil {
			return federation.Inclusion{}, inside(err)
		}
		if _, _, last = i.Open(); last == nil {
			return i, nil
		}
	}
	if errors.Is(last, federation.ErrInvalid) {
		return federation.Inclusion{}, fmt.Errorf("%w: the publisher's current set no longer holds this version; ask for the course again", errNotFound)
	}
	return federation.Inclusion{}, inside(last)
}

func (a *API) inclusionNow(ctx context.Context, item catalogue.Item) (federation.Inclusion, error) {
	held, err := a.cfg.DB.Head(item.Publisher)
	if err != nil {
		return federation.Inclusion{}, err
	}
	record, err := a.cfg.DB.Get(item.CID)
	if err != nil {
		return federation.Inclusion{}, err
	}
	path, err := federation.Path(ctx, treeNodes{a.cfg.DB}, held.Root, item.Key)
	return federation.Inclusion{Head: held.Envelope, Path: path, Record: record}, err
}

// treeNodes are those of the trees that this node computed itself.
type treeNodes struct{ db *store.DB }

func (n treeNodes) Get(_ context.Context, c cid.Cid) ([]byte, error) { return n.db.Get(c) }

func (treeNodes) Put(context.Context, cid.Cid, []byte) error { return errReadOnly }

// inclusionCAR writes head, nodes and record in this order.
func inclusionCAR(root cid.Cid, i federation.Inclusion) ([]byte, error) {
	var b bytes.Buffer
	w, err := storage.NewWritable(&b, []cid.Cid{root}, carv2.WriteAsCarV1(true))
	if err != nil {
		return nil, err
	}
	put := func(c cid.Cid, data []byte) {
		err = errors.Join(err, w.Put(context.Background(), c.KeyString(), data))
	}
	put(root, i.Head)
	for _, node := range i.Path {
		put(federation.NodeCID(node), node)
	}
	put(federation.CIDOf(i.Record), i.Record)
	return b.Bytes(), errors.Join(err, w.Finalize())
}

package dump

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/ipfs/go-cid"
	carv2 "github.com/ipld/go-car/v2"
	"github.com/ipld/go-car/v2/storage"
)

// car is the tree under the catalogue's root and every record it names, as CAR version 1. Whoever has
// the root can verify all of it.
type car struct{ w storage.WritableCar }

func (c *car) open(w io.Writer, s *state) (err error) {
	if c.w, err = storage.NewWritable(w, []cid.Cid{s.root}, carv2.WriteAsCarV1(true)); err != nil {
		return err
	}
	order := slices.SortedFunc(maps.Keys(s.nodes), func(a, b cid.Cid) int { return compare(a.KeyString(), b.KeyString()) })
	for _, node := range order {
		if err := c.w.Put(context.Background(), node.KeyString(), s.nodes[node]); err != nil {
			return err
		}
	}
	return nil
}

func (c *car) add(e entry) error {
	return c.w.Put(context.Background(), e.item.CID.KeyString(), e.envelope)
}

func (c *car) close() error { return c.w.Finalize() }

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	car "github.com/ipld/go-car/v2"
)

// headSaid is the head that an inclusion leads to, or the number that a proof is about.
type headSaid struct {
	CID   string `json:"cid,omitempty"`
	Epoch uint64 `json:"epoch"`
	Seq   uint64 `json:"seq"`
	Count uint64 `json:"count,omitempty"`
}

// headType is in the envelope of every head, within its first headStart bytes of a file.
var headType = []byte("/coursemesh/head/1")

const headStart = 512

// judgeInclusion checks the way from a head to a record.
func judgeInclusion(r *bufio.Reader, blocks *car.BlockReader) verdict {
	v := verdict{What: "inclusion"}
	i, err := readInclusion(r, blocks)
	if err != nil {
		v.Reason = err.Error()
		return v
	}
	head, record, err := i.Open()
	if err != nil {
		v.Reason = err.Error()
		return v
	}
	v.Valid, v.Publisher, v.Provider, v.Subject = true, record.Publisher, record.Provider, record.Subject
	v.CID = federation.CIDOf(i.Record).String()
	v.Head = &headSaid{federation.CIDOf(i.Head).String(), head.Epoch, head.Seq, head.Count}
	return v
}

// maxPath is more than any path has nodes, since a hash has 256 bits and a node takes 5 of them.
const maxPath = 52

// readInclusion takes the blocks in their order: head, nodes from the root down, record.
func readInclusion(r *bufio.Reader, blocks *car.BlockReader) (federation.Inclusion, error) {
	var i federation.Inclusion
	for n := 0; ; n++ {
		block, err := nextBlock(r, blocks, n+1)
		switch {
		case errors.Is(err, io.EOF) && i.Record != nil:
			return i, nil
		case errors.Is(err, io.EOF):
			return i, errors.New("the file ends before the record")
		case err != nil:
			return i, err
		case n > maxPath || i.Record != nil:
			return i, errors.New("there are blocks after the record")
		case n == 0 && block.Cid() != blocks.Roots[0]:
			return i, fmt.Errorf("the first block is %s instead of the head %s", block.Cid(), blocks.Roots[0])
		case n == 0:
			i.Head = block.RawData()
		case block.Cid().Type() == cid.DagCBOR:
			i.Path = append(i.Path, block.RawData())
		default:
			i.Record = block.RawData()
		}
	}
}

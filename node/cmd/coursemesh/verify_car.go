package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	car "github.com/ipld/go-car/v2"
)

// isCAR recognises the header of version 1 (roots come first in its map) and the pragma of version 2.
func isCAR(b []byte) bool {
	start := b[:min(len(b), 32)]
	return bytes.Contains(start, []byte("eroots")) || bytes.Contains(start, []byte("gversion\x02"))
}

// judgeCAR checks an inclusion, which begins with the head that the file names as its root, or a dump.
func judgeCAR(ctx context.Context, r *bufio.Reader) verdict {
	blocks, err := car.NewBlockReader(r)
	if err != nil {
		return verdict{What: "dump", Reason: err.Error()}
	}
	if len(blocks.Roots) != 1 {
		return verdict{What: "dump", Reason: fmt.Sprintf("the file names %d roots; one is expected", len(blocks.Roots))}
	}
	if start, err := r.Peek(headStart); len(start) > 0 && blocks.Roots[0].Type() == cid.Raw && bytes.Contains(start, headType) {
		return judgeInclusion(r, blocks)
	} else if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return verdict{What: "dump", Reason: err.Error()}
	}
	return judgeDump(ctx, r, blocks)
}

// judgeDump checks the hash of every block, every record, and that the records are exactly those of the
// tree whose root the file names, neither more nor fewer. Tree blocks in the file are not believed.
func judgeDump(ctx context.Context, r *bufio.Reader, blocks *car.BlockReader) verdict {
	v := verdict{What: "dump"}
	root, held, err := readRecords(r, blocks)
	if err == nil {
		v.CID, v.Records = root.String(), len(held)
		err = holds(ctx, root, held)
	}
	if v.Valid = err == nil; !v.Valid {
		v.Reason = err.Error()
	}
	return v
}

// readRecords reads the root that the file names and its valid records by key.
func readRecords(r *bufio.Reader, blocks *car.BlockReader) (cid.Cid, map[string]cid.Cid, error) {
	held := map[string]cid.Cid{}
	for n := 1; ; n++ {
		b, err := nextBlock(r, blocks, n)
		if errors.Is(err, io.EOF) {
			return blocks.Roots[0], held, nil
		}
		if err != nil {
			return cid.Undef, nil, err
		}
		if b.Cid().Type() != cid.Raw {
			continue
		}
		record, err := federation.OpenRecord(b.RawData())
		if err != nil {
			return cid.Undef, nil, fmt.Errorf("block %s: %w", b.Cid(), err)
		}
		if _, twice := held[record.Key()]; twice {
			return cid.Undef, nil, fmt.Errorf("block %s: a second record of %s", b.Cid(), record.Key())
		}
		held[record.Key()] = b.Cid()
	}
}

// nextBlock reads the nth block, whose hash is checked. io.EOF means that nothing follows, not even a part of a block.
func nextBlock(r *bufio.Reader, from *car.BlockReader, n int) (blocks.Block, error) {
	if _, err := r.Peek(1); err != nil {
		return nil, err
	}
	b, err := from.Next()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("the file ends inside block %d", n)
	}
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", n, err)
	}
	return b, nil
}

// holds compares records with a root: that of their tree, or a single record that is its own root.
func holds(ctx context.Context, root cid.Cid, held map[string]cid.Cid) error {
	if root.Type() == cid.Raw && len(held) == 1 && slices.Contains(slices.Collect(maps.Values(held)), root) {
		return nil
	}
	got, err := federation.RootOf(ctx, maps.All(held))
	if err == nil && got != root {
		err = fmt.Errorf("its %d records make the root %s, not %s: some are missing, or do not belong", len(held), got, root)
	}
	return err
}

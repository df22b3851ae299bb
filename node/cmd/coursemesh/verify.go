package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	car "github.com/ipld/go-car/v2"
	"github.com/spf13/cobra"
)

// verdict is what verify says of bytes.
type verdict struct {
	Valid     bool                   `json:"valid"`
	Reason    string                 `json:"reason"` // why not; "" when valid
	What      string                 `json:"what"`   // record, head, proof (of equivocation), inclusion or dump
	Publisher federation.PublisherID `json:"publisher"`
	Provider  string                 `json:"provider"`
	Subject   string                 `json:"subject"`
	CID       string                 `json:"cid"`
	Records   int                    `json:"records,omitempty"` // of a dump
	Head      *headSaid              `json:"head,omitempty"`    // of an inclusion
}

// newVerify checks signatures, encodings and hashes; for a file it needs neither network nor data directory.
func newVerify(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE|CID",
		Short: "Check a record, its inclusion in a head, a head, a proof of equivocation or a CAR dump; exit 1 when it is not valid",
		Args:  exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := o.judge(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := o.print(v, func(w io.Writer) { writeVerdict(w, v) }); err != nil {
				return err
			}
			if !v.Valid {
				return silentExit(api.ExitFailure)
			}
			return nil
		},
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func (o *options) judge(ctx context.Context, what string) (verdict, error) {
	if exists(what) {
		return judgeFile(ctx, what)
	}
	c, err := cid.Decode(what)
	if err != nil {
		return verdict{}, &api.AdminError{Message: what + " is neither a file nor a CID", Exit: api.ExitNotFound}
	}
	var envelope []byte
	err = o.with(func(s *session) (err error) {
		envelope, err = s.raw(ctx, "/ipfs/"+c.String()+"?format=raw", "application/vnd.ipld.raw")
		return err
	})
	if api.ExitCode(err) == api.ExitNotFound {
		return verdict{}, &api.AdminError{Message: "this node holds no block " + c.String(), Exit: api.ExitNotFound}
	}
	if err != nil {
		return verdict{}, err
	}
	if got := federation.CIDOf(envelope); got != c {
		return verdict{CID: c.String(), Reason: "the bytes hash to " + got.String()}, nil
	}
	return judgeBytes(envelope), nil
}

func judgeFile(ctx context.Context, path string) (verdict, error) {
	f, err := os.Open(path)
	if err != nil {
		return verdict{}, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	head, err := r.Peek(federation.MaxRecord + 1)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return verdict{}, fmt.Errorf("%s: %w", path, err)
	}
	if isCAR(head) {
		return judgeCAR(ctx, r), nil
	}
	data, err := io.ReadAll(io.LimitReader(r, federation.MaxRecord+1))
	if err != nil {
		return verdict{}, fmt.Errorf("%s: %w", path, err)
	}
	return judgeBytes(data), nil
}

// isCAR recognises the header of version 1 (roots come first in its map) and the pragma of version 2.
func isCAR(b []byte) bool {
	start := b[:min(len(b), 32)]
	return bytes.Contains(start, []byte("eroots")) || bytes.Contains(start, []byte("gversion\x02"))
}

// judgeBytes tries every kind; when none fits, the reason is that of the kind the bytes claim to be.
func judgeBytes(b []byte) verdict {
	v := verdict{CID: federation.CIDOf(b).String(), What: "record"}
	record, err := federation.OpenRecord(b)
	if err == nil {
		v.Valid, v.Publisher, v.Provider, v.Subject = true, record.Publisher, record.Provider, record.Subject
		return v
	}
	v.Reason = err.Error()
	head, err := federation.OpenHead(b)
	if err == nil {
		return verdict{Valid: true, What: "head", Publisher: head.Publisher, CID: v.CID}
	}
	if bytes.Contains(b, []byte("/coursemesh/head/")) {
		v.What, v.Reason = "head", err.Error()
	}
	if proof, err := federation.OpenProof(b); err == nil {
		return verdict{Valid: true, What: "proof", Publisher: proof.Publisher, CID: v.CID}
	}
	return v
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
		return judgeInclusion(blocks)
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
	for {
		if _, err := r.Peek(1); errors.Is(err, io.EOF) {
			return blocks.Roots[0], held, nil
		}
		block, err := blocks.Next()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // inside a block
		}
		if err != nil {
			return cid.Undef, nil, err
		}
		if block.Cid().Type() != cid.Raw {
			continue
		}
		record, err := federation.OpenRecord(block.RawData())
		if err != nil {
			return cid.Undef, nil, fmt.Errorf("block %s: %w", block.Cid(), err)
		}
		if _, twice := held[record.Key()]; twice {
			return cid.Undef, nil, fmt.Errorf("block %s: a second record of %s", block.Cid(), record.Key())
		}
		held[record.Key()] = block.Cid()
	}
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

func writeVerdict(w io.Writer, v verdict) {
	if !v.Valid {
		fmt.Fprintf(w, "not valid: %s\n", v.Reason)
		return
	}
	fmt.Fprintf(w, "valid %s\n", v.What)
	for _, line := range [][2]string{{"cid", v.CID}, {"publisher", string(v.Publisher)}, {"provider", v.Provider}, {"subject", v.Subject}} {
		if line[1] != "" {
			fmt.Fprintf(w, "%-10s %s\n", line[0], line[1])
		}
	}
	if v.Head != nil {
		fmt.Fprintf(w, "%-10s %s, epoch %d, number %d, %d records\n", "in head", v.Head.CID, v.Head.Epoch, v.Head.Seq, v.Head.Count)
	}
	if v.Records > 0 {
		fmt.Fprintf(w, "%d records\n", v.Records)
	}
}

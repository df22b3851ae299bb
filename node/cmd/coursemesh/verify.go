package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/spf13/cobra"
)

// verdict is what verify says of bytes.
type verdict struct {
	Valid     bool                   `json:"valid"`
	Reason    string                 `json:"reason"` // why not; "" when valid
	What      string                 `json:"what"`   // record, head, erasure, proof (of equivocation), inclusion, dump; "" when it is none
	Publisher federation.PublisherID `json:"publisher"`
	Provider  string                 `json:"provider"`
	Subject   string                 `json:"subject"`
	CID       string                 `json:"cid"`
	Records   int                    `json:"records,omitempty"` // of a dump
	Head      *headSaid              `json:"head,omitempty"`    // of an inclusion, a head, a proof
}

// newVerify checks signatures, encodings and hashes; for a file it needs neither network nor data directory.
func newVerify(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "verify FILE|FOLDER|CID",
		Short: "Check a record, its inclusion in a head, a head, a notice of erasure, a proof of equivocation or a dump; exit 1 when it is not valid",
		Long: `Checks signatures, encodings and hashes, without network and data directory unless a CID is given, which this node must hold.
Of a dump, catalogue.car proves itself; given the folder, all files are compared with its index.json as well.`,
		Args: exactly(1),
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
		return verdict{}, &api.AdminError{Message: "this node holds no block " + c.String() + "; fetch it from a node that shows it " +
			"(curl -o FILE 'https://NODE/ipfs/" + c.String() + "?format=raw') and verify the file", Exit: api.ExitNotFound}
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
	if folder, ok := folderOf(path); ok {
		return judgeFolder(ctx, folder)
	}
	f, err := os.Open(path)
	if err != nil {
		return verdict{}, err
	}
	defer f.Close()
	return judgeReader(ctx, path, f)
}

func judgeReader(ctx context.Context, path string, f io.Reader) (verdict, error) {
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

// claimStart holds the payload type of an envelope, and nothing yet that its signer chose.
const claimStart = 64

// kinds of signed bytes, with what shows within claimStart that bytes claim to be one.
var kinds = []struct {
	what, mark string
	open       func([]byte) (verdict, error)
}{
	{"proof", "\xa3aa", func(b []byte) (verdict, error) { // the start of its map
		p, err := federation.OpenProof(b)
		return verdict{Publisher: p.Publisher, Head: &headSaid{Epoch: p.Epoch, Seq: p.Seq}}, err
	}},
	{"record", "/coursemesh/record/", func(b []byte) (verdict, error) {
		r, err := federation.OpenRecord(b)
		return verdict{Publisher: r.Publisher, Provider: r.Provider, Subject: r.Subject}, err
	}},
	{"head", "/coursemesh/head/", func(b []byte) (verdict, error) {
		h, err := federation.OpenHead(b)
		return verdict{Publisher: h.Publisher, Head: &headSaid{federation.CIDOf(b).String(), h.Epoch, h.Seq, h.Count}}, err
	}},
	{"erasure", "/coursemesh/erasure/", func(b []byte) (verdict, error) {
		e, err := federation.OpenErasure(b)
		return verdict{Publisher: e.Publisher, Provider: e.Provider, Records: len(e.Records)}, err
	}},
}

// judgeBytes opens bytes as what they claim to be.
func judgeBytes(b []byte) verdict {
	for _, kind := range kinds {
		if !bytes.Contains(b[:min(len(b), claimStart)], []byte(kind.mark)) {
			continue
		}
		v, err := kind.open(b)
		if err != nil {
			v = verdict{Reason: err.Error()}
		}
		v.Valid, v.What, v.CID = err == nil, kind.what, federation.CIDOf(b).String()
		return v
	}
	return verdict{CID: federation.CIDOf(b).String(), Reason: "this is nothing that is signed: no record, head, notice of erasure, proof or CAR; " +
		"of a dump, verify catalogue.car or the folder"}
}

func writeVerdict(w io.Writer, v verdict) {
	if !v.Valid {
		fmt.Fprintf(w, "not valid: %s\n", v.Reason)
		if v.What != "" {
			fmt.Fprintln(w, "Trust nothing in it, and fetch it again, from another node if it stays so.")
		}
		return
	}
	fmt.Fprintf(w, "valid %s\n", v.What)
	for _, line := range [][2]string{{"cid", v.CID}, {"publisher", string(v.Publisher)}, {"provider", v.Provider}, {"subject", v.Subject}} {
		if line[1] != "" {
			fmt.Fprintf(w, "%-10s %s\n", line[0], line[1])
		}
	}
	writeHead(w, v)
	if v.Records > 0 {
		fmt.Fprintf(w, "%d records\n", v.Records)
	}
}

func writeHead(w io.Writer, v verdict) {
	if v.Head == nil {
		return
	}
	number := fmt.Sprintf("epoch %d, number %d", v.Head.Epoch, v.Head.Seq)
	switch v.What {
	case "proof":
		fmt.Fprintf(w, "%-10s two different heads were signed as %s\n", "proves", number)
	case "head":
		fmt.Fprintf(w, "%-10s %s, %d records\n", "head", number, v.Head.Count)
	default:
		fmt.Fprintf(w, "%-10s %s, %s, %d records\n", "in head", v.Head.CID, number, v.Head.Count)
	}
}

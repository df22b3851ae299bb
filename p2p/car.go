package p2p

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-varint"
)

// The transfer is a CARv1 whose one root is the head. Both sides know every CID that follows, so reading
// compares instead of interpreting: a foreign CAR cannot choose hash functions, versions or lengths.

// carHeader is the DAG-CBOR map {"roots": [head], "version": 1}, with its length before it.
func carHeader(root cid.Cid) []byte {
	var e encoder
	e.fields(2)
	e.text("roots")
	e.list(1)
	e.link(root)
	e.text("version")
	e.uint(1)
	return append(varint.ToUvarint(uint64(len(e.b))), e.b...)
}

// writeSection writes one block of a CAR.
func writeSection(w io.Writer, c cid.Cid, data []byte) error {
	raw := c.Bytes()
	head := append(varint.ToUvarint(uint64(len(raw)+len(data))), raw...)
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

// readHeader requires the header of a CAR with that root.
func readHeader(r io.Reader, root cid.Cid) error {
	want := carHeader(root)
	got := make([]byte, len(want))
	if _, err := io.ReadFull(r, got); err != nil {
		return noEOF(err)
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: not the CAR of %s", ErrProtocol, root)
	}
	return nil
}

// readSection reads the block of that CID and checks its hash.
func readSection(r frameReader, want cid.Cid) ([]byte, error) {
	raw := want.Bytes()
	n, err := readLength(r, len(raw)+federation.MaxRecord)
	if err != nil {
		return nil, noEOF(err)
	}
	if n < len(raw) {
		return nil, fmt.Errorf("%w: CAR section of %d bytes", ErrProtocol, n)
	}
	section := make([]byte, n)
	if _, err := io.ReadFull(r, section); err != nil {
		return nil, noEOF(err)
	}
	if !bytes.Equal(section[:len(raw)], raw) {
		return nil, fmt.Errorf("%w: another block than %s", ErrProtocol, want)
	}
	data := section[len(raw):]
	if hash := sha256.Sum256(data); !bytes.Equal(hash[:], raw[len(raw)-len(hash):]) {
		return nil, fmt.Errorf("%w: bytes do not match %s", ErrProtocol, want)
	}
	return data, nil
}

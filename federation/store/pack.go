package store

import (
	"encoding/binary"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/klauspost/compress/zstd"
)

// How a block's bytes are kept.
const (
	packedPlain byte = 0
	packedZstd  byte = 1
)

// packer writes and reads the rows of blocks. Record envelopes are mostly text with long IRIs: packed
// they take a third of the bytes, and that the pages to write shrink pays for the work (ADR 0004).
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newPacker() (*packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(false))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(federation.MaxRecord))
	if err != nil {
		return nil, fmt.Errorf("zstd: %w", err)
	}
	return &packer{enc, dec}, nil
}

func (p *packer) close() {
	_ = p.enc.Close() // never had a stream
	p.dec.Close()
}

// parcel is the row of a block.
type parcel struct {
	packing byte
	staged  int64 // Unix seconds
	length  int   // of the envelope
	data    []byte
}

// seal makes the row of an envelope.
func (p *packer) seal(envelope []byte, staged int64) []byte {
	row := make([]byte, 0, len(envelope)/2+16)
	row = appendHeading(row, packedZstd, staged, len(envelope))
	heading := len(row)
	if row = p.enc.EncodeAll(envelope, row); len(row)-heading < len(envelope) {
		return row
	}
	return append(appendHeading(row[:0], packedPlain, staged, len(envelope)), envelope...)
}

func appendHeading(row []byte, packing byte, staged int64, length int) []byte {
	row = append(row, packing)
	row = binary.AppendUvarint(row, uint64(staged))
	return binary.AppendUvarint(row, uint64(length))
}

// split reads the heading of a row.
func split(row []byte) (parcel, error) {
	r := reader{b: row}
	p := parcel{packing: r.byte(), staged: int64(r.uvarint()), length: int(r.uvarint())}
	p.data = r.b
	if r.bad || p.packing > packedZstd || p.length < 0 || p.length > federation.MaxRecord {
		return parcel{}, fmt.Errorf("%w: heading of a block", ErrCorrupt)
	}
	return p, nil
}

// open returns the envelope in memory of its own.
func (p *packer) open(from parcel) ([]byte, error) {
	out := make([]byte, 0, from.length)
	if from.packing == packedPlain {
		return append(out, from.data...), nil
	}
	out, err := p.dec.DecodeAll(from.data, out)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return out, nil
}

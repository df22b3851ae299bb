package store

import (
	"encoding/binary"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/klauspost/compress/s2"
)

// How a block's bytes are kept.
const (
	packedPlain byte = 0
	packedS2    byte = 1 // saves more work in writing pages than it costs (docs/decisions/0004-store.md)
)

// parcel is the row of a block.
type parcel struct {
	packing byte
	staged  int64 // Unix seconds
	length  int   // of the envelope
	data    []byte
}

// pack makes the row of an envelope.
func pack(envelope []byte, staged int64) []byte {
	row := make([]byte, 0, 2*binary.MaxVarintLen64+s2.MaxEncodedLen(len(envelope)))
	row = appendHeading(row, packedS2, staged, len(envelope))
	packed := s2.Encode(row[len(row):cap(row)], envelope) // in place: it fits
	if len(packed) < len(envelope) {
		return row[:len(row)+len(packed)]
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
	if r.bad || p.packing > packedS2 || p.length < 0 || p.length > federation.MaxRecord {
		return parcel{}, fmt.Errorf("%w: heading of a block", ErrCorrupt)
	}
	return p, nil
}

// open returns the envelope in memory of its own.
func (p parcel) open() ([]byte, error) {
	if p.packing == packedPlain {
		return append(make([]byte, 0, len(p.data)), p.data...), nil
	}
	// The length that the packed bytes claim is memory to be taken: a damaged one is not believed.
	if n, err := s2.DecodedLen(p.data); err != nil || n != p.length {
		return nil, fmt.Errorf("%w: packed block", ErrCorrupt)
	}
	out, err := s2.Decode(nil, p.data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return out, nil
}

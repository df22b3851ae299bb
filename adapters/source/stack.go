package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/klauspost/compress/zstd"
)

// Stack keeps records compressed, in the order in which they are put, to be read when all are there.
type Stack struct {
	packed bytes.Buffer
	enc    *zstd.Encoder
	limit  int64
}

// NewStack makes a stack of at most limit bytes, compressed.
func NewStack(limit int64) (*Stack, error) {
	s := &Stack{limit: limit}
	var err error
	s.enc, err = zstd.NewWriter(&s.packed, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	return s, err
}

type stacked struct {
	URL     string          `json:"u"`
	Pointer string          `json:"p"`
	Raw     json.RawMessage `json:"r"`
}

// Put keeps a record.
func (s *Stack) Put(rec Record) error {
	line, err := json.Marshal(stacked{rec.URL, rec.Pointer, rec.Raw})
	if err != nil {
		return err
	}
	if _, err := s.enc.Write(append(line, '\n')); err != nil {
		return err
	}
	if int64(s.packed.Len()) > s.limit {
		return fmt.Errorf("%s: the list takes more than %d bytes, compressed", rec.URL, s.limit)
	}
	return nil
}

// All hands over the records. Nothing can be put after that.
func (s *Stack) All() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		if err := s.enc.Close(); err != nil {
			yield(Record{}, err)
			return
		}
		dec, err := zstd.NewReader(&s.packed, zstd.WithDecoderConcurrency(1))
		if err != nil {
			yield(Record{}, err)
			return
		}
		defer dec.Close()
		for lines := bufio.NewReader(dec); ; {
			line, err := lines.ReadBytes('\n')
			if errors.Is(err, io.EOF) {
				return
			}
			var rec stacked
			if err == nil {
				err = json.Unmarshal(line, &rec)
			}
			if !yield(Record{Place{rec.URL, rec.Pointer}, rec.Raw}, err) || err != nil {
				return
			}
		}
	}
}

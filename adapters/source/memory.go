package source

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/coursemesh/coursemesh/adapters"
)

// ErrNoMemory says that no earlier run left anything that can be read.
var ErrNoMemory = errors.New("nothing is remembered")

// Recall hands the lines of a memory to take, each a JSON value. Whatever is wrong with them is ErrNoMemory,
// since a memory may be lost at any time.
func Recall(m adapters.Memory, limit int64, take func(line []byte) error) error {
	if m == nil {
		return ErrNoMemory
	}
	file, err := m.Recall()
	if err != nil || file == nil {
		return errors.Join(ErrNoMemory, err)
	}
	defer file.Close()
	dec, err := zstd.NewReader(file, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return errors.Join(ErrNoMemory, err)
	}
	defer dec.Close()
	lines := bufio.NewReader(io.LimitReader(dec, limit))
	for {
		line, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil
		case err != nil: // cut off
			return errors.Join(ErrNoMemory, err)
		}
		if err := take(line); err != nil {
			return errors.Join(ErrNoMemory, err)
		}
	}
}

// Remember writes a memory, one JSON value a line. Nothing is kept where there is no memory.
func Remember(m adapters.Memory, each func(put func(any) error) error) error {
	if m == nil {
		return nil
	}
	return m.Remember(func(w io.Writer) error {
		enc, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			return err
		}
		return errors.Join(each(json.NewEncoder(enc).Encode), enc.Close())
	})
}

package dump

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strconv"

	"github.com/klauspost/compress/zstd"
)

// lines is one course a line, in the shape of the API.
type lines struct {
	z   *zstd.Encoder
	enc *json.Encoder
}

func (l *lines) open(w io.Writer, _ *state) (err error) {
	if l.z, err = Compressor(w); err != nil {
		return err
	}
	l.enc = json.NewEncoder(l.z)
	l.enc.SetEscapeHTML(false)
	return nil
}

func (l *lines) add(e entry) error {
	if e.course == nil {
		return nil
	}
	return l.enc.Encode(e.course)
}

func (l *lines) close() error { return l.z.Close() }

// Compressor is that of the files that end in .zst.
func Compressor(w io.Writer) (*zstd.Encoder, error) {
	return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
}

// quads is every course's triples in a graph of its own, named by the record's CID. Labels of blank
// nodes, which every record begins anew, get the number of the record.
type quads struct {
	z     *zstd.Encoder
	w     *bufio.Writer
	count int
}

func (q *quads) open(w io.Writer, _ *state) (err error) {
	if q.z, err = Compressor(w); err == nil {
		q.w = bufio.NewWriter(q.z)
	}
	return err
}

func (q *quads) add(e entry) error {
	if e.course == nil {
		return nil
	}
	q.count++
	label := []byte("_:r" + strconv.Itoa(q.count))
	graph := []byte(" <ipfs://" + e.item.CID.String() + "> .\n")
	for line := range bytes.SplitSeq(e.record.Graph, []byte{'\n'}) {
		subject, rest, found := bytes.Cut(line, []byte{' '})
		predicate, object, ok := bytes.Cut(rest, []byte{' '})
		if !found || !ok {
			continue
		}
		object = bytes.TrimSuffix(object, []byte(" ."))
		for i, term := range [][]byte{subject, predicate, object} {
			if i > 0 {
				_ = q.w.WriteByte(' ') // errors of bufio stay until Flush
			}
			if rest, blank := bytes.CutPrefix(term, []byte("_:")); blank {
				_, _ = q.w.Write(label)
				term = rest
			}
			_, _ = q.w.Write(term)
		}
		if _, err := q.w.Write(graph); err != nil {
			return err
		}
	}
	return nil
}

func (q *quads) close() error {
	if err := q.w.Flush(); err != nil {
		return err
	}
	return q.z.Close()
}

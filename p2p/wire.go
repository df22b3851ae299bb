package p2p

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/multiformats/go-varint"
)

// Time limits of a stream. A peer may be silent for idle; while we wait for its bytes it must keep
// minRate on average over each rateWindow, so that a dripping peer cannot hold a transfer for ever.
const (
	requestIdle = 10 * time.Second
	syncIdle    = 30 * time.Second
	wantIdle    = 2 * time.Minute // the other side verifies and stages between its requests
	rateWindow  = time.Minute
	minRate     = 512 // bytes a second
)

// wire is one stream with frames: an unsigned varint length, then that many bytes.
type wire struct {
	s    stream
	in   *bufio.Reader
	out  *bufio.Writer
	idle time.Duration
	seen func()      // the peer made progress
	stop func() bool // lets the stream outlive its context; nil on the serving side

	headerless bool // the answer to wanted records has no CAR header

	until time.Time // writes must be done by then; zero: no limit of all together

	waited time.Duration // time spent waiting for the peer in this window
	got    int64         // bytes received in it

	total atomic.Int64 // bytes received
}

// stream is what a wire needs of a libp2p stream; HTTP requests give the same.
type stream interface {
	io.ReadWriteCloser
	Reset() error
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

func newWire(s stream, idle time.Duration, seen func()) *wire {
	w := &wire{s: s, idle: idle, seen: seen}
	w.in = bufio.NewReaderSize(reader{w}, 32<<10)
	w.out = bufio.NewWriterSize(writer{w}, 32<<10)
	return w
}

type reader struct{ w *wire }

func (r reader) Read(p []byte) (int, error) {
	w := r.w
	start := time.Now()
	if err := w.s.SetReadDeadline(start.Add(w.idle)); err != nil {
		return 0, err
	}
	n, err := w.s.Read(p)
	w.got += int64(n)
	w.total.Add(int64(n))
	w.waited += time.Since(start)
	if n > 0 {
		w.seen()
	}
	if w.waited > rateWindow {
		slow := w.got < int64(minRate*rateWindow.Seconds())
		w.got, w.waited = 0, 0
		if slow && err == nil {
			return n, ErrSlow
		}
	}
	return n, err
}

type writer struct{ w *wire }

func (o writer) Write(p []byte) (int, error) {
	deadline := time.Now().Add(wantIdle)
	if !o.w.until.IsZero() && o.w.until.Before(deadline) {
		deadline = o.w.until
	}
	if err := o.w.s.SetWriteDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := o.w.s.Write(p)
	if n > 0 {
		o.w.seen()
	}
	return n, err
}

// close ends the stream cleanly; reset breaks it off, so that the peer stops sending.
func (w *wire) close() {
	w.stop()
	_ = w.s.Close()
}

func (w *wire) reset() {
	w.stop()
	_ = w.s.Reset()
}

// send writes one frame and flushes it.
func (w *wire) send(body []byte) error {
	if err := w.put(body); err != nil {
		return err
	}
	return w.out.Flush()
}

// put writes one frame into the buffer.
func (w *wire) put(body []byte) error {
	if _, err := w.out.Write(varint.ToUvarint(uint64(len(body)))); err != nil {
		return err
	}
	_, err := w.out.Write(body)
	return err
}

// receive reads one frame of at most max bytes; io.EOF means a clean end before it.
func (w *wire) receive(max int) ([]byte, error) { return readFrame(w.in, max) }

// frameReader is what readFrame needs.
type frameReader interface {
	io.Reader
	io.ByteReader
}

func readFrame(r frameReader, max int) ([]byte, error) {
	n, err := readLength(r, max)
	if err != nil {
		return nil, err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, noEOF(err)
	}
	return body, nil
}

func readLength(r frameReader, max int) (int, error) {
	n, err := varint.ReadUvarint(r)
	switch {
	case errors.Is(err, varint.ErrNotMinimal), errors.Is(err, varint.ErrOverflow):
		return 0, fmt.Errorf("%w: frame length: %w", ErrProtocol, err)
	case err != nil:
		return 0, err
	case n > uint64(max):
		return 0, fmt.Errorf("%w: frame of %d bytes is over %d", ErrProtocol, n, max)
	}
	return int(n), nil
}

// noEOF turns an end within a frame into an error that is not a clean end.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

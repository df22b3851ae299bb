package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	acceptEncoding = "gzip, zstd"
	maxRatio       = 100     // decompressed to compressed
	ratioFrom      = 1 << 20 // decompressed bytes; small answers may well be repetitive
	maxWindow      = 8 << 20 // of zstd, as RFC 8878 advises
	// prefetched bytes are read before an answer is handed out. A small answer then needs no connection any more, so
	// that a reader may ask the same host again while it works on one, and a connection that breaks is retried.
	prefetched = 2 << 20
)

var (
	errIdle  = errors.New("no data came for too long")
	errTotal = errors.New("the answer took too long in all")
)

// wire reads a body as sent: it counts, caps, and gives up when nothing comes.
type wire struct {
	body   io.ReadCloser
	ctx    context.Context // of the request; its cause says why a read failed
	timer  *time.Timer     // cancels ctx
	idle   time.Duration
	n, max int64
}

func newWire(ctx context.Context, cancel context.CancelCauseFunc, body io.ReadCloser, idle time.Duration, max int64) *wire {
	timer := time.AfterFunc(idle, func() { cancel(errIdle) })
	timer.Stop()
	return &wire{body: body, ctx: ctx, timer: timer, idle: idle, max: max}
}

func (w *wire) Read(p []byte) (int, error) {
	if w.n > w.max {
		return 0, tooLarge(w.max)
	}
	if room := w.max - w.n + 1; int64(len(p)) > room {
		p = p[:room]
	}
	w.timer.Reset(w.idle)
	n, err := w.body.Read(p)
	w.timer.Stop()
	w.n += int64(n)
	if w.n > w.max {
		return n - 1, tooLarge(w.max)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = either(context.Cause(w.ctx), err)
	}
	return n, err
}

func tooLarge(limit int64) error {
	return fmt.Errorf("%w: the answer is larger than %d bytes (fetch.max_bytes)", ErrRefused, limit)
}

// body is what a Response hands out: decompressed, capped, and tied to the connection it holds.
type body struct {
	decoded io.Reader
	wire    *wire
	packed  bool
	n, max  int64
	place   string // for errors
	failed  error  // sticky
	release func()
}

func (b *body) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	n, err := b.decoded.Read(p)
	b.n += int64(n)
	switch {
	case b.n > b.max && b.packed:
		n, err = max(0, n-int(min(b.n-b.max, int64(n)))), fmt.Errorf("%w: the answer is larger than %d bytes when it is unpacked", ErrRefused, b.max)
	case b.n > b.max:
		n, err = max(0, n-int(min(b.n-b.max, int64(n)))), tooLarge(b.max)
	case b.packed && b.n > ratioFrom && b.n > maxRatio*b.wire.n:
		err = fmt.Errorf("%w: the answer expands more than %d times", ErrRefused, maxRatio)
	}
	if err != nil {
		b.fail(err)
		return n, b.failed
	}
	return n, nil
}

// fail keeps the error and gives the connection back, without waiting for Close.
func (b *body) fail(err error) {
	switch {
	case err == io.EOF:
		b.failed = err
	case errors.Is(err, io.ErrUnexpectedEOF):
		b.failed = fmt.Errorf("%s: the answer broke off after %d bytes (%w)", b.place, b.n, err)
	default:
		b.failed = fmt.Errorf("%s: %w", b.place, err)
	}
	_ = b.wire.body.Close()
	b.release()
}

func (b *body) Close() error {
	b.failed = either(b.failed, errors.New("read after Close"))
	if closer, ok := b.decoded.(io.Closer); ok {
		_ = closer.Close()
	}
	err := b.wire.body.Close()
	b.release()
	return err
}

// decoder chooses by Content-Encoding.
func decoder(encoding string, w io.Reader) (io.Reader, bool, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return w, false, nil
	case "gzip", "x-gzip":
		return &unpacker{from: bufio.NewReader(w), open: openGzip}, true, nil
	case "zstd":
		return &unpacker{from: bufio.NewReader(w), open: openZstd}, true, nil
	}
	return nil, false, fmt.Errorf("%w: the content encoding %q was not asked for", ErrRefused, encoding)
}

func openGzip(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }

func openZstd(r io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// unpacker opens its stream at the first read: an empty body is no broken archive.
type unpacker struct {
	from   *bufio.Reader
	open   func(io.Reader) (io.ReadCloser, error)
	stream io.ReadCloser
}

func (u *unpacker) Read(p []byte) (int, error) {
	if u.stream == nil {
		if _, err := u.from.Peek(1); err != nil {
			return 0, err
		}
		stream, err := u.open(u.from)
		if err != nil {
			return 0, fmt.Errorf("decompressing: %w", err)
		}
		u.stream = stream
	}
	return u.stream.Read(p)
}

func (u *unpacker) Close() error {
	if u.stream == nil {
		return nil
	}
	return u.stream.Close()
}

// prefetch reads the beginning of a body, all of it when it is small. Only a broken connection is an error here;
// a cap that is passed shows when the caller reads so far.
func prefetch(b io.ReadCloser) (io.ReadCloser, error) {
	begin, err := io.ReadAll(io.LimitReader(b, prefetched+1))
	switch {
	case err == nil && len(begin) <= prefetched:
		return io.NopCloser(bytes.NewReader(begin)), b.Close()
	case broken(err):
		_ = b.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin), b), b}, nil
}

// bodiless answers have no content to decode, whatever their header says.
func bodiless(method string, status int) bool {
	return method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}

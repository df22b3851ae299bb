package p2p

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// Remote is a node that is followed over HTTPS instead of libp2p.
type Remote struct {
	URL string // under which the node's handler is mounted
	// Post sends frames and returns the answer's status and body, which the caller closes.
	Post func(ctx context.Context, url string, body []byte) (status int, answer io.ReadCloser, err error)
}

// id stands for the remote where a peer is named. It is no multihash, so no peer of libp2p can have it.
func (r Remote) id() peer.ID { return peer.ID(r.URL) }

// remoteOf finds the remote that stands behind a peer's name.
func (h *Host) remoteOf(p peer.ID) (Remote, bool) {
	r, ok := h.remotes[p]
	return r, ok
}

// openRemote starts a stream of requests to a remote.
func (h *Host) openRemote(ctx context.Context, r Remote, proto protocol.ID, idle time.Duration) (*wire, error) {
	if h.bans.banned(r.id()) {
		return nil, fmt.Errorf("%s broke the protocol and is not asked for a while", r.URL)
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &posting{remote: r, ctx: ctx, cancel: cancel, touch: func() { h.touch(r.id()) }}
	switch proto {
	case HeadsProtocol:
		s.first, s.then = headsPath, headsPath
	case SyncProtocol:
		s.first, s.then = syncPath, recordsPath
	case ErasuresProtocol:
		s.first, s.then = erasuresPath, erasuresPath
	default:
		cancel()
		return nil, fmt.Errorf("%s is not spoken over HTTPS", proto)
	}
	w := newWire(s, idle, s.touch)
	w.headerless = true
	w.stop = func() bool { cancel(); return true }
	return w, nil
}

// posting is a stream to a remote: what was written goes out as one POST when an answer is to be read.
type posting struct {
	remote      Remote
	ctx         context.Context // ends with Close
	cancel      context.CancelFunc
	touch       func()
	first, then string // paths of the first request and the later ones

	mu      sync.Mutex // guards pending: one goroutine writes while another reads
	pending bytes.Buffer

	answer io.ReadCloser // being read; nil before the first
}

func (s *posting) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending.Write(p)
}

func (s *posting) Read(p []byte) (int, error) {
	for {
		if s.answer != nil {
			n, err := s.answer.Read(p)
			switch {
			case n > 0 && errors.Is(err, io.EOF):
				return n, nil // the end of one answer is not that of the stream
			case n > 0 || !errors.Is(err, io.EOF):
				return n, timely(err)
			}
			if err := s.answer.Close(); err != nil {
				return 0, err
			}
			s.answer = nil
		}
		if err := s.post(); err != nil {
			return 0, timely(err)
		}
	}
}

// post sends what is pending; io.EOF when there is nothing more to ask.
func (s *posting) post() error {
	s.mu.Lock()
	body := bytes.Clone(s.pending.Bytes())
	s.pending.Reset()
	s.mu.Unlock()
	if len(body) == 0 {
		return io.EOF
	}
	path := s.first
	s.first = s.then
	status, answer, err := s.remote.Post(s.ctx, s.remote.URL+path, body)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		_ = answer.Close()
		return fmt.Errorf("%s%s: HTTP status %d", s.remote.URL, path, status)
	}
	s.answer = answer
	return nil
}

// timely marks what took too long as streams of libp2p do.
func timely(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", os.ErrDeadlineExceeded, err)
	}
	return err
}

func (s *posting) Close() error {
	s.cancel()
	if s.answer != nil {
		return s.answer.Close()
	}
	return nil
}

func (s *posting) Reset() error { s.cancel(); return nil }

// Waits are bounded by the client that posts.
func (s *posting) SetReadDeadline(time.Time) error  { return nil }
func (s *posting) SetWriteDeadline(time.Time) error { return nil }

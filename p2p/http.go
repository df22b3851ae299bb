package p2p

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// The stream protocols can be spoken over plain HTTPS as well, so that a node behind a firewall that lets
// nothing in, and only web traffic out, can follow another. Every request of the asker is the body of a POST,
// every answer the body of the response, in the frames of the stream protocols. Nobody is trusted more for it.

// Paths below the one the handler is mounted at.
const (
	headsPath    = "/heads"
	syncPath     = "/sync"    // a sync request; the answer ends before the records
	recordsPath  = "/records" // lists of record links; the answer is the sections of a CAR, without its header
	erasuresPath = "/erasures"
)

// FramesMedia is the media type of requests and answers.
const FramesMedia = "application/vnd.coursemesh.frames"

// maxPost bounds one request: two pages of record links, or the wants of the largest table.
const maxPost = 4 << 20

// ServeHTTP answers followers: mount it where POST requests end with one of the paths. Requests of one
// address are within the same budget as those of one peer.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	serve := h.overHTTP(r.URL.Path)
	switch {
	case serve == nil:
		http.NotFound(w, r)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "this is for other nodes; use POST", http.StatusMethodNotAllowed)
		return
	case h.ctx.Err() != nil || !h.budget(clientOf(r)).Allow():
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many requests", http.StatusTooManyRequests)
		return
	}
	h.work.Add(1)
	defer h.work.Done()
	w.Header().Set("Content-Type", FramesMedia)
	answer := &served{w: w, control: http.NewResponseController(w), body: http.MaxBytesReader(w, r.Body, maxPost)}
	stream := newWire(answer, wantIdle, func() {})
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(h.ctx, cancel)()
	if err := serve(ctx, stream, ""); err != nil {
		h.log.Debug("HTTP follower", "client", clientOf(r), "path", r.URL.Path, "error", err)
		answer.fail(err)
	}
}

// overHTTP picks the protocol by the last part of the path.
func (h *Host) overHTTP(target string) func(context.Context, *wire, peer.ID) error {
	switch "/" + path.Base(target) {
	case headsPath:
		return h.serveHeads
	case syncPath:
		return h.serveSync
	case recordsPath:
		return h.serveRecords
	case erasuresPath:
		if h.erasures != nil {
			return h.serveErasures
		}
	}
	return nil
}

// serveRecords sends the sections of the wanted records.
func (h *Host) serveRecords(_ context.Context, w *wire, _ peer.ID) error {
	for {
		body, err := w.receive(maxRecordPage)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		wants, err := decodeRecordWants(body)
		if err != nil {
			return err
		}
		if err := h.sendPage(w, wants); err != nil {
			return err
		}
	}
}

// clientOf is the budget's name for the address of a request.
func clientOf(r *http.Request) peer.ID {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return peer.ID("http " + host)
}

// served is a request and its answer as a stream.
type served struct {
	w       http.ResponseWriter
	control *http.ResponseController
	body    io.ReadCloser
	begun   bool // a part of the answer was written
}

func (s *served) Read(p []byte) (int, error) { return s.body.Read(p) }

func (s *served) Write(p []byte) (int, error) {
	s.begun = true
	return s.w.Write(p)
}

// fail ends an answer that is not whole so that it does not look so.
func (s *served) fail(err error) {
	switch {
	case s.begun:
		panic(http.ErrAbortHandler)
	case errors.Is(err, ErrProtocol), errors.Is(err, io.ErrUnexpectedEOF):
		http.Error(s.w, err.Error(), http.StatusBadRequest)
	default:
		http.Error(s.w, "this cannot be answered now", http.StatusServiceUnavailable)
	}
}

func (s *served) Close() error { return nil }
func (s *served) Reset() error { return nil }

// Not every writer has deadlines; the server's own then hold.
func (s *served) SetReadDeadline(t time.Time) error { _ = s.control.SetReadDeadline(t); return nil }

func (s *served) SetWriteDeadline(t time.Time) error { _ = s.control.SetWriteDeadline(t); return nil }

package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/federation/journal"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Limits of streams of changes.
const (
	defaultStreams   = 500
	clientStreams    = 20 // of one client
	eventPage        = 50 // changes read at once; all that a stream holds in memory
	heartbeat        = 15 * time.Second
	eventWriteTime   = 20 * time.Second // for a client to take in what was sent
	eventRetry       = 5 * time.Second  // after which a browser connects again
	streamRetryAfter = time.Minute
)

// streams counts those that are open.
type streams struct {
	beat  time.Duration // how often quiet ones show that they live
	write time.Duration // for a client to take in what was sent

	mu      sync.Mutex
	most    int
	open    int
	clients map[netip.Prefix]int
}

func newStreams(most int) *streams {
	if most == 0 {
		most = defaultStreams
	}
	return &streams{beat: heartbeat, write: eventWriteTime, most: most, clients: map[netip.Prefix]int{}}
}

// enter counts a stream of a client in until leave is called; it fails with errStreams or errTooMany.
func (s *streams) enter(address string) (leave func(), err error) {
	client := networkOf(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.open >= s.most:
		return nil, fmt.Errorf("%w: %d are open", errStreams, s.open)
	case s.clients[client] >= min(clientStreams, s.most):
		return nil, fmt.Errorf("%w: a client may have %d streams open", errTooMany, clientStreams)
	}
	s.open++
	s.clients[client]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.clients[client]--; s.clients[client] == 0 {
			delete(s.clients, client)
		}
	}, nil
}

// streamChanges sends changes until the client goes or the node stops. An error means that nothing was sent.
func (a *API) streamChanges(c *call) error {
	gc := humagin.Unwrap(c.huma)
	at, err := a.since(c)
	if err != nil {
		return err
	}
	filter, err := a.changeFilter(c, at.Seq > 0)
	if err != nil {
		return err
	}
	leave, err := a.streams.enter(gc.ClientIP())
	if err != nil {
		gc.Header("Retry-After", fmt.Sprint(int(streamRetryAfter.Seconds())))
		return err
	}
	defer leave()
	s := &eventWriter{w: gc.Writer, control: http.NewResponseController(gc.Writer), api: a, filter: filter}
	s.begin(a.rootHeaders())
	s.follow(gc.Request.Context(), at)
	return nil
}

// eventWriter is one stream. It holds one page of changes and no queue: a slow client reads the journal later.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	api     *API
	filter  changeFilter
}

func (s *eventWriter) begin(header map[string]string) {
	h := s.w.Header()
	for k, v := range header {
		h.Set(k, v)
	}
	h.Set("Content-Type", eventStream)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that gathers would hold events back
	_ = s.control.SetReadDeadline(time.Time{})
	s.w.WriteHeader(http.StatusOK)
}

// send writes a text at once; false when the client is gone or too slow.
func (s *eventWriter) send(text []byte) bool {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.api.streams.write)) // not every writer has one
	if _, err := s.w.Write(text); err != nil {
		return false
	}
	return s.control.Flush() == nil
}

func (s *eventWriter) follow(ctx context.Context, at journal.Position) {
	if !s.send(fmt.Appendf(nil, "retry: %d\n\n", eventRetry.Milliseconds())) {
		return
	}
	for {
		items, next, more, err := s.api.changes(ctx, at, eventPage, s.filter)
		if err != nil && ctx.Err() == nil {
			s.api.cfg.Log.Error("stream of changes ended", "error", err)
		}
		if err != nil {
			return
		}
		if events, err := encodeEvents(items); err != nil || len(events) > 0 && !s.send(events) {
			return
		}
		at = next
		if !more && !s.wait(ctx, at) {
			return
		}
	}
}

// wait returns when there is more, false when the stream is to end. Meanwhile it shows that it lives, and names the
// position, which filters may have moved on without a change to show.
func (s *eventWriter) wait(ctx context.Context, at journal.Position) bool {
	for {
		beat, cancel := context.WithTimeout(ctx, s.api.streams.beat)
		err := s.api.cfg.Changes.Wait(beat, at)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return err == nil
		}
		text := []byte(": still here\n")
		if cursor, err := s.api.cfg.Changes.Text(at); err == nil {
			text = fmt.Appendf(text, "id: %s\n", cursor)
		}
		if !s.send(append(text, '\n')) {
			return false
		}
	}
}

func encodeEvents(items []Change) (out []byte, err error) {
	for _, item := range items {
		data, err := json.Marshal(item) // one line
		if err != nil {
			return nil, err
		}
		out = fmt.Appendf(out, "id: %s\nevent: %s\ndata: %s\n\n", item.Cursor, item.Kind, data)
	}
	return out, nil
}

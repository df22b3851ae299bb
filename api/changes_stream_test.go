package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/google/go-cmp/cmp"
)

// event of a stream, read as a browser does.
type event struct{ id, kind, data string }

// stream is an open one; events are read as they come.
type stream struct {
	t        *testing.T
	response *http.Response
	events   chan event
}

func (n *node) stream(server, target string, header ...string) *stream {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+target, nil)
	if err != nil {
		n.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Accept-Encoding", "gzip")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	s := &stream{t: n.t.(*testing.T), response: response, events: make(chan event, 100)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(s.events)
		s.read(response.Body)
	}()
	n.t.Cleanup(func() {
		cancel()
		response.Body.Close()
		<-done
	})
	return s
}

func (s *stream) read(body io.Reader) {
	var e event
	for lines := bufio.NewScanner(body); lines.Scan(); {
		switch name, value, _ := strings.Cut(lines.Text(), ": "); name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data += value
		case "":
			if s.events <- e; e.data != "" {
				e = event{}
			}
		}
	}
}

// next is the next event with data.
func (s *stream) next() (c api.Change) {
	s.t.Helper()
	for e := range s.events {
		if e.data == "" {
			continue
		}
		if err := json.Unmarshal([]byte(e.data), &c); err != nil || e.id != c.Cursor || e.kind != c.Kind {
			s.t.Errorf("%+v: %v", e, err)
		}
		return c
	}
	s.t.Error("the stream ended")
	return c
}

func (s *stream) wants(want ...string) (last api.Change) {
	s.t.Helper()
	var got []string
	for range want {
		last = s.next()
		got = append(got, last.Kind+" "+last.IRI)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		s.t.Error(diff)
	}
	return last
}

func (s *stream) ended() bool {
	for {
		select {
		case _, open := <-s.events:
			if !open {
				return true
			}
		case <-time.After(5 * time.Second):
			return false
		}
	}
}

// serve is a real server with the limits of one, but shorter, so that a stream outlives them within the test.
func (n *node) serve() string {
	n.t.Helper()
	server := httptest.NewUnstartedServer(n.api)
	limits := api.Server(n.api)
	server.Config.ReadHeaderTimeout, server.Config.MaxHeaderBytes = limits.ReadHeaderTimeout, limits.MaxHeaderBytes
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	n.t.Cleanup(server.Close)
	return server.URL
}

func TestStreamOfChanges(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.settle()
	server := n.serve()
	s := n.stream(server, "/v1/changes?provider=uni.example&what=course")
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "X-Accel-Buffering": "no", "Cache-Control": "no-store", "Content-Encoding": "", "Access-Control-Allow-Origin": "*",
	} {
		if got := s.response.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	first, second := s.next(), s.next()
	if first.Kind != "added" || second.Kind != "added" || first.Provider != "uni.example" || second.Provider != "uni.example" {
		t.Errorf("%+v, %+v", first, second)
	}
	time.Sleep(500 * time.Millisecond) // longer than the limits of other answers
	n.publish(n.self, titled("urn:x:1", "One", 1))
	s.wants("added urn:x:1")
	n.publish(n.self, titled("urn:x:1", "One, again", 2))
	s.wants("changed urn:x:1")
	n.withdraw(n.self, "uni.example", "urn:x:1")
	last := s.wants("withdrawn urn:x:1")
	again := n.stream(server, "/v1/changes?since=now", "Last-Event-ID", second.Cursor)
	again.wants("withdrawn urn:x:1")
	live := n.stream(server, "/v1/changes", "Last-Event-ID", last.Cursor)
	n.publish(n.self, titled("urn:x:2", "Two", 3))
	live.wants("added urn:x:2")
	again.wants("added urn:x:2")
	n.stop()
	for i, s := range []*stream{s, again, live} {
		if !s.ended() {
			t.Errorf("stream %d goes on after the node stopped", i)
		}
	}
}

// A quiet stream shows that it lives and how far it is, so that a filter that nothing passes does not let the position
// grow old.
func TestHeartbeat(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.api.Heartbeat(20 * time.Millisecond)
	n.settle()
	s := n.stream(n.serve(), "/v1/changes?provider=silent.example")
	var beats []string
	for e := range s.events {
		if e.data != "" || e.kind != "" {
			t.Errorf("%+v", e)
		}
		if e.id != "" {
			if beats = append(beats, e.id); len(beats) == 3 {
				break
			}
		}
	}
	if want := n.changes("/v1/changes").Cursor; len(beats) != 3 || beats[0] != want || beats[2] != want {
		t.Errorf("heartbeats %v, want %s", beats, want)
	}
}

// TestThreat22Streams: streams are limited in all and for one client; a slow one holds nobody up and costs no memory,
// since nothing is queued for it.
func TestThreat22Streams(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.settle()
	server := n.serve()
	address := strings.TrimPrefix(server, "http://")
	for range 20 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /v1/changes HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")
		status := make([]byte, len("HTTP/1.1 200"))
		if _, err := io.ReadFull(c, status); err != nil || string(status) != "HTTP/1.1 200" {
			t.Fatalf("%q, %v", status, err)
		} // and never reads on
	}
	r, err := http.NewRequest(http.MethodGet, server+"/v1/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	refused, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer refused.Body.Close()
	if refused.StatusCode != http.StatusTooManyRequests || refused.Header.Get("Retry-After") == "" {
		t.Fatalf("the stream too many of one client: %+v", refused)
	}
	began := time.Now()
	n.publish(n.self, titled("urn:x:1", "One", 1))
	n.settle()
	if got := told(n.changes("/v1/changes?since=now")); len(got) != 0 || time.Since(began) > 5*time.Second {
		t.Errorf("beside slow streams: %v after %v", got, time.Since(began))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	codes := map[int]int{}
	for i := range 40 { // others' addresses, 20 are open
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/changes", nil)
		r.Header.Set("Accept", "text/event-stream")
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", i)
		w := &headerOnly{header: http.Header{}, code: make(chan int, 1)}
		done := make(chan struct{})
		go func() {
			defer close(done)
			n.api.ServeHTTP(w, r)
		}()
		t.Cleanup(func() { cancel(); <-done })
		codes[<-w.code]++
	}
	if codes[http.StatusOK] != 10 || codes[http.StatusServiceUnavailable] != 30 {
		t.Errorf("of 40 clients beside 20 streams, with 30 allowed: %v", codes)
	}
}

// A client that takes nothing in loses its stream.
func TestStreamOfAClientThatDoesNotRead(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.api.PatienceWithClients(300 * time.Millisecond)
	n.settle()
	pipes := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := api.Server(n.api)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(pipes) })
	defer serving.Wait()
	defer server.Close()
	near, far := net.Pipe() // without a buffer between them
	defer near.Close()
	pipes.conns <- far
	if _, err := io.WriteString(near, "GET /v1/changes HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		deadline := time.Now().Add(10 * time.Second)
		for n.api.OpenStreams() != want && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
		if got := n.api.OpenStreams(); got != want {
			t.Fatalf("%d streams are open, want %d", got, want)
		}
	}
}

// pipeListener accepts what it is given.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// headerOnly is a client that takes anything and tells the status.
type headerOnly struct {
	header http.Header
	code   chan int
}

func (w *headerOnly) Header() http.Header         { return w.header }
func (w *headerOnly) Write(b []byte) (int, error) { return len(b), nil }
func (w *headerOnly) WriteHeader(code int)        { w.code <- code }
func (w *headerOnly) Flush()                      {}

// HEAD of a stream has an end.
func TestHeadOfAStream(t *testing.T) {
	t.Parallel()
	n := sample(t)
	n.settle()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodHead, "/v1/changes", nil)
	r.Header.Set("Accept", "text/event-stream")
	n.api.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Errorf("%d", w.Code)
	}
}

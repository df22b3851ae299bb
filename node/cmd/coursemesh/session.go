package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node"
)

// session talks to the node of a data directory: to the one that runs, through its admin socket, else to
// one opened for this command alone. Commands see no difference.
type session struct {
	client *http.Client
	close  func() error
}

func (o *options) session(config node.Config) (*session, error) {
	if s, running := connected(config); running {
		return s, nil
	}
	n, err := node.Open(config, version, o.log(slog.LevelWarn))
	if err != nil {
		return nil, err
	}
	return &session{client: &http.Client{Transport: inProcess{n.Admin()}}, close: n.Close}, nil
}

// connected is a session with the node that runs on the data directory, if one does.
func connected(config node.Config) (*session, bool) {
	socket := filepath.Join(config.DataDir, node.AdminSocket)
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, false
	}
	_ = conn.Close()
	return &session{client: socketClient(socket), close: func() error { return nil }}, true
}

func socketClient(path string) *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial}}
}

// inProcess answers requests by a handler in this process, streaming the body.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	reader, writer := io.Pipe()
	w := &streamed{header: http.Header{}, body: writer, ready: make(chan *http.Response, 1), reader: reader, request: r}
	go func() {
		t.handler.ServeHTTP(w, r)
		w.WriteHeader(http.StatusOK)
		_ = writer.Close()
	}()
	select {
	case resp := <-w.ready:
		return resp, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// streamed is the response writer of an inProcess request; one handler goroutine writes it.
type streamed struct {
	header  http.Header
	body    *io.PipeWriter
	reader  *io.PipeReader
	ready   chan *http.Response
	request *http.Request
	sent    bool
}

func (w *streamed) Header() http.Header { return w.header }
func (w *streamed) Flush()              {}

func (w *streamed) WriteHeader(status int) {
	if w.sent {
		return
	}
	w.sent = true
	w.ready <- &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header.Clone(), Body: w.reader, ContentLength: -1, Request: w.request,
	}
}

func (w *streamed) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// host is in the URL of requests that never leave the machine.
const host = "http://localhost"

// get reads JSON from the public side.
func (s *session) get(ctx context.Context, path string, into any) error {
	body, err := s.raw(ctx, path, "application/json")
	if err != nil {
		return err
	}
	return json.Unmarshal(body, into)
}

// raw reads whatever the public side answers with status 200.
func (s *session) raw(ctx context.Context, path, accept string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, host+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", accept)
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = failed(resp.StatusCode, body)
	}
	return body, err
}

// failed turns a problem document or an AdminError into an error with an exit code.
func failed(status int, body []byte) error {
	var said struct {
		Title, Detail, Message string
		Exit                   int
	}
	_ = json.Unmarshal(body, &said) // an answer that is no JSON leaves the status
	message := fmt.Sprintf("the node answers with status %d", status)
	for _, text := range []string{said.Message, said.Detail, said.Title} {
		if text != "" {
			message = text
			break
		}
	}
	if said.Exit == 0 {
		said.Exit = map[int]int{
			http.StatusNotFound: api.ExitNotFound, http.StatusBadRequest: api.ExitUsage,
			http.StatusForbidden: api.ExitDenied, http.StatusConflict: api.ExitConflict,
		}[status]
	}
	if said.Exit == 0 {
		said.Exit = api.ExitFailure
	}
	return &api.AdminError{Message: message, Exit: said.Exit}
}

// post sends an admin request.
func (s *session) post(ctx context.Context, path string, request any) (*http.Response, error) {
	data, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, host+path, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return s.client.Do(req)
}

// act sends an admin request and decodes its answer.
func (s *session) act(ctx context.Context, path string, request, into any) error {
	resp, err := s.post(ctx, path, request)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return failed(resp.StatusCode, body)
	}
	return json.Unmarshal(body, into)
}

// with opens a session for the time of one action on a node that is there.
func (o *options) with(action func(*session) error) error {
	config, err := o.home()
	if err != nil {
		return err
	}
	return o.within(config, action)
}

// withNew is with for commands that may be the first of a node: it makes the data directory.
func (o *options) withNew(action func(*session) error) error {
	config, _, err := o.load()
	if err != nil {
		return err
	}
	return o.within(config, action)
}

// aside is for commands that look without keeping anything: where there is no data directory they have one for their own
// time, which leave removes.
func (o *options) aside() (leave func() error, err error) {
	config, _, err := o.load()
	if err != nil || exists(config.DataDir) {
		return func() error { return nil }, err
	}
	dir, err := os.MkdirTemp("", "coursemesh-")
	if err != nil {
		return nil, err
	}
	o.dataDir = dir
	return func() error { return os.RemoveAll(dir) }, nil
}

func (o *options) within(config node.Config, action func(*session) error) error {
	s, err := o.session(config)
	if err != nil {
		return err
	}
	return errors.Join(action(s), s.close())
}

// ready waits until everything stored can be searched.
func (s *session) ready(ctx context.Context) error {
	var none struct{}
	return s.act(ctx, "/v1/admin/ready", none, &none)
}

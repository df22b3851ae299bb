package testserver

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
)

// Reply is an answer that went over no network.
type Reply struct {
	Status int
	Header http.Header
	Body   bytes.Buffer
}

// Ask hands a GET of the URL to the handler directly, for measurements in which the network has no part.
func Ask(ctx context.Context, h http.Handler, address string) (*Reply, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	reply := &Reply{Header: http.Header{}}
	h.ServeHTTP(recorder{reply}, r)
	return reply, nil
}

// recorder writes into a reply.
type recorder struct{ to *Reply }

func (r recorder) Header() http.Header { return r.to.Header }

func (r recorder) WriteHeader(status int) {
	if r.to.Status == 0 {
		r.to.Status = status
	}
}

func (r recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.to.Body.Write(b)
}

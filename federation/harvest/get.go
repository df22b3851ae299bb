package harvest

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// get is what an adapter fetches with: the manifest's headers and query parameters on every request,
// conditional where one document is the whole source, and a snapshot of what came.
func (r *run) get(ctx context.Context, address string) (*adapters.Response, error) {
	if r.file != "" {
		return r.open(address)
	}
	target, err := withParameters(address, r.spec.QueryParameters)
	if err != nil {
		return nil, err
	}
	request := fetch.Request{URL: target, Header: http.Header{}}
	if a, ok := r.h.cfg.Adapters[r.state.Spec.Type].(adapters.Accepting); ok {
		request.Header.Set("Accept", a.Accept())
	}
	for name, value := range r.spec.Headers {
		request.Header.Set(name, value)
	}
	if r.single() {
		request.ETag, request.LastModified = r.state.ETag, r.state.Modified
	}
	resp, err := r.pass.Do(ctx, request)
	if err != nil {
		return nil, err
	}
	return r.answer(address, resp)
}

func (r *run) answer(address string, resp *fetch.Response) (*adapters.Response, error) {
	if resp.Status == http.StatusNotModified {
		_ = resp.Body.Close()
		return nil, adapters.ErrUnchanged
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // malformed: none
	if resp.Status < 200 || resp.Status > 299 {
		err := &adapters.StatusError{URL: address, Code: resp.Status}
		if media == "application/problem+json" {
			err.Problem, _ = io.ReadAll(io.LimitReader(resp.Body, problemCap)) // of what came
		}
		_ = resp.Body.Close()
		return nil, err
	}
	if r.trial != nil {
		return &adapters.Response{URL: resp.URL, MediaType: media, Header: resp.Header, Body: r.trial.counted(address, resp.Body)}, nil
	}
	body, err := r.fetched.keep(r.h.cfg.Dir, resp.URL, resp.Header, resp.Body)
	if err != nil {
		_ = resp.Body.Close()
		return nil, &storageError{err}
	}
	return &adapters.Response{URL: resp.URL, MediaType: media, Header: resp.Header, Body: body}, nil
}

const problemCap = 8 << 10 // bytes kept of a problem document

// open reads a local file that stands for the source.
func (r *run) open(address string) (*adapters.Response, error) {
	if address != r.state.Spec.Path {
		return nil, fmt.Errorf("%s: a local file is one document; harvest the URL to read an API", address)
	}
	f, err := os.Open(r.file)
	if err != nil {
		return nil, err
	}
	return &adapters.Response{URL: address, Header: http.Header{}, Body: f}, nil
}

// single says that one document is the whole source and was mapped by this version of the adapter, so
// that its 304 means that nothing changed.
func (r *run) single() bool {
	return r.state.Spec.Type == "elm" && !r.state.Complete.IsZero() && r.state.Mapping == r.mapping()
}

func (r *run) mapping() string {
	if a, ok := r.h.cfg.Adapters[r.state.Spec.Type]; ok {
		return a.Mapping()
	}
	return ""
}

// withParameters appends the manifest's query parameters, keeping what the address has; its own win.
func withParameters(address string, parameters map[string][]string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	own := u.Query()
	extra := url.Values{}
	for name, values := range parameters {
		if !own.Has(name) {
			extra[name] = values
		}
	}
	if len(extra) == 0 {
		return address, nil
	}
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+extra.Encode(), "&")
	return u.String(), nil
}

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
// conditional where an earlier answer is held, and a snapshot of what came.
func (r *run) get(ctx context.Context, address string) (*adapters.Response, error) {
	if r.file != "" {
		return r.open(address)
	}
	target := address
	if r.ours(address) {
		var err error
		if target, err = withParameters(address, r.spec.QueryParameters); err != nil {
			return nil, err
		}
	}
	if r.trial == nil {
		return r.kept(ctx, address, target)
	}
	resp, err := r.pass.Do(ctx, r.request(http.MethodGet, target))
	if err != nil {
		return nil, err
	}
	if err := refused(address, resp); err != nil {
		return nil, err
	}
	return r.response(resp, address, r.trial.counted(address, resp.Body)), nil
}

// request carries what the manifest wants on every request.
func (r *run) request(method, target string) fetch.Request {
	request := fetch.Request{Method: method, URL: target, Header: http.Header{}}
	if a, ok := r.h.cfg.Adapters[r.state.Spec.Type].(adapters.Accepting); ok {
		request.Header.Set("Accept", a.Accept())
	}
	if r.ours(target) {
		for name, value := range r.spec.Headers {
			request.Header.Set(name, value)
		}
	}
	return request
}

// ours says that an address lies where the manifest says: its headers and parameters, which may be keys, are
// for nobody else.
func (r *run) ours(address string) bool {
	there, err := url.Parse(address)
	here, also := url.Parse(r.spec.Path)
	return err == nil && also == nil && strings.EqualFold(there.Scheme, here.Scheme) && strings.EqualFold(there.Host, here.Host)
}

func mediaOf(h http.Header) string {
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type")) // malformed: none
	return media
}

const problemCap = 8 << 10 // bytes kept of a problem document

// refused closes an answer outside 2xx and makes an error of it.
func refused(address string, resp *fetch.Response) error {
	if resp.Status >= 200 && resp.Status <= 299 {
		return nil
	}
	err := &adapters.StatusError{URL: address, Code: resp.Status}
	if mediaOf(resp.Header) == "application/problem+json" {
		err.Problem, _ = io.ReadAll(io.LimitReader(resp.Body, problemCap)) // of what came
	}
	_ = resp.Body.Close()
	return err
}

func (r *run) response(resp *fetch.Response, address string, body io.ReadCloser) *adapters.Response {
	return &adapters.Response{URL: r.landed(resp.URL, address), MediaType: mediaOf(resp.Header), Header: resp.Header, Body: body}
}

// landed is where an answer came from, for places in messages: without the manifest's query parameters, which
// may be keys.
func (r *run) landed(final, address string) string {
	if len(r.spec.QueryParameters) == 0 {
		return final
	}
	own, err := url.Parse(address)
	u, finalErr := url.Parse(final)
	if err != nil || finalErr != nil {
		return address
	}
	query := u.Query()
	for name := range r.spec.QueryParameters {
		if !own.Query().Has(name) {
			query.Del(name)
		}
	}
	if u.Host == own.Host && u.EscapedPath() == own.EscapedPath() {
		return address
	}
	u.RawQuery = query.Encode()
	return u.String()
}

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

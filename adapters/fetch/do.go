package fetch

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Do sends one request, following at most 5 redirects, never https to http, each hop checked anew. Headers beyond
// the harmless ones are dropped at the first hop to another origin. 429 and 5xx answers and broken connections are
// retried (GET and HEAD), as Retry-After says and within Limits.Retries; then the last answer is returned. Errors say
// what was refused and which setting would allow it; they wrap ErrRefused when a guard spoke.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	r.Method = either(r.Method, http.MethodGet)
	first, err := parseTarget(r.URL)
	if err != nil {
		return nil, err
	}
	patience := c.patience(r)
	for {
		response, err := c.follow(ctx, r, first)
		wait, again := patience.next(response, err)
		if !again {
			return response, err
		}
		if response != nil {
			_ = response.Body.Close()
		}
		c.config.Log.Info("fetch: trying again", "url", Shown(first), "wait", wait)
		if err := sleep(ctx, wait); err != nil {
			return nil, fmt.Errorf("%s: %w", Shown(first), err)
		}
	}
}

// parseTarget brings the host into its one spelling. A parse error would quote the query, so it is not shown.
func parseTarget(text string) (*url.URL, error) {
	if len(text) > maxURL {
		return nil, fmt.Errorf("%w: a URL longer than %d characters", ErrRefused, maxURL)
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: not a URL", ErrRefused)
	}
	return checkTarget(u)
}

func checkTarget(u *url.URL) (*url.URL, error) {
	switch {
	case u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		return nil, fmt.Errorf("%w: %q is no absolute http or https URL", ErrRefused, u.Scheme+":")
	case u.User != nil:
		return nil, fmt.Errorf("%w: a user name in the URL of %s", ErrRefused, u.Hostname())
	}
	clean := *u
	clean.Fragment, clean.RawFragment = "", ""
	clean.Host = joinPort(hostKey(u.Hostname()), u)
	return &clean, nil
}

// joinPort drops the port that the scheme implies.
func joinPort(host string, u *url.URL) string {
	port := u.Port()
	if port != "" && port != urlPort(&url.URL{Scheme: u.Scheme}) {
		return net.JoinHostPort(host, port)
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// hop is one request of a chain.
type hop struct {
	url    *url.URL
	method string
	header http.Header
	body   []byte
	secure bool // this hop and all before it
}

func (c *Client) follow(ctx context.Context, r Request, first *url.URL) (*Response, error) {
	h := hop{url: first, method: r.Method, header: requestHeader(r), body: r.Body, secure: c.secure(first)}
	for redirects := 0; ; redirects++ {
		response, err := c.send(ctx, r, h)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", Shown(h.url), err)
		}
		location := redirectTo(response)
		if location == "" {
			return response, nil
		}
		_ = response.Body.Close()
		if redirects == maxRedirects {
			return nil, fmt.Errorf("%s: %w: more than %d redirects", Shown(first), ErrRefused, maxRedirects)
		}
		if h, err = c.redirected(r, h, response.Status, location); err != nil {
			return nil, err
		}
	}
}

// requestHeader leaves out what is the client's own business.
func requestHeader(r Request) http.Header {
	header := r.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	for _, own := range []string{"Host", "User-Agent", "Accept-Encoding", "Connection", "Content-Length", "Transfer-Encoding"} {
		header.Del(own)
	}
	if r.ETag != "" {
		header.Set("If-None-Match", r.ETag)
	}
	if r.LastModified != "" {
		header.Set("If-Modified-Since", r.LastModified)
	}
	return header
}

func redirectTo(r *Response) string {
	switch r.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return r.Header.Get("Location")
	}
	return ""
}

// harmless headers may follow a redirect to another origin; any other may be a credential.
var harmless = []string{"Accept", "Accept-Language", "If-None-Match", "If-Modified-Since"}

// redirected is the next hop, or the reason why there is none.
func (c *Client) redirected(r Request, h hop, status int, location string) (hop, error) {
	refuse := func(reason string) (hop, error) {
		return hop{}, fmt.Errorf("%s: %w: redirect %s", Shown(h.url), ErrRefused, reason)
	}
	if len(location) > maxURL {
		return refuse("to a URL that is too long")
	}
	relative, err := url.Parse(location)
	if err != nil {
		return refuse("to what is no URL")
	}
	next, err := checkTarget(h.url.ResolveReference(relative))
	if err != nil {
		return hop{}, fmt.Errorf("%s: redirect: %w", Shown(h.url), err)
	}
	sameOrigin := next.Scheme == h.url.Scheme && next.Host == h.url.Host
	switch {
	case c.secure(h.url) && !c.secure(next):
		return refuse("from https to http")
	case !sameOrigin && r.SameOrigin:
		return refuse("to another origin, " + next.Scheme + "://" + next.Host + ", with credentials; name the final address in the manifest")
	}
	h.url, h.secure = next, h.secure && c.secure(next)
	if !sameOrigin {
		h.header = only(h.header, harmless)
	}
	return h.withMethod(status, sameOrigin, refuse)
}

// withMethod: only 307 and 308 send a body again, and no body goes to another origin.
func (h hop) withMethod(status int, sameOrigin bool, refuse func(string) (hop, error)) (hop, error) {
	repeats := status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect
	switch {
	case repeats && !sameOrigin && len(h.body) > 0:
		return refuse("of a request with a body to another origin")
	case !repeats && h.method != http.MethodHead:
		h.method, h.body = http.MethodGet, nil
		h.header = h.header.Clone()
		h.header.Del("Content-Type")
	}
	return h, nil
}

func only(header http.Header, names []string) http.Header {
	kept := http.Header{}
	for _, name := range names {
		if values := header.Values(name); len(values) > 0 {
			kept[name] = values
		}
	}
	return kept
}

// secure: https, or what the operator's own table lets count as https.
func (c *Client) secure(u *url.URL) bool {
	_, mapped := c.mapped(u)
	return mapped || u.Scheme == "https"
}

// send makes one request when it is polite to, and ties the answer's body to all that it holds.
func (c *Client) send(ctx context.Context, r Request, h hop) (*Response, error) {
	done, err := c.manners.wait(ctx, h.url.Hostname())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	total := time.AfterFunc(c.config.Limits.Total, func() {
		cancel(errTotal)
		done() // even when the caller never closes the body
	})
	release := sync.OnceFunc(func() {
		total.Stop()
		cancel(nil)
		done()
	})
	started := time.Now()
	raw, err := c.transport.RoundTrip(c.outgoing(ctx, h))
	if err != nil {
		err = either(context.Cause(ctx), err)
		release()
		return nil, err
	}
	c.manners.heed(h.url.Hostname(), raw.StatusCode, raw.Header)
	c.config.Log.Debug("fetch", "method", h.method, "url", Shown(h.url), "status", raw.StatusCode, "took", time.Since(started))
	content, err := c.content(ctx, cancel, r, h, raw, release)
	if err != nil {
		_ = raw.Body.Close()
		release()
		return nil, err
	}
	return &Response{URL: h.url.String(), Status: raw.StatusCode, Header: raw.Header, Body: content, CountsAsHTTPS: h.secure}, nil
}

// outgoing is the request as the transport sends it: to the mapped origin if there is one, under the public name.
func (c *Client) outgoing(ctx context.Context, h hop) *http.Request {
	to := *h.url
	if o, ok := c.mapped(h.url); ok {
		to.Scheme, to.Host = o.scheme, o.hostPort(h.url.Hostname())
	}
	header := h.header.Clone()
	header.Set("User-Agent", c.agent)
	header.Set("Accept-Encoding", acceptEncoding)
	request := (&http.Request{
		Method: h.method, URL: &to, Host: h.url.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if len(h.body) > 0 {
		request.Body = io.NopCloser(bytes.NewReader(h.body))
		request.ContentLength = int64(len(h.body))
	}
	return request
}

// content wraps the raw body in caps and decompression, and reads its beginning.
func (c *Client) content(ctx context.Context, cancel context.CancelCauseFunc, r Request, h hop, raw *http.Response, release func()) (io.ReadCloser, error) {
	sent := either(r.MaxBytes, c.config.MaxBytes)
	w := newWire(ctx, cancel, raw.Body, c.config.Limits.Idle, sent)
	b := &body{decoded: w, wire: w, max: either(r.MaxBytes, c.config.Limits.Decoded), place: Shown(h.url), release: release}
	if bodiless(h.method, raw.StatusCode) {
		return prefetch(b)
	}
	if raw.ContentLength > sent {
		b.fail(tooLarge(sent)) // shown when the body is read, so that the caller learns the status first
		return b, nil
	}
	var err error
	if b.decoded, b.packed, err = decoder(raw.Header.Get("Content-Encoding"), w); err != nil {
		return nil, err
	}
	if b.packed {
		raw.Header.Del("Content-Encoding")
		raw.Header.Del("Content-Length")
	}
	return prefetch(b)
}

// Shown is a URL for messages and logs: without query, fragment and user, where secrets are.
func Shown(u *url.URL) string {
	path := u.EscapedPath()
	if len(path) > 200 {
		path = path[:200] + "..."
	}
	return u.Scheme + "://" + u.Host + path
}

// Package detect tells which standard lies at an address that nobody described: it looks at the document
// there, then asks for what each standard serves below its root, with as few requests as it can.
//
// It judges by field names that only one standard has, never by media types or file endings, which servers
// get wrong. It reads the beginning of documents only. What it says is a guess for a person to confirm in a
// manifest; the adapters judge the version of what they read for themselves.
package detect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// ErrUnknown says that no standard was recognised; the text names what was tried.
var ErrUnknown = errors.New("no standard recognised")

// Found is what lies at an address.
type Found struct {
	Type    string // elm, ooapi, edu-api, occapi; manifest
	Version string // "" when it does not show
	Path    string // for the manifest's path: the API's root, also when one of its collections was given
	Reason  string // what gave it away

	Collection string // that the document is a page or an entry of, in the standard's terms; "" when it does not show
	Body       []byte // beginning of the document at the address, without a byte order mark
}

// Manifest is the Type of a document that announces sources.
const Manifest = "manifest"

// beginning of a document that is looked at; a manifest is no longer.
const beginning = 1 << 20

// Source finds out what lies at the address. provider helps with standards whose paths name the institution.
// Errors are ErrUnknown with the reasons, or the failure of the first request.
func Source(ctx context.Context, get adapters.Get, address, provider string) (Found, error) {
	first, err := look(ctx, get, address)
	if found, ok := judge(first, address, provider); ok {
		found.Body = first
		return found, nil
	}
	var status *adapters.StatusError
	if err != nil && (!errors.As(err, &status) || status.Code == 401 || status.Code == 403) {
		return Found{}, err // a server that answers may well have nothing at its root
	}
	tried := []string{outcome(address, first, err)}
	for _, p := range probes(address, provider) {
		body, err := look(ctx, get, p)
		if ctx.Err() != nil {
			return Found{}, ctx.Err()
		}
		if found, ok := judge(body, p, provider); ok && found.Type != Manifest && found.Type != "elm" {
			return found, nil
		}
		tried = append(tried, outcome(p, body, err))
	}
	return Found{Body: first}, fmt.Errorf("%s: %w; tried %s", shown(address), ErrUnknown, strings.Join(tried, ", "))
}

// look reads the beginning of a document.
func look(ctx context.Context, get adapters.Get, address string) ([]byte, error) {
	response, err := get(ctx, address)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, beginning))
	return bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff"))), err
}

func outcome(address string, body []byte, err error) string {
	var status *adapters.StatusError
	switch {
	case errors.As(err, &status):
		return fmt.Sprintf("%s (status %d)", path(address), status.Code)
	case err != nil:
		return path(address) + " (no answer)"
	case len(body) == 0:
		return path(address) + " (empty)"
	case isWebPage(body):
		return path(address) + " (a web page)"
	}
	return path(address) + " (something else)"
}

// path and shown are what messages show of an address; its query may hold keys.
func path(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.EscapedPath()
}

func shown(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}

// probes are what the standards serve below their roots, the commonest first.
func probes(address, provider string) []string {
	list := []string{
		below(address, "pageNumber=1&pageSize=10", "courses"),
		below(address, "limit=1", "courseTemplates"),
	}
	if provider != "" {
		list = append(list, below(address, "", "hei", provider))
	}
	return append(list, below(address, "pageNumber=1&pageSize=10", "programmes"), below(address, "", "course"))
}

// below joins an address, taken as a directory, with segments; its own query stays.
func below(address, query string, segments ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u = u.JoinPath(segments...)
	u.RawQuery = strings.Trim(u.RawQuery+"&"+query, "&")
	return u.String()
}

func isWebPage(body []byte) bool {
	begin := bytes.ToLower(body[:min(len(body), 512)])
	return bytes.HasPrefix(begin, []byte("<!doctype html")) || bytes.HasPrefix(begin, []byte("<html")) ||
		bytes.HasPrefix(begin, []byte("<?xml")) && bytes.Contains(begin, []byte("<html"))
}

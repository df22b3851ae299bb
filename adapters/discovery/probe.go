package discovery

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
)

// maxReason keeps foreign text in probes short.
const maxReason = 300

// prober asks one place after the other until a manifest is found, and writes down what happened.
type prober struct {
	client         *fetch.Client
	previous       Previous
	requireSources bool
	result         Result
}

func (p *prober) done() bool { return p.result.ManifestURL != "" }

func (p *prober) record(domain, method, address, outcome, reason string) {
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + "..."
	}
	p.result.Probes = append(p.result.Probes, Probe{domain, method, address, outcome, reason})
}

// dns probes the targets that a name's TXT records announce.
func (p *prober) dns(ctx context.Context, domain string) {
	if p.done() {
		p.record(domain, methodDNS, "", NotTried, p.because())
		return
	}
	records, err := p.client.LookupTXT(ctx, domain)
	if err != nil {
		p.record(domain, methodDNS, "", Error, err.Error())
		return
	}
	announced := targets(records)
	if len(announced) == 0 {
		p.record(domain, methodDNS, "", NotFound, fmt.Sprintf("no usable %s record among %d TXT records", txtVersion, len(records)))
	}
	for _, target := range announced {
		p.probe(ctx, domain, methodDNS, target)
	}
}

func (p *prober) wellKnown(ctx context.Context, domain string) {
	for _, address := range WellKnownURLs(domain) {
		p.probe(ctx, domain, methodWellKnown, address)
	}
}

func (p *prober) because() string { return "a manifest was found at " + p.result.ManifestURL }

// probe asks one address, unless a manifest is known already.
func (p *prober) probe(ctx context.Context, domain, method, address string) {
	if p.done() {
		p.record(domain, method, address, NotTried, p.because())
		return
	}
	response, err := p.client.Do(ctx, p.request(address))
	if err != nil {
		p.record(domain, method, address, Error, err.Error())
		return
	}
	defer func() { _ = response.Body.Close() }()
	outcome, reason := p.judge(response, address)
	if outcome == Found {
		p.result.ManifestURL = address
		p.result.Header = validators(response.Header)
		if p.result.Unchanged && p.result.Header["etag"]+p.result.Header["last-modified"] == "" {
			p.result.Header = map[string]string{"etag": p.previous.ETag, "last-modified": p.previous.LastModified}
		}
		if response.URL != address {
			reason = "redirected to " + withoutQuery(response.URL)
		}
	}
	p.record(domain, method, address, outcome, reason)
}

// request makes one attempt: whoever searches comes again anyway.
func (p *prober) request(address string) fetch.Request {
	request := fetch.Request{
		URL: address, MaxBytes: federation.MaxManifest, NoRetry: true,
		Header: http.Header{"Accept": {"application/json, application/yaml;q=0.9, */*;q=0.5"}},
	}
	if address == p.previous.ManifestURL {
		request.ETag, request.LastModified = p.previous.ETag, p.previous.LastModified
	}
	return request
}

// withoutQuery: probes are public, and storage services redirect to addresses that hold a key.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "another address"
	}
	return fetch.Shown(u)
}

func validators(header http.Header) map[string]string {
	return map[string]string{"etag": header.Get("ETag"), "last-modified": header.Get("Last-Modified")}
}

// judge keeps a manifest, and otherwise says why the answer is none.
func (p *prober) judge(response *fetch.Response, address string) (outcome, reason string) {
	asked := address == p.previous.ManifestURL && p.previous != Previous{ManifestURL: address}
	switch {
	case response.Status == http.StatusNotModified && asked:
		p.result.Unchanged = true
		return Found, "not modified"
	case response.Status == http.StatusNotFound || response.Status == http.StatusGone:
		return NotFound, fmt.Sprintf("HTTP status %d", response.Status)
	case response.Status < 200 || response.Status > 299:
		return Error, fmt.Sprintf("HTTP status %d", response.Status)
	}
	return p.parse(response, address)
}

func (p *prober) parse(response *fetch.Response, address string) (outcome, reason string) {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		if refused(err) {
			return NotParsable, err.Error()
		}
		return Error, err.Error()
	}
	manifest, err := federation.ParseManifest(body, p.requireSources)
	if err != nil {
		p.refuse(address, body)
		return NotParsable, err.Error()
	}
	p.result.Manifest, p.result.Body = &manifest, body
	return Found, ""
}

// refuse keeps what was meant as a manifest; many servers answer every address with a web page.
func (p *prober) refuse(address string, body []byte) {
	if first := p.result.Refused; first == nil || isPage(first.Body) && !isPage(body) {
		p.result.Refused = &Refused{address, body}
	}
}

func isPage(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) }

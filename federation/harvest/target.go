package harvest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
)

// ErrTarget says that what was given by hand cannot be harvested as it is.
var ErrTarget = errors.New("cannot be harvested")

// Target harvests a DOMAIN, or a manifest, data file or URL given by hand. provider says for whom
// something given by hand speaks; a domain speaks for itself.
func (h *Harvester) Target(ctx context.Context, target, provider string, opts Options) (Report, error) {
	isURL := strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
	_, missing := os.Stat(target)
	if !isURL && missing != nil {
		return h.domainTarget(ctx, target, provider, opts)
	}
	if provider == "" {
		return Report{}, fmt.Errorf("%s %w without --provider DOMAIN, which says for whom it speaks", target, ErrTarget)
	}
	domain, err := federation.NormaliseDomain(provider)
	if err != nil && !federation.ValidProvider(provider) {
		return Report{}, fmt.Errorf("%s %w: --provider %s: %v", target, ErrTarget, provider, err)
	}
	if err != nil {
		domain = provider
	}
	defer h.lock(domain)()
	a, err := h.byHand(ctx, target, domain, isURL)
	if err != nil {
		return Report{}, err
	}
	return h.manifest(ctx, a, opts)
}

func (h *Harvester) domainTarget(ctx context.Context, target, provider string, opts Options) (Report, error) {
	domain, err := federation.NormaliseDomain(target)
	if err != nil {
		return Report{}, fmt.Errorf("%s %w: it is neither a file here, nor a URL, nor a domain (%v)", target, ErrTarget, err)
	}
	if provider != "" && provider != domain {
		return Report{}, fmt.Errorf("%s %w for %s: there is no such file here, and a domain speaks for itself, without --provider", target, ErrTarget, provider)
	}
	return h.Domain(ctx, domain, opts)
}

// byHand makes the announcement of something given by hand: a manifest says itself what to read;
// anything else is one source.
func (h *Harvester) byHand(ctx context.Context, target, domain string, isURL bool) (announcement, error) {
	if !isURL {
		return localAnnouncement(target, domain)
	}
	body, media, err := h.peek(ctx, target)
	if err != nil {
		return announcement{}, err
	}
	m, err := federation.ParseManifest(body, true)
	if err == nil {
		return announcement{domain: domain, manifest: m, partial: true}, nil
	}
	if meantAsManifest(body) {
		return announcement{}, fmt.Errorf("%s: %w", target, err)
	}
	spec := federation.ManifestSource{Type: "elm", Path: target, ContentType: ""}
	if looksLikeAPI(body, media) {
		spec.Type, spec.Version = "ooapi", "5"
	}
	return single(domain, spec, ""), nil
}

const manifestCap = 1 << 20 // bytes of a manifest; a longer document is no manifest

// localAnnouncement reads a file: a manifest, else a document of courses. The document's name is all that
// records say of where it lay.
func localAnnouncement(file, domain string) (announcement, error) {
	f, err := os.Open(file)
	if err != nil {
		return announcement{}, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, manifestCap+1))
	if err != nil {
		return announcement{}, fmt.Errorf("%s: %w", file, err)
	}
	m, err := federation.ParseManifest(body, true)
	if err == nil && len(body) <= manifestCap {
		return announcement{domain: domain, manifest: m, partial: true}, nil
	}
	if meantAsManifest(body) {
		return announcement{}, fmt.Errorf("%s: %w", file, err)
	}
	base := strings.ReplaceAll(filepath.Base(file), " ", "%20")
	return single(domain, federation.ManifestSource{Type: "elm", Path: federation.ProviderIRI(domain) + base}, file), nil
}

// sourcesKey is the key of a manifest that no document of courses has at its top.
var sourcesKey = regexp.MustCompile(`(?m)^(\{\s*"?|\s*")?sources"?\s*:(\s|[\[{]|$)`)

// meantAsManifest says that a document which is no manifest wants to be one, so that the error is the manifest's.
func meantAsManifest(body []byte) bool {
	return len(body) <= manifestCap && sourcesKey.Match(body) && !bytes.Contains(body, []byte(`"@context"`))
}

// single announces one source.
func single(domain string, spec federation.ManifestSource, file string) announcement {
	a := announcement{domain: domain, manifest: federation.Manifest{Sources: []federation.ManifestSource{spec}}, partial: true}
	if file != "" {
		a.local = map[string]string{spec.Key(): file}
	}
	return a
}

// peek fetches the beginning of a URL, to see what it is. An API root may well answer 404.
func (h *Harvester) peek(ctx context.Context, target string) ([]byte, string, error) {
	resp, err := h.cfg.Fetch.Do(ctx, fetch.Request{URL: target})
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	if resp.Status == http.StatusNotFound {
		return nil, "", nil
	}
	if resp.Status != http.StatusOK {
		return nil, "", fmt.Errorf("%s answers with status %d", target, resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, manifestCap))
	return body, resp.Header.Get("Content-Type"), err
}

// looksLikeAPI says that an answer is the root of an OOAPI service rather than a document of courses:
// nothing at all, or JSON without any keyword of JSON-LD.
func looksLikeAPI(body []byte, media string) bool {
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return true
	}
	json := strings.Contains(media, "json") || body[0] == '{'
	return json && !bytes.Contains(body, []byte(`"@`))
}

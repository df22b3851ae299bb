package harvest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
)

// ErrTarget says that what was given by hand cannot be harvested as it is.
var ErrTarget = errors.New("cannot be harvested")

// Target harvests a DOMAIN, or a manifest, data file or URL given by hand. provider says for whom
// something given by hand speaks; a domain speaks for itself.
func (h *Harvester) Target(ctx context.Context, target, provider string, opts Options) (Report, error) {
	web := isURL(target)
	_, missing := os.Stat(target)
	if !web && missing != nil {
		return h.domainTarget(ctx, target, provider, opts)
	}
	if provider == "" {
		return Report{}, fmt.Errorf("%s %w without --provider DOMAIN, which says for whom it speaks", target, ErrTarget)
	}
	domain, err := providerID(target, provider)
	if err != nil {
		return Report{}, err
	}
	defer h.lock(domain)()
	a, err := h.byHand(ctx, target, domain, web)
	if err != nil {
		return Report{}, err
	}
	report, err := h.manifest(ctx, a, opts)
	h.unlisted(&report)
	return report, err
}

func isURL(target string) bool {
	return strings.HasPrefix(target, "http://") || strings.HasPrefix(target, "https://")
}

// providerID reads --provider: a domain, or deqarinst and a number.
func providerID(target, provider string) (string, error) {
	domain, err := federation.NormaliseDomain(provider)
	switch {
	case err == nil:
		return domain, nil
	case federation.ValidProvider(provider):
		return provider, nil
	}
	return "", fmt.Errorf("%s %w: --provider %s: %v", target, ErrTarget, provider, err)
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
func (h *Harvester) byHand(ctx context.Context, target, domain string, web bool) (announcement, error) {
	if !web {
		return localAnnouncement(target, domain)
	}
	a, _, err := h.triedURL(ctx, TrialRequest{Target: target}, domain)
	return a, err
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

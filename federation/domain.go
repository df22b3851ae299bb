package federation

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxDomain is the longest domain name in text form (RFC 1035 section 3.1, without the root's dot).
const maxDomain = 253

// NormaliseDomain lower-cases, strips one trailing dot and converts to A-labels (UTS 46 lookup profile, strict
// host name rules). It refuses what names no institution: IP addresses in any spelling, single labels,
// underscores, ports, URLs and names over the limits of DNS. Every refusal wraps ErrInvalid.
func NormaliseDomain(s string) (string, error) {
	text := strings.TrimSuffix(strings.TrimSpace(s), ".")
	if text == "" {
		return "", fmt.Errorf("%w domain: empty", ErrInvalid)
	}
	if len(text) > 4*maxDomain { // spares the mapping tables for what can never fit
		return "", fmt.Errorf("%w domain: longer than %d characters", ErrInvalid, maxDomain)
	}
	if _, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return "", fmt.Errorf("%w domain %q: an IP address is no domain", ErrInvalid, text)
	}
	ascii, err := idna.Lookup.ToASCII(text)
	if err != nil || !utf8.ValidString(text) {
		return "", fmt.Errorf("%w domain %q: not a host name by UTS 46", ErrInvalid, text)
	}
	if err := checkLabels(ascii); err != nil {
		return "", err
	}
	return ascii, nil
}

// checkLabels judges a name that is already in lower-case A-labels.
func checkLabels(name string) error {
	if len(name) > maxDomain {
		return fmt.Errorf("%w domain: longer than %d characters", ErrInvalid, maxDomain)
	}
	labels := strings.Split(name, ".")
	if len(labels) < 2 {
		return fmt.Errorf("%w domain %q: a single label; write the whole name", ErrInvalid, name)
	}
	for _, label := range labels {
		if len(label) == 0 || len(label) > 63 {
			return fmt.Errorf("%w domain %q: every label has 1 to 63 characters", ErrInvalid, name)
		}
	}
	if endsInNumber(labels[len(labels)-1]) {
		return fmt.Errorf("%w domain %q: reads as an IP address", ErrInvalid, name)
	}
	return nil
}

// endsInNumber: resolvers and URL parsers read names such as 10.1 or 0x7f.1 as IPv4 addresses (WHATWG URL
// section 3.5), so a last label that is a number makes the name an address.
func endsInNumber(last string) bool {
	digits, hex := last, strings.HasPrefix(last, "0x")
	if hex {
		digits = last[2:]
	}
	for _, c := range digits {
		decimal := c >= '0' && c <= '9'
		if !decimal && (!hex || c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// RegistrableDomain is the public suffix of host plus one label: what an institution can buy. It fails for a
// host that is itself a public suffix, and for what NormaliseDomain refuses.
func RegistrableDomain(host string) (string, error) {
	name, err := NormaliseDomain(host)
	if err != nil {
		return "", err
	}
	registrable, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return "", fmt.Errorf("%w domain %q: a public suffix belongs to no single institution", ErrInvalid, name)
	}
	return registrable, nil
}

// HostOf is the normalised host name of a website, written as a URL or as a bare name; "" when it has none.
func HostOf(website string) string {
	text := strings.TrimSpace(website)
	if !strings.Contains(text, "://") {
		text = "https://" + strings.TrimPrefix(text, "//")
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	name, err := NormaliseDomain(u.Hostname())
	if err != nil {
		return ""
	}
	return name
}

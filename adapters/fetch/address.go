package fetch

import (
	"fmt"
	"net/netip"
	"strings"
)

// A network that no public server is in, and why.
type closedNetwork struct {
	prefix netip.Prefix
	reason string
}

// closedNetworks: the IANA special-purpose registries, and addresses that clouds serve secrets from. Addresses
// outside 2000::/3 need no entry, they are refused as not global.
var closedNetworks = closed(map[string]string{
	"0.0.0.0/8": "unspecified", "127.0.0.0/8": "loopback", "10.0.0.0/8": "private", "172.16.0.0/12": "private",
	"192.168.0.0/16": "private", "100.64.0.0/10": "shared by carriers", "169.254.0.0/16": "link-local",
	"192.0.0.0/24": "protocol assignments", "192.0.2.0/24": "documentation", "198.51.100.0/24": "documentation",
	"203.0.113.0/24": "documentation", "192.88.99.0/24": "6to4 relay", "198.18.0.0/15": "benchmarking",
	"224.0.0.0/4": "multicast", "240.0.0.0/4": "reserved", "168.63.129.16/32": "cloud platform service",
	"2001::/23": "protocol assignments and Teredo", "2001:db8::/32": "documentation", "2002::/16": "6to4",
	"3fff::/20": "documentation",
})

// Outside 2000::/3 these have a better name than 'not global'.
var namedNetworks = closed(map[string]string{
	"::/128": "unspecified", "::1/128": "loopback", "fc00::/7": "private", "fe80::/10": "link-local",
	"fec0::/10": "private", "ff00::/8": "multicast", "64:ff9b:1::/48": "local NAT64",
})

var (
	globalIPv6 = netip.MustParsePrefix("2000::/3")
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
)

func closed(networks map[string]string) []closedNetwork {
	var list []closedNetwork
	for prefix, reason := range networks {
		list = append(list, closedNetwork{netip.MustParsePrefix(prefix), reason})
	}
	return list
}

// Allowed says why an address may not be reached, or nil. host is the name the connection is for; it matters only
// when fetch.hosts maps it to this very address.
func (c *Client) Allowed(a netip.AddrPort, host string) error {
	address := a.Addr().Unmap().WithZone("")
	if o, ok := c.hosts[hostKey(host)]; ok && address.IsValid() && netip.AddrPortFrom(address, a.Port()) == o.address() {
		return nil
	}
	for _, prefix := range c.allow {
		if prefix.Contains(address) {
			return nil
		}
	}
	if embedded, ok := embeddedIPv4(address); ok {
		if err := c.Allowed(netip.AddrPortFrom(embedded, a.Port()), ""); err != nil {
			return fmt.Errorf("%w (%s stands for it)", err, address)
		}
	} else if reason := closedReason(address); reason != "" {
		return fmt.Errorf("%w: the address %s is %s; to allow it, list its network in fetch.allow_cidrs or its host in fetch.hosts", ErrRefused, address, reason)
	}
	if a.Port() != 80 && a.Port() != 443 {
		return fmt.Errorf("%w: port %d of %s; only 80 and 443 are asked, unless fetch.allow_cidrs or fetch.hosts allows more", ErrRefused, a.Port(), address)
	}
	return nil
}

// closedReason is "" for a public address.
func closedReason(a netip.Addr) string {
	if !a.IsValid() {
		return "no address"
	}
	for _, list := range [][]closedNetwork{closedNetworks, namedNetworks} {
		for _, n := range list {
			if n.prefix.Contains(a) {
				return n.reason
			}
		}
	}
	if a.Is6() && !globalIPv6.Contains(a) {
		return "not global"
	}
	return ""
}

// embeddedIPv4: where a gateway would deliver to an IPv4 address, that address is the one to judge. NAT64 (RFC 6052)
// with the well-known prefix, and ISATAP interface ids (RFC 5214) below any global prefix. 6to4 and Teredo
// need no decoding: they are closed altogether.
func embeddedIPv4(a netip.Addr) (netip.Addr, bool) {
	if !a.Is6() {
		return netip.Addr{}, false
	}
	b := a.As16()
	isatap := b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe && closedReason(a) == ""
	if nat64.Contains(a) || isatap {
		return netip.AddrFrom4([4]byte(b[12:])), true
	}
	return netip.Addr{}, false
}

// numericHost: resolvers take names such as 0x7f.1, 2130706433 or 017700000001 for IPv4 addresses; a public host
// name never ends in a number.
func numericHost(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	digits, hex := strings.CutPrefix(last, "0x")
	for _, c := range digits {
		if (c < '0' || c > '9') && (!hex || c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func parsePrefixes(texts []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			address, addressErr := netip.ParseAddr(strings.TrimSpace(text))
			if addressErr != nil {
				return nil, fmt.Errorf("fetch.allow_cidrs: %q is no network; write it like 192.0.2.0/24", text)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

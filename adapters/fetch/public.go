package fetch

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// insideNames end names that exist within a network only (RFC 6761, RFC 6762, RFC 9476, ICANN's .internal).
var insideNames = []string{".localhost", ".local", ".internal", ".home.arpa", ".onion", ".alt"}

// Unreachable judges a URL as a client without exemptions does.
func Unreachable(text string) string { return new(Client).Unreachable(text) }

// Unreachable says why a URL would be refused, as far as that is told without asking anybody: by its port, an address
// in the place of a name, or a name that exists inside networks only. "" when it may be asked.
func (c *Client) Unreachable(text string) string {
	u, err := parseTarget(text)
	if err != nil {
		return "not an absolute http or https URL"
	}
	if _, ok := c.mapped(u); ok {
		return ""
	}
	host := u.Hostname()
	port, err := strconv.ParseUint(urlPort(u), 10, 16)
	if err != nil {
		return "no such port"
	}
	if address, err := netip.ParseAddr(host); err == nil {
		return c.unreachableAddress(netip.AddrPortFrom(address, uint16(port)))
	}
	switch {
	case numericHost(host):
		return "its host reads as an IP address"
	case !strings.Contains(host, ".") || insideName(host):
		return "its host is known inside a network only"
	case port != 80 && port != 443 && len(c.allow) == 0:
		return fmt.Sprintf("port %d (only 80 and 443 are asked)", port)
	}
	return ""
}

func (c *Client) unreachableAddress(a netip.AddrPort) string {
	if c.Allowed(a, "") == nil {
		return ""
	}
	address := a.Addr().Unmap().WithZone("")
	if embedded, ok := embeddedIPv4(address); ok {
		address = embedded
	}
	if reason := closedReason(address); reason != "" {
		return address.String() + " is " + reason
	}
	return fmt.Sprintf("port %d of %s (only 80 and 443 are asked)", a.Port(), address)
}

func insideName(host string) bool {
	for _, end := range insideNames {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

package fetch

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// origin is where an entry of fetch.hosts sends the requests for a name.
type origin struct {
	scheme string // http or https
	host   string // IP address, or a name to resolve
	port   uint16
}

// address is the zero value for an origin that is a name.
func (o origin) address() netip.AddrPort {
	a, err := netip.ParseAddr(o.host)
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a.Unmap(), o.port)
}

// ParseHosts reads the text form of fetch.hosts: name=origin, separated by commas.
func ParseHosts(text string) (map[string]string, error) {
	hosts := map[string]string{}
	for entry := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, to, ok := strings.Cut(entry, "=")
		if !ok {
			return nil, fmt.Errorf("fetch.hosts: %q is no name=origin", strings.TrimSpace(entry))
		}
		hosts[strings.TrimSpace(name)] = strings.TrimSpace(to)
	}
	_, err := parseOrigins(hosts)
	return hosts, err
}

func parseOrigins(hosts map[string]string) (map[string]origin, error) {
	origins := map[string]origin{}
	for name, text := range hosts {
		key := hostKey(name)
		if key == "" || strings.ContainsAny(key, "/:@ ") {
			return nil, fmt.Errorf("fetch.hosts: %q is no host name", name)
		}
		o, err := parseOrigin(text)
		if err != nil {
			return nil, fmt.Errorf("fetch.hosts: %s: %w", name, err)
		}
		origins[key] = o
	}
	return origins, nil
}

func parseOrigin(text string) (origin, error) {
	fault := fmt.Errorf("%q is no origin; write it like 127.0.0.1:8081 or https://127.0.0.1:8443", text)
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return origin{}, fault
	}
	port, err := strconv.ParseUint(urlPort(u), 10, 16)
	if err != nil || port == 0 {
		return origin{}, fault
	}
	return origin{u.Scheme, u.Hostname(), uint16(port)}, nil
}

// urlPort is the port of a URL, written or implied.
func urlPort(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// hostKey is the one spelling of a host name: A-labels, lower case, no trailing dot. Names that IDNA refuses but
// DNS may know (an underscore, say) are only lower-cased.
func hostKey(host string) string {
	host = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(host)), ".")
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		return ascii
	}
	return host
}

// mapped is the origin that stands for the host of u. Another port than the usual ones and the origin's own names
// another service, which the entry does not speak for.
func (c *Client) mapped(u *url.URL) (origin, bool) {
	o, ok := c.hosts[u.Hostname()]
	port := urlPort(u)
	return o, ok && (port == "80" || port == "443" || port == strconv.Itoa(int(o.port)))
}

// hostPort is the key under which the transport keeps connections, and what dial is called with.
func (o origin) hostPort(name string) string {
	return net.JoinHostPort(name, strconv.Itoa(int(o.port)))
}

package node

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"go.yaml.in/yaml/v3"
)

// Hosts maps exact host names to the origin that is asked in their place. In the file it is text
// ("a.example=127.0.0.1:8081,b.example=https://127.0.0.1:8443"), a list of such pairs, or a mapping.
type Hosts map[string]string

// UnmarshalYAML takes all three forms.
func (h *Hosts) UnmarshalYAML(n *yaml.Node) (err error) {
	switch n.Kind {
	case yaml.ScalarNode:
		*h, err = parseHosts(n.Value)
	case yaml.SequenceNode:
		var pairs []string
		if err = n.Decode(&pairs); err == nil {
			*h, err = parseHosts(strings.Join(pairs, ","))
		}
	default:
		var m map[string]string
		err = n.Decode(&m)
		*h = m
	}
	return err
}

func parseHosts(text string) (Hosts, error) {
	hosts := Hosts{}
	for _, pair := range splitList(text) {
		name, origin, ok := strings.Cut(pair, "=")
		if !ok || name == "" || origin == "" {
			return nil, fmt.Errorf("%q is no host=origin pair", pair)
		}
		hosts[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(origin)
	}
	return hosts, nil
}

// check normalises what people write in several ways and refuses what cannot work, naming the key.
func (c *Config) check() error {
	var problems []error
	bad := func(key string, err error) {
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", key, err))
		}
	}
	for i, domain := range c.Harvest.Domains {
		id, err := federation.NormaliseDomain(domain)
		bad("harvest.domains", err)
		c.Harvest.Domains[i] = id
	}
	for i := range c.Registry.Providers {
		bad(fmt.Sprintf("registry.providers[%d]", i), checkProvider(&c.Registry.Providers[i]))
	}
	c.Trust.check(bad)
	c.Limits.check(bad)
	c.Replicate.check(bad)
	c.P2P.check(bad)
	for i, b := range c.Block {
		bad(fmt.Sprintf("block[%d]", i), b.Check())
	}
	for _, cidr := range c.Fetch.AllowCIDRs {
		_, err := netip.ParsePrefix(cidr)
		bad("fetch.allow_cidrs", err)
	}
	for _, address := range c.Fetch.Addresses {
		bad("fetch.addresses", checkAddress(address))
	}
	_, _, err := net.SplitHostPort(c.HTTP.Listen)
	bad("http.listen", err)
	return errors.Join(problems...)
}

// checkAddress takes an address or a network.
func checkAddress(text string) error {
	if _, err := netip.ParseAddr(text); err == nil {
		return nil
	}
	if _, err := netip.ParsePrefix(text); err != nil {
		return fmt.Errorf("%q is neither an address nor a network; write it like 192.0.2.7 or 2001:db8::/64", text)
	}
	return nil
}

func checkProvider(p *federation.Provider) error {
	if id, err := federation.NormaliseDomain(p.ID); err == nil {
		p.ID = id
	}
	if !federation.ValidProvider(p.ID) {
		return fmt.Errorf("id %q is neither a domain nor deqarinst and digits", p.ID)
	}
	return nil
}

package fetch_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// Addresses that no manifest, redirect or name may lead to.
var closedAddresses = []string{
	"0.0.0.0", "0.1.2.3", "127.0.0.1", "127.1.2.3", "127.255.255.254", "10.0.0.1", "10.255.255.255",
	"172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "100.64.0.1", "100.127.255.255", "100.100.100.200",
	"169.254.0.1", "169.254.169.254", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
	"198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
	"::", "::1", "::127.0.0.1", "::10.0.0.1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:7f00:1", "::ffff:169.254.169.254",
	"::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::0.0.0.0",
	"64:ff9b:1::1", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::8.8.8.8", "100::1", "2001::1", "2001:0:7f00:1::1",
	"2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "5f00::1",
	"fc00::1", "fd00::1", "fd00:ec2::254", "fdff:ffff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
	"2a00:1450::5efe:7f00:1", "2a00:1450::200:5efe:a00:1", "4000::1", "8000::1", "1::1",
}

var publicAddresses = []string{
	"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
	"169.253.255.255", "169.255.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1", "192.167.255.255", "192.169.0.1", "198.17.255.255",
	"198.20.0.1", "223.255.255.255", "2a00:1450:4001::1", "2001:4860:4860::8888", "2600::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
	"2a00:1450::5efe:808:808",
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	c := client(t, func(config *fetch.Config) { config.AllowCIDRs = nil })
	for _, text := range closedAddresses {
		for _, port := range []uint16{80, 443} {
			err := c.Allowed(netip.AddrPortFrom(netip.MustParseAddr(text), port), "uni.example")
			if !errors.Is(err, fetch.ErrRefused) || !strings.Contains(err.Error(), "fetch.allow_cidrs") {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	for _, text := range publicAddresses {
		a := netip.MustParseAddr(text)
		if err := c.Allowed(netip.AddrPortFrom(a, 443), ""); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		for _, port := range []uint16{0, 22, 25, 79, 81, 444, 5432, 8080, 65535} {
			if err := c.Allowed(netip.AddrPortFrom(a, port), ""); !errors.Is(err, fetch.ErrRefused) {
				t.Errorf("%s port %d: %v", text, port, err)
			}
		}
	}
	if err := c.Allowed(netip.AddrPort{}, ""); !errors.Is(err, fetch.ErrRefused) {
		t.Errorf("no address: %v", err)
	}
}

func TestAllowedExemptions(t *testing.T) {
	t.Parallel()
	c := client(t, func(config *fetch.Config) {
		config.AllowCIDRs = []string{"10.1.0.0/16", "fd00:1::/32", " 192.168.7.7 "}
		config.Hosts = map[string]string{"Uni.Example.": "127.0.0.1:8081", "six.example": "https://[::1]:8443"}
	})
	for _, k := range []struct {
		address, host string
		allowed       bool
	}{
		{"10.1.2.3:9999", "", true},
		{"[::ffff:10.1.2.3]:9999", "", true},
		{"[64:ff9b::10.1.2.3]:80", "", true},
		{"10.2.0.1:80", "", false},
		{"[fd00:1::5]:22", "", true},
		{"[fd00:2::5]:80", "", false},
		{"192.168.7.7:1", "", true},
		{"192.168.7.8:80", "", false},
		{"127.0.0.1:8081", "uni.example", true},
		{"127.0.0.1:8081", "UNI.example.", true},
		{"[::ffff:127.0.0.1]:8081", "uni.example", true},
		{"127.0.0.1:8081", "other.example", false},
		{"127.0.0.1:8081", "", false},
		{"127.0.0.1:8081", "www.uni.example", false},
		{"127.0.0.1:8082", "uni.example", false},
		{"127.0.0.1:80", "uni.example", false},
		{"127.0.0.2:8081", "uni.example", false},
		{"[::1]:8443", "six.example", true},
		{"[::1]:8444", "six.example", false},
	} {
		err := c.Allowed(netip.MustParseAddrPort(k.address), k.host)
		if (err == nil) != k.allowed {
			t.Errorf("%s for %q: %v", k.address, k.host, err)
		}
	}
}

// However an IPv4 address is wrapped, the verdict on it is no milder than on the address itself.
func TestAllowedSeesThroughWrapping(t *testing.T) {
	t.Parallel()
	c := client(t, func(config *fetch.Config) { config.AllowCIDRs = nil })
	rapid.Check(t, func(t *rapid.T) {
		v4 := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address"))
		plain := c.Allowed(netip.AddrPortFrom(netip.AddrFrom4(v4), 443), "")
		for _, prefix := range []string{"::ffff:0:0", "64:ff9b::", "2a00:1450:1:2::5efe:0:0", "::", "2002::", "64:ff9b:1::"} {
			wrapped := netip.MustParseAddr(prefix).As16()
			copy(wrapped[12:], v4[:])
			if err := c.Allowed(netip.AddrPortFrom(netip.AddrFrom16(wrapped), 443), ""); plain != nil && err == nil {
				t.Fatalf("%v is refused but not in %s", v4, prefix)
			}
		}
	})
}

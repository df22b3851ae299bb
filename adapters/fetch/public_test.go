package fetch_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

func TestUnreachable(t *testing.T) {
	t.Parallel()
	open, err := fetch.New(fetch.Config{})
	if err != nil {
		t.Fatal(err)
	}
	own, err := fetch.New(fetch.Config{AllowCIDRs: []string{"10.0.0.0/8"}, Hosts: map[string]string{"uni.example": "127.0.0.1:8081", "intranet": "10.1.2.3:80"}})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string][2]string{ // by default, and with the operator's exemptions
		"https://uni.example/x":        {"", ""},
		"http://uni.example":           {"", ""},
		"https://uni.example:8443/":    {"port 8443", ""},
		"https://8.8.8.8/":             {"", ""},
		"https://8.8.8.8:8443/":        {"port 8443 of", "port 8443 of"},
		"https://10.1.2.3:8443/":       {"is private", ""},
		"https://192.168.1.1/":         {"is private", "is private"},
		"http://127.0.0.1/":            {"is loopback", "is loopback"},
		"http://[::1]:8080/":           {"is loopback", "is loopback"},
		"http://[::ffff:10.0.0.1]/":    {"is private", ""},
		"http://0x7f.1/":               {"reads as an IP", "reads as an IP"},
		"http://2130706433/":           {"reads as an IP", "reads as an IP"},
		"http://localhost/":            {"inside a network", "inside a network"},
		"http://intranet/courses":      {"inside a network", ""},
		"https://api.uni.local/":       {"inside a network", "inside a network"},
		"https://u:p@uni.example/":     {"not an absolute", "not an absolute"},
		"ftp://uni.example/":           {"not an absolute", "not an absolute"},
		"//uni.example/":               {"not an absolute", "not an absolute"},
		"https://uni.example:port/":    {"not an absolute", "not an absolute"},
		"https://[fe80::1%25eth0]/":    {"is link-local", "is link-local"},
		"https://[64:ff9b::7f00:1]/":   {"127.0.0.1 is loopback", "127.0.0.1 is loopback"},
		"https://other.example:70000/": {"no such port", "no such port"},
	} {
		if got := fetch.Unreachable(address); got != open.Unreachable(address) {
			t.Errorf("%s: without a client %q", address, got)
		}
		for i, c := range []*fetch.Client{open, own} {
			got := c.Unreachable(address)
			if (got == "") != (want[i] == "") || !strings.Contains(got, want[i]) {
				t.Errorf("%s, client %d: %q, want %q", address, i, got, want[i])
			}
		}
	}
}

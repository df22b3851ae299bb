package federation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
)

func TestNormaliseDomain(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for _, c := range []struct{ in, want string }{
		{"uni.example", "uni.example"},
		{" WWW.Uni.Example. ", "www.uni.example"},
		{"münchen.example", "xn--mnchen-3ya.example"},
		{"MÜNCHEN.EXAMPLE", "xn--mnchen-3ya.example"},
		{"XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"},
		{"straße.example", "xn--strae-oqa.example"},
		{"uni。example", "uni.example"}, // ideographic full stop
		{"3c.example", "3c.example"},
		{"1.2.3.4.example", "1.2.3.4.example"},
		{long + ".example", long + ".example"},
		{"", ""},
		{".", ""},
		{"localhost", ""},
		{"uni", ""},
		{"uni..example", ""},
		{".uni.example", ""},
		{"uni.example..", ""},
		{"127.0.0.1", ""},
		{"127.1", ""},
		{"0x7f.1", ""},
		{"0x7f.0x1", ""},
		{"2130706433", ""},
		{"017700000001", ""},
		{"[::1]", ""},
		{"::1", ""},
		{"fe80::1%eth0", ""},
		{"uni.0x", ""},
		{"127.0.0.1.", ""},
		{"１２７.0.0.1", ""},
		{"a_b.example", ""},
		{"-a.example", ""},
		{"a-.example", ""},
		{"xn--a.example", ""},
		{"uni.example:443", ""},
		{"https://uni.example/", ""},
		{"uni.example/x", ""},
		{"user@uni.example", ""},
		{"uni example.org", ""},
		{"uni\x00.example", ""},
		{long + "a.example", ""},
		{strings.Repeat(long+".", 4) + "example", ""},
		{strings.Repeat("é", 5000) + ".example", ""},
	} {
		got, err := federation.NormaliseDomain(c.in)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("NormaliseDomain(%.60q) = %q, %v; want %q", c.in, got, err, c.want)
		}
		if err != nil && !errors.Is(err, federation.ErrInvalid) {
			t.Errorf("NormaliseDomain(%.60q): %v does not wrap ErrInvalid", c.in, err)
		}
	}
}

func TestValidProvider(t *testing.T) {
	t.Parallel()
	valid := []string{"uni.example", "xn--mnchen-3ya.example", "deqarinst0815", "deqarinst815", "deqarinst1234567890"}
	invalid := []string{
		"", "Uni.example", "uni.example.", "uni", "münchen.example", "deqarinst", "deqarinst0", "DEQARINST0815",
		"deqarinst12345678901", "deqarinst-1", "deqarinst٣", "127.0.0.1", "a|b.example", " uni.example",
	}
	for _, id := range valid {
		if !federation.ValidProvider(id) {
			t.Errorf("%q is refused", id)
		}
	}
	for _, id := range invalid {
		if federation.ValidProvider(id) {
			t.Errorf("%q is accepted", id)
		}
	}
}

func TestProviderIRI(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"uni.example":   "https://uni.example/",
		"deqarinst0815": "https://data.deqar.eu/institution/815",
		"deqarinst815":  "https://data.deqar.eu/institution/815",
	} {
		if got := federation.ProviderIRI(id); got != want {
			t.Errorf("ProviderIRI(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestRegistrableDomain(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"www.studies.uni-example.ac.at": "uni-example.ac.at",
		"uni-example.eu":                "uni-example.eu",
		"a.b.uni.example":               "uni.example", // a suffix the list does not know
		"WWW.Uni.Example.":              "uni.example",
		"someone.github.io":             "someone.github.io", // a shared host gives each user its own
		"ac.at":                         "",
		"co.uk":                         "",
		"127.0.0.1":                     "",
	} {
		got, err := federation.RegistrableDomain(host)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("RegistrableDomain(%q) = %q, %v; want %q", host, got, err, want)
		}
	}
}

func TestHostOf(t *testing.T) {
	t.Parallel()
	for website, want := range map[string]string{
		"https://www.Uni.example/en/?a=b": "www.uni.example", "www.uni.example": "www.uni.example", "//uni.example/x": "uni.example",
		"uni.example:8443/x": "uni.example", "https://münchen.example": "xn--mnchen-3ya.example",
		"": "", "https://": "", "https://127.0.0.1/": "", "mailto:a": "", "http://[::1": "",
	} {
		if got := federation.HostOf(website); got != want {
			t.Errorf("HostOf(%q) = %q, want %q", website, got, want)
		}
	}
}

func FuzzNormaliseDomain(f *testing.F) {
	for _, seed := range []string{"uni.example", "MÜNCHEN.example.", "xn--mnchen-3ya.example", "0x7f.1", "[::1]", "a。b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		name, err := federation.NormaliseDomain(in)
		if err != nil {
			return
		}
		again, err := federation.NormaliseDomain(name)
		if err != nil || again != name {
			t.Errorf("%q gives %q, which gives %q, %v", in, name, again, err)
		}
		if !federation.ValidProvider(name) {
			t.Errorf("%q gives %q, which is no provider", in, name)
		}
	})
}

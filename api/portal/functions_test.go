package portal

import (
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api/course"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Databases":                     "Databases",
		"a < b & c":                     "a < b & c",
		"<p>One</p><p>Two<br>Three</p>": "One\nTwo\nThree",
		"<ul><li>a</li><li>b</li></ul>": "a\nb",
		"caf&eacute; &lt;b&gt;":         "café <b>",
		"x<script>alert(1)</script>y":   "xy",
		"<style>p{}</style>Text":        "Text",
		"unclosed <b>bold":              "unclosed bold",
		"<script>never closed":          "",
		"2 <3 and 4> 3":                 "2 <3 and 4> 3",
	} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("<p>a</p>&amp;")
	f.Add("<<script>script>x")
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<16 {
			return
		}
		if got := plain(s); len(got) > len(s)+strings.Count(s, "<")+6*strings.Count(s, "&") {
			t.Errorf("%d bytes became %d", len(s), len(got))
		}
		if address := web(s); address != "" && !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
			t.Errorf("%q became the link %q", s, address)
		}
	})
}

func TestWeb(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://uni.example/a?b=c": "https://uni.example/a?b=c", " http://uni.example ": "http://uni.example",
		"HTTPS://uni.example": "https://uni.example", "javascript:alert(1)": "", "//evil.example": "", "/path": "", "": "",
		"https://": "", "https:uni.example": "", "https://user:secret@uni.example": "", "data:text/html,x": "", "mailto:a@b.example": "", "java\nscript:x": "",
	} {
		if got := web(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestNextOffering(t *testing.T) {
	t.Parallel()
	c := course.Course{Offerings: []course.Offering{{Start: "2027-09-01"}, {Start: "2026-01-01"}, {Start: "2027-03-01T00:00:00Z"}, {Start: "soon"}, {}}}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	if o := nextOffering(c, now); o == nil || o.Start != "2027-03-01T00:00:00Z" {
		t.Errorf("%+v", o)
	}
	if o := nextOffering(course.Course{}, now); o != nil {
		t.Errorf("%+v", o)
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1\u202f000", 1234567: "1\u202f234\u202f567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-11-26T08:03:55+01:00": "26 November 2026, 07:03 UTC", "2026-11-26": "26 November 2026", "soon": "soon", "": "",
	} {
		if got := moment(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

package portal

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSaid(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`null`: "", `""`: "", `"<p>One</p>"`: "One", `5`: "5", `2.5`: "2.5", `true`: "yes", `false`: "no", `["a","b"]`: "a; b",
		`{"en":"Databases","und":"INF"}`: "en: Databases; INF", `[{"Value":5,"Framework":""}]`: "Value: 5", `{"a_b":{"c":[null,"d"]}}`: "a b: c: d",
	} {
		if got := said(json.RawMessage(in)); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	if got := said(strings.Repeat("ö", 1000)); len(got) > maxSaid+len("…") || !utf8.ValidString(got) {
		t.Errorf("%d bytes", len(got))
	}
	if got := said(nil); got != "" {
		t.Errorf("nothing becomes %q", got)
	}
}

func TestFieldOf(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]field{
		"alt_title": {"alt title", ""}, "offerings[urn:x].start": {"start", "urn:x"}, "offerings[urn:x[1]].open_to_non_enrolled": {"open to non enrolled", "urn:x[1]"},
		"offerings[from 2027]": {"the whole", "from 2027"}, "offerings[broken": {"offerings[broken", ""},
	} {
		if got := fieldOf(in); got != want {
			t.Errorf("%s: %+v", in, got)
		}
	}
}

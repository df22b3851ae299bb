package source_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/source"
)

func TestLength(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"P10W": "P70D", "p5m": "P5M", "P1Y6M": "P1Y6M", "P2W3DT4H": "P17DT4H", "PT36H": "PT36H", "P0Y2M": "P0Y2M", "P3DT6H30M": "P3DT6H30M",
		"": "", "P": "", "PT": "", "P1DT30H4S": "", "PT5S": "", "PT30M": "", "P99Y": "", "10 weeks": "", "-P1D": "", "P1.5D": "", "P999999D": "",
	} {
		got, ok := source.Length(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestWorkload(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]string{140: "PT140H", 12.5: "PT12H30M", 0.25: "PT15M", 0: "", 0.001: "", -3: "", 1e9: ""} {
		if got, ok := source.Workload(in); got != want || ok != (want != "") {
			t.Errorf("%v: %q, want %q", in, got, want)
		}
	}
}

func TestDecimal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"5": "5", "7.50": "7.50", "7,5": "7.5", "-1": "-1", "1e2": "100", "": "", "x": "", "1.234,5": "", "NaN": "", "Inf": "", "1e400": "", "1e20": "", ".5": "0.5", "0x10": "",
	} {
		if got, _, ok := source.Decimal(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestInstant(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"2026-09-01": "2026-09-01", "2026-09-01T10:00:00Z": "2026-09-01T10:00:00Z", "2026-09-01T10:00:00.5+02:00": "2026-09-01T10:00:00.5+02:00",
		"2026-09-01T10:00:00": "2026-09-01T10:00:00", "2026-09-01T10:00": "2026-09-01T10:00:00", "2026-09-01T10:00+02:00": "2026-09-01T10:00:00+02:00",
		"": "", "2026-02-30": "", "01-09-2026": "", "2026": "", "2026-09-01T10:00:00,5Z": "",
	} {
		if got := source.Instant(in); got.Value != want || got.OK != (want != "") {
			t.Errorf("%q: %+v, want %q", in, got, want)
		}
	}
}

func TestWebURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://uni.example/a#b": "https://uni.example/a#b", "www.uni.example": "https://www.uni.example",
		"uni.example/c/1?a=b": "https://uni.example/c/1?a=b", "WWW.Uni.example:8443/x": "https://WWW.Uni.example:8443/x", "room 1": "", "c/1": "", "someone@uni.example": "", "7.5": "", "uni": "", "intro.pdf": "",
		"": "", "/a": "", "ftp://uni.example/": "", "javascript:alert(1)": "", "https://": "", "https://user:secret@uni.example/": "", "mailto:a@uni.example": "",
	} {
		if got, ok := source.WebURL(in); ok != (want != "") || (ok && got != want) {
			t.Errorf("%q: %q %t, want %q", in, got, ok, want)
		}
	}
}

func TestPlainDropsPersons(t *testing.T) {
	t.Parallel()
	in, err := source.Decode([]byte(`{
		"keep": "this", "coordinator": "Somebody", "contactPersons": ["x"], "eMail": "x", "note": "write to someone@uni.example",
		"deep": [{"teacherName": "x", "room": "1"}, "someone@uni.example"], "empty": {"phone": "1"},
		"ansprechpartner": "A", "Docente_responsable": {"nombre": "B"}, "verantwoordelijke": ["C"], "kontakt-adresse": "D",
		"who": {"given_name": "E", "room": "2"}, "led by": {"first_name": "F", "role": "G"}, "by": {"name": "H", "ORCID": "0000-0002-1825-0097"}
	}`), 4)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"deep":[{"room":"1"}],"keep":"this"}`
	if diff := cmp.Diff(want, source.Compact(source.Plain(in))); diff != "" {
		t.Error(diff)
	}
}

func TestHeadline(t *testing.T) {
	t.Parallel()
	long := "A sentence that goes on and on, well beyond what fits a heading, since nobody stopped to think of the reader at all."
	for in, want := range map[string]string{
		"Exam": "Exam", "Exam\nTwo hours": "Exam",
		long: "A sentence that goes on and on, well beyond what fits a heading, since nobody stopped to think of…",
	} {
		if got := source.Headline(in); got != want {
			t.Errorf("%q", got)
		}
	}
}

func TestURLsJoinAsDirectories(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"https://uni.example/v5":         "https://uni.example/v5/courses/a%2Fb%3Fc/offerings",
		"https://uni.example/v5/":        "https://uni.example/v5/courses/a%2Fb%3Fc/offerings",
		"https://uni.example":            "https://uni.example/courses/a%2Fb%3Fc/offerings",
		"https://uni.example/x%2Fy?k=1#": "https://uni.example/x%2Fy/courses/a%2Fb%3Fc/offerings?k=1",
	} {
		c := source.NewClient(nil, path, source.Limits{})
		if got := c.URL(nil, "courses", "a/b?c", "offerings"); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if _, err := source.NewClient(nil, "courses", source.Limits{}).Root(); err == nil {
		t.Error("a relative path was taken")
	}
}

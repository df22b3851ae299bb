package dump_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/api/dump"
)

// TestThreat24: no cell is taken for a formula, and every text is still there behind the apostrophe.
func TestThreat24(t *testing.T) {
	t.Parallel()
	for _, live := range []string{
		`=1+1`, `=cmd|' /C calc'!A0`, `+1+1`, `-1+1`, `@SUM(1)`, "\t=1+1", "\r=1+1", "\n=1+1", ` =1+1`, "\u00a0=1+1", "\ufeff=1+1", "\u200b=1+1",
		`=HYPERLINK("https://evil.example","x")`, `＝1+1`, `＋1`, `－1`, `＠SUM(1)`, `−1`, `"=1+1`, `'=1+1`, `|calc`, `%0A=1`, "\x00=1+1", "\t", "\u202e=1+1",
		`=IMPORTXML("https://evil.example")`, `@`, `=`, "=\u00e9", `=DDE("cmd";"/C calc";"x")`,
	} {
		got := dump.Cell(live)
		if !strings.HasPrefix(got, "'") || got[1:] != live {
			t.Errorf("%q became %q", live, got)
		}
	}
	for _, tame := range []string{"", "Databases", "1 + 1", "a=b", "C++", "école", "2027-03-01", "5", "u@example.org", "日本語", "'quoted'"} {
		if got := dump.Cell(tame); got != tame {
			t.Errorf("%q became %q", tame, got)
		}
	}
}

func FuzzCell(f *testing.F) {
	f.Add("=1+1")
	f.Add("\t x")
	f.Fuzz(func(t *testing.T, s string) {
		got := dump.Cell(s)
		if got != s && got != "'"+s {
			t.Errorf("%q became %q", s, got)
		}
		if got != "" && strings.ContainsRune("=+-@\t\r\n", rune(got[0])) {
			t.Errorf("%q stays live", got)
		}
	})
}

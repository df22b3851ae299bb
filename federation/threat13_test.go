package federation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/frugal"
)

// TestThreat13HostileManifests: aliases, deep nesting and large documents are refused or read soon and cheaply.
func TestThreat13HostileManifests(t *testing.T) {
	const most = federation.MaxManifest - 100
	bomb := "a: &a [x]\n"
	for i := range 30 {
		name := string(rune('a' + i%26))
		bomb += "k" + strings.Repeat("k", i) + ": &" + name + strings.Repeat("z", i) + " [*a,*a,*a,*a]\n"
	}
	fill := func(unit string) string { return strings.Repeat(unit, most/len(unit)) }
	long := strings.Repeat("k", most/2)
	var members, delegates strings.Builder
	for i := range most / 32 {
		fmt.Fprintf(&members, `,"%d":"x"`, i)
		fmt.Fprintf(&delegates, `,"d%d.example"`, i)
	}
	for name, body := range map[string]string{
		"long name over a list":   `{"sources":[],"` + long + `":[` + strings.Repeat("1,", most/4) + `1]}`,
		"long name over a secret": `{"sources":[{"type":"elm","version":"3","path":"https://a.example/","auth":{"type":"httpheader","` + long + `":{"a":"x"` + members.String() + `}}}]}`,
		"many secrets":            `{"sources":[{"type":"elm","version":"3","path":"https://a.example/","auth":{"type":"httpheader","` + long[:1000] + `":{"a":"x"` + members.String() + `}}}]}`,
		"many delegates":          `{"delegates":["a.example"` + delegates.String() + `]}`,
		"nested long names":       strings.Repeat(`{"`+long[:most/64]+`":`, 60) + "1" + strings.Repeat("}", 60),
		"aliases":                 bomb, "flow": fill("["), "maps": fill("{a: "), "blocks": fill("- "), "questions": fill("? "), "colons": fill("a: "),
		"JSON": `{"sources":` + fill("["), "quotes": fill(`"`), "tabs": fill("\t"), "lines": "sources:\n" + fill("- a\n"),
		"keys": fill("a: 1\n"), "fewer keys": strings.Repeat("a: 1\n", 49_000), "fewer lines": "sources:\n" + strings.Repeat("- a\n", 49_000), "fewer maps": strings.Repeat("- {a: 1}\n", 24_000), "comments": fill("#\n"), "tags": fill("!a "), "anchors": fill("&a "), "literal": "a: |\n" + fill(" x\n"),
		"indents": staircase(1400), "flow in block": "a:\n" + fill(" - [[[[\n"), "plain": fill("a "), "documents": fill("---\n"),
	} {
		frugal.Hostile(t, name, func() { _, _ = federation.ParseManifest([]byte(body), true) })
		frugal.Hostile(t, name+", checked", func() { _, _ = federation.CheckManifest([]byte(body), federation.ManifestChecks{}) })
	}
	if _, err := federation.ParseManifest([]byte(bomb), true); err == nil {
		t.Error("aliases are followed")
	}
}

// staircase is a mapping nested n levels deep by indentation.
func staircase(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

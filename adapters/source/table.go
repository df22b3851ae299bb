package source

import (
	"fmt"
	"strings"
)

// Table writes the rules as the Markdown table of a page below docs/mapping, without its title.
func Table[M Describer](rules []Rule[M]) string {
	var b strings.Builder
	b.WriteString("| field | goes to | rule | back |\n|---|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Field, coded(r.To), r.Rule, r.Back)
	}
	return b.String()
}

// coded sets each name of a list in code style.
func coded(list string) string {
	names := strings.Split(list, ", ")
	for i, n := range names {
		if n != "-" && !strings.Contains(n, " ") {
			names[i] = "`" + n + "`"
		}
	}
	return strings.Join(names, ", ")
}

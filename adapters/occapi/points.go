package occapi

import (
	"regexp"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// marker starts a point of a list in prose: a dash, a bullet or a number.
var marker = regexp.MustCompile(`^\s*(?:[-*•–‣▪]|[0-9]{1,2}[.)])\s+(.*)$`)

// points splits texts that are lists of as many points in every language: per point, its texts. nil when
// they are not.
func points(texts []source.Text) [][]source.Text {
	var out [][]source.Text
	for _, t := range texts {
		list := listed(t.Value)
		if len(list) < 2 || (out != nil && len(out) != len(list)) {
			return nil
		}
		if out == nil {
			out = make([][]source.Text, len(list))
		}
		for i, point := range list {
			out[i] = append(out[i], source.Text{Lang: t.Lang, Value: point})
		}
	}
	return out
}

// listed are the points of a text that is a list, after at most one line that ends in a colon. nil when there
// is other prose in it.
func listed(s string) []string {
	var out []string
	goesOn := false // the line before belongs to a point
	for _, line := range strings.Split(s, "\n") {
		line = strings.TrimSpace(line)
		switch m := marker.FindStringSubmatch(line); {
		case m != nil && strings.TrimSpace(m[1]) != "":
			out, goesOn = append(out, strings.TrimSpace(m[1])), true
		case line == "":
			goesOn = false
		case goesOn:
			out[len(out)-1] += " " + line
		case len(out) > 0 || !strings.HasSuffix(line, ":"):
			return nil
		}
	}
	return out
}

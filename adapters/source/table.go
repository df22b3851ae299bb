package source

import (
	"fmt"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// FieldsOf names the fields that feed a property, by the rules for a course, which people call what, and for its offerings. Of several
// fields the first of the table is named, none that is not written back. An offering without a field of its own has the
// course's, where the rule says that the field is about runs.
func FieldsOf[M Describer](what string, course, offering []Rule[M]) adapters.Fields {
	ofCourse, ofOffering := make(feeds), make(feeds)
	for _, r := range offering {
		ofOffering.note(r.Field, r.To, r.Back, r.Ask, r.Lacks)
	}
	for _, r := range course {
		ofCourse.note(r.Field, r.To, r.Back, r.Ask, r.Lacks)
		if r.OnInstance {
			ofOffering.note(r.Field, r.To, r.Back, r.Ask, r.Lacks)
		}
	}
	return func(way string, offering bool) (field, ask string) {
		if offering {
			return ofOffering.find(way, "offerings")
		}
		return ofCourse.find(way, what)
	}
}

// feed is the field that feeds a property, and what to send in it.
type feed struct{ field, ask string }

// feeds are the fields by way from the course; one that the standard lacks has the zero feed.
type feeds map[string]feed

// note puts a field beside each property it goes to, unless an earlier one is there.
func (f feeds) note(field, to, back, ask, lacks string) {
	if back == NotWritten {
		return
	}
	for _, property := range strings.Split(to, ", ") {
		if _, taken := f[property]; !taken {
			f[property] = feed{field, ask}
		}
	}
	if lacks != "" {
		f[lacks] = feed{}
	}
}

// find gives the field of what a way leads to: its own, else the one of its first property, unless the standard lacks the
// rest.
// Without a field it says of what.
func (f feeds) find(way, what string) (field, ask string) {
	if _, known := f[way]; !known {
		way, _, _ = strings.Cut(way, "/")
	}
	if found := f[way]; found.field != "" {
		return found.field, found.ask
	}
	return "", what
}

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

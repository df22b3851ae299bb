package source

import (
	"fmt"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// FieldsOf names the fields that feed a property, by the rules for a course and for its offerings. Of several
// fields the first of the table is named. An offering without a field of its own has the course's, where the
// rule says that the field is about runs.
func FieldsOf[M Describer](course, offering []Rule[M]) adapters.Fields {
	ofCourse, ofOffering := make(map[string]string), make(map[string]string)
	for _, r := range offering {
		r.feed(ofOffering)
	}
	for _, r := range course {
		r.feed(ofCourse)
		if r.OnInstance {
			r.feed(ofOffering)
		}
	}
	return func(property string, offering bool) string {
		if offering {
			return ofOffering[property]
		}
		return ofCourse[property]
	}
}

// feed notes the field beside each property it goes to, unless an earlier one is there.
func (r Rule[M]) feed(fields map[string]string) {
	for _, property := range strings.Split(r.To, ", ") {
		if _, taken := fields[property]; !taken {
			fields[property] = r.Field
		}
	}
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

package profile

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// KindStandard is the kind of a finding about what the source's standard has no field for. Nobody can mend it there, so
// a report has it once and not for every course.
const KindStandard = "standard"

// translate puts a finding into the terms of another standard than ELM: its fields, and plain words for what they say.
func (j *judge) translate(f *Finding, r shacl.Result, at place, own bool) {
	if f.Property == "" { // what is asked of the course as a whole has no field
		f.Message, f.Fix = message(r, at, f.Value), fix(r, at, *f)
		return
	}
	var ask string
	if f.Field = cmp.Or(j.nodes.subjectOf(r.Focus), ownTerm(f.Property)); f.Field == "" {
		f.Field, ask = j.Fields(f.Property, at.offering)
	}
	if r.Value.Kind == shacl.IRI {
		f.Value = "" // the mapping made it
	}
	if own && r.Shape.Description != "" {
		ask = r.Shape.Description
	}
	name := nameOf(r.Shape.Name, r.Path)
	if f.Field == "" {
		f.Severity, f.Kind, f.Value = Info, KindStandard, ""
		f.Message = fmt.Sprintf("the standard of this source has no field for the %s of %s", name, cmp.Or(ask, "courses"))
		f.Fix = "nothing can be done within this standard; to state it, offer the courses as ELM, too"
		return
	}
	f.Message, f.Fix = plainly(r, name, f), remedy(r, name, f, ask, len(at.way) > 0)
	if r.Shape.Message != "" {
		f.Message = r.Shape.Message
	}
}

// told holds what was said of the standard of a source, which is the same for every course.
type told map[string]bool

// news leaves out what was told before.
func (t *told) news(findings []Finding) []Finding {
	var out []Finding
	for _, f := range findings {
		if f.Kind == KindStandard {
			if (*t)[f.Message] {
				continue
			}
			if *t == nil {
				*t = make(told)
			}
			(*t)[f.Message] = true
		}
		out = append(out, f)
	}
	return out
}

// nameOf is what people call the values of a path: the name that the shape gives, else that of the property in words.
func nameOf(name string, path *shacl.Path) string {
	switch {
	case name != "":
		return name
	case path == nil:
		return "description"
	}
	_, name, _ = strings.Cut(rdf.ShortName(path.First()), ":")
	return inWords(name)
}

// inWords spells a name in camel case as words.
func inWords(name string) string {
	var b strings.Builder
	var last rune
	for i, r := range name {
		next, _ := utf8.DecodeRuneInString(name[i+utf8.RuneLen(r):])
		if unicode.IsUpper(r) && (unicode.IsLower(last) || (unicode.IsUpper(last) && unicode.IsLower(next))) {
			b.WriteByte(' ')
		}
		if unicode.IsUpper(r) && !unicode.IsUpper(next) && (b.Len() > 0 || unicode.IsLower(next)) {
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// plainly says what is wrong without a word of ELM.
func plainly(r shacl.Result, name string, f *Finding) string {
	switch kind(r.Component) {
	case "minCount", "qualifiedMinCount", "hasValue":
		return "there is no " + name
	case "maxCount", "qualifiedMaxCount":
		return "there is more than one " + name
	case "uniqueLang":
		return fmt.Sprintf("%s: two texts have the language %s", name, r.Constraint)
	}
	what := "what is there"
	if f.Value != "" {
		what = fmt.Sprintf("%q", f.Value)
	}
	if untagged(r) {
		return fmt.Sprintf("%s: it is not said in which language %s is", name, what)
	}
	return fmt.Sprintf("%s: %s is not of the form or kind that is expected", name, what)
}

func untagged(r shacl.Result) bool {
	return r.Constraint == rdf.LangString && r.Value.Kind == shacl.Literal && r.Value.Lang == ""
}

// remedy says what to do with the field. inner: what is missing belongs to a value of the field, not to the course.
func remedy(r shacl.Result, name string, f *Finding, ask string, inner bool) string {
	did := "correct " + f.Field
	switch k := kind(r.Component); {
	case untagged(r):
		return "state the language of each text in " + f.Field
	case k == "uniqueLang":
		return "send one text for each language in " + f.Field
	case k == "maxCount" || k == "qualifiedMaxCount":
		return fmt.Sprintf("send no more than one %s in %s", name, f.Field)
	case k == "minCount" && inner:
		return fmt.Sprintf("add the %s to %s", name, f.Field)
	case k == "minCount" || k == "qualifiedMinCount" || k == "hasValue":
		did = "add " + f.Field
	}
	if ask == "" {
		return did
	}
	return did + ": " + ask
}

// ownTerm is the field that a way begins with, where that is the standard's own term: <https://standard.example/v1#name>.
func ownTerm(way string) string {
	iri, ok := strings.CutPrefix(way, "<")
	if !ok {
		return ""
	}
	iri, _, _ = strings.Cut(iri, ">")
	_, field, _ := strings.Cut(iri, "#")
	return field
}

// subjectOf is the field that a note is about, by the standard's own term; "" where none is named.
func (l *locator) subjectOf(node shacl.Term) string {
	for _, t := range l.graph.Triples {
		if t.Pred.String() == vocabulary.DCSubject && shacl.TermOf(t.Subj) == node {
			_, field, _ := strings.Cut(t.Obj.String(), "#")
			return field
		}
	}
	return ""
}

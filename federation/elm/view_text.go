package elm

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// noteText are the properties of a node that hold its text, best first.
var noteText = []string{
	vocabulary.NoteLiteral, vocabulary.Description, vocabulary.Title, vocabulary.PrefLabel, vocabulary.RDFValue, vocabulary.Value,
}

// legalNames are the properties that name an organisation, best first.
var legalNames = []string{
	vocabulary.LegalName, vocabulary.NSELM + "legalName", vocabulary.PrefLabel, vocabulary.NSFOAF + "name",
	vocabulary.Title, vocabulary.AltLabel,
}

func languageOf(l rdf.Literal) string { return cmp.Or(strings.ToLower(l.Lang()), "und") }

// texts of one language are a set; join makes one text of them, the same for every order.
func join(parts map[string][]string, separator string) Text {
	if len(parts) == 0 {
		return nil
	}
	out := Text{}
	for tag, list := range parts {
		out[tag] = strings.Join(sorted(list), separator)
	}
	return out
}

// title reads dcterms:title: of several in one language the first in byte order.
func (r *reader) title(of rdf.Term) Text { return r.named(of, vocabulary.Title) }

// named reads the first of the properties that has a text.
func (r *reader) named(of rdf.Term, properties ...string) Text {
	for _, p := range properties {
		parts := map[string][]string{}
		for _, l := range r.literals(of, p) {
			if s := strings.TrimSpace(l.String()); s != "" {
				parts[languageOf(l)] = append(parts[languageOf(l)], s)
			}
		}
		for tag, list := range parts {
			parts[tag] = []string{slices.Min(list)}
		}
		if text := join(parts, ""); text != nil {
			return text
		}
	}
	return nil
}

// prose reads all texts of a property, whether literals or notes, as one text per language.
func (r *reader) prose(of rdf.Term, property string) Text {
	parts := map[string][]string{}
	for _, o := range r.objects(of, property) {
		for tag, s := range r.text(o) {
			parts[tag] = append(parts[tag], s)
		}
	}
	return join(parts, "\n\n")
}

// text reads a literal, or a node that holds a text.
func (r *reader) text(o rdf.Term) Text {
	if l, ok := o.(rdf.Literal); ok {
		if s := strings.TrimSpace(l.String()); s != "" {
			return Text{languageOf(l): s}
		}
		return nil
	}
	for _, p := range noteText {
		parts := map[string][]string{}
		for _, l := range r.literals(o, p) {
			if s := strings.TrimSpace(l.String()); s != "" {
				parts[languageOf(l)] = append(parts[languageOf(l)], s)
			}
		}
		if t := join(parts, "\n\n"); t != nil {
			return t
		}
	}
	return nil
}

// notes reads each value of a property as a text of its own.
func (r *reader) notes(of rdf.Term, property string) []Text {
	return r.listed(r.objects(of, property))
}

func (r *reader) listed(values []rdf.Object) []Text {
	var out []Text
	for _, o := range values {
		if t := r.text(o); t != nil {
			out = append(out, t)
		}
	}
	return distinctTexts(out)
}

func distinctTexts(list []Text) []Text {
	slices.SortFunc(list, compareTexts)
	return slices.CompactFunc(list, func(a, b Text) bool { return maps.Equal(a, b) })
}

func compareTexts(a, b Text) int { return strings.Compare(textKey(a), textKey(b)) }

// textKey orders texts.
func textKey(t Text) string {
	var b strings.Builder
	for _, tag := range slices.Sorted(maps.Keys(t)) {
		b.WriteString(tag)
		b.WriteByte(0)
		b.WriteString(t[tag])
		b.WriteByte(0)
	}
	return b.String()
}

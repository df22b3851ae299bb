package elmrdf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// plainReader turns JSON without @context into expanded JSON-LD: keys are names of the model, in any
// letter case and with any prefix; texts are strings or maps by language; codes stand for the concepts
// of their vocabulary. An object with a title is a course when it does not say otherwise.
type plainReader struct {
	courses int
	list    string // JSON pointer of the list of courses
}

// listKeys hold the courses of a document that wraps them.
var listKeys = []string{"courses", "items", "data", "results", "value", "learningopportunityspecifications"}

// rewrite returns the expanded form; false for JSON-LD and for what holds no course.
func (p *plainReader) rewrite(text []byte) ([]byte, bool) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil || dec.More() {
		return nil, false // the decoder says what is wrong
	}
	if first, ok := value.(map[string]any); ok && linked(first) {
		return nil, false
	}
	var out []any
	courses := 0
	for _, item := range p.coursesIn(value) {
		object, ok := item.(map[string]any)
		if ok && linked(object) {
			return nil, false
		}
		class := ""
		if isCourse(object) {
			class = vocabulary.ClassLearningOpportunitySpecification
			courses++
		}
		out = append(out, p.object(object, class))
	}
	if courses == 0 {
		return nil, false
	}
	p.courses += courses
	rewritten, err := json.Marshal(out)
	return rewritten, err == nil
}

func (p *plainReader) coursesIn(value any) []any {
	switch v := value.(type) {
	case []any:
		p.list = "#/"
		return v
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if list, ok := v[key].([]any); ok && slices.Contains(listKeys, strings.ToLower(key)) && !isCourse(v) {
				p.list = "#/" + key + "/"
				return list
			}
		}
		p.list = ""
		return []any{v}
	}
	return nil
}

// linked reports whether an object is JSON-LD in expanded form: its keys are IRIs.
func linked(object map[string]any) bool {
	for key := range object {
		if strings.Contains(key, "://") {
			return true
		}
	}
	return false
}

func isCourse(object map[string]any) bool {
	for key := range object {
		if p, ok := propertyOf(key); ok && p.iri == vocabulary.Title {
			return true
		}
	}
	return false
}

// object rewrites an object; class is for one that states none.
func (p *plainReader) object(in map[string]any, class string) map[string]any {
	out := map[string]any{}
	var types []any
	for _, key := range slices.Sorted(maps.Keys(in)) { // of two keys for one thing always the same one counts
		value := in[key]
		switch strings.ToLower(strings.TrimPrefix(key, "@")) {
		case "id", "iri", "uri":
			if id, ok := value.(string); ok && id != "" {
				out["@id"] = elm.GlobalIRI(id)
			}
		case "type":
			for _, item := range listOf(value) {
				if iri := classOf(item); iri != "" {
					types = append(types, iri)
				} else {
					p.add(out, key, item)
				}
			}
		default:
			p.add(out, key, value)
		}
	}
	if len(types) == 0 && class != "" {
		types = []any{class}
	}
	if len(types) > 0 {
		out["@type"] = types
	}
	return out
}

func listOf(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

func classOf(value any) string {
	name, _ := value.(string)
	if strings.HasPrefix(name, vocabulary.NSELM) || strings.HasPrefix(name, vocabulary.NSQL) || strings.HasPrefix(name, vocabulary.NSELMAlso) {
		return name
	}
	return classes[strings.ToLower(name[strings.LastIndexByte(name, ':')+1:])]
}

// add puts the values of a key into an object.
func (p *plainReader) add(out map[string]any, key string, value any) {
	prop, ok := propertyOf(key)
	if !ok {
		return
	}
	have, _ := out[prop.iri].([]any)
	for _, item := range listOf(value) {
		have = append(have, p.value(prop, item)...)
	}
	if len(have) > 0 {
		out[prop.iri] = have
	}
}

// value rewrites one value of a property; a text in several languages gives several.
func (p *plainReader) value(prop property, value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case map[string]any:
		if texts := inLanguages(v); texts != nil {
			return texts
		}
		if text, ok := v["@value"]; ok && len(v) <= 2 {
			return []any{withText(v, text)}
		}
		return []any{p.object(v, prop.class)}
	case []any: // of lists in lists the values count
		var out []any
		for _, item := range v {
			out = append(out, p.value(prop, item)...)
		}
		return out
	}
	return []any{scalar(prop, value)}
}

func withText(v map[string]any, text any) map[string]any {
	out := map[string]any{"@value": text}
	if tag, ok := v["@language"].(string); ok {
		out["@language"] = tag
	}
	return out
}

// shortNames are what everybody calls the credit frameworks; their labels are longer.
var shortNames = map[string]string{"ects": vocabulary.ECTS, "ecvet": vocabulary.ECVET}

// scalar rewrites a text, number or truth value.
func scalar(prop property, value any) any {
	text := strings.TrimSpace(fmt.Sprint(value))
	literal := map[string]any{"@value": value}
	if n, ok := value.(json.Number); ok && strings.ContainsAny(n.String(), ".eE") {
		literal["@value"] = n.String() // as written: 7.5, not 7.5E0
	}
	switch {
	case prop.sort == aConcept:
		if iri, ok := shortNames[strings.ToLower(text)]; ok && prop.in == vocabulary.CreditFrameworks {
			return map[string]any{"@id": iri}
		}
		if c, ok := vocabulary.Resolve(prop.in, text); ok {
			return map[string]any{"@id": c.IRI}
		}
	case prop.iri == vocabulary.Identifier:
		return map[string]any{"@type": []any{prop.class}, vocabulary.Notation: []any{map[string]any{"@value": text}}}
	case prop.iri == vocabulary.CreditPoint && isNumber(text):
		return map[string]any{"@type": []any{prop.class}, vocabulary.Point: []any{literal}}
	}
	if prop.sort != aText && prop.sort != aLiteral && elm.IsGlobal(text) {
		return map[string]any{"@id": elm.GlobalIRI(text)}
	}
	return literal
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789.,") == "" }

// tag is a language tag as maps of texts have for keys: En, de, pt-BR, zh_Hans; "und" and "" as well.
var tag = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)

// inLanguages reads a map of texts by language; nil when it is none.
func inLanguages(v map[string]any) []any {
	var out []any
	for key, value := range v {
		if !tag.MatchString(key) {
			return nil
		}
		for _, item := range listOf(value) {
			text, ok := item.(string)
			if !ok || strings.EqualFold(key, "id") && elm.IsGlobal(text) { // an identifier, not Indonesian
				return nil
			}
			literal := map[string]any{"@value": text}
			if name := strings.ToLower(strings.ReplaceAll(key, "_", "-")); name != "und" {
				literal["@language"] = name
			}
			out = append(out, literal)
		}
	}
	return out
}

package portal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxSaid is how much of a value a table of differences shows, in bytes.
const maxSaid = 400

// said writes a value of a difference for people: texts as they are, lists and fields in a row.
func said(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	var value any
	if err := json.Unmarshal(b, &value); err != nil {
		return ""
	}
	s := saidValue(value)
	if len(s) > maxSaid {
		s = strings.ToValidUTF8(s[:maxSaid], "") + "…"
	}
	return s
}

func saidValue(v any) string {
	var parts []string
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return plain(v)
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case float64:
		return number(v)
	case []any:
		for _, one := range v {
			parts = append(parts, saidValue(one))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if one := saidValue(v[name]); one != "" && name != "und" {
				parts = append(parts, words(name)+": "+one)
			} else {
				parts = append(parts, one)
			}
		}
	default:
		return fmt.Sprint(v)
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

// words makes the name of a field readable.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// field is where two versions differ: of the course itself when Offering is "".
type field struct{ Name, Offering string }

// fieldOf reads a name of elm.Difference.
func fieldOf(name string) field {
	rest, ok := strings.CutPrefix(name, "offerings[")
	end := strings.LastIndex(rest, "]")
	if !ok || end < 0 {
		return field{Name: words(name)}
	}
	if name = strings.TrimPrefix(rest[end+1:], "."); name == "" {
		name = "the whole"
	}
	return field{words(name), rest[:end]}
}

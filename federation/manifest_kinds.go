package federation

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// kindOf names a value's kind for messages.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "nothing"
	case bool:
		return "a boolean"
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case []any:
		return "a list"
	}
	return "an object"
}

// textOf is the text of a scalar; numbers keep their digits.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// text reads an optional scalar.
func (r *manifestReader) text(where string, v any) string {
	text, ok := textOf(v)
	if !ok && v != nil {
		r.report(where, kindOf(v)+" where a text belongs, ignored", "write one text")
	}
	return text
}

// texts reads an object of scalars.
func (r *manifestReader) texts(where string, v any) map[string]string {
	object := r.object(where, v)
	if len(object) == 0 {
		return nil
	}
	texts := make(map[string]string, len(object))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if text := r.text(pointer(where, key), object[key]); text != "" {
			texts[key] = text
		}
	}
	return texts
}

func (r *manifestReader) object(where string, v any) map[string]any {
	object, ok := v.(map[string]any)
	if !ok && v != nil {
		r.report(where, kindOf(v)+" where an object belongs, ignored", "write names with values")
	}
	return object
}

// list reads a list of texts; a single text is taken for a list of one. Places in the answer are places in the list.
func (r *manifestReader) list(where string, v any) []string {
	if text, ok := v.(string); ok {
		r.warn(where, "a text where a list belongs", "put it in brackets")
		return []string{text}
	}
	items, ok := v.([]any)
	if !ok {
		r.report(where, kindOf(v)+" where a list belongs, read as an empty list", "write a list in brackets")
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i], _ = item.(string)
	}
	return texts
}

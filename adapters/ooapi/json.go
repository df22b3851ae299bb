package ooapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// place is where a value stands in the source: the page and a JSON pointer into it.
type place struct{ url, pointer string }

func (p place) String() string { return p.url + "#" + p.pointer }

func (p place) in(field string) place { return place{p.url, p.pointer + "/" + field} }

// record is one entry of a page, not decoded yet.
type record struct {
	place
	raw json.RawMessage
}

// object decodes the entry under the limits; what is no object is a lost record.
func (r record) object(lim Limits) (object, error) {
	if len(r.raw) > lim.RecordBytes {
		return nil, r.lost(fmt.Sprintf("the entry has %d bytes, the limit is %d", len(r.raw), lim.RecordBytes), "shorten its texts or leave out attachments")
	}
	v, err := decode(r.raw, lim.Depth)
	if err != nil {
		return nil, r.lost(err.Error(), "send plain JSON objects as the standard describes them")
	}
	obj, ok := v.(object)
	if !ok {
		return nil, r.lost("the entry is no JSON object", "send one object per entry of items")
	}
	return obj, nil
}

// lost says why the entry is unusable; its id, as far as it can be read, keeps what was said of it before.
func (r record) lost(message, fix string) *adapters.RecordError {
	var known struct {
		CourseID string `json:"courseId"`
	}
	_ = json.Unmarshal(r.raw, &known) // without an id when it cannot be read
	return &adapters.RecordError{Subject: known.CourseID, Where: r.String(), Field: "items", Message: message, Fix: fix}
}

// object is a JSON object whose keys are trimmed, since servers send keys such as "geoLocation ".
type object map[string]any

// get finds a field, also when the server spells it with other capitals.
func (o object) get(field string) any {
	if v, ok := o[field]; ok {
		return v
	}
	found := ""
	for k := range o { // the smallest match, so that the order of the map does not matter
		if strings.EqualFold(k, field) && (found == "" || k < found) {
			found = k
		}
	}
	return o[found]
}

// text reads a field as trimmed text; numbers and booleans count, other things do not.
func (o object) text(field string) string { return scalar(o.get(field)) }

// has reports whether the field holds anything but null, blanks and empty containers.
func (o object) has(field string) bool { return !blank(o.get(field)) }

func scalar(v any) string {
	switch t := v.(type) {
	case string:
		return strings.TrimSpace(t)
	case json.Number:
		return t.String()
	case bool:
		return strconv.FormatBool(t)
	}
	return ""
}

func blank(v any) bool {
	switch t := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(t) == ""
	case []any:
		for _, e := range t {
			if !blank(e) {
				return false
			}
		}
		return true
	case object:
		return len(t) == 0
	}
	return false
}

// list is the value as a list: arrays are flattened, anything else stands alone, blanks are left out.
func list(v any) []any {
	if blank(v) {
		return nil
	}
	entries, ok := v.([]any)
	if !ok {
		return []any{v}
	}
	var out []any
	for _, e := range entries {
		out = append(out, list(e)...)
	}
	return out
}

// objects are the objects of a list.
func objects(v any) []object {
	var out []object
	for _, e := range list(v) {
		if o, ok := e.(object); ok {
			out = append(out, o)
		}
	}
	return out
}

// scalars are the texts of a list.
func scalars(v any) []string {
	var out []string
	for _, e := range list(v) {
		if s := scalar(e); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// decode reads one JSON value with numbers as text and keys trimmed.
func decode(raw []byte, depth int) (any, error) {
	if err := checkDepth(raw, depth); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return trimKeys(v), nil
}

func trimKeys(v any) any {
	switch t := v.(type) {
	case map[string]any:
		o := trimmed(t)
		for k, e := range o {
			o[k] = trimKeys(e)
		}
		return o
	case []any:
		for i := range t {
			t[i] = trimKeys(t[i])
		}
	}
	return v
}

// trimmed renames fields such as "name "; a field that is spelt right wins, else the first in byte order.
func trimmed[T any](fields map[string]T) object {
	o := make(object, len(fields))
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		name := strings.TrimSpace(k)
		if _, taken := o[name]; !taken || name == k {
			o[name] = fields[k]
		}
	}
	return o
}

var errDepth = errors.New("JSON nested too deeply")

// checkDepth refuses nesting before a decoder recurses into it.
func checkDepth(raw []byte, limit int) error {
	depth, inString := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return fmt.Errorf("%w: more than %d levels at byte %d", errDepth, limit, i)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
)

// Place is where a value stands in the source: the page and a JSON pointer into it.
type Place struct{ URL, Pointer string }

func (p Place) String() string { return p.URL + "#" + p.Pointer }

// In is the place of a field.
func (p Place) In(field string) Place { return Place{p.URL, p.Pointer + "/" + field} }

// Record is one entry of a page, not decoded yet.
type Record struct {
	Place
	Raw json.RawMessage
}

// recordBytes is about what a record takes beside its own bytes: lists of millions of tiny entries are possible.
const recordBytes = 128

// Weight is about how much memory the record takes while it is held.
func (r Record) Weight() int64 { return int64(len(r.Raw)) + recordBytes }

// Entry is a decoded record.
type Entry struct {
	Place
	Object
}

// Decode reads the entry under the limits; what is no object is a lost record. The field idField, as far
// as it can be read, then names the course, so that what was said of it before stays.
func (r Record) Decode(lim Limits, idField string) (Object, error) {
	if len(r.Raw) > lim.RecordBytes {
		return nil, r.lost(idField, fmt.Sprintf("the entry has more than %d bytes", lim.RecordBytes), "shorten its texts or leave out attachments")
	}
	v, err := Decode(r.Raw, lim.Depth)
	if err != nil {
		return nil, r.lost(idField, err.Error(), "send plain JSON objects as the standard describes them")
	}
	obj, ok := v.(Object)
	if !ok {
		return nil, r.lost(idField, "the entry is no JSON object", "send one object per entry of items")
	}
	return obj, nil
}

func (r Record) lost(idField, message, fix string) *adapters.RecordError {
	return &adapters.RecordError{Subject: r.ID(idField), Where: r.String(), Field: "items", Message: message, Fix: fix}
}

// ID is a field of the entry, which may be the start of one; "" when it cannot be found.
func (r Record) ID(field string) string {
	dec := json.NewDecoder(bytes.NewReader(r.Raw))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return ""
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return ""
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return ""
		}
		if s, ok := name.(string); ok && strings.TrimSpace(s) == field {
			id, _ := Decode(raw, 1) // "" when it is no plain value
			return Scalar(id)
		}
	}
	return ""
}

// Scalar is a value as trimmed text; "" for what is no text, number or boolean.
func Scalar(v any) string {
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

// Blank says that a value is null, blanks only, or an empty container.
func Blank(v any) bool {
	switch t := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(t) == ""
	case []any:
		for _, e := range t {
			if !Blank(e) {
				return false
			}
		}
		return true
	case Object:
		return len(t) == 0
	}
	return false
}

// List is the value as a list: arrays are flattened, anything else stands alone, blanks are left out. It is to be read
// only, since it may be the array itself.
func List(v any) []any {
	if Blank(v) {
		return nil
	}
	entries, ok := v.([]any)
	if !ok {
		return []any{v}
	}
	if !slices.ContainsFunc(entries, uneven) {
		return entries
	}
	out := make([]any, 0, len(entries))
	for _, e := range entries {
		if inner, ok := e.([]any); ok {
			out = append(out, List(inner)...)
		} else if !Blank(e) {
			out = append(out, e)
		}
	}
	return out
}

func uneven(entry any) bool {
	_, nested := entry.([]any)
	return nested || Blank(entry)
}

// Objects are the objects of a list.
func Objects(v any) []Object {
	if o, ok := v.(Object); ok && len(o) > 0 {
		return []Object{o}
	}
	var out []Object
	for _, e := range List(v) {
		if o, ok := e.(Object); ok {
			out = append(out, o)
		}
	}
	return out
}

// Scalars are the texts of a list.
func Scalars(v any) []string {
	if s := Scalar(v); s != "" {
		return []string{s}
	}
	var out []string
	for _, e := range List(v) {
		if s := Scalar(e); s != "" {
			out = append(out, s)
		}
	}
	return out
}

package source

import (
	"slices"
	"strings"
)

// Object is a JSON object: its fields in the order of their names, each name once. Names are trimmed, since servers send
// names such as "geoLocation ". Entries have dozens of small objects that are read a few times, for which a list is
// smaller and faster than a map.
type Object []Field

// Field is one field of an object.
type Field struct {
	Name  string
	Value any
}

// ObjectOf makes an object of fields in any order; of two with one name the last counts.
func ObjectOf(fields ...Field) Object { return ordered(slices.Clone(fields)) }

// ordered brings fields into order, in place. Of two fields with one name the last counts. A name that is spelt right wins
// over one that had to be trimmed; of those the first in byte order wins.
func ordered(fields []Field) Object {
	if increasing(fields) {
		return fields
	}
	slices.SortStableFunc(fields, byName)
	slices.Reverse(fields)
	fields = slices.CompactFunc(fields, sameName) // the last of each
	slices.Reverse(fields)
	if !slices.ContainsFunc(fields, untidy) {
		return fields
	}
	slices.SortStableFunc(fields, tidyFirst)
	for i := range fields {
		fields[i].Name = strings.TrimSpace(fields[i].Name)
	}
	slices.SortStableFunc(fields, byName)
	return slices.CompactFunc(fields, sameName) // the first of each
}

func byName(a, b Field) int { return strings.Compare(a.Name, b.Name) }

func sameName(a, b Field) bool { return a.Name == b.Name }

func untidy(f Field) bool { return strings.TrimSpace(f.Name) != f.Name }

func tidyFirst(a, b Field) int {
	switch x, y := untidy(a), untidy(b); {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// increasing says that there is nothing to be put right.
func increasing(fields []Field) bool {
	for i := range fields {
		if untidy(fields[i]) || (i > 0 && fields[i-1].Name >= fields[i].Name) {
			return false
		}
	}
	return true
}

// find is the field of that very name; -1 when there is none.
func (o Object) find(name string) int {
	low, high := 0, len(o)
	for low < high {
		middle := (low + high) / 2
		switch found := o[middle].Name; {
		case found == name:
			return middle
		case found < name:
			low = middle + 1
		default:
			high = middle
		}
	}
	return -1
}

// Exact is the field of that very name; nil when there is none.
func (o Object) Exact(name string) any {
	if i := o.find(name); i >= 0 {
		return o[i].Value
	}
	return nil
}

// Get finds a field, also when the server spells it with other capitals.
func (o Object) Get(field string) any {
	if i := o.find(field); i >= 0 {
		return o[i].Value
	}
	for _, f := range o {
		if len(f.Name) == len(field) && strings.EqualFold(f.Name, field) {
			return f.Value
		}
	}
	return nil
}

// Text reads a field as trimmed text; numbers and booleans count, other things do not.
func (o Object) Text(field string) string { return Scalar(o.Get(field)) }

// Has reports whether the field holds anything but null, blanks and empty containers.
func (o Object) Has(field string) bool { return !Blank(o.Get(field)) }

// With is the object with some fields set anew.
func (o Object) With(fields ...Field) Object { return ordered(slices.Concat(o, fields)) }

// Without is the object without the field of that very name.
func (o Object) Without(name string) Object {
	return slices.DeleteFunc(slices.Clone(o), func(f Field) bool { return f.Name == name })
}

// MarshalJSON writes the fields in their order.
func (o Object) MarshalJSON() ([]byte, error) { return appendJSON(nil, o) }

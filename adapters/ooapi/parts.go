package ooapi

import (
	"context"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
)

// members are the ids of the courses of a programme, as the courses state them.
type members map[string][]string

func (m members) add(programme, course string) {
	if _, known := m[programme]; !known {
		programme = strings.Clone(programme) // outlives the entry
	}
	m[programme] = append(m[programme], course)
}

// parts notes which programmes a course names, and tells a programme its courses. Servers whose courses name no
// programme are asked programme by programme.
func (w *walk) parts(ctx context.Context, in *input, id string) error {
	switch in.kind {
	case w.version.courses:
		for _, p := range in.named(w.version.words.programmes, w.version.programmes.id) {
			w.members.add(p, id)
		}
	case w.version.programmes:
		if in.parts = w.members[id]; len(w.members) > 0 {
			return nil
		}
		var err error
		in.parts, err = w.coursesOf(ctx, in.kind, id)
		return err
	}
	return nil
}

// coursesOf asks for the courses of a programme.
func (w *walk) coursesOf(ctx context.Context, k *kind, id string) (ids []string, err error) {
	if !source.Addressable(id) || w.partless >= refusals {
		return nil, nil
	}
	var named source.Once
	err = w.client.list(ctx, func(rec source.Record) error {
		if obj, err := rec.Decode(w.client.Limits, ""); err == nil {
			named.Add(strings.Clone(obj.Text(w.version.courses.id)))
		}
		return nil // an entry that cannot be read is reported where courses are listed
	}, k.collection, id, w.version.courses.collection)
	if refused(err) {
		w.partless++
		return nil, nil
	}
	w.partless = 0
	return named.Texts, err
}

// named are the ids in a field that holds ids or objects, or in the field beside it that version 6 has for ids.
func named(o source.Object, field, idField string) []string {
	var out source.Once
	for _, f := range []string{field, idsField(field)} {
		for _, e := range source.List(o.Get(f)) {
			id := source.Scalar(e)
			if obj, ok := e.(source.Object); ok {
				id = obj.Text(idField)
			}
			out.Add(id)
		}
	}
	return out.Texts
}

func (in *input) named(field, idField string) []string { return named(in.Object, field, idField) }

// idsField is the field of version 6 that holds the ids of what the field holds as objects.
func idsField(field string) string {
	switch field {
	case "children":
		return "childIds"
	case "parent", "course", "programme", "organisation", "academicSession":
		return field + "Id"
	}
	if n := len(field); n > 1 && field[n-1] == 's' {
		return field[:n-1] + "Ids"
	}
	return field + "Ids"
}

// reference is what a field of either kind holds: the object, else the id.
func reference(o source.Object, field string) any {
	ids := idsField(field)
	if v := o.Exact(ids); v != nil && o.Exact(field) == nil { // as nearly all servers of version 6 send it
		return v
	}
	if v := o.Get(field); !source.Blank(v) {
		return v
	}
	return o.Get(ids)
}

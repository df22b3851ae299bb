package source

import (
	"context"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Collection is a collection of an API whose objects others refer to.
type Collection struct{ Name, ID string } // last part of its URL, and the field that names an object

// References are the objects that one course and its instances refer to.
type References map[string]Object

func (c Collection) key(id string) string { return c.Name + "/" + id }

// Find reads a field that holds an id or the object itself, and gives the object as far as it is known.
func (r References) Find(c Collection, v any) (id string, obj Object) {
	id, obj = c.reference(v)
	if obj == nil {
		obj = r[c.key(id)]
	}
	return id, obj
}

// reference reads a field that holds an id or the object itself; of a list it takes the first. An object
// with nothing but its id is no more than the id.
func (c Collection) reference(v any) (id string, obj Object) {
	entries := List(v)
	if len(entries) == 0 {
		return "", nil
	}
	o, ok := entries[0].(Object)
	if !ok {
		return Scalar(entries[0]), nil
	}
	if id = o.Text(c.ID); len(o) == 1 && id != "" {
		return id, nil
	}
	return id, o
}

// Resolve looks up what the field refers to.
func (c *Client) Resolve(ctx context.Context, refs References, in Collection, v any) error {
	id, obj := in.reference(v)
	if obj != nil || !Addressable(id) {
		return nil
	}
	found, err := c.Lookup(ctx, in.Name, id)
	if err == nil && found != nil {
		refs[in.key(id)] = found
	}
	return err
}

// Levels bounds the climb from a department to its institution.
const Levels = 8

// Climb looks up what the field refers to, its parent, and so on.
func (c *Client) Climb(ctx context.Context, refs References, in Collection, v any) error {
	for range Levels {
		id, obj := in.reference(v)
		if _, known := refs[in.key(id)]; known {
			return nil
		}
		if obj == nil {
			if err := c.Resolve(ctx, refs, in, v); err != nil {
				return err
			}
			obj = refs[in.key(id)]
		}
		if v = obj.Get("parent"); Blank(v) {
			return nil
		}
	}
	return nil
}

// Above is the nearest object with a SCHAC code, from the one that the field refers to upwards. Without
// such a code there is nothing to tell which institution it is; then the source's own provider is meant.
func (r References) Above(in Collection, v any, schac func(Object) string) (id, code string, obj Object) {
	for range Levels {
		if id, obj = r.Find(in, v); obj == nil {
			return "", "", nil
		}
		if code = schac(obj); code != "" {
			return id, code, obj
		}
		v = obj.Get("parent")
	}
	return "", "", nil
}

// Reference points to something that this graph does not describe.
func (n *Node) Reference(property, id, scheme string, names []Text) {
	n.Value(n.IRI, property, vocabulary.ClassSpecificationReference, scheme+"\x00"+id, func(b rdf.Blank) {
		n.Identifier(b, id, scheme)
		n.Texts(b, vocabulary.Title, names)
	})
}

// Department names a part of an institution under the standard's own term.
func (n *Node) Department(field, id, scheme string, names []Text) {
	if len(names) == 0 {
		return
	}
	n.Value(n.IRI, n.Namespace+field, vocabulary.ClassOrganisation, id, func(b rdf.Blank) {
		n.Texts(b, vocabulary.PrefLabel, names)
		if id != "" {
			n.Identifier(b, id, scheme)
		}
	})
}

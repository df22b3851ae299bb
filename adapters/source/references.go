package source

import (
	"context"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Collection is a collection of an API whose objects others refer to.
type Collection struct{ Name, ID string } // last part of its URL, and the field that names an object

// References are the objects that one course and its instances refer to.
type References map[Reference]Object

// Reference names an object: its collection, and its id.
type Reference struct{ collection, id string }

func (c Collection) key(id string) Reference { return Reference{c.Name, id} }

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

// Keep notes an object of a collection that came by another way than a look-up.
func (r References) Keep(in Collection, obj Object) {
	if id := obj.Text(in.ID); id != "" {
		r[in.key(id)] = obj
	}
}

// Resolve looks up what the field refers to.
func (c *Client) Resolve(ctx context.Context, refs References, in Collection, v any) error {
	id, obj := in.reference(v)
	if obj != nil || !Addressable(id) || refs[in.key(id)] != nil {
		return nil
	}
	found, err := c.Lookup(ctx, in, id)
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
		if v = above(obj); Blank(v) {
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
		v = above(obj)
	}
	return "", "", nil
}

// above is what the object names as standing over it: the next one up, else the top.
func above(obj Object) any {
	for _, field := range []string{"parent", "parentId", "root", "rootId"} {
		if obj.Has(field) {
			return obj.Get(field)
		}
	}
	return nil
}

// Refer points to a course, module or programme of the same provider that this graph does not describe, by its
// subject, so that the link holds wherever that course is harvested. What the source says of it in passing, one code
// with its scheme and names, stands beside the link; Attribute adds whose it is.
func (n *Node) Refer(property, subject, code, scheme string, names []Text) {
	checked, err := rdf.NewIRI(subject)
	iri := rdf.Resource(checked)
	if err != nil || iri == n.IRI || (n.Course != nil && iri == n.Course.IRI) {
		return
	}
	n.Add(n.IRI, property, iri)
	if n.described[subject] {
		return
	}
	n.described[subject] = true
	n.Link(iri, rdf.Type, vocabulary.ClassSpecificationReference)
	n.Code(iri, code, scheme)
	n.Texts(iri, vocabulary.Title, names)
	n.referred = append(n.referred, iri)
}

// Attribute says of everything that was referred to which institution has it: the publisher that the source names for
// the course, else the one that it speaks for.
func (n *Node) Attribute(otherwise string) {
	if len(n.referred) == 0 {
		return
	}
	institution, err := rdf.NewIRI(otherwise)
	if err != nil {
		return
	}
	holder := rdf.Object(institution)
	for _, t := range n.Triples {
		if t.Subj == n.IRI && t.Pred.String() == vocabulary.Publisher {
			holder = t.Obj
			break
		}
	}
	for _, iri := range n.referred {
		n.Add(iri, vocabulary.ProvidedBy, holder)
	}
}

// Department names a part of an institution under the standard's own term. It is no elm:Organisation, which has a legal
// name.
func (n *Node) Department(field, id, scheme string, names []Text) {
	if len(names) == 0 {
		return
	}
	n.Value(n.IRI, n.Namespace+field, vocabulary.ClassOrganisationalUnit, id, func(b rdf.Resource) {
		n.Texts(b, vocabulary.PrefLabel, names)
		if id != "" {
			n.Identifier(b, id, scheme)
		}
	})
}

package rdf

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	knakk "github.com/knakk/rdf"
)

// jsonNode emits the triples of an expanded node object and returns its node.
func (d *decoder) jsonNode(item any) (*node, bool) {
	object, ok := item.(map[string]any)
	if !ok {
		return nil, d.failJSON("expected an object, found %.100v", item)
	}
	if _, named := object["@graph"]; named {
		return nil, d.failJSON("named graphs are not supported: put all nodes in the default graph")
	}
	n, ok := d.jsonID(object)
	if !ok {
		return nil, false
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if !d.jsonProperty(n, key, object[key]) {
			return nil, false
		}
	}
	return n, true
}

func (d *decoder) jsonID(object map[string]any) (*node, bool) {
	switch id := object["@id"].(type) {
	case nil:
		return d.newBlank(nil), true
	case string:
		return d.jsonRef(id)
	}
	return nil, d.failJSON("an @id is no text: %.100v", object["@id"])
}

// jsonRef makes a node of an expanded identifier.
func (d *decoder) jsonRef(id string) (*node, bool) {
	if label, ok := strings.CutPrefix(id, "_:"); ok {
		return d.blank([]byte(label)), true
	}
	if !validIRI(id) {
		return nil, d.failJSON("%.200q is no absolute IRI: give a base, or write the IRI in full", id)
	}
	if len(id) > d.lim.Literal {
		return nil, d.stop(overLimit("bytes of one literal or IRI", int64(d.lim.Literal)))
	}
	return d.iri([]byte(id))
}

func (d *decoder) jsonProperty(n *node, key string, value any) bool {
	outer := d.jsonAt
	d.jsonAt.subject, d.jsonAt.key = n.s, key
	if !d.jsonValues(n, key, value) {
		return false
	}
	d.jsonAt = outer
	return true
}

func (d *decoder) jsonValues(n *node, key string, value any) bool {
	switch key {
	case "@id", "@index":
		return true
	case "@type":
		return d.jsonEach(value, func(item any) bool { return d.jsonType(n, item) })
	case "@included":
		return d.jsonEach(value, func(item any) bool {
			_, ok := d.jsonNode(item)
			return ok
		})
	case "@reverse":
		return d.jsonReverse(n, value)
	}
	if strings.HasPrefix(key, "@") {
		return d.failJSON("%s is not allowed in a node object", key)
	}
	if strings.HasPrefix(key, "_:") {
		return true // JSON-LD 1.1 drops blank nodes as predicates
	}
	pred, ok := d.jsonRef(key)
	return ok && d.jsonEach(value, func(item any) bool {
		obj, ok := d.jsonObject(item)
		return ok && (obj == nil || d.emit(Quad{Triple: Triple{Subj: n.s, Pred: pred.p, Obj: obj}}))
	})
}

func (d *decoder) jsonType(n *node, item any) bool {
	id, ok := item.(string)
	if !ok {
		return d.failJSON("a @type is no text: %.100v", item)
	}
	class, ok := d.jsonRef(id)
	return ok && d.emit(Quad{Triple: Triple{Subj: n.s, Pred: typeNode.p, Obj: class.o}})
}

func (d *decoder) jsonReverse(n *node, value any) bool {
	properties, ok := value.(map[string]any)
	if !ok {
		return d.failJSON("@reverse is no object")
	}
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		pred, ok := d.jsonRef(key)
		if !ok {
			return false
		}
		if pred.p == nil {
			continue
		}
		if !d.jsonEach(properties[key], func(item any) bool {
			subj, ok := d.jsonNode(item)
			return ok && d.emit(Quad{Triple: Triple{Subj: subj.s, Pred: pred.p, Obj: n.o}})
		}) {
			return false
		}
	}
	return true
}

// jsonEach calls f for the items of an array, or for a single value.
func (d *decoder) jsonEach(value any, f func(any) bool) bool {
	items, ok := value.([]any)
	if !ok {
		return f(value)
	}
	for _, item := range items {
		if !f(item) {
			return false
		}
	}
	return true
}

// jsonObject makes the object of a triple from an expanded value; nil with true means that there is none.
func (d *decoder) jsonObject(item any) (Object, bool) {
	object, ok := item.(map[string]any)
	if !ok {
		return nil, d.failJSON("expected an object or a value, found %.100v", item)
	}
	if list, ok := object["@list"]; ok {
		return d.jsonList(list)
	}
	if _, ok := object["@value"]; ok {
		return d.jsonLiteral(object)
	}
	n, ok := d.jsonNode(object)
	if !ok {
		return nil, false
	}
	return n.o, true
}

// jsonList emits a list and returns its head.
func (d *decoder) jsonList(list any) (Object, bool) {
	var objects []Object
	ok := d.jsonEach(list, func(item any) bool {
		obj, ok := d.jsonObject(item)
		if ok && obj != nil {
			objects = append(objects, obj)
		}
		return ok
	})
	head := listNil
	for i := len(objects) - 1; ok && i >= 0; i-- {
		cell := d.newBlank(nil)
		ok = d.emit(Quad{Triple: Triple{Subj: cell.s, Pred: listFirst.p, Obj: objects[i]}}) &&
			d.emit(Quad{Triple: Triple{Subj: cell.s, Pred: listRest.p, Obj: head.o}})
		head = cell
	}
	return head.o, ok
}

// jsonLiteral drops a base direction, as the JSON-LD 1.1 API does where no rdfDirection is chosen.
func (d *decoder) jsonLiteral(object map[string]any) (Object, bool) {
	datatype, _ := object["@type"].(string)
	if datatype == "@json" {
		return nil, d.failJSON("values of type @json are not supported")
	}
	value, native, ok := jsonLexical(object["@value"], datatype)
	if !ok {
		return nil, d.failJSON("a @value is neither text, number nor boolean")
	}
	if len(value) > d.lim.Literal {
		return nil, d.stop(overLimit("bytes of one literal or IRI", int64(d.lim.Literal)))
	}
	if tag, ok := object["@language"].(string); ok {
		l, err := newLang(value, tag)
		if err != nil {
			return nil, d.failJSON("%v", err)
		}
		return l, true
	}
	if datatype == "" {
		return knakk.NewTypedLiteral(value, native), true
	}
	if err := checkDatatype(datatype); err != nil {
		return nil, d.failJSON("%v", err)
	}
	n, ok := d.jsonRef(datatype)
	if !ok || n.p == nil {
		return nil, d.failJSON("the datatype %.200q is no IRI", datatype)
	}
	return knakk.NewTypedLiteral(value, n.o.(IRI)), true
}

// jsonLexical gives the lexical form and native datatype of a JSON value (JSON-LD API section 8.2.2).
func jsonLexical(value any, datatype string) (string, IRI, bool) {
	switch v := value.(type) {
	case string:
		return v, xsdString, true
	case bool:
		return strconv.FormatBool(v), xsdBoolean, true
	case json.Number:
		return jsonNumber(v.String(), datatype)
	}
	return "", IRI{}, false
}

func jsonNumber(text, datatype string) (string, IRI, bool) {
	if !strings.ContainsAny(text, ".eE") && datatype != XSDDouble {
		if text == "-0" {
			text = "0"
		}
		return text, xsdInteger, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "", IRI{}, false
	}
	if f == math.Trunc(f) && math.Abs(f) < 1e21 && datatype != XSDDouble {
		return strconv.FormatFloat(f+0, 'f', 0, 64), xsdInteger, true
	}
	return canonicalDouble(f), xsdDouble, true
}

// canonicalDouble writes 5.3 as 5.3E0.
func canonicalDouble(f float64) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'E', 15, 64), "E")
	mantissa = strings.TrimRight(mantissa, "0")
	if strings.HasSuffix(mantissa, ".") {
		mantissa += "0"
	}
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return strconv.FormatFloat(f, 'E', -1, 64)
	}
	return mantissa + "E" + strconv.Itoa(n)
}

package testserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

var bodyFaults = []Fault{
	{Name: "numbers-as-text", Does: "every number is a string", On: jsonStandards, Must: Same, set: shaping(deep(numberAsText))},
	{Name: "objects-as-lists", Does: "every inner object is a list of one", On: jsonStandards, Must: Same, set: shaping(inEntries(deep(objectAsList)))},
	{Name: "lists-as-objects", Does: "every inner list of one object is that object", On: jsonStandards, Must: Same, set: shaping(inEntries(deep(listAsObject)))},
	{Name: "blank-fields", Does: "what is not known is there as empty text, list or null", On: jsonStandards, Must: Same, set: shaping(inEntries(padded))},
	{Name: "blanks-in-keys", Does: "keys end in a blank", On: jsonStandards, Must: Same, set: shaping(inEntries(deep(keysWithBlanks)))},
	{Name: "unknown-fields", Does: "objects hold fields that no standard knows", On: jsonStandards, Must: Listed, set: shaping(inEntries(extended))},
	{Name: "entries-without-id", Does: "some entries have no id", On: pagedStandards, Must: Rejected, set: shaping(inEntries(anonymous))},
}

func shaping(f func(any) any) func(*quirks) {
	return func(q *quirks) { q.shapes = append(q.shapes, f) }
}

// deep applies f to every value, inner ones first; the outermost is left as it is.
func deep(f func(any) any) func(any) any {
	var walk func(any) any
	walk = func(v any) any {
		switch t := v.(type) {
		case object:
			for k, e := range t {
				t[k] = f(walk(e))
			}
		case []any:
			for i, e := range t {
				t[i] = f(walk(e))
			}
		}
		return v
	}
	return walk
}

// inEntries applies f to each entry of a page, a bare list, a JSON:API document, or to the one object that is
// the answer.
func inEntries(f func(any) any) func(any) any {
	return func(v any) any {
		entries := v
		if o, ok := v.(object); ok {
			for _, field := range []string{"items", "data"} {
				if inner, ok := o[field]; ok {
					entries = inner
				}
			}
		}
		for _, e := range listOf(entries) {
			if o, ok := e.(object); ok {
				if inner, ok := o["attributes"]; ok {
					e = inner
				}
			}
			f(e)
		}
		return v
	}
}

func listOf(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

func numberAsText(v any) any {
	if n, ok := v.(json.Number); ok {
		return n.String()
	}
	return v
}

func asText(page object) {
	for k, v := range page {
		switch v.(type) {
		case int, bool:
			page[k] = fmt.Sprint(v)
		}
	}
}

func objectAsList(v any) any {
	if o, ok := v.(object); ok {
		return []any{o}
	}
	return v
}

func listAsObject(v any) any {
	if l, ok := v.([]any); ok && len(l) == 1 {
		if o, ok := l[0].(object); ok {
			return o
		}
	}
	return v
}

// padded adds fields of the standards with nothing in them, where the entry does not have them.
func padded(v any) any {
	o, _ := v.(object)
	for field, nothing := range map[string]any{
		"duration": nil, "resources": []any{}, "qualificationAwarded": "", "otherCodes": []any{}, "ext": object{}, "consumers": []any{},
		"paceOfStudy": "", "organizationCode": " ", "bibliography": []any{}, "subjectArea": "", "enrollEndDate": "", "enrolment": nil,
	} {
		if _, has := o[field]; !has && o != nil {
			o[field] = nothing
		}
	}
	return v
}

func keysWithBlanks(v any) any {
	o, ok := v.(object)
	if !ok {
		return v
	}
	out := object{}
	for k, e := range o {
		out[k+" "] = e
	}
	return out
}

func extended(v any) any {
	if o, ok := v.(object); ok {
		o["x_localNote"] = object{"text": "only we know", "flags": []any{json.Number(strconv.Itoa(1)), true, nil}}
	}
	return v
}

// anonymous takes the id from most courses: from those whose id begins with a digit.
func anonymous(v any) any {
	o, ok := v.(object)
	if !ok {
		return v
	}
	for _, field := range []string{"courseId", "sourcedId"} {
		key, _ := o[field].(string)
		_, course := o["name"]
		_, template := o["courseType"]
		if key != "" && key[0] < 'a' && (course || template) && o["offeringId"] == nil && o["courseOfferingId"] == nil {
			delete(o, field)
		}
	}
	return v
}

var documentFaults = []Fault{
	{Name: "served-as-plain-text", Does: "the media type is text/plain", On: documents, Must: Same, set: media("text/plain; charset=iso-8859-1")},
	{Name: "served-as-octet-stream", Does: "the media type is application/octet-stream", On: documents, Must: Same, set: media("application/octet-stream")},
	{Name: "served-as-xml", Does: "the media type is text/xml", On: only(RDFXML), Must: Same, set: media("text/xml")},
	{Name: "served-as-json", Does: "the media type is application/json", On: only(JSONLD), Must: Same, set: media("application/json")},
	{Name: "no-extension", Does: "the path says nothing of the format", On: documents, Must: Same, set: func(q *quirks) { q.noExtension = true }},
	{
		Name: "neither-extension-nor-media-type", Does: "only the content tells the format", On: documents, Must: Same,
		set: func(q *quirks) { q.noExtension = true; q.media = text("") },
	},
	{Name: "latin-1", Does: "the document is in ISO-8859-1 and says so", On: only(RDFXML), Must: Same, set: func(q *quirks) { q.latin = true }},
	{Name: "entities", Does: "namespaces are entities of a DTD", On: only(RDFXML), Must: Same, set: func(q *quirks) { q.entities = true }},
	{
		Name: "crlf", Does: "lines end in CR LF", On: documents, Must: Same,
		set: changing(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }),
	},
	{
		Name: "truncated-document", Does: "the document ends in its middle", On: documents, Must: Incomplete,
		set: changing(func(b []byte) []byte { return b[:len(b)/2] }),
	},
	{
		Name: "mistake-in-the-middle", Does: "half way there is a syntax error", On: documents, Must: Incomplete,
		set: changing(func(b []byte) []byte {
			return append(append(bytes.Clone(b[:len(b)/2]), "<<<\x00>>> ]} \""...), b[len(b)/2:]...)
		}),
	},
	{
		Name: "no-courses", Does: "the document holds somebody else's data", On: only(Turtle, NTriples), Must: Doubted,
		set: changing(func([]byte) []byte {
			return []byte("<https://x.example/a> <https://x.example/b> <https://x.example/c> .\n")
		}),
	},
}

func changing(f func([]byte) []byte) func(*quirks) { return func(q *quirks) { q.document = f } }

func media(m string) func(*quirks) { return func(q *quirks) { q.media = &m } }

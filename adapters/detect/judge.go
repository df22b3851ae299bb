package detect

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
)

// judge recognises the beginning of a document.
func judge(body []byte, address, provider string) (Found, bool) {
	switch {
	case len(body) == 0, isWebPage(body):
		return Found{}, false
	case body[0] == '{', body[0] == '[':
		if found, ok := judgeJSON(outline(body), address, provider); ok {
			return found, true
		}
	case body[0] == '<', bytes.HasPrefix(bytes.ToLower(body), []byte("prefix")), bytes.HasPrefix(bytes.ToLower(body), []byte("base")),
		body[0] == '@', body[0] == '_' && len(body) > 1 && body[1] == ':':
		return Found{Type: "elm", Path: address, Reason: "the document is RDF"}, true
	}
	if isManifest(body) {
		return Found{Type: Manifest, Path: address, Reason: "the document is a manifest"}, true
	}
	if body[0] == '#' || bytes.Contains(body, []byte("\n@prefix")) {
		return Found{Type: "elm", Path: address, Reason: "the document is RDF"}, true
	}
	return Found{}, false
}

func isManifest(body []byte) bool {
	_, err := federation.ParseManifest(body, true)
	return err == nil
}

// object is what outline keeps of a JSON object.
type object = map[string]any

func judgeJSON(v any, address, provider string) (Found, bool) {
	o := first(v)
	for _, judge := range []func(any, object, string, string) (Found, bool){linkedData, eduAPI, occAPI, openEducation} {
		if found, ok := judge(v, o, address, provider); ok {
			return found, true
		}
	}
	return Found{}, false
}

// first is the object itself, or the first of a list.
func first(v any) object {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	o, _ := v.(object)
	return o
}

func linkedData(_ any, o object, address, _ string) (Found, bool) {
	for name := range o {
		if strings.HasPrefix(name, "@") {
			return Found{Type: "elm", Path: address, Reason: "the document is JSON-LD (" + name + ")"}, true
		}
	}
	return Found{}, false
}

// eduAPI records have a sourcedId; they come in a list, or under the collection's name.
func eduAPI(_ any, o object, address, _ string) (Found, bool) {
	if o["sourcedId"] == nil {
		for name, v := range o {
			if inner := first(v); strings.Contains(name, "emplate") && inner["sourcedId"] != nil {
				o = inner
			}
		}
	}
	if o["sourcedId"] == nil {
		return Found{}, false
	}
	root := above(address, "courseTemplates", "courseOfferings", "collectionTemplates", "collectionOfferings", "componentTemplates", "organizations", "academicSessions")
	return Found{Type: "edu-api", Version: "1.0", Path: root, Reason: "its records have a sourcedId", Collection: eduCollection(o)}, true
}

// eduCollection judges by the field that only records of the collection have.
func eduCollection(o object) string {
	for _, c := range []struct{ field, collection string }{
		{"course", "courseOfferings"},
		{"collection", "collectionOfferings"},
		{"component", "componentOfferings"},
		{"organizationType", "organizations"},
		{"courseType", "courseTemplates"},
		{"collectionType", "collectionTemplates"},
		{"componentType", "componentTemplates"},
		{"sessionType", "academicSessions"},
	} {
		if o[c.field] != nil {
			return c.collection
		}
	}
	return ""
}

// occAPI answers in JSON:API, whose resources say what they are.
func occAPI(v any, o object, address, provider string) (Found, bool) {
	document, _ := v.(object)
	data := first(document["data"])
	kind, _ := data["type"].(string)
	found := Found{Type: "occapi", Version: occVersion(document, data, address), Reason: "a JSON:API document of type " + kind, Collection: strings.ToLower(kind)}
	switch strings.ToLower(kind) {
	case "hei":
		found.Path = address
		if _, list := document["data"].([]any); list {
			id, _ := data["id"].(string)
			found.Path = below(address, "", id)
		}
	case "server":
		if found.Path = below(address, "", "hei"); provider != "" {
			found.Path = below(address, "", "hei", provider)
		}
	case "course", "programme", "ounit", "instance":
		found.Path = above(address, "course", "programme", "ounit")
	default:
		return Found{}, false
	}
	return found, true
}

// occVersion: version 2 announces collections within data, version 1 beside it.
func occVersion(document, data object, address string) string {
	links, _ := data["links"].(object)
	switch {
	case strings.Contains(path(address), "/v1/") || len(links) == 0 && document["links"] != nil:
		return "1"
	}
	return "2"
}

// openEducation pages have items; its root describes the service.
func openEducation(_ any, o object, address, _ string) (Found, bool) {
	if o["contactEmail"] != nil && o["specification"] != nil {
		text, _ := o["specification"].(string)
		return Found{Type: "ooapi", Version: openVersion(nil, text+path(address)), Path: address, Reason: "the root describes an Open Education API"}, true
	}
	item := o
	if items, paged := o["items"]; paged {
		item = first(items)
		if item == nil && o["pageNumber"] == nil && o["pageSize"] == nil && o["hasNextPage"] == nil {
			return Found{}, false
		}
	} else if !openItem(item) {
		return Found{}, false
	}
	root := above(address, "courses", "programs", "programmes", "education-specifications", "organizations", "organisations", "offerings")
	return Found{Type: "ooapi", Version: openVersion(item, path(address)), Path: root, Reason: "its lists are pages of the Open Education API", Collection: openCollection(item)}, true
}

// openCollections by the id of their entries. What comes first names what comes later, such as an offering its course.
var openCollections = []struct {
	id, collection string
	alone          bool // an entry that stands alone shows the standard by it
}{
	{"courseOfferingId", "offerings", false},
	{"programmeOfferingId", "offerings", false},
	{"componentOfferingId", "offerings", false},
	{"offeringId", "offerings", false},
	{"componentId", "components", false},
	{"courseId", "courses", true},
	{"programId", "programs", true},
	{"programmeId", "programmes", true},
	{"educationSpecificationId", "education-specifications", true},
	{"learningOutcomeId", "learning-outcomes", false},
	{"academicSessionId", "academic-sessions", false},
	{"organizationId", "organizations", false},
	{"organisationId", "organisations", false},
}

func openItem(o object) bool {
	for _, c := range openCollections {
		if c.alone && o[c.id] != nil {
			return true
		}
	}
	return false
}

func openCollection(o object) string {
	for _, c := range openCollections {
		if o[c.id] != nil {
			return c.collection
		}
	}
	return ""
}

// openVersion: fields that only version 6 has, else what path or specification say, else 5.
func openVersion(item object, text string) string {
	for _, field := range []string{"programmeId", "teachingLanguages", "modesOfDelivery", "organisationId", "programmeIds", "learningOutcomeIds"} {
		if _, ok := item[field]; ok {
			return "6"
		}
	}
	text = strings.ToLower(text)
	if item == nil && (strings.Contains(text, "v6") || strings.Contains(text, "/6")) {
		return "6"
	}
	return "5"
}

// above cuts a collection off the end of an address, so that its root is left.
func above(address string, collections ...string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	segments := strings.Split(strings.TrimRight(u.EscapedPath(), "/"), "/")
	for i, s := range segments {
		if i > 0 && slices.Contains(collections, s) && i >= len(segments)-2 {
			u.RawPath = ""
			u.Path, _ = url.PathUnescape(strings.Join(segments[:i], "/"))
			u.RawQuery = withoutPaging(u.Query())
			return u.String()
		}
	}
	return address
}

func withoutPaging(query url.Values) string {
	for _, name := range []string{"pageNumber", "pageSize", "limit", "offset", "page"} {
		query.Del(name)
	}
	return query.Encode()
}

const (
	outlineDepth = 5  // levels that are kept
	outlineItems = 2  // of a list that are kept
	maxDepth     = 64 // a document nested deeper is cut off there
)

var errDepth = errors.New("nested too deep")

// outline reads a document that may be cut off: its outer levels, and of lists the beginning.
func outline(body []byte) any {
	d := json.NewDecoder(bytes.NewReader(body))
	v, _ := outlined(d, 0) // what was read until an error is what is judged
	return v
}

func outlined(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	delimiter, nested := token.(json.Delim)
	if err != nil || !nested {
		return token, err
	}
	if depth > maxDepth {
		return nil, errDepth
	}
	if delimiter == '[' {
		return outlinedList(d, depth)
	}
	o := object{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return o, err
		}
		v, err := outlined(d, depth+1)
		if name, ok := key.(string); ok && depth < outlineDepth {
			o[name] = v
		}
		if err != nil {
			return o, err
		}
	}
	_, err = d.Token()
	return o, err
}

func outlinedList(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := outlined(d, depth+1)
		if len(list) < outlineItems {
			list = append(list, v)
		}
		if err != nil {
			return list, err
		}
	}
	_, err := d.Token()
	return list, err
}

package federation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A decoded document consists of nil, bool, string, json.Number (the digits as written), []any and
// map[string]any, whether it was JSON or YAML.

// decode tries JSON, then YAML. Media types and file endings are not asked: servers get both wrong.
func (r *manifestReader) decode(body []byte) (any, error) {
	if json.Valid(body) {
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		return r.jsonValue(d, "", 0)
	}
	if trimmed := bytes.TrimSpace(body); trimmed[0] == '{' {
		r.report("", "not valid JSON, read as YAML", "check commas, quotes and brackets with a JSON validator")
	}
	if marks := yamlMarks(body); marks > manifestMarks {
		return nil, refuseManifest("as YAML it has more than %d lines and values, where a manifest has some hundred; leave out what is no manifest", manifestMarks)
	}
	node, err := firstDocument(body)
	if err != nil {
		if indented := spacesForTabs(body); !bytes.Equal(indented, body) {
			if again, tabErr := firstDocument(indented); tabErr == nil {
				r.report("", "tabs indent the YAML, which the format forbids", "indent with spaces")
				node, err = again, nil
			}
		}
	}
	if err != nil {
		return nil, refuseManifest("neither JSON nor YAML (%v); check it with a YAML validator", err)
	}
	return r.yamlValue(node, "", 0)
}

// jsonValue builds a value token by token, because the library's own maps swallow repeated keys.
func (r *manifestReader) jsonValue(d *json.Decoder, where string, depth int) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, refuseManifest("JSON ends early; complete the file")
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth >= manifestDepth {
		return nil, errTooDeep()
	}
	if delim == '[' {
		return r.jsonArray(d, where, depth)
	}
	return r.jsonObject(d, where, depth)
}

func (r *manifestReader) jsonArray(d *json.Decoder, where string, depth int) (any, error) {
	list := []any{}
	for d.More() {
		v, err := r.jsonValue(d, where+"/"+strconv.Itoa(len(list)), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return list, err
}

func (r *manifestReader) jsonObject(d *json.Decoder, where string, depth int) (any, error) {
	object := map[string]any{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string)
		v, err := r.jsonValue(d, pointer(where, key), depth+1)
		if err != nil {
			return nil, err
		}
		r.put(object, where, key, v)
	}
	_, err := d.Token()
	return object, err
}

// put lets the last of repeated keys win, as most JSON readers do, and says so.
func (r *manifestReader) put(object map[string]any, where, key string, v any) {
	if _, twice := object[key]; twice {
		r.report(pointer(where, key), "the key is given twice, the last one counts", "keep one of them")
	}
	object[key] = v
}

func errTooDeep() error {
	return refuseManifest("nested deeper than %d levels; flatten it", manifestDepth)
}

// firstDocument parses YAML into nodes, which keeps the digits of numbers and expands no alias.
func firstDocument(body []byte) (*yaml.Node, error) {
	var document yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(body)).Decode(&document)
	switch {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		return nil, errors.New("no content")
	case err != nil:
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return document.Content[0], nil
}

// manifestMarks bounds the nodes of a YAML document, each of which takes 200 bytes while it is read.
const manifestMarks = 100_000

// yamlMarks counts what may begin a value: there are never more nodes than twice that.
func yamlMarks(body []byte) (n int) {
	for _, c := range body {
		switch c {
		case '\n', '\r', ',', ':', '[', '{', '-', '?':
			n++
		}
	}
	return n
}

var leadingTabs = regexp.MustCompile(`(?m)^[ \t]*\t[ \t]*`)

func spacesForTabs(body []byte) []byte {
	return leadingTabs.ReplaceAllFunc(body, func(indent []byte) []byte {
		return bytes.ReplaceAll(indent, []byte("\t"), []byte("  "))
	})
}

func (r *manifestReader) yamlValue(n *yaml.Node, where string, depth int) (any, error) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return nil, refuseManifest("line %d uses a YAML anchor or alias; write the value out", n.Line)
	}
	if n.Kind == yaml.ScalarNode {
		return yamlScalar(n), nil
	}
	if depth >= manifestDepth {
		return nil, errTooDeep()
	}
	if n.Kind == yaml.SequenceNode {
		return r.yamlSequence(n, where, depth)
	}
	return r.yamlMapping(n, where, depth)
}

func (r *manifestReader) yamlSequence(n *yaml.Node, where string, depth int) (any, error) {
	list := make([]any, 0, len(n.Content))
	for i, item := range n.Content {
		v, err := r.yamlValue(item, where+"/"+strconv.Itoa(i), depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (r *manifestReader) yamlMapping(n *yaml.Node, where string, depth int) (any, error) {
	object := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" {
			return nil, refuseManifest("line %d has a key that is not plain text; write a name", key.Line)
		}
		v, err := r.yamlValue(n.Content[i+1], pointer(where, key.Value), depth+1)
		if err != nil {
			return nil, err
		}
		r.put(object, where, key.Value, v)
	}
	return object, nil
}

func yamlScalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int", "!!float":
		return json.Number(n.Value)
	}
	return n.Value
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// pointer appends a key to a JSON pointer (RFC 6901).
func pointer(where, key string) string { return where + "/" + pointerEscapes.Replace(key) }

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
		r.report(where, "a text where a list belongs", "put it in brackets")
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

package federation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// manifestMarks bounds the nodes of a YAML document, each of which takes 200 bytes while it is read.
const manifestMarks = 100_000

func (r *manifestReader) decodeYAML(body []byte) (any, error) {
	if marks := yamlMarks(body); marks > manifestMarks {
		return nil, refuseManifest(0, fmt.Sprintf("as YAML it has more than %d lines and values, where a manifest has some hundred", manifestMarks), "leave out what is no manifest")
	}
	node, err := firstDocument(body)
	if err != nil {
		if indented := spacesForTabs(body); !bytes.Equal(indented, body) {
			if again, tabErr := firstDocument(indented); tabErr == nil {
				r.broken(lineOf(body, leadingTabs.FindIndex(body)[0]), "tabs indent the YAML, which the format forbids", "indent with spaces")
				node, err = again, nil
			}
		}
	}
	if err != nil {
		return nil, yamlFault(err)
	}
	r.lines.note(&manifestPlace{}, node.Line)
	return r.yamlValue(node, &manifestPlace{})
}

var errNoContent = errors.New("no content")

// firstDocument parses YAML into nodes, which keeps the digits of numbers and expands no alias.
func firstDocument(body []byte) (*yaml.Node, error) {
	var document yaml.Node
	err := yaml.NewDecoder(bytes.NewReader(body)).Decode(&document)
	switch {
	case errors.Is(err, io.EOF) || err == nil && len(document.Content) == 0:
		return nil, errNoContent
	case err != nil:
		return nil, err
	}
	return document.Content[0], nil
}

// secondDocument is the line on which another document begins, 0 when there is none or the text is JSON.
func secondDocument(body []byte) int {
	var first, second yaml.Node
	if !bytes.Contains(body, []byte("\n---")) || json.Valid(body) || yamlMarks(body) > manifestMarks {
		return 0
	}
	d := yaml.NewDecoder(bytes.NewReader(spacesForTabs(body)))
	if d.Decode(&first) != nil || d.Decode(&second) != nil || len(second.Content) == 0 || second.Content[0].ShortTag() == "!!null" {
		return 0
	}
	return second.Content[0].Line
}

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

func (r *manifestReader) yamlValue(n *yaml.Node, at *manifestPlace) (any, error) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return nil, refuseManifest(n.Line, "a YAML anchor or alias", "write the value out")
	}
	if n.Kind == yaml.ScalarNode {
		return yamlScalar(n), nil
	}
	if at.depth >= manifestDepth {
		return nil, errTooDeep()
	}
	if n.Kind == yaml.SequenceNode {
		return r.yamlSequence(n, at)
	}
	return r.yamlMapping(n, at)
}

func (r *manifestReader) yamlSequence(n *yaml.Node, at *manifestPlace) (any, error) {
	list := make([]any, 0, len(n.Content))
	for i, item := range n.Content {
		inner := at.item(i)
		r.lines.note(inner, item.Line)
		v, err := r.yamlValue(item, inner)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (r *manifestReader) yamlMapping(n *yaml.Node, at *manifestPlace) (any, error) {
	object := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" {
			return nil, refuseManifest(key.Line, "a key that is not plain text", "write a name")
		}
		inner := at.member(key.Value)
		r.lines.note(inner, key.Line)
		v, err := r.yamlValue(n.Content[i+1], inner)
		if err != nil {
			return nil, err
		}
		r.put(object, inner, v)
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

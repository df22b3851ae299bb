package source_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/source"
)

const deep = 40

var texts = []string{
	`{}`, `[]`, `null`, ` true `, `"a"`, `-0`, `0.5e-3`, `{"a":[1,{"b":null}],"c":"\u00e9\n","d ":1,"d":2}`, `{"a":1,"a":2}`, "{\"\xff\":\"\xff\"}", "\"\u2028\"",
	``, `{`, `[1`, `{"a"`, `{"a":`, `{"a":1`, `[1,]`, `{"a":1,}`, `01`, `1.`, `.5`, `+1`, `1e`, `nul`, `nulll`, `"a`, `"\x"`, "\"\n\"", `[}`, `{]`, `{a:1}`, `[1 2]`, `{"a" 1}`, `{} {}`, `"\ud800"`,
	`[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]`,
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, s := range texts {
		decodes(t, []byte(s))
	}
}

// FuzzDecode holds the decoder to encoding/json: it reads the same texts, and the same in them.
func FuzzDecode(f *testing.F) {
	for _, s := range texts {
		f.Add([]byte(s))
	}
	f.Add([]byte(strings.Repeat("[", 37) + "1" + strings.Repeat("]", 37)))
	f.Fuzz(decodes)
}

func decodes(t *testing.T, text []byte) {
	got, err := source.Decode(text, deep)
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var want any
	bad := dec.Decode(&want)
	if bad == nil && len(bytes.TrimLeft(text[dec.InputOffset():], " \t\r\n")) > 0 {
		bad = json.Unmarshal(text, &want) // trailing text
	}
	switch {
	case nested(text) > deep:
		if err == nil {
			t.Errorf("%q: nested %d levels deep, and read", text, nested(text))
		}
	case (err == nil) != (bad == nil):
		t.Errorf("%q: %v, encoding/json %v", text, err, bad)
	case err == nil:
		if want, got := trimmed(want), plain(got); !reflect.DeepEqual(want, got) { // cmp takes for ever on deep lists
			t.Errorf("%q: %v instead of %v", text, got, want)
		}
		cuts(t, text, got)
	}
}

// cuts checks that what is cut out undecoded is what is decoded.
func cuts(t *testing.T, text []byte, whole any) {
	o, ok := whole.(source.Object)
	if !ok {
		return
	}
	fields, err := source.Fields(text)
	if err != nil || len(fields) != len(o) {
		t.Fatalf("%q: %d fields of %d, %v", text, len(fields), len(o), err)
	}
	for _, f := range o {
		if got, err := source.Decode(fields.Raw(f.Name), deep); err != nil || !cmp.Equal(got, f.Value) {
			t.Errorf("%q: field %q is %s, %v", text, f.Name, fields.Raw(f.Name), err)
		}
	}
}

// nested is the depth of brackets outside strings.
func nested(text []byte) int {
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}

// trimmed does to keys what the decoder does.
func trimmed(v any) any {
	switch t := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(t))
		for _, k := range slices.Sorted(maps.Keys(t)) {
			name := strings.TrimSpace(k)
			if _, taken := out[name]; !taken || name == k { // a name that is spelt right wins, else the first
				out[name] = trimmed(t[k])
			}
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i := range t {
			out[i] = trimmed(t[i])
		}
		return out
	}
	return v
}

func plain(v any) any {
	switch t := v.(type) {
	case source.Object:
		out := make(map[string]any, len(t))
		for _, f := range t {
			out[f.Name] = plain(f.Value)
		}
		return out
	case []any:
		out := make([]any, len(t))
		for i := range t {
			out[i] = plain(t[i])
		}
		return out
	}
	return v
}

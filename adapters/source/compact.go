package source

import (
	"encoding/json"
	"strings"
)

// Compact is a value as JSON with sorted keys, the lexical form of rdf:JSON.
func Compact(v any) string {
	text, err := appendJSON(nil, v)
	if err != nil {
		return ""
	}
	return string(text)
}

// appendJSON writes what encoding/json would write.
func appendJSON(to []byte, v any) ([]byte, error) {
	switch t := v.(type) {
	case Object:
		return appendObject(to, t)
	case []any:
		return appendArray(to, t)
	case string:
		if plainText(t) {
			return append(append(append(to, '"'), t...), '"'), nil
		}
	}
	text, err := json.Marshal(v)
	return append(to, text...), err
}

func appendObject(to []byte, o Object) (_ []byte, err error) {
	if o == nil {
		return append(to, "null"...), nil
	}
	to = append(to, '{')
	for i, f := range o {
		if i > 0 {
			to = append(to, ',')
		}
		if to, err = appendJSON(to, f.Name); err != nil {
			return to, err
		}
		if to, err = appendJSON(append(to, ':'), f.Value); err != nil {
			return to, err
		}
	}
	return append(to, '}'), nil
}

func appendArray(to []byte, list []any) (_ []byte, err error) {
	if list == nil {
		return append(to, "null"...), nil
	}
	to = append(to, '[')
	for i, e := range list {
		if i > 0 {
			to = append(to, ',')
		}
		if to, err = appendJSON(to, e); err != nil {
			return to, err
		}
	}
	return append(to, ']'), nil
}

// plainText says that a text is written as it is.
func plainText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return r < ' ' || r > '~' || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&'
	}) < 0
}

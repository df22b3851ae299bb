package source

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// string reads a string; one with escapes or broken text is left to encoding/json.
func (d *decoder) string() (string, error) {
	start, plain, err := d.skipString()
	if err != nil {
		return "", err
	}
	if inner := d.text[start+1 : d.at-1]; plain && utf8.Valid(inner) {
		if d.all != "" {
			return d.all[start+1 : d.at-1], nil
		}
		if name, usual := envelope[string(inner)]; usual {
			return name, nil
		}
		return string(inner), nil
	}
	var s string
	err = json.Unmarshal(d.text[start:d.at], &s)
	return s, err
}

// envelope are the names of fields around lists, which are read for every page.
var envelope = func() map[string]string {
	out := make(map[string]string)
	for _, name := range []string{"pageSize", "pageNumber", "hasPreviousPage", "hasNextPage", "totalPages", "items", "jsonapi", "data", "links", "meta"} {
		out[name] = name
	}
	return out
}()

// skipString passes a string; plain says that it holds no escape.
func (d *decoder) skipString() (start int, plain bool, err error) {
	start, plain = d.at, true
	for d.at++; d.at < len(d.text); d.at++ {
		c := d.text[d.at]
		if !special[c] {
			continue
		}
		switch c {
		case '"':
			d.at++
			return start, plain, nil
		case '\\':
			plain = false
			d.at++
		default:
			return start, plain, d.unexpected()
		}
	}
	return start, plain, errCut
}

// special are the bytes of a string that do not stand for themselves.
var special = func() (out [256]bool) {
	for c := range byte(' ') {
		out[c] = true
	}
	out['"'], out['\\'] = true, true
	return out
}()

func (d *decoder) number() (any, error) {
	start := d.at
	if d.at < len(d.text) && d.text[d.at] == '-' {
		d.at++
	}
	switch whole := d.at; {
	case !d.digits():
		return nil, d.unexpected()
	case d.text[whole] == '0' && d.at > whole+1:
		return nil, fmt.Errorf("a number at byte %d starts with 0", start)
	}
	if d.at < len(d.text) && d.text[d.at] == '.' {
		if d.at++; !d.digits() {
			return nil, d.unexpected()
		}
	}
	if d.at < len(d.text) && (d.text[d.at] == 'e' || d.text[d.at] == 'E') {
		if d.at++; d.at < len(d.text) && (d.text[d.at] == '+' || d.text[d.at] == '-') {
			d.at++
		}
		if !d.digits() {
			return nil, d.unexpected()
		}
	}
	return json.Number(d.text[start:d.at]), nil
}

func (d *decoder) digits() bool {
	start := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at > start
}

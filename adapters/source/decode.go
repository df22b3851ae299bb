package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Pages are large and their entries small, so JSON is read by hand: entries are cut out without decoding what is
// around them, and objects are made once, with their keys trimmed. What is read is what encoding/json reads; a fuzz
// test holds the two together.

// Decode reads one JSON value with numbers as text and keys trimmed.
func Decode(raw []byte, depth int) (any, error) {
	d := decoder{text: raw, all: string(raw), depth: depth, pile: piles.Get().(*pile)} //nolint:forcetypeassert // the pool holds nothing else
	defer d.release()
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	return v, d.end()
}

// decoder reads one value from the start of text. Its depth is how many levels may still be opened.
type decoder struct {
	text  []byte
	all   string // text, of which the strings are parts; "" when little is decoded
	at    int
	depth int
	*pile
}

var (
	errCut   = errors.New("the JSON ends in the middle")
	errDepth = errors.New("JSON nested too deeply")
)

func (d *decoder) unexpected() error {
	if d.at >= len(d.text) {
		return errCut
	}
	return fmt.Errorf("%q at byte %d is no JSON there", d.text[d.at], d.at)
}

// peek skips blanks and gives the next byte; 0 at the end.
func (d *decoder) peek() byte {
	for d.at < len(d.text) {
		switch c := d.text[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		default:
			return c
		}
	}
	return 0
}

// end reports what follows the value, other than blanks.
func (d *decoder) end() error {
	if d.peek(); d.at < len(d.text) {
		return d.unexpected()
	}
	return nil
}

func (d *decoder) value() (any, error) {
	switch c := d.peek(); c {
	case '{':
		return d.object()
	case '[':
		return d.array()
	case '"':
		return d.string()
	case 't':
		return true, d.word("true")
	case 'f':
		return false, d.word("false")
	case 'n':
		return nil, d.word("null")
	default:
		return d.number()
	}
}

func (d *decoder) word(w string) error {
	for i := range len(w) {
		if d.at >= len(d.text) || d.text[d.at] != w[i] {
			return d.unexpected()
		}
		d.at++
	}
	return nil
}

func (d *decoder) open() error {
	if d.depth--; d.depth < 0 {
		return fmt.Errorf("%w: at byte %d", errDepth, d.at)
	}
	d.at++
	return nil
}

func (d *decoder) object() (any, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	return d.members(false)
}

// members reads the fields of an object that is open, raw: undecoded.
func (d *decoder) members(raw bool) (Object, error) {
	bottom := len(d.fields)
	for first := true; d.more('}', first); first = false {
		key, err := d.key()
		if err != nil {
			return nil, err
		}
		v, err := d.member(raw)
		if err != nil {
			return nil, err
		}
		d.fields = append(d.fields, Field{key, v})
	}
	return d.takeFields(bottom), d.shut('}')
}

func (d *decoder) member(raw bool) (any, error) {
	if raw {
		return d.skip()
	}
	return d.value()
}

// key reads a key and its colon.
func (d *decoder) key() (string, error) {
	if d.peek() != '"' {
		return "", d.unexpected()
	}
	key, err := d.string()
	if err != nil {
		return "", err
	}
	if d.peek() != ':' {
		return "", d.unexpected()
	}
	d.at++
	return key, nil
}

func (d *decoder) array() (any, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	bottom := len(d.values)
	for first := true; d.more(']', first); first = false {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		d.values = append(d.values, v)
	}
	return d.takeValues(bottom), d.shut(']')
}

// more goes to the start of the next member of a container; false where there is none, which shut then judges.
func (d *decoder) more(closing byte, first bool) bool {
	switch c := d.peek(); {
	case first:
		return c != closing
	case c == ',':
		d.at++
		return true
	}
	return false
}

// shut passes the end of a container.
func (d *decoder) shut(closing byte) error {
	if d.peek() != closing {
		return d.unexpected()
	}
	d.depth++
	d.at++
	return nil
}

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

// skip passes one value and gives its bytes. What is inside containers is judged when it is decoded; here only their
// ends are found, so that one bad entry does not spoil a page.
func (d *decoder) skip() (json.RawMessage, error) {
	c := d.peek()
	start := d.at
	switch c {
	case '{', '[':
		if err := d.skipContainer(); err != nil {
			return nil, err
		}
	case '"':
		if _, _, err := d.skipString(); err != nil {
			return nil, err
		}
	default:
		if _, err := d.value(); err != nil {
			return nil, err
		}
	}
	return d.text[start:d.at:d.at], nil
}

func (d *decoder) skipContainer() error {
	var nest [64]byte
	closers := nest[:0]
	for d.at < len(d.text) {
		switch c := d.text[d.at]; c {
		case '"':
			if _, _, err := d.skipString(); err != nil {
				return err
			}
			continue
		case '{', '[':
			closers = append(closers, c+2) // '}' and ']' stand two behind
		case '}', ']':
			last := len(closers) - 1
			if closers[last] != c {
				return d.unexpected()
			}
			closers = closers[:last]
		}
		if d.at++; len(closers) == 0 {
			return nil
		}
	}
	return errCut
}

// entries cuts an array into its entries.
func entries(raw []byte) ([]json.RawMessage, error) {
	d := decoder{text: raw, depth: 1}
	d.peek()
	if err := d.open(); err != nil {
		return nil, err
	}
	var out []json.RawMessage
	for first := true; d.more(']', first); first = false {
		entry, err := d.skip()
		if err != nil {
			return nil, err
		}
		out = append(out, entry)
	}
	if err := d.shut(']'); err != nil {
		return nil, err
	}
	return out, d.end()
}

// Fields reads the outermost fields of an object, undecoded.
func Fields(body []byte) (Object, error) {
	d := decoder{text: body, depth: 1, pile: piles.Get().(*pile)} //nolint:forcetypeassert // the pool holds nothing else
	defer d.release()
	if d.peek() != '{' {
		return nil, d.unexpected()
	}
	if err := d.open(); err != nil {
		return nil, err
	}
	o, err := d.members(true)
	if err != nil {
		return nil, err
	}
	return o, d.end()
}

package source

import (
	"errors"
	"fmt"
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

package rdf

import (
	"unicode/utf8"
)

// The terminals that Turtle, N-Triples and N-Quads share.

// iriref reads an IRIREF with its brackets; the bytes are valid until the next call.
func (d *decoder) iriref() ([]byte, bool) {
	if d.peek() != '<' {
		return nil, d.unexpected("'<' of an IRI")
	}
	d.pos++
	d.begin()
	var high byte
	for {
		for d.pos < len(d.buf) && class[d.buf[d.pos]]&iriBad == 0 {
			high |= d.buf[d.pos]
			d.pos++
		}
		switch c := d.peek(); {
		case c == '>':
			return d.closed(high)
		case c == '\\':
			if !d.numericEscape() {
				return nil, false
			}
			high |= utf8.RuneSelf
		case c < 0:
			return nil, d.fail("the document ends inside an IRI")
		case class[byte(c)]&iriBad != 0:
			return nil, d.fail("character %q is not allowed in an IRI", rune(c))
		}
	}
}

// closed ends a delimited token at its closing byte.
func (d *decoder) closed(high byte) ([]byte, bool) {
	start := d.mark
	b, ok := d.token()
	if !ok {
		return nil, false
	}
	if high >= utf8.RuneSelf && !utf8.Valid(b) {
		return nil, d.failAt(start, "this text is not valid UTF-8")
	}
	d.pos++
	return b, true
}

// numericEscape reads \uXXXX or \UXXXXXXXX at pos into the token.
func (d *decoder) numericEscape() bool {
	d.flush()
	digits := 4
	switch d.peekAt(1) {
	case 'u':
	case 'U':
		digits = 8
	default:
		return d.fail("an unknown escape: only \\uXXXX and \\UXXXXXXXX are allowed here")
	}
	if d.peekAt(1+digits) < 0 {
		return d.fail("the document ends inside an escape")
	}
	var r rune
	for _, c := range d.buf[d.pos+2 : d.pos+2+digits] {
		if !isHex(c) || r > utf8.MaxRune {
			return d.fail("an escape must be \\u and 4 or \\U and 8 hexadecimal digits of a Unicode character")
		}
		r = r<<4 | rune(hexValue(c))
	}
	if !utf8.ValidRune(r) {
		return d.fail("the escape names no Unicode character: U+%04X", r)
	}
	d.text = utf8.AppendRune(d.text, r)
	d.pos += 2 + digits
	d.mark = d.pos
	return len(d.text) <= d.lim.Literal || d.stop(d.tooLong())
}

func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c&^0x20 - 'A' + 10
}

// quoted reads a text whose opening quotes are behind pos; long texts end with three quotes and may hold line ends.
func (d *decoder) quoted(quote int, long bool) (string, bool) {
	d.begin()
	var high byte
	for {
		for d.pos < len(d.buf) && class[d.buf[d.pos]]&stringStop == 0 {
			high |= d.buf[d.pos]
			d.pos++
		}
		switch c := d.peek(); {
		case c == quote && !long:
			b, ok := d.closed(high)
			return string(b), ok
		case c == quote && d.peekAt(1) == quote && d.peekAt(2) == quote:
			b, ok := d.closed(high)
			d.pos += 2
			return string(b), ok
		case c == '\\':
			if !d.escape() {
				return "", false
			}
			high |= utf8.RuneSelf
		case c < 0:
			return "", d.fail("the document ends inside a quoted text")
		case !long && (c == '\n' || c == '\r'):
			return "", d.fail("a line ends inside a quoted text: close it, or use three quotes")
		default:
			high |= byte(c)
			d.pos++
		}
	}
}

// escape reads ECHAR or UCHAR at pos into the token.
func (d *decoder) escape() bool {
	var c byte
	switch d.peekAt(1) {
	case 't':
		c = '\t'
	case 'b':
		c = '\b'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 'f':
		c = '\f'
	case '"', '\'', '\\':
		c = d.buf[d.pos+1]
	case 'u', 'U':
		return d.numericEscape()
	default:
		return d.fail("an unknown escape in a quoted text")
	}
	d.flush()
	d.text = append(d.text, c)
	d.pos += 2
	d.mark = d.pos
	return len(d.text) <= d.lim.Literal || d.stop(d.tooLong())
}

// blankLabel reads BLANK_NODE_LABEL with its "_:".
func (d *decoder) blankLabel() (*node, bool) {
	if d.peek() != '_' || d.peekAt(1) != ':' {
		return nil, d.unexpected("a blank node label")
	}
	d.pos += 2
	d.begin()
	r, n := d.peekRune()
	if !isNameStart(r) && r != '_' && (r < '0' || r > '9') {
		return nil, d.unexpected("the first character of a blank node label")
	}
	d.pos += n
	if !d.nameChars() {
		return nil, false
	}
	b, ok := d.token()
	if !ok {
		return nil, false
	}
	return d.blank(b), true
}

// nameChars reads (PN_CHARS | '.')* and gives trailing dots back.
func (d *decoder) nameChars() bool {
	dots := 0
	for {
		for d.pos < len(d.buf) && class[d.buf[d.pos]]&inPrefix != 0 {
			dots++
			if d.buf[d.pos] != '.' {
				dots = 0
			}
			d.pos++
		}
		r, n := d.peekRune()
		if n == 0 || r != '.' && !isNameChar(r) {
			break
		}
		if r >= utf8.RuneSelf {
			dots = 0
			d.pos += n
		}
	}
	d.pos -= dots
	return d.err == nil
}

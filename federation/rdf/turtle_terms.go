package rdf

import (
	knakk "github.com/knakk/rdf"
)

// verb reads a predicate.
func (d *decoder) verb() (*node, bool) {
	c := d.peek()
	if c == '<' {
		return d.relativeIRI()
	}
	if c != ':' && (c < 0x80 && (c < 0 || !isLetter(byte(c)))) {
		return nil, d.unexpected("a predicate: an IRI or 'a'")
	}
	n, word, ok := d.nameOrWord()
	switch {
	case !ok || n != nil:
		return n, ok
	case string(word) == "a":
		return typeNode, true
	}
	return nil, d.fail("%q before this place is no predicate: a name needs a prefix and ':'", word)
}

func (d *decoder) object() (Object, bool) {
	var n *node
	var ok bool
	switch c := d.peek(); {
	case c == '<':
		n, ok = d.relativeIRI()
	case c == '[':
		n, _, ok = d.brackets()
	case c == '(':
		n, ok = d.collection()
	case c == '_':
		n, ok = d.blankLabel()
	case c == '"' || c == '\'':
		return d.quotedLiteral(c)
	case c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9':
		return d.number()
	case c == ':' || c >= 0x80 || c >= 0 && isLetter(byte(c)):
		return d.nameOrBoolean()
	default:
		return nil, d.unexpected("an object: an IRI, a literal, '[' or '('")
	}
	if !ok {
		return nil, false
	}
	return n.o, true
}

func (d *decoder) nameOrBoolean() (Object, bool) {
	n, word, ok := d.nameOrWord()
	switch {
	case !ok:
		return nil, false
	case n != nil:
		return n.o, true
	case string(word) == "true" || string(word) == "false":
		return knakk.NewTypedLiteral(string(word), xsdBoolean), true
	}
	return nil, d.fail("%q before this place is no object: a text needs quotes, a name a prefix and ':'", word)
}

var (
	xsdBoolean = MustIRI(XSDBoolean)
	xsdInteger = MustIRI(XSDInteger)
	xsdDecimal = MustIRI(XSDDecimal)
	xsdDouble  = MustIRI(XSDDouble)
)

func (d *decoder) quotedLiteral(quote int) (Object, bool) {
	long := d.peekAt(1) == quote && d.peekAt(2) == quote
	d.pos++
	if long {
		d.pos += 2
	}
	value, ok := d.quoted(quote, long)
	if !ok || !d.blankSpace() {
		return nil, false
	}
	return d.literal(value, func() (*node, bool) {
		d.blankSpace()
		if d.peek() == '<' {
			return d.relativeIRI()
		}
		n, word, ok := d.nameOrWord()
		if ok && n == nil {
			return nil, d.fail("%q before this place is no datatype: a name needs a prefix and ':'", word)
		}
		return n, ok
	})
}

// number reads INTEGER, DECIMAL or DOUBLE.
func (d *decoder) number() (Object, bool) {
	d.begin()
	if c := d.peek(); c == '+' || c == '-' {
		d.pos++
	}
	datatype := xsdInteger
	whole := d.digits()
	if d.peek() == '.' && d.fractionFollows(whole) {
		datatype = xsdDecimal
		d.pos++
		whole += d.digits()
	}
	if whole == 0 {
		return nil, d.unexpected("digits of a number")
	}
	if c := d.peek(); c == 'e' || c == 'E' {
		datatype = xsdDouble
		d.pos++
		if c := d.peek(); c == '+' || c == '-' {
			d.pos++
		}
		if d.digits() == 0 {
			return nil, d.unexpected("digits of an exponent")
		}
	}
	b, ok := d.token()
	return knakk.NewTypedLiteral(string(b), datatype), ok
}

// fractionFollows tells a decimal point from the dot that ends a statement.
func (d *decoder) fractionFollows(whole int) bool {
	n := 1
	c := d.peekAt(n)
	if c >= '0' && c <= '9' {
		return true
	}
	if whole == 0 || c != 'e' && c != 'E' {
		return false
	}
	if c = d.peekAt(n + 1); c == '+' || c == '-' {
		c = d.peekAt(n + 2)
	}
	return c >= '0' && c <= '9'
}

func (d *decoder) digits() (n int) {
	for c := d.peek(); c >= '0' && c <= '9'; c = d.peek() {
		d.pos++
		n++
	}
	return n
}

// word reads the letters of a keyword.
func (d *decoder) word() ([]byte, bool) {
	d.begin()
	for c := d.peek(); c >= 0 && isLetter(byte(c)); c = d.peek() {
		d.pos++
	}
	return d.token()
}

// nameOrWord reads a prefixed name, or a word without a colon such as a, true, PREFIX.
func (d *decoder) nameOrWord() (*node, []byte, bool) {
	b, colon, ok := d.prefixPart()
	if !ok || !colon {
		return nil, b, ok
	}
	namespace, known := d.prefixes[string(b)]
	if !known {
		return nil, nil, d.fail("the prefix %q is not declared", string(b)+":")
	}
	d.pos++
	d.begin()
	if !d.localPart() {
		return nil, nil, false
	}
	local, ok := d.token()
	if !ok || !d.work(len(namespace)+len(local)) {
		return nil, nil, false
	}
	d.resolved = append(append(d.resolved[:0], namespace...), local...)
	if len(d.resolved) > d.lim.Literal {
		return nil, nil, d.stop(d.tooLong())
	}
	n, ok := d.iri(d.resolved)
	return n, nil, ok
}

// prefixPart reads PN_PREFIX? and says whether a colon follows.
func (d *decoder) prefixPart() (b []byte, colon, ok bool) {
	d.begin()
	r, n := d.peekRune()
	if r != ':' || n == 0 {
		if n == 0 || !isNameStart(r) {
			return nil, false, d.unexpected("a name")
		}
		d.pos += n
		if !d.nameChars() {
			return nil, false, false
		}
	}
	colon = d.peek() == ':'
	b, ok = d.token()
	return b, colon, ok
}

// prefixName reads PNAME_NS of a directive.
func (d *decoder) prefixName() ([]byte, bool) {
	b, colon, ok := d.prefixPart()
	if !ok {
		return nil, false
	}
	if !colon {
		return nil, d.unexpected("':' behind the prefix")
	}
	d.pos++
	return b, true
}

// localPart reads PN_LOCAL? into the token and gives trailing dots back.
func (d *decoder) localPart() bool {
	dots := 0
	for first := true; ; first = false {
		r, n := d.peekRune()
		switch {
		case r == '.' && n == 1 && !first:
			dots++
			d.pos++
			continue
		case n > 0 && (isNameChar(r) && (!first || isLocalStart(r)) || r == ':'):
			d.pos += n
		case r == '%' && n == 1:
			if !d.percent() {
				return false
			}
		case r == '\\' && n == 1:
			if !d.localEscape() {
				return false
			}
		default:
			d.pos -= dots
			return d.err == nil
		}
		dots = 0
	}
}

// isLocalStart is the first character of PN_LOCAL among PN_CHARS.
func isLocalStart(r rune) bool {
	return isNameStart(r) || r == '_' || r >= '0' && r <= '9'
}

func (d *decoder) percent() bool {
	a, b := d.peekAt(1), d.peekAt(2)
	if a < 0 || b < 0 || !isHex(byte(a)) || !isHex(byte(b)) {
		return d.fail("'%%' in a name needs two hexadecimal digits")
	}
	d.pos += 3
	return true
}

func (d *decoder) localEscape() bool {
	c := d.peekAt(1)
	if c < 0 || class[byte(c)]&escapable == 0 {
		return d.fail("an unknown escape in a name")
	}
	d.flush()
	d.pos++
	d.mark = d.pos
	d.pos++
	return true
}

// relativeIRI reads an IRIREF and resolves it.
func (d *decoder) relativeIRI() (*node, bool) {
	ref, ok := d.iriref()
	if !ok {
		return nil, false
	}
	iri, ok := d.resolve(ref)
	if !ok {
		return nil, false
	}
	return d.iri(iri)
}

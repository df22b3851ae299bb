package rdf

import "unicode/utf8"

// Classes of ASCII bytes, one bit each.
const (
	inPrefix   = 1 << iota // PN_CHARS or '.', which may stand inside a prefix or label
	iriBad                 // may not stand in an IRIREF
	letter                 // PN_CHARS_BASE
	digit                  //
	escapable              // may follow a backslash in a local name
	stringStop             // ends the fast walk through a quoted text
)

var class = func() (c [256]byte) {
	for b := range 128 {
		if b <= 0x20 {
			c[b] |= iriBad
		}
		if b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' {
			c[b] |= letter | inPrefix
		}
		if b >= '0' && b <= '9' {
			c[b] |= digit | inPrefix
		}
	}
	mark := func(chars string, bit byte) {
		for i := range len(chars) {
			c[chars[i]] |= bit
		}
	}
	mark("<>\"{}|^`\\", iriBad)
	mark("_-.", inPrefix)
	mark("_~.-!$&'()*+,;=/?#@%", escapable)
	mark("\"'\\\n\r", stringStop)
	return c
}()

func isLetter(c byte) bool { return class[c]&letter != 0 }
func isDigit(c byte) bool  { return class[c]&digit != 0 }

func isHex(c byte) bool {
	return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// isNameStart is PN_CHARS_BASE beyond ASCII.
func isNameStart(r rune) bool {
	switch {
	case r < 0x80:
		return isLetter(byte(r))
	case r < 0x300:
		return r >= 0xC0 && r != 0xD7 && r != 0xF7
	case r < 0x2000:
		return r >= 0x370 && r != 0x37E
	case r < 0x3001:
		return r == 0x200C || r == 0x200D || r >= 0x2070 && r <= 0x218F || r >= 0x2C00 && r <= 0x2FEF
	}
	return r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFFD || r >= 0x10000 && r <= 0xEFFFF
}

// isNameChar is PN_CHARS.
func isNameChar(r rune) bool {
	if r < 0x80 {
		return r != '.' && class[byte(r)]&inPrefix != 0
	}
	return isNameStart(r) || r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040
}

// hasScheme says whether a reference begins with an RFC 3986 scheme, that is, is absolute.
func hasScheme[T string | []byte](ref T) bool {
	if len(ref) == 0 || !isLetter(ref[0]) {
		return false
	}
	for i := 1; i < len(ref); i++ {
		c := ref[i]
		if c == ':' {
			return true
		}
		if !isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return false
}

// validIRI says whether text is an absolute IRI that can be written between angle brackets.
func validIRI(iri string) bool {
	var bad, high byte
	for i := range len(iri) {
		bad |= class[iri[i]]
		high |= iri[i]
	}
	return bad&iriBad == 0 && hasScheme(iri) && (high < utf8.RuneSelf || utf8.ValidString(iri))
}

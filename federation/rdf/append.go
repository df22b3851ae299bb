package rdf

// AppendTerm appends the canonical N-Quads form of a term (RDFC-1.0 section 5).
func AppendTerm(b []byte, t Term) []byte {
	switch t := t.(type) {
	case IRI:
		return appendIRI(b, t.String())
	case Blank:
		return appendBlank(b, t.String())
	case Literal:
		return appendLiteral(b, t)
	}
	return b
}

func appendIRI(b []byte, iri string) []byte {
	b = append(b, '<')
	b = append(b, iri...)
	return append(b, '>')
}

func appendBlank(b []byte, label string) []byte {
	b = append(b, "_:"...)
	return append(b, label...)
}

func appendLiteral(b []byte, l Literal) []byte {
	b = appendQuoted(b, l.String())
	if tag := l.Lang(); tag != "" {
		b = append(b, '@')
		return append(b, tag...)
	}
	if datatype := l.DataType.String(); datatype != XSDString {
		b = append(b, "^^"...)
		return appendIRI(b, datatype)
	}
	return b
}

// needsEscape marks the bytes that may not stand for themselves in a canonical text.
var needsEscape = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'], t[0x7F] = true, true, true
	return t
}()

func appendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(text) {
		if !needsEscape[text[i]] {
			continue
		}
		b = append(b, text[start:i]...)
		b = appendEscape(b, text[i])
		start = i + 1
	}
	b = append(b, text[start:]...)
	return append(b, '"')
}

func appendEscape(b []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	switch c {
	case '\b':
		return append(b, `\b`...)
	case '\t':
		return append(b, `\t`...)
	case '\n':
		return append(b, `\n`...)
	case '\f':
		return append(b, `\f`...)
	case '\r':
		return append(b, `\r`...)
	case '"', '\\':
		return append(b, '\\', c)
	}
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

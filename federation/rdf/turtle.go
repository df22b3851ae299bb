package rdf

import "bytes"

// document decodes Turtle, statement by statement. Recursion is bounded by Limits.Depth.
func (d *decoder) document() {
	d.skipBOM()
	for d.blankSpace() && d.peek() >= 0 && !d.stopped {
		if !d.turtleStatement() {
			return
		}
	}
}

func (d *decoder) turtleStatement() bool {
	d.at = d.here()
	switch c := d.peek(); {
	case c == '@':
		return d.atDirective()
	case c == '[':
		return d.bracketStatement()
	case c == '(':
		subj, ok := d.collection()
		return ok && d.predicateObjects(subj.s) && d.expect('.')
	case c == '<':
		subj, ok := d.relativeIRI()
		return ok && d.predicateObjects(subj.s) && d.expect('.')
	case c == '_':
		subj, ok := d.blankLabel()
		return ok && d.predicateObjects(subj.s) && d.expect('.')
	case c == '"' || c == '\'' || c == '+' || c == '-' || c == '.' || isDigit(byte(c)):
		return d.unexpected("a subject: an IRI or a blank node")
	}
	subj, word, ok := d.nameOrWord()
	switch {
	case !ok:
		return false
	case subj != nil:
		return d.predicateObjects(subj.s) && d.expect('.')
	case bytes.EqualFold(word, []byte("prefix")):
		return d.prefix()
	case bytes.EqualFold(word, []byte("base")):
		return d.baseIRI()
	}
	return d.fail("%q before this place is no subject: a name needs a prefix and ':'", word)
}

// atDirective reads @prefix or @base with its final dot.
func (d *decoder) atDirective() bool {
	d.pos++
	word, ok := d.word()
	if !ok {
		return false
	}
	switch string(word) {
	case "prefix":
		return d.prefix() && d.expect('.')
	case "base":
		return d.baseIRI() && d.expect('.')
	}
	return d.fail("@%s is no directive: expected @prefix or @base", word)
}

func (d *decoder) prefix() bool {
	d.blankSpace()
	name, ok := d.prefixName()
	if !ok {
		return false
	}
	prefix := string(name)
	d.blankSpace()
	ref, ok := d.iriref()
	if !ok {
		return false
	}
	iri, ok := d.resolve(ref)
	if !ok {
		return false
	}
	d.prefixes[prefix] = string(iri)
	return true
}

func (d *decoder) baseIRI() bool {
	d.blankSpace()
	ref, ok := d.iriref()
	if !ok {
		return false
	}
	iri, ok := d.resolve(ref)
	return ok && d.setBase(string(iri))
}

// setBase keeps the base in parsed form.
func (d *decoder) setBase(iri string) bool {
	if iri == "" {
		return true
	}
	if !validIRI(iri) {
		return d.fail("the base <%.200s> is no absolute IRI", iri)
	}
	d.base, d.hasBase = parseReference([]byte(iri)), true
	return true
}

// bracketStatement reads a statement that begins with '['.
func (d *decoder) bracketStatement() bool {
	subj, empty, ok := d.brackets()
	if !ok || !d.blankSpace() {
		return false
	}
	if !empty && d.peek() == '.' {
		return d.expect('.')
	}
	return d.predicateObjects(subj.s) && d.expect('.')
}

// brackets reads [ ] or [ predicate object ... ].
func (d *decoder) brackets() (n *node, empty, ok bool) {
	outer := d.at
	d.at = d.here()
	defer func() { d.at = outer }()
	n = d.newBlank(nil)
	if !d.enter() {
		return nil, false, false
	}
	if !d.blankSpace() {
		return nil, false, false
	}
	if d.peek() == ']' {
		d.pos++
		d.depth--
		return n, true, true
	}
	if !d.predicateObjects(n.s) || !d.expect(']') {
		return nil, false, false
	}
	d.depth--
	return n, false, true
}

// enter steps over an opening bracket.
func (d *decoder) enter() bool {
	d.pos++
	d.depth++
	if d.depth > d.lim.Depth {
		line, _ := d.place(d.pos)
		return d.stop(wrapLine(line, overLimit("nested brackets", int64(d.lim.Depth))))
	}
	return true
}

// collection reads ( ... ) and emits its list.
func (d *decoder) collection() (*node, bool) {
	if !d.enter() {
		return nil, false
	}
	var head, last *node
	for d.blankSpace() && d.peek() != ')' {
		obj, ok := d.object()
		if !ok {
			return nil, false
		}
		cell := d.newBlank(nil)
		if head == nil {
			head = cell
		} else if !d.emit(Quad{Triple: Triple{Subj: last.s, Pred: listRest.p, Obj: cell.o}}) {
			return nil, false
		}
		if !d.emit(Quad{Triple: Triple{Subj: cell.s, Pred: listFirst.p, Obj: obj}}) {
			return nil, false
		}
		last = cell
	}
	if d.err != nil {
		return nil, false
	}
	d.pos++
	d.depth--
	if head == nil {
		return listNil, true
	}
	return head, d.emit(Quad{Triple: Triple{Subj: last.s, Pred: listRest.p, Obj: listNil.o}})
}

var (
	listFirst = iriNode(MustIRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#first"))
	listRest  = iriNode(MustIRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"))
	listNil   = iriNode(MustIRI("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"))
	typeNode  = iriNode(MustIRI(Type))
)

// predicateObjects reads a predicateObjectList up to, not including, what ends it.
func (d *decoder) predicateObjects(subj Subject) bool {
	for {
		d.blankSpace()
		pred, ok := d.verb()
		if !ok || !d.objects(subj, pred.p) {
			return false
		}
		if d.peek() != ';' {
			return d.err == nil
		}
		for d.peek() == ';' {
			d.pos++
			d.blankSpace()
		}
		if c := d.peek(); c == '.' || c == ']' {
			return true
		}
	}
}

// objects reads an objectList and the space behind it.
func (d *decoder) objects(subj Subject, pred Predicate) bool {
	for {
		d.blankSpace()
		obj, ok := d.object()
		if !ok || !d.emit(Quad{Triple: Triple{Subj: subj, Pred: pred, Obj: obj}}) {
			return false
		}
		d.blankSpace()
		if d.peek() != ',' {
			return d.err == nil
		}
		d.pos++
	}
}

// blankSpace skips white space and comments; false means failure.
func (d *decoder) blankSpace() bool {
	for {
		switch d.peek() {
		case ' ', '\t', '\n', '\r':
			d.pos++
		case '#':
			d.comment()
		default:
			return d.err == nil
		}
	}
}

func (d *decoder) expect(c byte) bool {
	d.blankSpace()
	if d.peek() != int(c) {
		return d.unexpected("'" + string(c) + "'")
	}
	d.pos++
	return true
}

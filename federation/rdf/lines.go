package rdf

// lines decodes N-Triples and N-Quads.
func (d *decoder) lines() {
	d.skipBOM()
	for d.err == nil && !d.stopped {
		d.spaces()
		switch c := d.peek(); c {
		case -1:
			return
		case '\n', '\r':
			d.pos++
		case '#':
			d.comment()
		default:
			if !d.statement() || !d.lineEnd() {
				return
			}
		}
	}
}

func (d *decoder) statement() bool {
	d.at = d.here()
	subj, ok := d.lineNode("a subject: an IRI or a blank node")
	if !ok {
		return false
	}
	d.spaces()
	pred, ok := d.absolute()
	if !ok {
		return false
	}
	d.spaces()
	obj, ok := d.lineObject()
	if !ok {
		return false
	}
	graph, ok := d.graphName()
	if !ok {
		return false
	}
	if d.peek() != '.' {
		return d.unexpected("'.' at the end of the statement")
	}
	d.pos++
	return d.emit(Quad{Triple: Triple{Subj: subj.s, Pred: pred.p, Obj: obj}, Graph: graph})
}

func (d *decoder) lineEnd() bool {
	d.spaces()
	switch d.peek() {
	case '#', '\n', '\r':
		return true
	case -1:
		return d.err == nil
	}
	return d.unexpected("the end of the line")
}

// graphName reads the optional fourth term of N-Quads.
func (d *decoder) graphName() (Term, bool) {
	d.spaces()
	if d.format != NQuads || d.peek() != '<' && d.peek() != '_' {
		return nil, d.err == nil
	}
	if !d.graphs {
		return nil, d.fail("named graphs are not supported: put all statements in the default graph")
	}
	n, ok := d.lineNode("a graph name")
	if !ok {
		return nil, false
	}
	d.spaces()
	return n.s, true
}

func (d *decoder) lineObject() (Object, bool) {
	if d.peek() != '"' {
		n, ok := d.lineNode("an object: an IRI, a blank node or a quoted text")
		if !ok {
			return nil, false
		}
		return n.o, true
	}
	d.pos++
	value, ok := d.quoted('"', false)
	if !ok {
		return nil, false
	}
	d.spaces()
	return d.literal(value, func() (*node, bool) {
		d.spaces()
		return d.absolute()
	})
}

func (d *decoder) lineNode(what string) (*node, bool) {
	switch d.peek() {
	case '<':
		return d.absolute()
	case '_':
		return d.blankLabel()
	}
	return nil, d.unexpected(what)
}

// absolute reads an IRI that must not be relative.
func (d *decoder) absolute() (*node, bool) {
	b, ok := d.iriref()
	if !ok {
		return nil, false
	}
	if !hasScheme(b) {
		return nil, d.fail("the IRI <%.200s> before this place is relative: %s has absolute IRIs only", b, d.format)
	}
	return d.iri(b)
}

func (d *decoder) spaces() {
	for c := d.peek(); c == ' ' || c == '\t'; c = d.peek() {
		d.pos++
	}
}

// comment skips to the end of the line.
func (d *decoder) comment() {
	for c := d.peek(); c >= 0 && c != '\n' && c != '\r'; c = d.peek() {
		d.pos++
	}
}

func (d *decoder) skipBOM() {
	if d.peek() == 0xEF && d.peekAt(1) == 0xBB && d.peekAt(2) == 0xBF {
		d.pos += 3
	}
}

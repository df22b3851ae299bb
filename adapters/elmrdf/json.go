package elmrdf

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Bytes of JSON that are read when the limits say nothing: of one document, which is in memory whole, and
// of a file of JSON lines, which is not.
const (
	jsonBytes      = 32 << 20
	jsonLinesBytes = 256 << 20
	jsonTriples    = 5_000_000 // of all lines together
)

var errNoContext = errors.New("JSON without @context, and no object in it has the title of a course: its keys have no meaning in RDF; " +
	"add the @context of the European Learning Model, or publish Turtle; of OOAPI, Edu-API and OCCAPI the server is read, not a file: give its URL")

// jsonDocument decodes JSON-LD, JSON lines of which each is a document, and both without @context.
type jsonDocument struct {
	limits  rdf.Limits
	base    string
	collect *elm.Collector
	cancel  func() bool
	plain   plainReader
	context bool // some value had one
	line    uint32
}

// decodeJSON reads the body. Whether it is one document or lines shows behind the first line.
func (a *Adapter) decodeJSON(d *document, body io.Reader, base string, all *elm.Collector, cancel func() bool) error {
	j := &jsonDocument{limits: a.limits, base: base, collect: all, cancel: cancel}
	lines := bufio.NewScanner(&capped{r: body, limit: j.allBytes(), left: j.allBytes()})
	lines.Buffer(make([]byte, 64<<10), int(j.oneBytes())+1)
	first := j.next(lines)
	at := j.line
	second := j.next(lines)
	var err error
	if second != nil && json.Valid(first) {
		err = j.lines(lines, first, at, second)
	} else {
		var whole []byte
		if whole, err = j.rest(lines, first, at, second); err == nil {
			j.plain.list = listIn(whole)
			err = j.value(whole, rdf.Place{})
			d.pointers = j.pointer
		}
	}
	if failed := lines.Err(); failed != nil && !errors.Is(err, rdf.ErrLimit) {
		err = failed
	}
	if errors.Is(err, bufio.ErrTooLong) {
		err = j.tooLong()
	}
	if err == nil && !j.context && j.plain.courses == 0 {
		err = errNoContext
	}
	if j.plain.courses > 0 {
		d.hints = append(d.hints, adapters.Note{
			Field: "@context", Message: "the JSON has no @context; its keys were read as names of the European Learning Model",
			Fix: "add the @context, so that others read it too",
		})
	}
	return err
}

func (j *jsonDocument) oneBytes() int64 {
	if j.limits.Bytes > 0 {
		return j.limits.Bytes
	}
	return jsonBytes
}

func (j *jsonDocument) allBytes() int64 {
	if j.limits.Bytes > 0 {
		return j.limits.Bytes
	}
	return jsonLinesBytes
}

func (j *jsonDocument) tooLong() error {
	return fmt.Errorf("%w: a JSON document of more than %d bytes; publish Turtle, JSON lines, or several sources", rdf.ErrLimit, j.oneBytes())
}

// next is the next line with anything on it, nil at the end.
func (j *jsonDocument) next(lines *bufio.Scanner) []byte {
	for lines.Scan() {
		j.line++
		if line := bytes.TrimSpace(lines.Bytes()); len(line) > 0 {
			return bytes.Clone(lines.Bytes())
		}
	}
	return nil
}

// rest joins the lines of one document again; empty ones keep their place for messages.
func (j *jsonDocument) rest(lines *bufio.Scanner, first []byte, at uint32, second []byte) ([]byte, error) {
	if int64(j.line) > j.oneBytes() { // empty lines, all of them
		return nil, j.tooLong()
	}
	whole := slices.Concat(breaks(at, 1), first, breaks(j.line, at), second)
	for lines.Scan() {
		whole = append(append(whole, '\n'), lines.Bytes()...)
		if int64(len(whole)) > j.oneBytes() {
			return nil, j.tooLong()
		}
	}
	return whole, nil
}

// breaks are the line ends from one line to a later one.
func breaks(to, from uint32) []byte {
	if to <= from {
		return nil
	}
	return bytes.Repeat([]byte{'\n'}, int(to-from))
}

// lines decodes each line as a document of its own.
func (j *jsonDocument) lines(lines *bufio.Scanner, first []byte, at uint32, second []byte) error {
	err := inLine(j.value(first, rdf.Place{Line: at, Column: 1}), at)
	for line := second; line != nil && err == nil; line = j.next(lines) {
		err = inLine(j.value(line, rdf.Place{Line: j.line, Column: 1}), j.line)
	}
	return err
}

// inLine puts the number of the line into a syntax error.
func inLine(err error, line uint32) error {
	if syntax := (*rdf.SyntaxError)(nil); errors.As(err, &syntax) {
		moved := *syntax
		moved.Line, moved.Column = int(line), max(1, syntax.Column)
		return &moved
	}
	return err
}

// value decodes one JSON value. at is its place when it is a line.
func (j *jsonDocument) value(text []byte, at rdf.Place) error {
	limits := j.limits
	limits.Bytes = max(j.oneBytes(), int64(len(text)))
	if limits.Triples = cmp.Or(j.limits.Triples, jsonTriples) - j.collect.Len(); limits.Triples <= 0 {
		return fmt.Errorf("%w: triples of a document (%d)", rdf.ErrLimit, cmp.Or(j.limits.Triples, jsonTriples))
	}
	if bytes.Contains(text, []byte(`"@context"`)) || bytes.Contains(text, []byte(`"@graph"`)) {
		j.context = true
	} else if plain, ok := j.plain.rewrite(text); ok {
		text, limits.Bytes = plain, max(limits.Bytes, int64(len(plain)))
	} else {
		j.context = j.context || bytes.Contains(text, []byte(`"@`)) // expanded, or broken, which the decoder tells
	}
	scope := fmt.Sprintf("l%d", at.Line)
	return rdf.DecodePlaced(bytes.NewReader(text), rdf.JSONLD, j.base, limits, func(t rdf.Triple, within rdf.Place) bool {
		if at.Line > 0 {
			within, t = at, scoped(t, scope)
		}
		j.collect.Add(t, within)
		return !j.cancel()
	})
}

// scoped keeps the blank nodes of one line apart from those of others.
func scoped(t rdf.Triple, scope string) rdf.Triple {
	t.Subj = scopedTerm(t.Subj, scope).(rdf.Subject)
	t.Obj = scopedTerm(t.Obj, scope).(rdf.Object)
	return t
}

func scopedTerm(t rdf.Term, scope string) rdf.Term {
	if _, ok := t.(rdf.Blank); !ok {
		return t
	}
	if b, err := rdf.NewBlank(scope + t.String()); err == nil {
		return b
	}
	return t
}

// listIn is the JSON pointer of the list of objects that JSON-LD has at its outermost level.
func listIn(text []byte) string {
	if text = bytes.TrimSpace(text); len(text) > 0 && text[0] == '[' {
		return "#/"
	}
	return "#/@graph/"
}

// pointer writes the place of an object of a document as a JSON pointer.
func (j *jsonDocument) pointer(at rdf.Place) string {
	if at.Column == 0 || j.plain.list == "" {
		return ""
	}
	return fmt.Sprint(j.plain.list, at.Column-1)
}

// capped fails, unlike io.LimitReader, when there is more than the limit.
type capped struct {
	r           io.Reader
	limit, left int64
}

func (c *capped) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if c.left -= int64(n); c.left < 0 {
		return 0, fmt.Errorf("%w: bytes of a document (%d)", rdf.ErrLimit, c.limit)
	}
	return n, err
}

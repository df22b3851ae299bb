package rdf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/piprate/json-gold/ld"
)

// decodeJSONLD expands a document with json-gold and turns the expanded form into triples itself:
// json-gold's own step to RDF compares each value of a property with all others.
func decodeJSONLD(r io.Reader, base string, lim Limits, emit func(Quad, Place) bool) error {
	d := newDecoder(nil, JSONLD, lim, emit)
	if base != "" && !validIRI(base) {
		return fmt.Errorf("the base <%.200s> is no absolute IRI", base)
	}
	doc, err := d.readJSON(r)
	if err != nil {
		return err
	}
	if err := d.checkContexts(doc); err != nil {
		return err
	}
	expanded, err := expand(doc, base)
	if err != nil {
		return err
	}
	numbered := len(expanded) == outermost(doc)
	for i, item := range expanded {
		if numbered {
			d.at.Column = uint32(i + 1)
		}
		if _, ok := d.jsonNode(item); !ok {
			break
		}
	}
	return d.result()
}

// outermost counts the objects that a document lists, 0 when it is one itself. Expansion may drop some of
// them; then nobody can tell which.
func outermost(doc any) int {
	if object, ok := doc.(map[string]any); ok {
		doc = object["@graph"]
	}
	items, _ := doc.([]any)
	return len(items)
}

// readJSON parses one JSON value after its size and depth are checked.
func (d *decoder) readJSON(r io.Reader) (any, error) {
	b, err := io.ReadAll(io.LimitReader(r, d.lim.Bytes+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > d.lim.Bytes {
		return nil, overLimit("bytes of a document", d.lim.Bytes)
	}
	d.read = int64(len(b))
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	if err := checkJSONDepth(b, d.lim.Depth); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		at, message := int(dec.InputOffset()), strings.TrimPrefix(err.Error(), "json: ")
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = int(syntax.Offset) - 1
		} else if errors.Is(err, io.ErrUnexpectedEOF) {
			at, message = len(b), "the document ends inside an object, array or text"
		}
		return nil, jsonSyntax(b, at, message)
	}
	end := int(dec.InputOffset())
	if _, err := dec.Token(); err != io.EOF {
		return nil, jsonSyntax(b, end, "something follows the end of the document")
	}
	return doc, nil
}

func jsonSyntax(b []byte, at int, message string) error {
	s := scanner{format: JSONLD, buf: b[:max(0, min(at, len(b)))]}
	s.pos = len(s.buf)
	s.fail("%s", message)
	return s.err
}

// checkJSONDepth refuses nesting before any recursive parser sees it.
func checkJSONDepth(b []byte, limit int) error {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			if depth++; depth > limit {
				return wrapLine(bytes.Count(b[:i], []byte{'\n'}), overLimit("nested objects and arrays", int64(limit)))
			}
		case '}', ']':
			depth--
		case '"':
			for i++; i < len(b) && b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		}
	}
	return nil
}

// expand runs json-gold, which panics on some malformed documents.
func expand(doc any, base string) (expanded []any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = jsonError("the document breaks the rules of JSON-LD expansion")
		}
	}()
	options := ld.NewJsonLdOptions(base)
	options.DocumentLoader = contextLoader{}
	if text, ok := doc.(string); ok {
		return nil, jsonError("the document is the text %.100q, not an object", text)
	}
	expanded, err = ld.NewJsonLdProcessor().Expand(doc, options)
	if err != nil {
		return nil, jsonError("%v", explain(err))
	}
	return expanded, nil
}

// explain finds our loader's message, which says what to do, inside json-gold's.
func explain(err error) error {
	var refused *contextError
	if errors.As(err, &refused) {
		return refused
	}
	return err
}

// jsonError is a SyntaxError whose place is not known: the parser keeps none.
func jsonError(format string, args ...any) error {
	return &SyntaxError{Format: JSONLD, Message: fmt.Sprintf(format, args...)}
}

// failJSON names the node and property in hand, which is what an author can search for.
func (d *decoder) failJSON(format string, args ...any) bool {
	message := fmt.Sprintf(format, args...)
	if d.jsonAt.key != "" {
		message = fmt.Sprintf("%.200s of %.200s: %s", d.jsonAt.key, AppendTerm(nil, d.jsonAt.subject), message)
	}
	return d.stop(jsonError("%s", message))
}

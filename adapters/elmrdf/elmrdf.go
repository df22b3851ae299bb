// Package elmrdf reads course catalogues that are published as one RDF document in the European
// Learning Model: Turtle, N-Triples, RDF/XML and JSON-LD.
//
// A document is read whole and split into course graphs. A syntax error fails the document, so that
// nothing is withdrawn; a specification without identity is lost alone.
package elmrdf

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Adapter reads ELM documents. It keeps no state between runs and is safe for concurrent use.
type Adapter struct{ limits rdf.Limits }

// New makes an adapter; the limits hold for each document, a zero field means the decoder's default.
func New(limits rdf.Limits) *Adapter {
	if limits.Literal <= 0 {
		limits.Literal = maxLiteral
	}
	return &Adapter{limits: limits}
}

// maxLiteral lets texts through that no record can hold, so that they cost their course and not the document.
const maxLiteral = 16 << 20

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return "elmrdf/2" }

var _ adapters.Adapter = (*Adapter)(nil)

// Read fetches the document at the source's path. Which part of it changed cannot be told, so since
// is not used: get makes the request conditional, and ErrUnchanged passes through.
func (a *Adapter) Read(ctx context.Context, get adapters.Get, source adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		doc, err := a.load(ctx, get, source)
		if err != nil {
			yield(adapters.Item{}, err)
			return
		}
		doc.items(yield)
	}
}

// document is a decoded document.
type document struct {
	*elm.Document
	url      string
	provider string
	pointers func(rdf.Place) string // of a format without lines
	minted   map[string]bool        // subjects made here
	terms    elm.Terms              // that the document states of itself
	hints    []adapters.Note        // about the document, told with its first course
}

func (a *Adapter) load(ctx context.Context, get adapters.Get, source adapters.Source) (*document, error) {
	resp, err := get(ctx, source.Path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body := bufio.NewReaderSize(resp.Body, sniffBytes)
	head, err := start(resp.URL, body)
	if err != nil {
		return nil, err
	}
	format, err := detect(resp.URL, resp.MediaType, source.ContentType, head)
	if err != nil {
		return nil, err
	}
	d := &document{url: resp.URL, provider: source.Provider, minted: map[string]bool{}}
	if err := a.decode(ctx, d, body, format, source.Path); err != nil {
		return nil, located(resp.URL, format, err)
	}
	return d, nil
}

// cancelEvery is how many triples are decoded between two looks at the context.
const cancelEvery = 4096

// decode reads the body into the document.
func (a *Adapter) decode(ctx context.Context, d *document, body io.Reader, format rdf.Format, base string) error {
	all := elm.NewCollector()
	cancelled := func() bool { return all.Len()%cancelEvery == 0 && ctx.Err() != nil }
	var err error
	if format == rdf.JSONLD {
		err = a.decodeJSON(d, body, base, all, cancelled)
	} else {
		err = rdf.DecodePlaced(body, format, base, a.limits, func(t rdf.Triple, at rdf.Place) bool {
			all.Add(t, at)
			return !cancelled()
		})
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		d.Document = all.Open()
		d.terms = d.Terms(base)
	}
	return err
}

// located puts the place and the fix into a decoder's error. What reading the body says names its URL itself.
func located(url string, format rdf.Format, err error) error {
	out := &adapters.DocumentError{Where: url, Message: err.Error(), Fix: "correct the document there", Err: err}
	var syntax *rdf.SyntaxError
	switch {
	case errors.As(err, &syntax):
		out.Message = "no valid " + nameOf(format) + ": " + syntax.Message
		if syntax.Line > 0 { // JSON-LD has no lines behind its JSON syntax
			out.Where = fmt.Sprintf("%s %d:%d", url, syntax.Line, syntax.Column)
		}
	case errors.Is(err, rdf.ErrLimit):
		out.Fix = "make it smaller or simpler there, or publish several sources"
	default:
		return err
	}
	return out
}

// items hands on the course graphs, then what cannot become one.
func (d *document) items(yield func(adapters.Item, error) bool) {
	for g := range d.Courses() {
		item, err := d.item(g)
		if err == nil {
			item.Notes, d.hints = append(item.Notes, d.hints...), nil
		}
		if item.Terms = d.terms; !yield(item, err) {
			return
		}
	}
	for g := range d.Orphans() {
		item, err := d.offering(g)
		if item.Terms = d.terms; !yield(item, err) {
			return
		}
	}
}

// where is the place of a graph in the source, and the name that it has there.
func (d *document) where(g elm.Graph) string {
	place := d.url
	switch at := g.Place; {
	case at.Line > 0:
		place += fmt.Sprintf(" %d:%d", at.Line, at.Column)
	case d.pointers != nil:
		place += d.pointers(at)
	}
	return place + " " + label(g.Subject)
}

// take reports whether a minted subject is new to the document.
func (d *document) take(subject string) bool {
	if d.minted[subject] || d.Specifies(subject) {
		return false
	}
	d.minted[subject] = true
	return true
}

func label(t rdf.Term) string {
	switch t := t.(type) {
	case rdf.IRI:
		return "<" + t.String() + ">"
	case rdf.Blank:
		return "_:" + strings.TrimPrefix(t.String(), "_:")
	}
	return t.String()
}

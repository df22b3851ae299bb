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
func New(limits rdf.Limits) *Adapter { return &Adapter{limits: limits} }

// Mapping names the mapping and its version.
func (a *Adapter) Mapping() string { return "elmrdf/1" }

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
	url      string
	provider string
	triples  []rdf.Triple
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
	triples, err := a.decode(ctx, body, format, source.Path)
	if err != nil {
		return nil, located(resp.URL, format, err)
	}
	return &document{url: resp.URL, provider: source.Provider, triples: triples}, nil
}

// cancelEvery is how many triples are decoded between two looks at the context.
const cancelEvery = 4096

func (a *Adapter) decode(ctx context.Context, body io.Reader, format rdf.Format, base string) ([]rdf.Triple, error) {
	if format == rdf.JSONLD {
		var err error
		if body, err = a.checkJSON(body); err != nil {
			return nil, err
		}
	}
	var triples []rdf.Triple
	for t, err := range rdf.Decode(body, format, base, a.limits) {
		if err != nil {
			return nil, err
		}
		triples = append(triples, t)
		if len(triples)%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return triples, nil
}

// located puts the place and the fix into a decoder's error.
func located(url string, format rdf.Format, err error) error {
	var syntax *rdf.SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Errorf("%s: %w", url, err)
	}
	if syntax.Line > 0 { // JSON-LD has no lines behind its JSON syntax
		url = fmt.Sprintf("%s %d:%d", url, syntax.Line, syntax.Column)
	}
	return fmt.Errorf("%s: no valid %s: %w; correct the document there; until then nothing is changed or withdrawn", url, nameOf(format), err)
}

// items hands on the course graphs, then what cannot become one.
func (d *document) items(yield func(adapters.Item, error) bool) {
	graphs, orphans := elm.Split(d.triples)
	named := make(map[string]bool, len(graphs))
	for _, g := range graphs {
		if iri, ok := g.Subject.(rdf.IRI); ok {
			named[iri.String()] = true
		}
	}
	for _, g := range graphs {
		item, err := d.item(g, named)
		if !yield(item, err) {
			return
		}
	}
	for _, g := range orphans {
		item, err := d.offering(g, named)
		if !yield(item, err) {
			return
		}
	}
}

func (d *document) where(subject rdf.Term) string { return d.url + " " + label(subject) }

func label(t rdf.Term) string {
	switch t := t.(type) {
	case rdf.IRI:
		return "<" + t.String() + ">"
	case rdf.Blank:
		return "_:" + strings.TrimPrefix(t.String(), "_:")
	}
	return t.String()
}

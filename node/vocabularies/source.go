package vocabularies

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// document is one list to read.
type document struct {
	from  string // for people, and to tell the format by
	media string
	body  io.ReadCloser
}

// extensions of the files that are read from a directory.
var extensions = []string{".ttl", ".nt", ".rdf", ".xml", ".owl", ".jsonld", ".json", ".tsv"}

// collect reads all sources into one update; a later one may add to, and not contradict, an earlier one.
func (s *Store) collect(ctx context.Context, from []string) (vocabulary.Overlay, []Source, error) {
	if len(from) == 0 {
		return s.askEndpoint(ctx)
	}
	update, sources := found{}, []Source{}
	for _, place := range from {
		documents, err := s.open(place)
		if err != nil {
			return nil, nil, err
		}
		for _, open := range documents {
			doc, err := open(ctx)
			if err != nil {
				return nil, nil, err
			}
			source, err := update.read(doc)
			if err != nil {
				return nil, nil, err
			}
			sources = append(sources, source)
		}
	}
	lists := update.lists()
	if len(lists) == 0 {
		return nil, nil, errNothing
	}
	return lists, sources, nil
}

var errNothing = fmt.Errorf("no concept of a vocabulary that is used here was found; concepts are skos:Concept with skos:inScheme and skos:prefLabel, "+
	"or rows of a TSV file with the columns iri and label_en; the vocabularies are %s", strings.Join(vocabulary.Names(), ", "))

// opener defers the opening to the time when the document is read.
type opener func(context.Context) (document, error)

func (s *Store) open(place string) ([]opener, error) {
	if strings.Contains(place, "://") {
		return []opener{func(ctx context.Context) (document, error) {
			return s.get(ctx, place, "text/turtle, application/n-triples, application/rdf+xml;q=0.9, application/ld+json;q=0.8, text/tab-separated-values;q=0.8")
		}}, nil
	}
	info, err := os.Stat(place)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []opener{file(place)}, nil
	}
	entries, err := os.ReadDir(place)
	if err != nil {
		return nil, err
	}
	var out []opener
	for _, e := range entries {
		if e.Type().IsRegular() && slices.Contains(extensions, strings.ToLower(filepath.Ext(e.Name()))) {
			out = append(out, file(filepath.Join(place, e.Name())))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no file ends in %s", place, strings.Join(extensions, ", "))
	}
	return out, nil
}

func file(name string) opener {
	return func(context.Context) (document, error) {
		f, err := os.Open(name)
		return document{from: name, body: f}, err
	}
}

func (s *Store) get(ctx context.Context, address, accept string) (document, error) {
	resp, err := s.cfg.Fetch(ctx, fetch.Request{URL: address, Header: http.Header{"Accept": {accept}}})
	if err != nil {
		return document{}, err
	}
	if resp.Status != http.StatusOK {
		_ = resp.Body.Close()
		return document{}, &adapters.StatusError{URL: address, Code: resp.Status}
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // malformed: none
	return document{from: address, media: media, body: resp.Body}, nil
}

const sniffBytes = 8 << 10

// read takes a document in and closes it.
func (f found) read(doc document) (_ Source, err error) {
	defer func() { err = errors.Join(err, doc.body.Close()) }()
	body := bufio.NewReaderSize(doc.body, sniffBytes)
	head, err := body.Peek(sniffBytes)
	if err != nil && err != io.EOF {
		return Source{}, fmt.Errorf("%s: %w", doc.from, err)
	}
	if mark := []byte("\xef\xbb\xbf"); bytes.HasPrefix(head, mark) {
		_, _ = body.Discard(len(mark)) // they are buffered
		head = head[len(mark):]
	}
	source := Source{From: doc.from}
	if strings.EqualFold(filepath.Ext(doc.from), ".tsv") || doc.media == "text/tab-separated-values" {
		source.Format = "tsv"
		source.Concepts, source.Ignored, err = f.readTSV(body)
	} else {
		format, ok := elmrdf.FormatOf(doc.from, doc.media, head)
		if !ok {
			return Source{}, fmt.Errorf("%s: the format is not recognised (media type %q): give Turtle, N-Triples, RDF/XML, JSON-LD or TSV", doc.from, doc.media)
		}
		source.Format = string(format)
		source.Concepts, source.Ignored, err = f.readSKOS(body, format, "urn:document:")
	}
	if err != nil {
		return Source{}, fmt.Errorf("%s: %w", doc.from, err)
	}
	return source, nil
}

// limits of one document. The list of languages with its labels in all official languages of the European
// Union and their provenance is about 100 MB of RDF/XML.
var limits = rdf.Limits{Bytes: 256 << 20, Triples: 5_000_000, Literal: 64 << 10}

package rdf

import (
	_ "embed" // the context document
	"encoding/json"
	"fmt"
	"strings"

	"github.com/piprate/json-gold/ld"
)

// contextDocument is this project's own JSON-LD context for the namespaces of the domain.
//
//go:embed context.jsonld
var contextDocument []byte

// contextURLs are the references that the embedded context answers: the namespaces it names.
var contextURLs = []string{
	"http://data.europa.eu/snb/model/elm",
	"http://data.quality-link.eu/ontology/v1",
}

// contextLoader answers from the binary and never asks the network.
type contextLoader struct{}

// contextError says which remote context was refused and what to do.
type contextError struct{ url string }

func (e *contextError) Error() string {
	return fmt.Sprintf("the remote @context %.200q is not fetched: write its definitions into the document, or use %s",
		e.url, contextURLs[1])
}

// LoadDocument is ld.DocumentLoader.
func (contextLoader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	for _, known := range contextURLs {
		if strings.TrimRight(url, "/#") != known {
			continue
		}
		var doc any
		if err := json.Unmarshal(contextDocument, &doc); err != nil {
			return nil, fmt.Errorf("the embedded context: %w", err)
		}
		return &ld.RemoteDocument{DocumentURL: url, Document: doc}, nil
	}
	return nil, &contextError{url}
}

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

// checkContexts bounds the work of context processing, which copies every definition in force
// whenever a context comes into force.
func (d *decoder) checkContexts(doc any) error {
	var t contextTally
	t.walk(doc, false)
	switches := t.contexts
	if t.scoped {
		switches += t.objects
	}
	if work := t.definitions * switches; work > maxContextWork {
		return overLimit("work of applying @context (definitions times uses)", maxContextWork)
	}
	return nil
}

const maxContextWork = 20_000_000

type contextTally struct {
	contexts, definitions, objects int64
	scoped                         bool
}

func (t *contextTally) walk(v any, inContext bool) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			t.walk(item, inContext)
		}
	case map[string]any:
		t.objects++
		for key, value := range v {
			if inContext {
				t.definitions++
			}
			if number, ok := value.(json.Number); ok && inContext && key == "@version" {
				v[key], _ = number.Float64() // the only number json-gold compares itself
			}
			if key == "@context" {
				t.contexts++
				t.scoped = t.scoped || inContext
				t.walk(value, true)
				continue
			}
			t.walk(value, inContext)
		}
	case string:
		if inContext {
			t.definitions++
		}
	}
}

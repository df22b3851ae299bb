package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// reference is the API for people, made from the OpenAPI document.
type reference struct {
	Description string
	Operations  []operation
	Problems    []problemKind
}

type operation struct {
	ID, Path, Summary, Description, Media string
	Parameters                            []parameter
}

type parameter struct {
	Name, Type, Values, Meaning string
	Repeatable                  bool
}

type problemKind struct {
	Slug, Title string
	Status      int
}

func (a *API) reference() reference {
	doc := a.huma.OpenAPI()
	out := reference{Description: doc.Info.Description}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		if op := doc.Paths[path].Get; op != nil {
			out.Operations = append(out.Operations, operationOf(op))
		}
	}
	seen := map[string]bool{}
	for _, p := range problems {
		if !seen[p.slug] {
			out.Problems = append(out.Problems, problemKind{p.slug, p.title, p.status})
		}
		seen[p.slug] = true
	}
	return out
}

func operationOf(op *huma.Operation) operation {
	out := operation{ID: op.OperationID, Path: op.Path, Summary: op.Summary, Description: op.Description}
	out.Media = strings.Join(slices.Sorted(maps.Keys(op.Responses["200"].Content)), ", ")
	for _, p := range op.Parameters {
		schema := p.Schema
		q := parameter{Name: p.Name, Meaning: p.Description, Repeatable: schema.Type == huma.TypeArray}
		if q.Repeatable {
			schema = schema.Items
		}
		if q.Type = schema.Type; schema.Format != "" {
			q.Type = schema.Format
		}
		q.Values = strings.Join(enumOf(schema), ", ")
		if schema.Minimum != nil && schema.Maximum != nil {
			q.Values = fmt.Sprintf("%g to %g", *schema.Minimum, *schema.Maximum)
		}
		out.Parameters = append(out.Parameters, q)
	}
	return out
}

package api

import (
	"fmt"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Concept of a controlled vocabulary.
type Concept struct {
	ID     string            `json:"id"`
	IRI    string            `json:"iri"`
	Label  string            `json:"label" doc:"English"`
	Labels map[string]string `json:"labels" doc:"By language tag"`
}

// Vocabulary is the name of one and its size.
type Vocabulary struct {
	Name     string `json:"name"`
	Scheme   string `json:"scheme" doc:"IRI of the concept scheme"`
	Base     string `json:"base" doc:"What the IRIs of its concepts begin with"`
	Concepts int    `json:"concepts"`
}

func (a *API) vocabularyRoutes() {
	get(a, route{path: "/v1/vocabularies", id: "listVocabularies", tag: "Vocabularies", summary: "Controlled vocabularies", body: List[Vocabulary]{}},
		func(*call, *none) (response, error) { return response{value: listOf(vocabularies())}, nil })
	get(a, route{path: "/v1/vocabularies/{name}", id: "getVocabulary", tag: "Vocabularies", summary: "The concepts of one", body: List[Concept]{}},
		func(c *call, _ *struct {
			Name string `path:"name"`
		},
		) (response, error) {
			return vocabularyNamed(c.param("name"))
		})
}

func vocabularies() []Vocabulary {
	var out []Vocabulary
	for _, name := range vocabulary.Names() {
		scheme, base, _ := vocabulary.Scheme(name)
		out = append(out, Vocabulary{Name: name, Scheme: scheme, Base: base, Concepts: len(vocabulary.Concepts(name))})
	}
	return out
}

func vocabularyNamed(name string) (response, error) {
	if _, _, ok := vocabulary.Scheme(name); !ok {
		err := fmt.Errorf("%w: there is no vocabulary %q; /v1/vocabularies lists them", errNotFound, clip(name, 100))
		return response{}, err
	}
	out := []Concept{}
	for _, c := range vocabulary.Concepts(name) {
		out = append(out, Concept{c.ID, c.IRI, c.Label, c.Labels()})
	}
	return response{value: listOf(out)}, nil
}

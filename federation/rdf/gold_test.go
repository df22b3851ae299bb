package rdf_test

import (
	"testing"

	"github.com/piprate/json-gold/ld"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// json-gold is the second opinion on the canonical form.

func goldOptions() *ld.JsonLdOptions {
	options := ld.NewJsonLdOptions("")
	options.Algorithm = ld.AlgorithmURDNA2015
	options.Format = "application/n-quads"
	return options
}

func goldNode(t rdf.Term) ld.Node {
	switch t := t.(type) {
	case rdf.IRI:
		return ld.NewIRI(t.String())
	case rdf.Blank:
		return ld.NewBlankNode("_:" + t.String())
	case rdf.Literal:
		return ld.NewLiteral(t.String(), t.DataType.String(), t.Lang())
	}
	return nil
}

func goldQuad(t rdf.Triple) *ld.Quad {
	return ld.NewQuad(goldNode(t.Subj), goldNode(t.Pred), goldNode(t.Obj), "@default")
}

// goldDataset holds each triple once, as json-gold expects.
func goldDataset(triples []rdf.Triple) *ld.RDFDataset {
	dataset := ld.NewRDFDataset()
	seen := map[string]bool{}
	for _, t := range triples {
		line := string(rdf.AppendTerm(rdf.AppendTerm(rdf.AppendTerm(nil, t.Subj), t.Pred), t.Obj))
		if !seen[line] {
			seen[line] = true
			dataset.Graphs["@default"] = append(dataset.Graphs["@default"], goldQuad(t))
		}
	}
	return dataset
}

func goldCanonical(t testing.TB, triples []rdf.Triple) string {
	t.Helper()
	out, err := ld.NewJsonLdApi().Normalize(goldDataset(triples), goldOptions())
	if err != nil {
		t.Fatal(err)
	}
	return out.(string)
}

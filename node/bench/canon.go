package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/piprate/json-gold/ld"
)

const goldName = "json-gold, canonical form only"

// canon brings course graphs to canonical form, by this program and by json-gold, and requires equal bytes.
func canon(ctx context.Context, opt Options, progress io.Writer) (Result, error) {
	fmt.Fprintf(progress, "making %d course graphs\n", opt.N)
	graphs, err := courseGraphs(opt)
	if err != nil {
		return Result{}, err
	}
	fmt.Fprintln(progress, "canonicalising")
	m := start("canonicalise")
	err = m.stage(0, func() error { return canonPasses(ctx, graphs) })
	result := m.stop(canonRepeats * len(graphs))
	if err != nil {
		return Result{}, err
	}
	fmt.Fprintln(progress, "canonicalising with json-gold")
	sets := make([]*ld.RDFDataset, len(graphs))
	for i, g := range graphs {
		sets[i] = goldDataset(g)
	}
	goldCPU := 0.0
	for i, set := range sets {
		from := reading()
		theirs, err := goldCanonical(set)
		if err != nil {
			return Result{}, err
		}
		goldCPU += from.cpuSince()
		ours, err := rdf.Canonical(graphs[i])
		if err != nil {
			return Result{}, err
		}
		if !bytes.Equal(ours, theirs) {
			return Result{}, fmt.Errorf("course %d: canonical bytes differ from those of json-gold", i)
		}
		sets[i] = nil
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
	}
	result.Triples = opt.N * courseTriples
	result.Compared = append(result.Compared, compare(goldName, result.PerCPUSecond, rate(len(graphs), goldCPU)))
	return result, nil
}

// canonRepeats makes the measured time long enough for the clock of CPU time.
const canonRepeats = 5

func canonPasses(ctx context.Context, graphs [][]rdf.Triple) error {
	for range canonRepeats {
		for _, g := range graphs {
			if _, err := rdf.Canonical(g); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// courseGraphs goes through Turtle, so that blank nodes are labelled as those of a source are.
func courseGraphs(opt Options) ([][]rdf.Triple, error) {
	var document bytes.Buffer
	if _, err := writeCourses(&document, opt.N, opt.Seed); err != nil {
		return nil, err
	}
	graphs, err := graphsIn(&document)
	if err != nil {
		return nil, err
	}
	out := make([][]rdf.Triple, len(graphs))
	for i, g := range graphs {
		out[i] = g.Triples
	}
	return out, nil
}

// goldRate is graphs per CPU second; making json-gold's own data structure is not counted.
func goldRate(graphs [][]rdf.Triple) (float64, error) {
	sets := make([]*ld.RDFDataset, len(graphs))
	for i, g := range graphs {
		sets[i] = goldDataset(g)
	}
	from := reading()
	for _, set := range sets {
		if _, err := goldCanonical(set); err != nil {
			return 0, err
		}
	}
	_, cpu := from.since()
	return rate(len(graphs), cpu), nil
}

func goldCanonical(set *ld.RDFDataset) ([]byte, error) {
	options := ld.NewJsonLdOptions("")
	options.Algorithm = ld.AlgorithmURDNA2015
	options.Format = "application/n-quads"
	out, err := ld.NewJsonLdApi().Normalize(set, options)
	if err != nil {
		return nil, fmt.Errorf("json-gold: %w", err)
	}
	text, ok := out.(string)
	if !ok {
		return nil, errors.New("json-gold returned no text")
	}
	return []byte(text), nil
}

// goldDataset holds each triple once, as json-gold expects; graphs of Split do.
func goldDataset(triples []rdf.Triple) *ld.RDFDataset {
	set := ld.NewRDFDataset()
	for _, t := range triples {
		set.Graphs["@default"] = append(set.Graphs["@default"], ld.NewQuad(goldNode(t.Subj), goldNode(t.Pred), goldNode(t.Obj), "@default"))
	}
	return set
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

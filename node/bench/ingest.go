package bench

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// pilotRate is what the functions of the QualityLink pilot reached on 10,000 courses of about 35 triples
// each (rdflib 6.1, Python 3.11): parse, enrich and split, without canonical form, signature or storage.
const (
	pilotRate = 419
	pilotName = "QualityLink pilot (reference constant)"
)

// The stages of ingest, in the order a course goes through them.
const (
	stageParse = iota
	stageSplit
	stageNormalise
	stageCanonicalise
	stageSign
	stageStage
	stageSwitch
)

// chunk is how many courses are worked on together, as harvest does.
const chunk = 500

// ingestion takes one document from its file to a signed head in a store.
type ingestion struct {
	meter     *meter
	db        *store.DB
	key       crypto.PrivKey
	publisher federation.PublisherID
	triples   int
	bytes     int64 // of envelopes
	ops       []store.Op
	samples   [][]rdf.Triple // for the comparison
}

// sampleSize is how many graphs are canonicalised by json-gold for comparison.
const sampleSize = 500

func ingest(ctx context.Context, opt Options, progress io.Writer) (_ Result, err error) {
	dir, err := os.MkdirTemp(opt.Dir, "coursemesh-bench-")
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	source := filepath.Join(dir, "courses.ttl")
	fmt.Fprintf(progress, "writing %d courses\n", opt.N)
	size, err := writeFile(source, opt)
	if err != nil {
		return Result{}, err
	}
	in, err := newIngestion(dir)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, in.db.Close()) }()
	fmt.Fprintln(progress, "ingesting")
	in.meter = start("parse", "split", "normalise", "canonicalise", "sign", "stage", "switch")
	if err := in.run(ctx, source); err != nil {
		in.meter.memory.stop()
		return Result{}, err
	}
	result := in.meter.stop(opt.N)
	result.Bytes, result.Triples, result.RecordBytes = size, in.triples, in.bytes
	if info, err := os.Stat(filepath.Join(dir, "coursemesh.db")); err == nil {
		result.StoredBytes = info.Size()
	}
	result.Compared = append(result.Compared, compare(pilotName, result.PerCPUSecond, pilotRate))
	fmt.Fprintf(progress, "canonicalising %d of them with json-gold\n", len(in.samples))
	return result, in.compareCanonical(opt.N, &result)
}

func writeFile(path string, opt Options) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	size, err := writeCourses(f, opt.N, opt.Seed)
	return size, errors.Join(err, f.Close())
}

func newIngestion(dir string) (*ingestion, error) {
	key, public, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, err
	}
	publisher, err := federation.PublisherOf(public)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(dir)
	if err != nil {
		return nil, err
	}
	return &ingestion{db: db, key: key, publisher: publisher}, nil
}

func (in *ingestion) run(ctx context.Context, source string) error {
	all := elm.NewCollector()
	if err := in.meter.stage(stageParse, func() error { return parse(source, all) }); err != nil {
		return err
	}
	in.triples = all.Len()
	var document *elm.Document
	err := in.meter.stage(stageSplit, func() error {
		document = all.Open()
		return nil
	})
	if err != nil {
		return err
	}
	all = nil
	next, stop := iter.Pull(document.Courses())
	defer stop()
	for {
		graphs := make([]elm.Graph, 0, chunk)
		err := in.meter.stage(stageSplit, func() error {
			for g, ok := next(); ok; g, ok = next() {
				if graphs = append(graphs, g); len(graphs) == chunk {
					break
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		if len(graphs) == 0 {
			break
		}
		if err := in.chunk(ctx, graphs); err != nil {
			return err
		}
	}
	return in.meter.stage(stageSwitch, func() error {
		_, err := in.db.Switch(ctx, in.publisher, in.ops, in.seal)
		return err
	})
}

func parse(source string, all *elm.Collector) error {
	f, err := os.Open(source)
	if err != nil {
		return err
	}
	defer f.Close()
	return rdf.DecodePlaced(bufio.NewReader(f), rdf.Turtle, "", rdf.Limits{}, func(t rdf.Triple, at rdf.Place) bool {
		all.Add(t, at)
		return true
	})
}

// chunk brings some courses from graphs to staged records.
func (in *ingestion) chunk(ctx context.Context, graphs []elm.Graph) error {
	records := make([]federation.Record, len(graphs))
	blocks := make([]store.Block, len(graphs))
	work := []struct {
		stage int
		do    func(i int) error
	}{
		{stageNormalise, func(i int) (err error) { graphs[i], err = normalise(graphs[i]); return err }},
		{stageCanonicalise, func(i int) (err error) { records[i], err = in.record(graphs[i]); return err }},
		{stageSign, func(i int) (err error) { blocks[i], err = in.sign(records[i]); return err }},
	}
	for _, w := range work {
		err := in.meter.stage(w.stage, func() error {
			for i := range graphs {
				if err := w.do(i); err != nil {
					return fmt.Errorf("course %v: %w", graphs[i].Subject, err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, g := range graphs[:min(len(graphs), sampleSize-len(in.samples))] {
		in.samples = append(in.samples, g.Triples)
	}
	return in.meter.stage(stageStage, func() error { return in.db.Stage(ctx, blocks) })
}

// normalise does what harvest does to a course before it is canonicalised.
func normalise(g elm.Graph) (elm.Graph, error) {
	if _, ok := g.Title(); !ok {
		return g, errors.New("no title")
	}
	iri := federation.ProviderIRI(provider)
	naming := elm.Naming{ProviderIRI: iri}
	for _, organisation := range g.Organisations() {
		if organisation.Node.String() == iri {
			naming.Own = append(naming.Own, iri)
		}
	}
	g, _ = g.Normalise(naming)
	return g, elm.Check(g.Subject.String(), g.Triples)
}

func (in *ingestion) record(g elm.Graph) (federation.Record, error) {
	canonical, err := g.Canonical()
	return federation.Record{
		Kind: federation.KindCourse, Subject: g.Subject.String(), Provider: provider, Graph: canonical,
		Source: federation.Source{Domain: provider, ID: "courses.ttl"}, Mapping: "elmrdf/1", Issued: issued,
	}, err
}

// issued is a moment in the past, the same in every run.
const issued = 1_780_000_000

func (in *ingestion) sign(r federation.Record) (store.Block, error) {
	envelope, err := r.Seal(in.key)
	if err != nil {
		return store.Block{}, err
	}
	block := store.Block{CID: federation.CIDOf(envelope), Data: envelope}
	in.bytes += int64(len(envelope))
	in.ops = append(in.ops, store.Op{Key: r.Key(), New: block.CID, Domain: provider, Bytes: len(envelope)})
	return block, nil
}

func (in *ingestion) seal(next store.Next) ([]byte, error) {
	return federation.Head{
		Epoch: 1, Seq: 1, Root: next.Root, Count: next.Count, Bytes: next.Bytes,
		Domains: []string{provider}, Issued: issued,
	}.Seal(in.key)
}

// compareCanonical adds how fast json-gold brings some of the same graphs to canonical form.
func (in *ingestion) compareCanonical(n int, result *Result) error {
	theirs, err := goldRate(in.samples)
	ours := rate(n, in.meter.stages[stageCanonicalise].CPUSeconds)
	result.Compared = append(result.Compared, compare(goldName, ours, theirs))
	return err
}

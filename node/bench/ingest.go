package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// readName is the stage that compares with the pilot, which does the same for ELM and OOAPI.
const readName = "parse+map+split"

// The stages of ingest, in the order a course goes through them. The adapter decodes, maps and splits in one.
const (
	stageRead = iota
	stageProfile
	stageNormalise
	stageCanonicalise
	stageSign
	stageStage
	stageSwitch
)

var stageNames = []string{readName, "profile", "normalise", "canonicalise", "sign", "stage", "switch"}

// chunk is how many courses are worked on together, as harvest does.
const chunk = 500

// ingestion takes one source from its bytes to a signed head in a store.
type ingestion struct {
	meter     *meter
	source    *source
	checker   *profile.Checker
	tally     profile.Tally
	db        *store.DB
	key       crypto.PrivKey
	publisher federation.PublisherID
	courses   int   // with programmes, where the standard has them
	triples   int   // before normalisation
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
	fmt.Fprintf(progress, "making a source of %d courses\n", opt.N)
	from, err := newSource(ctx, opt, dir)
	if err != nil {
		return Result{}, err
	}
	in, err := newIngestion(dir)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, in.db.Close()) }()
	fmt.Fprintln(progress, "ingesting")
	in.source, in.meter = from, start(stageNames...)
	if err := in.run(ctx); err != nil {
		in.meter.memory.stop()
		return Result{}, err
	}
	result := in.meter.stop(in.courses)
	result.Courses, result.Bytes, result.Triples, result.RecordBytes = in.courses, from.bytes, in.triples, in.bytes
	if info, err := os.Stat(filepath.Join(dir, "coursemesh.db")); err == nil {
		result.StoredBytes = info.Size()
	}
	if from.pilot > 0 {
		result.Compared = append(result.Compared, compare(pilotName, rate(in.courses, result.Stages[stageRead].CPUSeconds), from.pilot))
	}
	fmt.Fprintf(progress, "canonicalising %d of them with json-gold\n", len(in.samples))
	return result, in.compareCanonical(in.courses, &result)
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
	checker, err := profile.New()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(dir)
	if err != nil {
		return nil, err
	}
	return &ingestion{checker: checker, db: db, key: key, publisher: publisher}, nil
}

func (in *ingestion) run(ctx context.Context) error {
	next, stop := iter.Pull2(in.source.adapter.Read(ctx, in.source.get, in.source.spec, time.Time{}))
	defer stop()
	for more := true; more; {
		var items []adapters.Item
		err := in.meter.stage(stageRead, func() (err error) {
			items, more, err = take(next)
			return err
		})
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := in.chunk(ctx, items); err != nil {
			return err
		}
	}
	return in.meter.stage(stageSwitch, func() error {
		_, err := in.db.Switch(ctx, in.publisher, in.ops, in.seal)
		return err
	})
}

// take reads up to a chunk of courses; more says that others may follow. A course that is lost is a fault of the
// benchmark's source.
func take(next func() (adapters.Item, error, bool)) (items []adapters.Item, more bool, err error) {
	for len(items) < chunk {
		item, err, ok := next()
		if err != nil || !ok {
			return items, false, err
		}
		items = append(items, item)
	}
	return items, true, nil
}

// chunk brings some courses from graphs to staged records.
func (in *ingestion) chunk(ctx context.Context, items []adapters.Item) error {
	in.courses += len(items)
	graphs := make([]elm.Graph, len(items))
	for i, item := range items {
		graphs[i] = item.Graph
		in.triples += len(item.Graph.Triples)
	}
	records := make([]federation.Record, len(graphs))
	blocks := make([]store.Block, len(graphs))
	work := []struct {
		stage int
		do    func(i int) error
	}{
		{stageProfile, func(i int) error { return in.check(items[i]) }},
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

// check does what harvest does to a course to report its quality.
func (in *ingestion) check(item adapters.Item) error {
	g := item.Graph
	findings := in.checker.Check(profile.Course{Graph: g, Where: item.Where, Provider: provider, Fields: item.Fields})
	in.tally.Course(findings, elm.View(g.Subject.String(), g.Triples))
	return nil
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
		Source: federation.Source{Domain: provider, ID: in.source.spec.ID}, Mapping: in.source.adapter.Mapping(), Issued: issued,
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

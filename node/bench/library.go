package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mrand "math/rand/v2"
	"os"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// Courses of a library are spread over so many institutions, and their descriptions are so long.
const (
	institutions = 100
	proseText    = 600 // bytes
)

// institutionOf is the provider of a course.
func institutionOf(i int) string { return fmt.Sprintf("uni%02d.bench.example", i%institutions) }

// writer of the texts of a library: words as frequent as those of prose.
type prose struct{ word *mrand.Zipf }

func newProse(seed uint64) *prose {
	return &prose{mrand.NewZipf(mrand.New(mrand.NewPCG(seed, 1)), wordSkew, wordShift, wordCount-1)}
}

func (p *prose) text(bytes int) string {
	var b strings.Builder
	for b.Len() < bytes {
		b.WriteString(wordOf(p.word.Uint64()))
		b.WriteByte(' ')
	}
	return b.String()
}

// wordOf is the word of a rank among the words by how frequent they are.
func wordOf(rank uint64) string { return fmt.Sprintf("w%x", rank) }

// graphsOf makes courses from..from+n of a library, as a harvest would have normalised them.
func graphsOf(from, n int, seed uint64, p *prose) ([]elm.Graph, error) {
	var document bytes.Buffer
	document.WriteString(prefixes)
	for i := from; i < from+n; i++ {
		c := draw(i, mrand.New(mrand.NewPCG(seed, uint64(i))))
		c.description = p.text(proseText)
		if err := c.write(&document); err != nil {
			return nil, err
		}
	}
	graphs, err := graphsIn(&document)
	for i := range graphs {
		if err == nil {
			graphs[i], err = normalise(graphs[i])
		}
	}
	return graphs, err
}

// graphsIn reads the courses of a Turtle document.
func graphsIn(document io.Reader) ([]elm.Graph, error) {
	var triples []rdf.Triple
	for t, err := range rdf.Decode(document, rdf.Turtle, "", rdf.Limits{}) {
		if err != nil {
			return nil, err
		}
		triples = append(triples, t)
	}
	graphs, _ := elm.Split(triples)
	return graphs, nil
}

// statement is a course as its graph, and what its publisher says with it.
type statement struct {
	graph  elm.Graph
	record federation.Record
}

// statements makes all courses of a library, some at a time.
func statements(ctx context.Context, opt Options, use func([]statement) error) error {
	p := newProse(opt.Seed)
	for from := 0; from < opt.N; from += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		graphs, err := graphsOf(from, min(chunk, opt.N-from), opt.Seed, p)
		if err != nil {
			return err
		}
		made := make([]statement, len(graphs))
		for i, g := range graphs {
			record, err := recordOf(g, from+i)
			if err != nil {
				return err
			}
			made[i] = statement{g, record}
		}
		if err := use(made); err != nil {
			return err
		}
	}
	return nil
}

// recordOf is what a publisher says of course i.
func recordOf(g elm.Graph, i int) (federation.Record, error) {
	canonical, err := g.Canonical()
	return federation.Record{
		Kind: federation.KindCourse, Subject: g.Subject.String(), Provider: institutionOf(i), Graph: canonical,
		Source: federation.Source{Domain: institutionOf(i), ID: "bench"}, Mapping: "elmrdf/2", Issued: issued,
	}, err
}

// library is a node's catalogue of many courses: signed records in a store, and the authority by which they count.
type library struct {
	db        *store.DB
	catalogue *catalogue.Catalogue
	known     map[string]federation.Provider
	publisher federation.PublisherID
}

func newLibrary(ctx context.Context, dir string, opt Options) (_ *library, err error) {
	key, public, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil {
		return nil, err
	}
	l := &library{known: map[string]federation.Provider{}}
	if l.publisher, err = federation.PublisherOf(public); err != nil {
		return nil, err
	}
	if l.db, err = store.Open(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.db.Close())
		}
	}()
	if err := l.fill(ctx, key, opt); err != nil {
		return nil, err
	}
	return l, l.count(ctx)
}

// fill signs and stores the records, and one head over them.
func (l *library) fill(ctx context.Context, key crypto.PrivKey, opt Options) error {
	var ops []store.Op
	err := statements(ctx, opt, func(made []statement) error {
		var blocks []store.Block
		for _, s := range made {
			envelope, err := s.record.Seal(key)
			if err != nil {
				return err
			}
			block := store.Block{CID: federation.CIDOf(envelope), Data: envelope}
			blocks = append(blocks, block)
			ops = append(ops, store.Op{Key: s.record.Key(), New: block.CID, Domain: s.record.Source.Domain, Bytes: len(envelope)})
		}
		return l.db.Stage(ctx, blocks)
	})
	if err != nil {
		return err
	}
	var domains []string
	for i := range min(institutions, opt.N) {
		domains = append(domains, institutionOf(i))
	}
	_, err = l.db.Switch(ctx, l.publisher, ops, func(next store.Next) ([]byte, error) {
		return federation.Head{Epoch: 1, Seq: 1, Root: next.Root, Count: next.Count, Bytes: next.Bytes, Domains: domains, Issued: issued}.Seal(key)
	})
	return err
}

// count lets the publisher count for its institutions, so that its records make up the catalogue.
func (l *library) count(ctx context.Context) error {
	var providers []federation.Provider
	for i := range institutions {
		p := federation.Provider{ID: institutionOf(i), Name: fmt.Sprint("University ", i), Country: countries[i%len(countries)]}
		l.known[p.ID] = p
		providers = append(providers, p)
	}
	trust := []authority.Trust{{ID: l.publisher, Provider: "*.bench.example", Class: federation.Member}}
	log := slog.New(slog.DiscardHandler)
	a, err := authority.New(authority.Config{DB: l.db, Providers: providers, Trust: trust, Log: log})
	if err != nil {
		return err
	}
	l.catalogue = catalogue.New(catalogue.Config{DB: l.db, Authority: a, Self: l.publisher, Log: log})
	return l.catalogue.Update(ctx)
}

var countries = []string{"DE", "FR", "ES", "FI", "PL", "SE", "IT", "NL", "PT", "EE"}

func (l *library) provider(id string) (federation.Provider, bool) {
	p, ok := l.known[id]
	return p, ok
}

func (l *library) close() error { return l.db.Close() }

// withLibrary makes a catalogue in a directory of its own and has it measured, with what making it left out of memory.
func withLibrary(ctx context.Context, opt Options, progress io.Writer, measure func(l *library, dir string) (Result, error)) (_ Result, err error) {
	dir, err := os.MkdirTemp(opt.Dir, "coursemesh-bench-")
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintf(progress, "making a catalogue of %d courses\n", opt.N)
	l, err := newLibrary(ctx, dir, opt)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	tidy()
	return measure(l, dir)
}

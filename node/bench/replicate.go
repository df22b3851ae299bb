package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/libp2p/go-libp2p/core/crypto"
)

const (
	replicaText  = 3600 // bytes of prose in a record, which then takes about 4 KB
	replicaBatch = 1000 // records staged and switched at a time
)

// replicate measures how a node takes over sets of others: processes of this program on loopback, which talk
// through a wire that counts bytes. Seconds, CPU and memory are the receiver's, from its start until it holds
// the heads: every record fetched, verified and committed. Three ways: one publisher's set as a late joiner
// finds it, that set with one record in a hundred changed, and as many records of a thousand publishers. The
// figures of the result are the first; the stages have all three.
func replicate(ctx context.Context, opt Options, progress io.Writer) (_ Result, err error) {
	dir, err := os.MkdirTemp(opt.Dir, "coursemesh-bench-")
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	result, err := oneSender(ctx, filepath.Join(dir, "one"), opt, progress)
	if err != nil {
		return Result{}, err
	}
	many, err := manySenders(ctx, filepath.Join(dir, "many"), opt, progress)
	if err != nil {
		return Result{}, err
	}
	result.Stages = append(result.Stages, many.stage(fmt.Sprintf("%d publishers", publishersOf(opt.N))))
	result.PeakMemory = max(result.PeakMemory, many.peak)
	result.Transfers = append(result.Transfers, Transfer{Name: "many publishers", Records: opt.N, Bytes: many.moved})
	fmt.Fprintln(progress, "replicating keys with go-ds-crdt")
	theirs, err := crdtRate(ctx, min(opt.N, crdtKeys), opt.Seed)
	if err != nil {
		return Result{}, err
	}
	result.Compared = append(result.Compared, compare(crdtName, result.bothRate, theirs))
	return result.Result, nil
}

// oneResult carries what the comparison needs: CPU seconds of sender and receiver together.
type oneResult struct {
	Result
	bothRate float64
}

// oneSender measures the set of one publisher: the whole of it, then a hundredth changed.
func oneSender(ctx context.Context, dir string, opt Options, progress io.Writer) (_ oneResult, err error) {
	p, err := newPair(dir)
	if err != nil {
		return oneResult{}, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.init(ctx); err != nil {
		return oneResult{}, err
	}
	fmt.Fprintf(progress, "making %d records\n", opt.N)
	ids, bytes, err := p.fill(ctx, 1, opt)
	if err != nil {
		return oneResult{}, err
	}
	fmt.Fprintln(progress, "replicating them")
	sent, err := p.serve(ctx, ids)
	if err != nil {
		return oneResult{}, err
	}
	whole, err := p.await(ctx, opt.N, 1, 1)
	if err != nil {
		return oneResult{}, err
	}
	both := cpuOf(p.sender.PID()) - sent + whole.cpu
	changed := max(opt.N/100, 1)
	fmt.Fprintf(progress, "changing %d of them\n", changed)
	if err := p.change(ctx, changed, opt); err != nil {
		return oneResult{}, err
	}
	part, err := p.await(ctx, opt.N, 1, whole.seq+1)
	if err != nil {
		return oneResult{}, err
	}
	return oneResult{bothRate: rate(opt.N, both), Result: Result{
		Seconds: whole.seconds, CPUSeconds: whole.cpu, PerSecond: rate(opt.N, whole.seconds), PerCPUSecond: rate(opt.N, whole.cpu),
		PeakMemory: max(whole.peak, part.peak), RecordBytes: bytes, Compared: []Compared{},
		Stages: []Stage{whole.stage("late joiner"), part.stage("1 % changed")},
		Transfers: []Transfer{
			{Name: "late joiner", Records: opt.N, Bytes: whole.moved},
			{Name: "1 % changed", Records: changed, Bytes: part.moved, Share: float64(part.moved) / float64(max(whole.moved, 1))},
		},
	}}, nil
}

// publishersOf is over how many publishers the records are spread: a hundred each.
func publishersOf(n int) int { return max(n/100, 1) }

// manySenders measures as many records of many publishers.
func manySenders(ctx context.Context, dir string, opt Options, progress io.Writer) (_ taken, err error) {
	p, err := newPair(dir)
	if err != nil {
		return taken{}, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.init(ctx); err != nil {
		return taken{}, err
	}
	publishers := publishersOf(opt.N)
	fmt.Fprintf(progress, "making %d records of %d publishers\n", opt.N, publishers)
	ids, _, err := p.fill(ctx, publishers, opt)
	if err != nil {
		return taken{}, err
	}
	fmt.Fprintln(progress, "replicating them")
	if _, err := p.serve(ctx, ids); err != nil {
		return taken{}, err
	}
	return p.await(ctx, opt.N, publishers, 1)
}

type filler struct {
	db        *store.DB
	key       crypto.PrivKey
	publisher federation.PublisherID
	provider  string
	word      *rand.Zipf
	bytes     int64
}

// fill makes the records from..from+n of the publisher's set, some at a time.
func (f *filler) fill(ctx context.Context, from, n int) error {
	for done := 0; done < n; done += replicaBatch {
		if err := f.batch(ctx, from+done, min(replicaBatch, n-done)); err != nil {
			return err
		}
	}
	return nil
}

// batch stages and switches some records; those that are there already change.
func (f *filler) batch(ctx context.Context, from, n int) error {
	var blocks []store.Block
	var ops []store.Op
	for i := range n {
		r := f.record(from + i)
		envelope, err := r.Seal(f.key)
		if err != nil {
			return err
		}
		block := store.Block{CID: federation.CIDOf(envelope), Data: envelope}
		blocks = append(blocks, block)
		held, err := f.db.Entry(f.publisher, r.Key())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		ops = append(ops, store.Op{Key: r.Key(), Old: held.CID, New: block.CID, Domain: f.provider, Bytes: len(envelope)})
		f.bytes += int64(len(envelope))
	}
	if err := f.db.Stage(ctx, blocks); err != nil {
		return err
	}
	_, err := f.db.Switch(ctx, f.publisher, ops, func(next store.Next) ([]byte, error) {
		return federation.Head{
			Epoch: 1, Seq: next.Prev.Seq + 1, Prev: next.Prev.CID, Root: next.Root, Count: next.Count, Bytes: next.Bytes,
			Domains: []string{f.provider}, Issued: issued,
		}.Seal(f.key)
	})
	return err
}

// Words of the descriptions are as frequent as those of prose (the law of Zipf and Mandelbrot): the first one is every
// fifteenth word of a text, a hundred make up nearly half of it, and a hundred thousand courses have about a million
// different ones.
const (
	wordSkew  = 1.1
	wordShift = 2
	wordCount = 1 << 20
)

// record is a course with a description of the length and kind of prose.
func (f *filler) record(i int) federation.Record {
	subject := fmt.Sprintf("urn:schac:uniqueCourseId:%s:%07d", f.provider, i)
	var text strings.Builder
	for text.Len() < replicaText {
		fmt.Fprintf(&text, "w%x ", f.word.Uint64())
	}
	graph := fmt.Sprintf("<%[1]s> <http://purl.org/dc/terms/description> \"%[2]s\"@en .\n"+
		"<%[1]s> <http://purl.org/dc/terms/title> \"Course %[3]d\"@en .\n"+
		"<%[1]s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification> .\n",
		subject, text.String(), i)
	return federation.Record{
		Kind: federation.KindCourse, Subject: subject, Provider: f.provider, Graph: []byte(graph),
		Source: federation.Source{Domain: f.provider, ID: "bench"}, Mapping: "bench/1", Issued: issued,
	}
}

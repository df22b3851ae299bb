package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/node/keys"
	"github.com/coursemesh/coursemesh/node/launch"
	"github.com/libp2p/go-libp2p/core/crypto"
)

const (
	replicaText  = 3600 // bytes of prose in a record, which then takes about 4 KB
	replicaBatch = 1000 // records staged and switched at a time
	lookEvery    = 50 * time.Millisecond
)

// replicate measures how fast a node takes over another's set: two processes of this program on loopback.
// Seconds, CPU and memory are those of the receiver, from its start until it holds the head: every record
// fetched, verified and committed.
func replicate(ctx context.Context, opt Options, progress io.Writer) (result Result, err error) {
	dir, err := os.MkdirTemp(opt.Dir, "coursemesh-bench-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	binary, err := os.Executable()
	if err != nil {
		return Result{}, err
	}
	sender := &launch.Process{Name: "sender", Dir: filepath.Join(dir, "sender"), Binary: binary}
	receiver := &launch.Process{Name: "receiver", Dir: filepath.Join(dir, "receiver"), Binary: binary}
	defer func() {
		for _, p := range []*launch.Process{sender, receiver} {
			p.Interrupt()
			if failed := p.Wait(); err == nil {
				err = failed
			}
		}
	}()
	fmt.Fprintf(progress, "making %d records\n", opt.N)
	bytes, err := fill(ctx, sender, opt)
	if err != nil {
		return Result{}, err
	}
	if err := serveBoth(ctx, sender, receiver); err != nil {
		return Result{}, err
	}
	fmt.Fprintln(progress, "replicating")
	if result, err = awaitHead(ctx, receiver, opt.N); err != nil {
		return Result{}, err
	}
	result.RecordBytes = bytes
	return result, nil
}

// fill makes the sender's keys and its set.
func fill(ctx context.Context, sender *launch.Process, opt Options) (int64, error) {
	if err := sender.Init(ctx); err != nil {
		return 0, err
	}
	ring, err := keys.Open(sender.Dir)
	if err != nil {
		return 0, err
	}
	db, err := store.Open(sender.Dir)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	f := &filler{db: db, key: ring.Publisher, publisher: sender.Identity.Publisher, random: rand.New(rand.NewPCG(opt.Seed, 1))}
	for done := 0; done < opt.N; done += replicaBatch {
		if err := f.batch(ctx, done, min(replicaBatch, opt.N-done)); err != nil {
			return 0, err
		}
	}
	return f.bytes, nil
}

type filler struct {
	db        *store.DB
	key       crypto.PrivKey
	publisher federation.PublisherID
	random    *rand.Rand
	bytes     int64
}

// batch stages and switches some records.
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
		ops = append(ops, store.Op{Key: r.Key(), New: block.CID, Domain: provider, Bytes: len(envelope)})
		f.bytes += int64(len(envelope))
	}
	if err := f.db.Stage(ctx, blocks); err != nil {
		return err
	}
	_, err := f.db.Switch(ctx, f.publisher, ops, func(next store.Next) ([]byte, error) {
		return federation.Head{
			Epoch: 1, Seq: next.Prev.Seq + 1, Prev: next.Prev.CID, Root: next.Root, Count: next.Count, Bytes: next.Bytes,
			Domains: []string{provider}, Issued: issued,
		}.Seal(f.key)
	})
	return err
}

// record is a course whose description compresses about as prose does.
func (f *filler) record(i int) federation.Record {
	subject := fmt.Sprintf("urn:schac:uniqueCourseId:%s:%07d", provider, i)
	var text strings.Builder
	for text.Len() < replicaText {
		fmt.Fprintf(&text, "%x ", f.random.Uint32N(1<<20))
	}
	graph := fmt.Sprintf("<%[1]s> <http://purl.org/dc/terms/description> \"%[2]s\"@en .\n"+
		"<%[1]s> <http://purl.org/dc/terms/title> \"Course %[3]d\"@en .\n"+
		"<%[1]s> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.quality-link.eu/ontology/v1#LearningOpportunitySpecification> .\n",
		subject, text.String(), i)
	return federation.Record{
		Kind: federation.KindCourse, Subject: subject, Provider: provider, Graph: []byte(graph),
		Source: federation.Source{Domain: provider, ID: "bench"}, Mapping: "bench/1", Issued: issued,
	}
}

// serveBoth starts the sender, and a receiver that trusts its publisher.
func serveBoth(ctx context.Context, sender, receiver *launch.Process) error {
	if err := sender.Configure(launch.Loopback(sender.Name, nil)); err != nil {
		return err
	}
	if err := sender.Serve(ctx); err != nil {
		return err
	}
	if err := receiver.Init(ctx); err != nil {
		return err
	}
	c := launch.Loopback(receiver.Name, sender.Ready.P2P)
	c.Trust.Publishers = []authority.Trust{{ID: sender.Identity.Publisher, Provider: provider, Class: federation.Member}}
	if err := receiver.Configure(c); err != nil {
		return err
	}
	return receiver.Serve(ctx)
}

// awaitHead looks until the receiver holds all records.
func awaitHead(ctx context.Context, receiver *launch.Process, n int) (Result, error) {
	began, peak := time.Now(), int64(0)
	for {
		var heads struct{ Items []struct{ Count int } }
		if err := receiver.Get(ctx, "/v1/heads", &heads); err != nil {
			return Result{}, err
		}
		peak = max(peak, anonymousOf(receiver.PID()))
		if len(heads.Items) == 1 && heads.Items[0].Count == n {
			break
		}
		select {
		case <-ctx.Done():
			return Result{}, ctx.Err()
		case <-time.After(lookEvery):
		}
	}
	seconds, cpu := time.Since(began).Seconds(), cpuOf(receiver.PID())
	return Result{
		Seconds: seconds, CPUSeconds: cpu, PerSecond: rate(n, seconds), PerCPUSecond: rate(n, cpu), PeakMemory: peak,
		Stages: []Stage{}, Compared: []Compared{},
	}, nil
}

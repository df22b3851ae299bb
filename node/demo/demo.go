// Package demo runs a whole federation on this machine: sample institutions with their own web and name
// servers, and real node processes that harvest different ones and replicate the rest. Nothing leaves
// loopback; nothing outside one directory is written.
//
// It goes in the order of a real start: keys are made, each institution lists its publisher in its
// manifest, with what lets a node in encrypted to that node's key, servers come up, nodes start. At the end it
// shows what each institution would have to mend. No node is told to trust another: foreign courses count because
// the institutions' manifests say so, or because an alliance, whose members every node knows, says so of members
// that say nothing.
package demo

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	core "github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/demo/institutions"
	"github.com/coursemesh/coursemesh/node/launch"
	"golang.org/x/sync/errgroup"
)

// Options of a demo.
type Options struct {
	Nodes  int
	Dir    string                    // where everything lies; "" makes a temporary directory
	Binary string                    // the coursemesh program to run nodes with
	Tell   func(string, ...any)      // the story, line by line
	Equal  func(Result) error        // called once all nodes report one catalogue root
	Done   func(ctx context.Context) // returns when the demo shall end
}

const patience = 3 * time.Minute // until all nodes must be equal

// member is a node and the institutions it harvests.
type member struct {
	launch.Process
	harvests []string
}

// federation is a running demo.
type federation struct {
	opts     Options
	root     string
	resolver string // address of the name server
	began    time.Time
	sites    []site
	nodes    []*member
	reads    map[string]*member // who harvests an institution, by domain
	doors    map[string]door    // of the institutions that are not open to everybody
	signers  signers
	closers  []func() error
	result   Result
}

// Run starts everything, tells what happens, and returns after Done, with every process ended.
func Run(ctx context.Context, opts Options) (err error) {
	if opts.Nodes < 1 {
		return errors.New("--nodes: at least one")
	}
	opts.Tell = oneAtATime(opts.Tell)
	f := &federation{
		opts: opts, root: opts.Dir, began: time.Now(),
		reads: map[string]*member{}, doors: map[string]door{}, signers: signers{keys: map[string]crypto.PublicKey{}},
	}
	defer func() { err = errors.Join(err, f.close()) }()
	if err := f.prepare(ctx); err != nil {
		return err
	}
	if err := f.start(ctx); err != nil {
		return err
	}
	g, both := errgroup.WithContext(ctx)
	g.Go(func() error { return f.admit(both) })
	g.Go(func() error { return f.watch(both) })
	if err := g.Wait(); err != nil {
		return err
	}
	if err := f.inspect(ctx); err != nil {
		return err
	}
	if err := opts.Equal(f.result); err != nil {
		return err
	}
	opts.Done(ctx)
	return nil
}

func oneAtATime(tell func(string, ...any)) func(string, ...any) {
	var telling sync.Mutex
	return func(format string, args ...any) {
		telling.Lock()
		defer telling.Unlock()
		tell(format, args...)
	}
}

// prepare makes directories, keys and manifests.
func (f *federation) prepare(ctx context.Context) error {
	if err := f.makeRoot(); err != nil {
		return err
	}
	all := append(institutions.All(), institutions.Ponte().Institution)
	for i := range f.opts.Nodes {
		n := &member{Process: launch.Process{
			Name: fmt.Sprintf("node %d", i+1), Dir: filepath.Join(f.root, fmt.Sprintf("node%d", i+1)), Binary: f.opts.Binary,
		}}
		if err := n.Init(ctx); err != nil {
			return err
		}
		for j := i; j < len(all); j += f.opts.Nodes {
			n.harvests = append(n.harvests, all[j].Domain)
			f.reads[all[j].Domain] = n
		}
		f.nodes = append(f.nodes, n)
		f.opts.Tell("%s has made its keys; it signs as %s", n.Name, n.Identity.Publisher)
	}
	if err := institutions.WriteTo(f.institutions()); err != nil {
		return err
	}
	for _, inst := range all {
		if err := f.announce(inst); err != nil {
			return err
		}
	}
	return f.openSites(all)
}

func (f *federation) institutions() string { return filepath.Join(f.root, "institutions") }

func (n *member) publishers() []string { return []string{string(n.Identity.Publisher)} }

// announce writes an institution's manifest: who may publish its courses and, where that is open to everybody,
// its source.
func (f *federation) announce(inst institutions.Institution) error {
	announced, says := inst, "announces its courses in its manifest, and who may publish them"
	switch {
	case inst.Domain == institutions.Ponte().Domain:
		says = "announces courses of its members, of which some announce none themselves"
	case inst.Courses == 0:
		says = "has a manifest that cannot be read"
	case inst.Access != institutions.Open:
		f.doors[inst.Domain] = f.newDoor(inst)
		announced, says = inst.Silent(), "says in its manifest who may publish its courses, and nothing of where they are"
	}
	where := inst.Domain
	if inst.Country != "" {
		where = inst.Country + ", " + where
	}
	f.opts.Tell("%s (%s) %s", inst.Name, where, says)
	return institutions.WriteManifest(f.institutions(), announced, f.reads[inst.Domain].publishers())
}

func (f *federation) makeRoot() (err error) {
	if f.root != "" {
		if f.root, err = filepath.Abs(f.root); err != nil {
			return err
		}
		return os.MkdirAll(f.root, 0o700)
	}
	if f.root, err = os.MkdirTemp("", "coursemesh-demo-"); err != nil {
		return err
	}
	f.closers = append(f.closers, func() error { return os.RemoveAll(f.root) })
	return nil
}

// start runs the nodes; each is told the addresses of those before it.
func (f *federation) start(ctx context.Context) error {
	var peers []string
	for _, n := range f.nodes {
		if err := f.configure(n, peers); err != nil {
			return err
		}
		if err := n.Serve(ctx); err != nil {
			return err
		}
		peers = append(peers, n.Ready.P2P...)
		f.signers.know(n.Ready.HTTP)
		f.opts.Tell("%s serves %s and harvests %v", n.Name, n.Ready.HTTP, n.harvests)
	}
	return nil
}

// configure writes a node's configuration: all institutions are known, and which are in the alliance; some are
// harvested, no publisher is trusted.
func (f *federation) configure(n *member, peers []string) error {
	c := launch.Loopback("Demo "+n.Name, peers)
	c.Harvest.Domains = n.harvests
	c.Fetch.Resolver, c.Fetch.CAFiles, c.Fetch.Hosts = f.resolver, []string{f.caFile()}, node.Hosts{}
	c.Fetch.PerHost, c.Fetch.Overall = 100, 1000 // the servers are ours
	alliance := institutions.Ponte()
	c.Registry.Providers = alliance.Silent
	c.Trust.Alliances = []core.Alliance{{Domain: alliance.Domain, Name: alliance.Name, Website: alliance.Website, Members: alliance.Members}}
	for _, s := range f.sites {
		if s.Domain != alliance.Domain {
			c.Registry.Providers = append(c.Registry.Providers, s.provider())
		}
		c.Fetch.Hosts[s.Domain], c.Fetch.Hosts["www."+s.Domain] = s.origin, s.origin
	}
	return n.Configure(c)
}

// close ends processes and servers, last started first.
func (f *federation) close() error {
	var failed []error
	for _, n := range f.nodes {
		n.Interrupt()
	}
	for _, n := range f.nodes {
		failed = append(failed, n.Wait())
	}
	for i := len(f.closers) - 1; i >= 0; i-- {
		failed = append(failed, f.closers[i]())
	}
	return errors.Join(failed...)
}

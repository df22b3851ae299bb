package catalogue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/replica"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/p2p"
	"github.com/ipfs/go-cid"
	"pgregory.net/rapid"
)

// universe is what there is to learn: heads that publishers signed, what domains' manifests said at last and
// before, whom operators trust, and proofs.
type universe struct {
	*fixture
	manifests map[string][]string        // by domain, the last one is true in the end
	heads     [][]snapshot               // by publisher
	proofs    []federation.Proof         //
	trust     []authority.Trust          //
	now       func(domain string) string // the manifest that is served at the moment
}

// snapshot is a signed head and the set under it.
type snapshot struct {
	envelope []byte
	head     federation.Head
	set      map[string]signed
}

type signed struct {
	envelope []byte
	domain   string
}

var everyDomain = []string{"a.example", "b.example", "x.land.example", "alliance.example", "other.example", "ministry.example"}

// anyUniverse has alliances that overlap, an authority, members with and without lists, delegates, trust.
func anyUniverse(t *rapid.T, f *fixture) *universe {
	u := &universe{fixture: f, manifests: map[string][]string{}, heads: make([][]snapshot, len(f.ids))}
	f.alliances = []federation.Alliance{
		{Domain: "alliance.example", Members: []string{"a.example", "b.example"}},
		{Domain: "other.example", Members: []string{"b.example", "x.land.example"}},
	}
	f.stewards = []authority.Steward{{Domain: "ministry.example", Providers: []string{"*.land.example", "a.example"}}}
	for _, domain := range everyDomain {
		for range rapid.IntRange(1, 3).Draw(t, "manifests") {
			u.manifests[domain] = append(u.manifests[domain], u.manifest(t))
		}
	}
	for p := range f.ids {
		u.history(t, p)
		if rapid.IntRange(0, 5).Draw(t, "equivocates") == 0 {
			u.proofs = append(u.proofs, f.equivocate(p))
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "trusts") {
		trust := authority.Trust{
			ID: rapid.SampledFrom(f.ids).Draw(t, "trusted"), Provider: rapid.SampledFrom([]string{"*", "b.example", "*.land.example"}).Draw(t, "for"),
			Class: rapid.SampledFrom([]federation.Class{federation.Member, federation.Authoritative}).Draw(t, "as"),
		}
		again := func(o authority.Trust) bool { return o.ID == trust.ID && o.Provider == trust.Provider } // the last word would count
		if !slices.ContainsFunc(u.trust, again) {
			u.trust = append(u.trust, trust)
		}
	}
	return u
}

func (u *universe) manifest(t *rapid.T) string {
	var keys []string
	if rapid.Bool().Draw(t, "names") {
		var ids []string
		for _, p := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(u.ids)-1), 0, 2, rapid.ID[int]).Draw(t, "publishers") {
			ids = append(ids, fmt.Sprintf("%q", u.ids[p]))
		}
		keys = append(keys, `"publishers":[`+strings.Join(ids, ",")+`]`)
	}
	if rapid.IntRange(0, 2).Draw(t, "delegates") == 0 {
		keys = append(keys, fmt.Sprintf(`"delegates":[%q]`, rapid.SampledFrom(everyDomain).Draw(t, "delegate")))
	}
	return "{" + strings.Join(append(keys, `"sources":[]`), ",") + "}"
}

// history signs one to three heads of a publisher.
func (u *universe) history(t *rapid.T, p int) {
	set, listed, prev := map[string]signed{}, []string{}, cid.Undef
	for seq := range rapid.IntRange(1, 3).Draw(t, "heads") {
		for range rapid.IntRange(0, 4).Draw(t, "changes") {
			s := statement{
				provider: rapid.SampledFrom(everyDomain[:3]).Draw(t, "provider"), subject: fmt.Sprintf("urn:s%d", rapid.IntRange(0, 2).Draw(t, "subject")),
				domain: rapid.SampledFrom(everyDomain).Draw(t, "domain"), title: fmt.Sprint("title ", rapid.IntRange(0, 2).Draw(t, "title")),
			}
			key := "course|" + s.provider + "|" + s.subject
			if rapid.IntRange(0, 4).Draw(t, "withdraws") == 0 {
				delete(set, key)
			} else {
				set[key] = signed{u.seal(p, s), s.domain}
			}
		}
		if domain := rapid.SampledFrom(everyDomain).Draw(t, "listed"); !slices.Contains(listed, domain) {
			listed = append(slices.Clone(listed), domain)
			slices.Sort(listed)
		}
		s := u.head(p, uint64(seq)+1, prev, listed, set)
		prev = federation.CIDOf(s.envelope)
		u.heads[p] = append(u.heads[p], s)
	}
}

func (u *universe) head(p int, seq uint64, prev cid.Cid, listed []string, set map[string]signed) snapshot {
	s := snapshot{set: map[string]signed{}, head: federation.Head{Epoch: 1, Seq: seq, Prev: prev, Domains: listed, Issued: 1, Count: uint64(len(set))}}
	entries := func(yield func(string, cid.Cid) bool) {
		for key, r := range set {
			if !yield(key, federation.CIDOf(r.envelope)) {
				return
			}
		}
	}
	for key, r := range set {
		s.set[key] = r
		s.head.Bytes += uint64(len(r.envelope))
	}
	var err error
	if s.head.Root, err = federation.RootOf(context.Background(), entries); err != nil {
		u.t.Fatal(err)
	}
	if s.envelope, err = s.head.Seal(u.keys[p]); err != nil {
		u.t.Fatal(err)
	}
	return s
}

// learner is a node that learns a universe step by step.
type learner struct {
	t         *rapid.T
	u         *universe
	db        *store.DB
	serves    *replica.Replica
	authority *authority.Authority
	catalogue *catalogue.Catalogue
	clock     time.Time
}

func (u *universe) learner(t *rapid.T, dir string, client *fetch.Client) *learner {
	l := &learner{t: t, u: u, clock: time.Unix(1_790_000_000, 0)}
	var err error
	if l.db, err = store.Open(dir); err != nil {
		t.Fatal(err)
	}
	l.authority, err = authority.New(authority.Config{
		DB: l.db, Fetch: client, Providers: u.providers, Alliances: u.alliances, Stewards: u.stewards, Now: func() time.Time { return l.clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	if l.serves, err = replica.New(replica.Config{DB: l.db, Authority: l.authority}); err != nil {
		t.Fatal(err)
	}
	l.catalogue = l.anew()
	return l
}

func (l *learner) anew() *catalogue.Catalogue {
	c := catalogue.New(catalogue.Config{DB: l.db, Authority: l.authority, Log: slog.New(slog.DiscardHandler)})
	l.u.update(c)
	return c
}

// apply switches to a head as replication does: the difference to what is held, the received envelope.
func (l *learner) apply(p int, s snapshot) {
	id := l.u.ids[p]
	if held, err := l.db.Head(id); err == nil && held.Seq >= s.head.Seq {
		return
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		l.t.Fatal(err)
	}
	var ops []store.Op
	for entry, err := range l.db.Entries(id, "") {
		if err != nil {
			l.t.Fatal(err)
		}
		if _, stays := s.set[entry.Key]; !stays {
			ops = append(ops, store.Op{Key: entry.Key, Old: entry.CID})
		}
	}
	for key, r := range s.set {
		entry, _ := l.db.Entry(id, key) // absent: Undef
		op := store.Op{Key: key, Old: entry.CID, New: federation.CIDOf(r.envelope), Domain: r.domain, Bytes: len(r.envelope)}
		if err := l.db.Stage(context.Background(), []store.Block{{CID: op.New, Data: r.envelope}}); err != nil {
			l.t.Fatal(err)
		}
		ops = append(ops, op)
	}
	if _, err := l.db.Switch(context.Background(), id, ops, func(store.Next) ([]byte, error) { return s.envelope, nil }); err != nil {
		l.t.Fatal(err)
	}
}

// look lets the node fetch a domain's manifest as it is at some moment.
func (l *learner) look(domain, manifest string) {
	l.clock = l.clock.Add(time.Hour)
	l.u.now = func(string) string { return manifest }
	if _, err := l.authority.Check(context.Background(), domain); err != nil {
		l.t.Fatal(err)
	}
}

// sync takes a publisher's newer set over from another node, by what that node would list.
func (l *learner) sync(from *learner, id federation.PublisherID) {
	theirs, err := from.db.Head(id)
	if errors.Is(err, store.ErrNotFound) {
		return
	}
	l.must(err)
	mine, err := l.db.Head(id)
	if err == nil && mine.Compare(theirs.Head) >= 0 {
		return
	}
	proven, err := l.db.Proven(id)
	if l.must(err); theirs.Epoch <= proven {
		return
	}
	listing, err := from.serves.Listing(context.Background(), p2p.SyncRequest{Publisher: id, Head: theirs.CID, Have: mine.CID})
	l.must(err)
	_, err = l.db.Switch(context.Background(), id, l.ops(from, id, listing), func(next store.Next) ([]byte, error) {
		if next.Root != theirs.Root || next.Count != theirs.Count || next.Bytes != theirs.Bytes {
			return nil, fmt.Errorf("operations since %v (full %v) do not lead to head %d", mine.CID, listing.Full, theirs.Seq)
		}
		return listing.Envelope, nil
	})
	l.must(err)
}

// ops are the operations of a listing on the own set, their records staged.
func (l *learner) ops(from *learner, id federation.PublisherID, listing p2p.Listing) (ops []store.Op) {
	listed := map[string]bool{}
	for _, e := range listing.Entries {
		listed[e.Key] = true
		op := store.Op{Key: e.Key, Old: e.Old, New: e.New}
		if listing.Full {
			entry, _ := l.db.Entry(id, e.Key) // absent: Undef
			op.Old = entry.CID
		}
		if op.New.Defined() && op.New != op.Old {
			envelope, err := from.db.Get(op.New)
			l.must(err)
			record, err := federation.OpenRecord(envelope)
			l.must(err)
			op.Domain, op.Bytes = record.Source.Domain, len(envelope)
			l.must(l.db.Stage(context.Background(), []store.Block{{CID: op.New, Data: envelope}}))
		}
		if op.New != op.Old {
			ops = append(ops, op)
		}
	}
	for entry, err := range l.db.Entries(id, "") {
		if l.must(err); listing.Full && !listed[entry.Key] {
			ops = append(ops, store.Op{Key: entry.Key, Old: entry.CID})
		}
	}
	return ops
}

// steps are what a node happens to learn, in a random order, with detours, losses and repetitions; the truth
// about manifests comes last.
func (l *learner) steps() []func() {
	var steps []func()
	for p, heads := range l.u.heads {
		for _, s := range heads {
			if rapid.Bool().Draw(l.t, "seen") {
				steps = append(steps, func() { l.apply(p, s) })
			}
		}
	}
	for domain, manifests := range l.u.manifests {
		for _, m := range manifests[:len(manifests)-1] {
			if rapid.Bool().Draw(l.t, "looked") {
				steps = append(steps, func() { l.look(domain, m) })
			}
		}
	}
	for _, trust := range l.u.trust {
		steps = append(steps, func() { l.must(l.authority.Trust(trust)) })
	}
	for _, proof := range l.u.proofs {
		steps = append(steps, func() { _, err := l.db.AddProof(proof); l.must(err) })
	}
	for _, step := range steps {
		if rapid.IntRange(0, 3).Draw(l.t, "again") == 0 {
			steps = append(steps, step)
		}
	}
	if len(steps) > 0 {
		steps = rapid.Permutation(steps).Draw(l.t, "order")
	}
	for _, domain := range rapid.Permutation(everyDomain).Draw(l.t, "last looks") {
		manifests := l.u.manifests[domain]
		at := rapid.IntRange(0, len(steps)).Draw(l.t, "at")
		last := func() { l.look(domain, manifests[len(manifests)-1]) }
		steps = append(slices.Insert(steps, at, last), last) // again at the end: what was true before came between
	}
	return steps
}

// learn lets nodes take their steps in any interleaving, with transfers between any two in any direction, and ends
// as a healed network does: every last head is somewhere, and everybody has compared with everybody.
func learn(t *rapid.T, u *universe, nodes []*learner) {
	node := rapid.IntRange(0, len(nodes)-1)
	left := make([][]func(), len(nodes))
	var turns []int
	for i, l := range nodes {
		left[i] = l.steps()
		turns = append(turns, slices.Repeat([]int{i}, len(left[i]))...)
	}
	for _, i := range rapid.Permutation(turns).Draw(t, "turns") {
		left[i][0]()
		left[i] = left[i][1:]
		if rapid.IntRange(0, 2).Draw(t, "transfers") == 0 {
			nodes[node.Draw(t, "to")].sync(nodes[node.Draw(t, "from")], rapid.SampledFrom(u.ids).Draw(t, "of"))
		}
		if rapid.IntRange(0, 2).Draw(t, "updates") == 0 {
			u.update(nodes[i].catalogue)
		}
	}
	u.heal(t, nodes)
	for _, l := range nodes {
		u.update(l.catalogue)
	}
}

// heal brings every last head to one node, and from there to all by transfers. Heads of a proven epoch are fetched by
// nobody, so all must have got those before.
func (u *universe) heal(t *rapid.T, nodes []*learner) {
	for p, heads := range u.heads {
		first := rapid.IntRange(0, len(nodes)-1).Draw(t, "first")
		ruined := slices.ContainsFunc(u.proofs, func(proof federation.Proof) bool { return proof.Publisher == u.ids[p] })
		for i, l := range nodes {
			if i == first || ruined {
				l.apply(p, heads[len(heads)-1])
			}
		}
		for _, l := range nodes {
			l.sync(nodes[first], u.ids[p])
		}
	}
}

func (l *learner) must(err error) {
	if err != nil {
		l.t.Fatal(err)
	}
}

// schedules of the long form; each is one universe and three nodes with an order of their own.
const schedules = 2500

// TestAnyOrderEndsInEqualRoots: heads, evidence, trust, proofs and transfers between nodes in any order, lost and
// repeated, with any detours through what was true before, lead all nodes to one heads root, one authority root and
// one catalogue root.
func TestAnyOrderEndsInEqualRoots(t *testing.T) {
	t.Parallel()
	var serving *universe
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, ".json") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, serving.now(r.Host))
	}))
	t.Cleanup(server.Close)
	hosts := map[string]string{}
	for _, domain := range everyDomain {
		hosts[domain] = strings.TrimPrefix(server.URL, "http://")
	}
	client, err := fetch.New(fetch.Config{Hosts: hosts, Log: slog.New(slog.DiscardHandler), Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6}})
	if err != nil {
		t.Fatal(err)
	}
	dir, runs, limit := memory(t), 0, 20
	if os.Getenv("COURSEMESH_SOAK") != "" {
		limit = schedules
	}
	for runs < limit && !t.Failed() { // a check is a hundred of them
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > limit {
				return
			}
			equalInTheEnd(rt, fmt.Sprintf("%s/%d", dir, runs), client, &serving)
		})
	}
}

// memory is a folder in memory where there is one: orders are tried here, not disks.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "converge-*")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// equalInTheEnd lets three nodes learn one universe in ways of their own.
func equalInTheEnd(t *rapid.T, dir string, client *fetch.Client, serving **universe) {
	f := newFixture(t, dir, 4, "x.land.example")
	defer os.RemoveAll(dir)
	defer f.db.Close()
	u := anyUniverse(t, f)
	*serving = u
	var nodes []*learner
	for i := range 3 {
		l := u.learner(t, fmt.Sprintf("%s-%d", dir, i), client)
		defer os.RemoveAll(fmt.Sprintf("%s-%d", dir, i))
		defer l.db.Close()
		nodes = append(nodes, l)
	}
	learn(t, u, nodes)
	var roots []catalogue.Roots
	for _, l := range nodes {
		roots = append(roots, l.catalogue.Roots(), l.anew().Roots())
	}
	for _, r := range roots[1:] {
		if r != roots[0] {
			t.Fatalf("roots differ:\n%v", roots)
		}
	}
}

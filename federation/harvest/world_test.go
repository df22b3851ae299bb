package harvest_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
)

const home = "uni.example"

// world is an institution's web server and a node that harvests it.
type world struct {
	t    *testing.T
	dir  string
	db   *store.DB
	key  crypto.PrivKey
	self federation.PublisherID
	now  time.Time
	h    *harvest.Harvester

	client *fetch.Client
	keys   access.Keys
	guard  func(http.ResponseWriter, *http.Request) bool // false: it has answered
	log    slog.Handler

	more     map[string]adapters.Adapter
	resolver string           // DNS server
	domains  []string         // harvested by schedule
	listed   int              // that a head lists at most
	patience time.Duration    // after which a domain makes way
	occapi   adapters.Adapter // of the tests that need one
	profile  *profile.Checker // nil: courses are not checked

	mu      sync.Mutex
	files   map[string]string // URL path -> body
	fetched map[string]int    // 200 answers by path
}

func newWorld(t *testing.T, prepare ...func(*world)) *world {
	t.Helper()
	key, _, err := crypto.GenerateEd25519Key(nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: t.TempDir(), key: key, now: time.Unix(1_790_000_000, 0), files: map[string]string{}, fetched: map[string]int{}, log: slog.DiscardHandler}
	if w.self, err = federation.PublisherOf(key.GetPublic()); err != nil {
		t.Fatal(err)
	}
	for _, f := range prepare {
		f(w)
	}
	w.start()
	return w
}

// start runs the server and opens the node.
func (w *world) start() {
	server := httptest.NewServer(w)
	w.t.Cleanup(server.Close)
	w.open(strings.TrimPrefix(server.URL, "http://"))
}

// open makes the node; 127.0.0.1:1 answers no DNS query.
func (w *world) open(origin string) {
	client, err := fetch.New(fetch.Config{
		Hosts: map[string]string{home: origin, "other.example": origin}, Resolver: cmp.Or(w.resolver, "127.0.0.1:1"),
		Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6}, Limits: fetch.Limits{Retries: -1},
		Log: slog.New(w.log),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.db, err = store.Open(w.dir); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.db.Close() })
	w.client = client
	w.harvester(client)
}

// reopen makes the harvester anew, as after a restart.
func (w *world) reopen() { w.harvester(w.client) }

func (w *world) harvester(client *fetch.Client) {
	known := []federation.Provider{{ID: home, Aliases: []string{"https://www.uni.example/id"}}, {ID: "other.example"}}
	standards := map[string]adapters.Adapter{"elm": elmrdf.New(rdf.Limits{}), "ooapi": ooapi.New(ooapi.Limits{}), "occapi": w.occapi}
	maps.Copy(standards, w.more)
	h, err := harvest.New(harvest.Config{
		DB: w.db, Dir: w.dir, Fetch: client, Key: func() crypto.PrivKey { return w.key }, Log: slog.New(w.log),
		Adapters: standards,
		Now:      func() time.Time { return w.now },
		Keys:     w.keys, Domains: w.domains, Listed: w.listed, Patience: w.patience, Profile: checking(w.profile),
		Known: func(id string) (federation.Provider, bool) {
			for _, p := range known {
				if p.ID == id {
					return p, true
				}
			}
			return federation.Provider{}, false
		},
		Providers: func() []federation.Provider { return known },
		Evidence:  func(context.Context, string) {},
		Effective: func(string) cid.Cid { return cid.Undef },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.h = h
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.guard != nil && !w.guard(rw, r) {
		return
	}
	body, ok := w.files[r.URL.Path]
	if !ok {
		http.NotFound(rw, r)
		return
	}
	etag := fmt.Sprintf(`"%x"`, federation.CIDOf([]byte(body)).Hash())
	rw.Header().Set("ETag", etag)
	if strings.HasSuffix(r.URL.Path, ".ttl") {
		rw.Header().Set("Content-Type", "text/turtle")
	}
	if r.Header.Get("If-None-Match") == etag {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	w.fetched[r.URL.Path]++
	fmt.Fprint(rw, body)
}

// serve puts files on the institution's web server; an empty body removes one.
func (w *world) serve(path, body string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.files[path] = body; body == "" {
		delete(w.files, path)
	}
}

// announce writes the manifest with one ELM source per path.
func (w *world) announce(paths ...string) {
	var sources []string
	for _, p := range paths {
		sources = append(sources, fmt.Sprintf(`{"type":"elm","path":"https://%s%s"}`, home, p))
	}
	w.serve("/.well-known/quality-link-manifest.json", `{"sources":[`+strings.Join(sources, ",")+`]}`)
}

func (w *world) harvest() harvest.Report {
	w.t.Helper()
	return w.harvestWith(harvest.Options{})
}

func (w *world) harvestWith(o harvest.Options) harvest.Report {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	report, err := w.h.Domain(w.t.Context(), home, o)
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// record is what the node says under a provider's subject now.
func (w *world) record(provider, subject string) (federation.Record, bool) {
	w.t.Helper()
	entry, err := w.db.Entry(w.self, "course|"+provider+"|"+subject)
	if err != nil {
		return federation.Record{}, false
	}
	envelope, err := w.db.Get(entry.CID)
	if err != nil {
		w.t.Fatal(err)
	}
	record, err := federation.OpenRecord(envelope)
	if err != nil {
		w.t.Fatalf("%s is not acceptable to others: %v", subject, err)
	}
	return record, true
}

const prefixes = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
`

// course is a minimal one with a title.
func course(subject, title string) string {
	return fmt.Sprintf("<%s> a ql:LearningOpportunitySpecification ; dcterms:title %q@en .\n", subject, title)
}

func document(courses ...string) string { return prefixes + strings.Join(courses, "") }

// checking hands a checker over, if there is one.
func checking(c *profile.Checker) func() *profile.Checker {
	if c == nil {
		return nil
	}
	return func() *profile.Checker { return c }
}

package testserver_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/store"
)

const (
	home = "uni.example"
	base = "https://" + home
)

// world is a node, and the institution that it harvests, whose server can be replaced.
type world struct {
	t       *testing.T
	db      *store.DB
	h       *harvest.Harvester
	dir     string
	config  fetch.Config
	keys    access.Keys
	key     crypto.PrivKey
	self    federation.PublisherID
	now     time.Time
	handler atomic.Pointer[http.Handler]
	auth    map[string]any // of the announced source
}

// newWorld makes a node whose client comes again after a refusal if patient. 127.0.0.1:1 answers no DNS query.
func newWorld(t *testing.T, patient bool, keys access.Keys) *world {
	t.Helper()
	w := &world{t: t, now: time.Unix(1_790_000_000, 0), dir: t.TempDir(), keys: keys}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	limits := fetch.Limits{Retries: -1}
	if patient {
		limits.Retries = time.Minute
	}
	w.config = fetch.Config{
		Hosts: map[string]string{home: strings.TrimPrefix(server.URL, "http://")}, Resolver: "127.0.0.1:1",
		Politeness: fetch.Politeness{PerHost: -1, Overall: -1}, Limits: limits,
	}
	var err error
	if w.db, err = store.Open(w.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	key, public, err := crypto.GenerateEd25519Key(nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.self, err = federation.PublisherOf(public); err != nil {
		t.Fatal(err)
	}
	w.key = key
	return w
}

// open begins anew with what is stored, as hours later: what a server asked for the next hour, such as to be left
// alone, is over.
func (w *world) open() {
	client, err := fetch.New(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(client.Close)
	known := []federation.Provider{{ID: home}}
	w.h, err = harvest.New(harvest.Config{
		DB: w.db, Dir: w.dir, Fetch: client, Key: func() crypto.PrivKey { return w.key }, Log: slog.New(slog.DiscardHandler), Keys: w.keys,
		Adapters: map[string]adapters.Adapter{
			"elm": elmrdf.New(rdf.Limits{}), "ooapi": ooapi.New(ooapi.Limits{}), "edu-api": eduapi.New(eduapi.Limits{}), "occapi": occapi.New(occapi.Limits{}),
		},
		Now:       func() time.Time { return w.now },
		Known:     func(id string) (federation.Provider, bool) { return federation.Provider{ID: home}, id == home },
		Providers: func() []federation.Provider { return known },
		Evidence:  func(context.Context, string) {},
		Effective: func(string) cid.Cid { return cid.Undef },
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	(*w.handler.Load()).ServeHTTP(rw, r)
}

// serve replaces the institution's server, in front of which guard stands when there is one.
func (w *world) serve(s *testserver.Server, guard func(http.Handler) http.Handler) {
	w.open()
	source := s.Source()
	source.Auth, source.ID = w.auth, "catalogue"
	manifest, err := json.Marshal(map[string]any{"sources": []testserver.Source{source}})
	if err != nil {
		w.t.Fatal(err)
	}
	var inner http.Handler = s
	if guard != nil {
		inner = guard(s)
	}
	var h http.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/.well-known/quality-link-manifest.json":
			_, _ = rw.Write(manifest)
		case strings.HasPrefix(r.URL.Path, "/.well-known/"):
			http.NotFound(rw, r)
		default:
			inner.ServeHTTP(rw, r)
		}
	})
	w.handler.Store(&h)
}

// outcome of one harvest.
type outcome struct {
	harvest.Report
	state, problem string
	courses        map[string]string // canonical graph by subject
}

func (w *world) harvest() outcome {
	w.t.Helper()
	w.now = w.now.Add(2 * time.Hour)
	report, err := w.h.Domain(w.t.Context(), home, harvest.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	o := outcome{Report: report, courses: map[string]string{}}
	for _, s := range w.h.Sources(home) {
		o.state, o.problem = s.State, s.Problem
	}
	for entry, err := range w.db.Entries(w.self, "course|") {
		if err != nil {
			w.t.Fatal(err)
		}
		envelope, err := w.db.Get(entry.CID)
		if err != nil {
			w.t.Fatal(err)
		}
		record, err := federation.OpenRecord(envelope)
		if err != nil {
			w.t.Fatal(err)
		}
		o.courses[record.Subject] = string(record.Graph)
	}
	return o
}

package authority_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/libp2p/go-libp2p/core/crypto"
)

// site answers for every domain of a test; a nil answer means 404.
type site struct {
	mu      sync.Mutex
	answers map[string]http.HandlerFunc // by host
	asked   map[string]int
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer := s.answers[r.Host]
	s.asked[r.Host]++
	s.mu.Unlock()
	if answer == nil || r.URL.Path != "/.well-known/quality-link-manifest.json" {
		http.NotFound(w, r)
		return
	}
	answer(w, r)
}

func (s *site) set(host string, answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[host] = answer
}

func manifest(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// world is a site, a clock and an authority that knows some providers.
type world struct {
	*site
	*authority.Authority
	now time.Time
	db  *store.DB
	cfg authority.Config
}

func newWorld(t *testing.T, hosts []string, providers ...federation.Provider) *world {
	t.Helper()
	return configuredWorld(t, hosts, authority.Config{Providers: providers})
}

func configuredWorld(t *testing.T, hosts []string, cfg authority.Config) *world {
	t.Helper()
	w := &world{site: &site{answers: map[string]http.HandlerFunc{}, asked: map[string]int{}}, now: time.Unix(1_790_000_000, 0)}
	server := httptest.NewServer(w.site)
	t.Cleanup(server.Close)
	origins := map[string]string{}
	for _, h := range hosts {
		origins[h] = strings.TrimPrefix(server.URL, "http://")
	}
	client, err := fetch.New(fetch.Config{
		Hosts: origins, Resolver: "127.0.0.1:1", Limits: fetch.Limits{Retries: -1}, Log: slog.New(slog.DiscardHandler),
		Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6},
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.db, err = store.Open(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	w.cfg = cfg
	w.cfg.DB, w.cfg.Fetch, w.cfg.Now = w.db, client, func() time.Time { return w.now }
	w.restart(t)
	return w
}

func (w *world) restart(t *testing.T) {
	t.Helper()
	var err error
	if w.Authority, err = authority.New(w.cfg); err != nil {
		t.Fatal(err)
	}
}

// check moves the clock and checks a domain.
func (w *world) check(t *testing.T, domain string, later time.Duration) {
	t.Helper()
	w.now = w.now.Add(later)
	if _, err := w.Check(t.Context(), domain); err != nil {
		t.Logf("check of %s: %v", domain, err)
	}
}

func (w *world) expect(t *testing.T, p federation.PublisherID, domain string, want federation.Class) {
	t.Helper()
	if got := w.Standing(p, domain, nobody); got.Class != want {
		t.Errorf("%s for %s: %s, want %s", p, domain, got.Class, want)
	}
}

// nobody has a head that lists the domain.
func nobody(federation.PublisherID) bool { return false }

func publisher(t *testing.T) federation.PublisherID {
	t.Helper()
	_, public, err := crypto.GenerateEd25519Key(nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := federation.PublisherOf(public)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func lists(ids ...federation.PublisherID) http.HandlerFunc {
	var quoted []string
	for _, id := range ids {
		quoted = append(quoted, fmt.Sprintf("%q", id))
	}
	return manifest(`{"publishers":[` + strings.Join(quoted, ",") + `]}`)
}

func TestThreat21ManifestDecides(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []string{"uni.example"}, federation.Provider{ID: "uni.example"})
	stolen, fresh := publisher(t), publisher(t)
	w.set("uni.example", lists(stolen, fresh))
	w.check(t, "uni.example", time.Hour)
	w.expect(t, stolen, "uni.example", federation.Delegated)
	if s := w.Standing(fresh, "uni.example", nobody); s.Order != 1 {
		t.Errorf("the second publisher of a manifest has place %d", s.Order)
	}
	before := w.Version()
	w.set("uni.example", lists(fresh))
	w.check(t, "uni.example", time.Second)
	w.expect(t, stolen, "uni.example", federation.Delegated) // at most one check a minute
	w.check(t, "uni.example", time.Minute)
	w.expect(t, stolen, "uni.example", federation.Unverified)
	w.expect(t, fresh, "uni.example", federation.Delegated)
	if w.Version() == before {
		t.Error("a changed answer did not raise the version")
	}
	w.restart(t)
	w.expect(t, fresh, "uni.example", federation.Delegated) // kept through a restart
}

func TestThreat20aOutages(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		keeps  time.Duration
		drops  time.Duration
	}{
		"not found":    {nil, 6 * day, 8 * day},
		"gone":         {status(http.StatusGone), 6 * day, 8 * day},
		"unparsable":   {manifest("<html>soft 404</html>"), 6 * day, 8 * day},
		"server error": {status(http.StatusInternalServerError), 80 * day, 91 * day},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, []string{"uni.example"}, federation.Provider{ID: "uni.example"})
			p := publisher(t)
			w.set("uni.example", lists(p))
			w.check(t, "uni.example", time.Hour)
			w.set("uni.example", tt.answer)
			w.check(t, "uni.example", time.Hour)
			w.check(t, "uni.example", tt.keeps)
			w.expect(t, p, "uni.example", federation.Delegated)
			w.check(t, "uni.example", tt.drops-tt.keeps)
			w.expect(t, p, "uni.example", federation.Unverified)
			w.set("uni.example", lists(p))
			w.check(t, "uni.example", time.Hour)
			w.expect(t, p, "uni.example", federation.Delegated)
		})
	}
}

func TestEvidenceOnlyFromTheProvidersOwnDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []string{"faculty.uni.example", "uni.example", "shared.example", "a.shared.example", "b.shared.example", "bought.example"},
		federation.Provider{ID: "faculty.uni.example"},
		federation.Provider{ID: "a.shared.example"}, federation.Provider{ID: "b.shared.example"},
		federation.Provider{ID: "deqarinst0815", Website: "www.college.example"})
	good, bad := publisher(t), publisher(t)
	w.set("uni.example", lists(good))
	w.set("shared.example", lists(bad))
	w.set("bought.example", lists(bad))
	for _, domain := range []string{"faculty.uni.example", "a.shared.example", "b.shared.example"} {
		w.check(t, domain, time.Hour)
	}
	w.expect(t, good, "faculty.uni.example", federation.Delegated) // its registrable domain
	w.expect(t, bad, "a.shared.example", federation.Unverified)    // several institutions share that one
	if _, err := w.Check(t.Context(), "bought.example"); !errors.Is(err, authority.ErrUnknown) {
		t.Errorf("evidence of a domain that no known provider has: %v", err)
	}
	if w.Best(bad) != federation.Unverified {
		t.Error("a foreign publisher was accepted")
	}
}

func TestMembersAndDelegates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []string{"a.example", "b.example"}, federation.Provider{ID: "a.example"}, federation.Provider{ID: "b.example"})
	p := publisher(t)
	w.set("b.example", manifest(`{"publishers":[],"delegates":["A.example"]}`))
	w.check(t, "b.example", time.Hour)
	if got := w.Relation("a.example", "b.example"); got != federation.Delegate {
		t.Errorf("a listed delegate has relation %v", got)
	}
	if got := w.Relation("b.example", "a.example"); got != federation.None {
		t.Errorf("delegation works backwards: %v", got)
	}
	if err := w.Trust(authority.Trust{ID: p, Provider: "*.example", Class: federation.Member}); err != nil {
		t.Fatal(err)
	}
	w.expect(t, p, "a.example", federation.Member)
	w.restart(t)
	w.expect(t, p, "b.example", federation.Member)
}

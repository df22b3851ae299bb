package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/keys"
)

// institution serves a manifest and two courses.
type institution struct {
	mu         sync.Mutex
	publishers []federation.PublisherID
	title      string
	origin     string
}

func newInstitution(t *testing.T) *institution {
	t.Helper()
	i := &institution{title: "First"}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.origin = strings.TrimPrefix(server.URL, "http://")
	return i
}

func (i *institution) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch r.URL.Path {
	case "/.well-known/quality-link-manifest":
		_ = json.NewEncoder(w).Encode(map[string]any{
			"publishers": i.publishers, "sources": []any{map[string]string{"type": "elm", "version": "3.2", "path": "https://uni.example/courses.ttl"}},
		})
	case "/courses.ttl":
		w.Header().Set("Content-Type", "text/turtle")
		fmt.Fprint(w, "@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix dcterms: <http://purl.org/dc/terms/> .\n")
		for n := range 2 {
			fmt.Fprintf(w, "<https://uni.example/c%d> a ql:LearningOpportunitySpecification ; dcterms:title %q@en .\n", n, fmt.Sprint(i.title, " ", n))
		}
	default:
		http.NotFound(w, r)
	}
}

func (i *institution) says(publishers ...federation.PublisherID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.publishers = publishers
}

func (i *institution) retitle(title string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.title = title
}

// clock is one for all nodes of a test; it goes on when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// running is a node in this process.
type running struct {
	t     *testing.T
	cfg   node.Config
	node  *node.Node
	ready node.Ready
	stop  func()
}

func newRunning(t *testing.T, c *clock, i *institution, peers ...*running) *running {
	t.Helper()
	cfg := node.Defaults()
	cfg.DataDir, cfg.Now = t.TempDir(), c.read
	cfg.HTTP.Listen, cfg.P2P.Listen = "127.0.0.1:0", []string{"/ip4/127.0.0.1/tcp/0"}
	cfg.Registry.Providers = []federation.Provider{{ID: "uni.example"}}
	cfg.Fetch.Hosts, cfg.Fetch.Resolver = node.Hosts{"uni.example": i.origin}, "127.0.0.1:1"
	cfg.Fetch.PerHost, cfg.Fetch.Overall = 1e6, 1e6
	for _, p := range peers {
		cfg.P2P.Peers = append(cfg.P2P.Peers, p.ready.P2P...)
	}
	r := &running{t: t, cfg: cfg}
	r.start()
	return r
}

func (r *running) start() {
	r.t.Helper()
	var err error
	if r.node, err = node.Open(r.cfg, "test", slog.New(slog.DiscardHandler)); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan node.Ready, 1), make(chan error, 1)
	go func() { ended <- r.node.Run(ctx, func(is node.Ready) { ready <- is }) }()
	select {
	case r.ready = <-ready:
	case err := <-ended:
		r.t.Fatal(err)
	}
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := errors.Join(<-ended, r.node.Close()); err != nil {
			r.t.Error(err)
		}
	})
	r.t.Cleanup(r.stop)
}

// admin posts to the operator's side and returns the answer.
func (r *running) admin(path string, request any) string {
	r.t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		r.t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r.node.Admin().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(body))))
	if w.Code != http.StatusOK {
		r.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func (r *running) harvest() {
	r.t.Helper()
	if out := r.admin("/v1/admin/harvest", api.HarvestRequest{Target: "uni.example"}); strings.Contains(out, `"error":{`) {
		r.t.Fatal(out)
	}
}

// shown is a course as a node shows it.
type shown struct {
	Record, Publisher, Class string
	Title                    map[string]string
}

func (r *running) course(iri string) (c shown, err error) {
	resp, err := http.Get(r.ready.HTTP + "/v1/courses/" + url.PathEscape(iri))
	if err != nil {
		return c, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return c, fmt.Errorf("%s: %s", iri, resp.Status)
	}
	return c, json.NewDecoder(resp.Body).Decode(&c)
}

// waitFor blocks until the node shows the course as signed by the publisher under a title.
func (r *running) waitFor(iri string, by federation.PublisherID, title string) shown {
	r.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		c, err := r.course(iri)
		if err == nil && c.Publisher == string(by) && strings.HasPrefix(c.Title["en"], title) {
			return c
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("%s by %s titled %s: shown is %+v, %v", iri, by, title, c, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// replaces reads the prev of a record.
func (r *running) replaces(record string) string {
	r.t.Helper()
	resp, err := http.Get(r.ready.HTTP + "/ipfs/" + record + "?format=raw")
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	envelope, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	opened, err := federation.OpenRecord(envelope)
	if err != nil {
		r.t.Fatal(err)
	}
	return opened.Prev.String()
}

var iris = []string{"https://uni.example/c0", "https://uni.example/c1"}

// TestThreat21NewKeyTakesOverWithHistory: a publisher's key is lost or stolen. The node gets a new one, the
// institution edits its manifest, and the new publisher takes over every course, each naming the record that it
// replaces, although the old key counts no longer by then. What the thief signs afterwards counts nowhere.
func TestThreat21NewKeyTakesOverWithHistory(t *testing.T) {
	t.Parallel()
	for name, editFirst := range map[string]bool{"manifest first": true, "key first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, uni := &clock{now: time.Unix(1_790_000_000, 0)}, newInstitution(t)
			a := newRunning(t, c, uni)
			old := a.ready.Publisher
			uni.says(old)
			c.pass(hour)
			a.harvest()
			b := newRunning(t, c, uni, a)
			before := map[string]shown{}
			for _, iri := range iris {
				a.waitFor(iri, old, "First")
				before[iri] = b.waitFor(iri, old, "First")
			}

			a.stop()
			ring, err := keys.Open(a.cfg.DataDir)
			if err != nil {
				t.Fatal(err)
			}
			rotated, err := ring.RotatePublisher()
			if err != nil || rotated.Old != string(old) {
				t.Fatalf("%+v, %v", rotated, err)
			}
			fresh := federation.PublisherID(rotated.New)
			c.pass(hour)
			if editFirst {
				uni.says(fresh)
			}
			a.cfg.P2P.Peers = b.ready.P2P
			a.start()
			if a.ready.Publisher != fresh {
				t.Fatalf("the node signs as %s", a.ready.Publisher)
			}
			a.harvest()
			if !editFirst {
				uni.says(fresh)
				c.pass(hour)
				a.admin("/v1/admin/evidence", api.EvidenceRequest{Domain: "uni.example"})
			}
			b.admin("/v1/admin/evidence", api.EvidenceRequest{Domain: "uni.example"})
			for _, iri := range iris {
				a.waitFor(iri, fresh, "First")
				now := b.waitFor(iri, fresh, "First")
				if prev := b.replaces(now.Record); prev != before[iri].Record {
					t.Errorf("%s replaces %s, not %s", iri, prev, before[iri].Record)
				}
			}
			thief := newThief(t, c, uni, rotated.Kept, a)
			thief.harvest()
			uni.retitle("Second")
			c.pass(hour)
			a.harvest()
			for _, iri := range iris {
				b.waitFor(iri, fresh, "Second")
			}
			if counts := b.publishers(); slices.Contains(counts, old) {
				t.Errorf("the old key still counts: %v", counts)
			}
		})
	}
}

const hour = time.Hour

// newThief is a node that signs with the stolen key.
func newThief(t *testing.T, c *clock, i *institution, stolen string, peers ...*running) *running {
	t.Helper()
	r := newRunning(t, c, i)
	r.stop()
	data, err := os.ReadFile(stolen)
	if err == nil {
		err = os.WriteFile(filepath.Join(r.cfg.DataDir, "keys", "publisher.pem"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range peers {
		r.cfg.P2P.Peers = append(r.cfg.P2P.Peers, p.ready.P2P...)
	}
	r.start()
	return r
}

// publishers lists those that are effective for an institution.
func (r *running) publishers() (out []federation.PublisherID) {
	r.t.Helper()
	resp, err := http.Get(r.ready.HTTP + "/v1/publishers")
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct {
		Items []struct {
			ID        federation.PublisherID
			Effective int
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		r.t.Fatal(err)
	}
	for _, p := range list.Items {
		if p.Effective > 0 {
			out = append(out, p.ID)
		}
	}
	return out
}

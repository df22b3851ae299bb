package node_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
)

// status asks the public side.
func (r *running) status(path string) int {
	r.t.Helper()
	resp, err := http.Get(r.ready.HTTP + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// A running node that did not know an institution takes an update of the registries in at once: it looks at the
// institution's manifest, shows its courses, and finds them by country. When a later one lacks it, they go.
func TestRegistryUpdateActsAtOnce(t *testing.T) {
	t.Parallel()
	c, uni := &clock{now: time.Unix(1_790_000_000, 0)}, newInstitution(t)
	a := newRunning(t, c, uni)
	uni.says(a.ready.Publisher)
	c.pass(hour)
	a.harvest()
	b := newRunning(t, c, uni, a)
	b.stop()
	b.cfg.Registry.Providers = nil
	b.cfg.P2P.Peers = a.ready.P2P
	b.start()
	if got := b.status("/v1/providers/uni.example"); got != http.StatusNotFound {
		t.Fatalf("an unknown institution: %d", got)
	}
	b.registry("uni.example", "FR")
	for _, iri := range iris {
		b.waitFor(iri, a.ready.Publisher, "First")
	}
	b.until("the country in search", func() bool { return b.total("country=FR") == len(iris) })
	b.registry("uni.example", "DE") // what is indexed already follows
	b.until("the other country in search", func() bool { return b.total("country=DE") == len(iris) && b.total("country=FR") == 0 })
	b.registry("other.example", "DE")
	b.until("nobody speaks for it any more", func() bool { _, err := b.course(iris[0]); return err != nil })
}

// registry lets the node take in a list with one institution.
func (r *running) registry(id, country string) {
	r.t.Helper()
	list, err := json.Marshal(map[string]any{"providers": []federation.Provider{{ID: id, Name: "Some University", Country: country}}})
	file := filepath.Join(r.t.TempDir(), "list.json")
	if err == nil {
		err = os.WriteFile(file, list, 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	var report node.RegistryReport
	out := r.admin("/v1/admin/registry", api.RegistryRequest{From: []string{file}, AllowLoss: true})
	if err := json.Unmarshal([]byte(out), &report); err != nil || !report.InForce || report.Providers != 1 {
		r.t.Fatalf("%s, %v", out, err)
	}
}

// total of a search.
func (r *running) total(query string) int {
	r.t.Helper()
	resp, err := http.Get(r.ready.HTTP + "/v1/courses?" + query)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct{ Total int }
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		r.t.Fatal(err)
	}
	return list.Total
}

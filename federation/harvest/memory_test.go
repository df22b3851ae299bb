package harvest_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/harvest"
)

// recalling is an adapter that adds to what it finds in its memory.
type recalling struct{ found []string }

func (a *recalling) Mapping() string { return "recalling/1" }

func (a *recalling) Read(_ context.Context, _ adapters.Get, source adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		r, err := source.Memory.Recall()
		var text []byte
		if err == nil && r != nil {
			text, err = io.ReadAll(r)
			_ = r.Close()
		}
		a.found = append(a.found, string(text))
		if err == nil {
			err = source.Memory.Remember(func(w io.Writer) error {
				_, err := io.Copy(w, bytes.NewReader(append(text, '.')))
				return err
			})
		}
		if err != nil {
			yield(adapters.Item{}, err)
		}
	}
}

func (a *recalling) Accept() string { return "application/vnd.api+json" }

func TestServersAreAskedForTheMediaTypeOfTheirStandard(t *testing.T) {
	t.Parallel()
	var asked []string
	w := newWorld(t, func(w *world) {
		w.occapi = &asking{}
		w.guard = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/a" {
				asked = append(asked, r.Header.Get("Accept"))
			}
			return true
		}
	})
	for _, headers := range []string{`{}`, `{"Accept":"text/plain"}`} {
		w.serve("/.well-known/quality-link-manifest.json", `{"sources":[{"type":"occapi","id":"a","path":"https://uni.example/a","headers":`+headers+`}]}`)
		w.harvest()
	}
	if diff := cmp.Diff([]string{"application/vnd.api+json", "text/plain"}, asked); diff != "" {
		t.Error(diff)
	}
}

// asking is an adapter that fetches the source's path.
type asking struct{ recalling }

func (*asking) Read(ctx context.Context, get adapters.Get, source adapters.Source, _ time.Time) iter.Seq2[adapters.Item, error] {
	return func(yield func(adapters.Item, error) bool) {
		_, err := get(ctx, source.Path)
		yield(adapters.Item{}, err)
	}
}

func TestAdaptersRememberUntilTheSourceLeaves(t *testing.T) {
	t.Parallel()
	a := &recalling{}
	w := newWorld(t, func(w *world) { w.occapi = a })
	w.serve("/.well-known/quality-link-manifest.json", `{"sources":[{"type":"occapi","id":"a","path":"https://uni.example/a"},{"type":"elm","path":"https://uni.example/b.ttl"}]}`)
	for range 3 {
		w.harvest()
	}
	if len(a.found) != 3 || a.found[0] != "" || a.found[2] != ".." {
		t.Fatalf("found %q", a.found)
	}
	w.harvestWith(harvest.Options{Fresh: true})
	if w.harvest(); a.found[3] != "" || a.found[4] != "." {
		t.Errorf("a fresh run found %q and left %q", a.found[3], a.found[4])
	}
	kept := func() int {
		names, err := filepath.Glob(filepath.Join(w.dir, "snapshots", "memory.*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", name, info.Mode(), err)
			}
		}
		return len(names)
	}
	if kept() != 1 {
		t.Errorf("%d files", kept())
	}
	w.serve("/.well-known/quality-link-manifest.json", `{"sources":[{"type":"elm","path":"https://uni.example/b.ttl"}]}`)
	for range 2 {
		w.harvest()
	}
	if kept() != 0 {
		t.Error("the memory of a source that left is still there")
	}
}

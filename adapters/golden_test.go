package adapters_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

var update = flag.Bool("update", false, "write the golden files anew")

const goldenDir = "../testdata/golden"

// TestGolden walks from source to canonical bytes: each directory of testdata/golden holds a source and
// what becomes of it, one file of canonical bytes per course and report.txt with CIDs and findings.
// Those bytes are what publishers sign: a change here changes the CID of every such course, and with it
// the version in the adapter's Mapping.
func TestGolden(t *testing.T) {
	t.Parallel()
	dirs, err := filepath.Glob(filepath.Join(goldenDir, "*", "source*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no golden sources: %v", err)
	}
	for _, source := range dirs {
		dir := filepath.Dir(source)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			got := harvest(t, source)
			if *update {
				write(t, dir, got)
			}
			if diff := cmp.Diff(expected(t, dir), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

const provider = "uni.example"

// apis are the adapters of sources with many addresses, by the first part of the directory's name.
var apis = map[string]adapters.Adapter{"ooapi": ooapi.New(ooapi.Limits{}), "ooapi6": ooapi.New(ooapi.Limits{}), "eduapi": eduapi.New(eduapi.Limits{}), "occapi": occapi.New(occapi.Limits{})}

// harvest maps the source as a run would, into files by name.
func harvest(t *testing.T, source string) map[string]string {
	t.Helper()
	root := "https://uni.example/data/" + filepath.Base(source)
	var adapter adapters.Adapter = elmrdf.New(rdf.Limits{})
	get := func(_ context.Context, address string) (*adapters.Response, error) { return open(address, source) }
	if info, err := os.Stat(source); err == nil && info.IsDir() {
		standard, _, _ := strings.Cut(filepath.Base(filepath.Dir(source)), "-")
		standard = strings.TrimRight(standard, "0123456789") // a version
		if adapter = apis[standard]; standard == "occapi" {
			root += "/hei/" + provider // the path names one institution
		}
		get = func(_ context.Context, address string) (*adapters.Response, error) {
			u, err := url.Parse(address)
			if err != nil {
				return nil, err
			}
			return open(address, filepath.Join(source, filepath.FromSlash(strings.TrimPrefix(u.Path, "/data/source/")))+".json")
		}
	}
	out := make(map[string]string)
	var report strings.Builder
	src := adapters.Source{Provider: provider, ManifestSource: federation.ManifestSource{Path: root}}
	for item, err := range adapter.Read(t.Context(), get, src, time.Time{}) {
		var lost *adapters.RecordError
		switch {
		case errors.As(err, &lost):
			fmt.Fprintf(&report, "lost: %s | %s | %s | %s\n", lost.Where, lost.Field, lost.Message, lost.Fix)
		case err != nil:
			fmt.Fprintf(&report, "ended: %v\n", err)
		case item.Deleted:
			fmt.Fprintf(&report, "deleted: %s %s\n", item.Graph.Subject, item.Where)
		default:
			name := fmt.Sprintf("%d.nq", len(out)+1)
			text := canonical(t, item.Graph)
			out[name] = string(text)
			fmt.Fprintf(&report, "%s %s %s\n", name, federation.CIDOf(text), item.Where)
			for _, n := range item.Notes {
				fmt.Fprintf(&report, "  %s %q: %s; %s\n", n.Field, n.Value, n.Message, n.Fix)
			}
		}
	}
	out["report.txt"] = report.String()
	return out
}

func open(address, file string) (*adapters.Response, error) {
	body, err := os.ReadFile(file) //nolint:gosec // a path of the golden directory
	if errors.Is(err, os.ErrNotExist) {
		return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
	}
	if err != nil {
		return nil, err
	}
	return &adapters.Response{URL: address, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// canonical normalises for the provider, checks what a receiver would check, and checks that the bytes stand.
func canonical(t *testing.T, g elm.Graph) []byte {
	t.Helper()
	naming := elm.Naming{ProviderIRI: federation.ProviderIRI(provider)}
	for _, org := range g.Organisations() {
		if iri, ok := org.Node.(rdf.IRI); ok && slices.Contains(org.Schac, provider) {
			naming.Own = append(naming.Own, iri.String())
		}
	}
	normal, _ := g.Normalise(naming)
	text, err := normal.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	triples, err := rdf.ParseCanonical(text)
	if err == nil {
		err = elm.Check(g.Subject.String(), triples)
	}
	if err != nil {
		t.Fatal(err)
	}
	again, _ := elm.Graph{Subject: g.Subject, Triples: triples}.Normalise(naming)
	if second, err := again.Canonical(); err != nil || !bytes.Equal(text, second) {
		t.Errorf("normalising twice changes the graph (%v):\n%s", err, cmp.Diff(string(text), string(second)))
	}
	return text
}

func expected(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, pattern := range []string{"*.nq", "report.txt"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name) //nolint:gosec // a path of the golden directory
			if err != nil {
				t.Fatal(err)
			}
			out[filepath.Base(name)] = string(text)
		}
	}
	return out
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name := range expected(t, dir) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // part of the repository
			t.Fatal(err)
		}
	}
}

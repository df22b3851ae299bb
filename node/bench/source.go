package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/eduapi"
	"github.com/coursemesh/coursemesh/adapters/elmrdf"
	"github.com/coursemesh/coursemesh/adapters/occapi"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/adapters/testserver"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// source is what ingest reads, through the adapter that a node reads it through.
type source struct {
	adapter adapters.Adapter
	get     adapters.Get
	spec    adapters.Source
	bytes   int64   // of everything that get hands out
	pilot   float64 // courses that the QualityLink pilot reads per CPU second; 0 where that is not known
}

// What the functions of the QualityLink pilot reached (rdflib 6.1, Python 3.11): on 10,000 ELM courses of about 35
// triples to parse, enrich and split them; on OOAPI courses to map them.
const (
	pilotELM   = 419
	pilotOOAPI = 630
	pilotName  = "QualityLink pilot, " + readName + " only (reference constant)"
)

// apis are the standards with an API, by the name that --standard takes.
var apis = map[string]struct {
	server  testserver.Standard
	adapter adapters.Adapter
	pilot   float64
}{
	"ooapi":  {testserver.OOAPI5, ooapi.New(ooapi.Limits{}), pilotOOAPI},
	"ooapi6": {testserver.OEAPI6, ooapi.New(ooapi.Limits{}), pilotOOAPI},
	"eduapi": {testserver.EduAPI, eduapi.New(eduapi.Limits{}), 0},
	"occapi": {testserver.OCCAPI2, occapi.New(occapi.Limits{}), 0},
}

// Standards lists those that ingest reads; the first is the default.
func Standards() []string {
	out := []string{"elm"}
	for name := range apis {
		out = append(out, name)
	}
	slices.Sort(out[1:])
	return out
}

func newSource(ctx context.Context, opt Options, dir string) (*source, error) {
	if opt.Standard == "" || opt.Standard == "elm" {
		return documentSource(opt, dir)
	}
	return apiSource(ctx, opt, dir)
}

// documentSource is one Turtle document on disk, as large as it comes.
func documentSource(opt Options, dir string) (*source, error) {
	path := filepath.Join(dir, "courses.ttl")
	size, err := writeFile(path, opt)
	if err != nil {
		return nil, err
	}
	const address = "https://" + provider + "/courses.ttl"
	get := func(context.Context, string) (*adapters.Response, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		return &adapters.Response{URL: address, MediaType: "text/turtle", Header: http.Header{}, Body: f}, nil
	}
	spec := adapters.Source{Provider: provider, ManifestSource: federation.ManifestSource{ID: "bench", Type: "elm", Path: address}}
	return &source{elmrdf.New(rdf.Limits{}), get, spec, size, pilotELM}, nil
}

func writeFile(path string, opt Options) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	size, err := writeCourses(f, opt.N, opt.Seed)
	return size, errors.Join(err, f.Close())
}

// apiSource is a server's answers. A first reading makes the server write them into a file, so that the second, which
// is measured, has neither the server nor its answers in memory: a node has neither.
func apiSource(ctx context.Context, opt Options, dir string) (*source, error) {
	api := apis[opt.Standard]
	const base = "https://" + provider
	server := testserver.New(testserver.Config{Standard: api.server, Base: base, Set: testserver.Generate(provider, opt.N, opt.Seed), PageSize: 250})
	told := server.Source()
	spec := adapters.Source{Provider: provider, ManifestSource: federation.ManifestSource{
		ID: told.ID, Type: told.Type, Version: told.Version, Path: told.Path, PageSize: told.PageSize,
	}}
	file, err := os.Create(filepath.Join(dir, "answers"))
	if err != nil {
		return nil, err
	}
	answers := &recording{file: file, answers: map[string]answer{}, headers: map[string]http.Header{}}
	record := func(ctx context.Context, address string) (*adapters.Response, error) {
		return answers.record(ctx, server, address)
	}
	for _, err := range api.adapter.Read(ctx, record, spec, time.Time{}) {
		if err != nil {
			return nil, errors.Join(fmt.Errorf("the generated source: %w", err), file.Close())
		}
	}
	return &source{api.adapter, answers.replay, spec, answers.bytes, api.pilot}, nil
}

// recording keeps what a server answered; its file lives as long as the benchmark's folder.
type recording struct {
	file    *os.File
	answers map[string]answer
	headers map[string]http.Header // by what they say: nearly all answers have the same
	bytes   int64
}

type answer struct {
	status     int
	media      string
	header     http.Header
	from, size int64
}

func (r *recording) record(ctx context.Context, server http.Handler, address string) (*adapters.Response, error) {
	reply, err := testserver.Ask(ctx, server, address)
	if err != nil {
		return nil, err
	}
	size, err := r.file.Write(reply.Body.Bytes())
	if err != nil {
		return nil, err
	}
	media, _, _ := strings.Cut(reply.Header.Get("Content-Type"), ";")
	r.answers[address] = answer{reply.Status, media, r.header(reply.Header), r.bytes, int64(size)}
	r.bytes += int64(size)
	return r.replay(ctx, address)
}

func (r *recording) header(h http.Header) http.Header {
	said := fmt.Sprint(h)
	if _, known := r.headers[said]; !known {
		r.headers[said] = h
	}
	return r.headers[said]
}

func (r *recording) replay(_ context.Context, address string) (*adapters.Response, error) {
	a, ok := r.answers[address]
	if !ok {
		return nil, fmt.Errorf("%s was not asked for in the first reading", address)
	}
	if a.status != http.StatusOK {
		return nil, &adapters.StatusError{URL: address, Code: a.status}
	}
	body := io.NewSectionReader(r.file, a.from, a.size)
	return &adapters.Response{URL: address, MediaType: a.media, Header: a.header, Body: io.NopCloser(body)}, nil
}

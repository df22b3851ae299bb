package bench

import (
	"context"
	"crypto/sha256"
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
	answers := &recording{file: file, answers: map[mark]answer{}, heads: map[string]int{}}
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

// recording keeps what a server answered; its file lives as long as the benchmark's folder. It is small, and nothing
// that the garbage collector looks through, since a node has no such thing.
type recording struct {
	file    *os.File
	answers map[mark]answer
	headers []http.Header  // that differ
	heads   map[string]int // of them, by what they say
	bytes   int64
}

// mark is the hash of an address.
type mark [sha256.Size]byte

func markOf(address string) mark { return sha256.Sum256([]byte(address)) }

type answer struct {
	status     int
	header     int // of headers
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
	r.answers[markOf(address)] = answer{reply.Status, r.header(reply.Header), r.bytes, int64(size)}
	r.bytes += int64(size)
	return r.replay(ctx, address)
}

// header keeps a header without what is of one body alone, so that nearly all are the same.
func (r *recording) header(h http.Header) int {
	h.Del("ETag")
	h.Del("Content-Length")
	said := fmt.Sprint(h)
	number, known := r.heads[said]
	if !known {
		number = len(r.headers)
		r.headers, r.heads[said] = append(r.headers, h), number
	}
	return number
}

func (r *recording) replay(_ context.Context, address string) (*adapters.Response, error) {
	a, ok := r.answers[markOf(address)]
	if !ok {
		return nil, fmt.Errorf("%s was not asked for in the first reading", address)
	}
	if a.status != http.StatusOK {
		return nil, &adapters.StatusError{URL: address, Code: a.status}
	}
	header := r.headers[a.header]
	media, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	body := io.NewSectionReader(r.file, a.from, a.size)
	return &adapters.Response{URL: address, MediaType: media, Header: header, Body: io.NopCloser(body)}, nil
}

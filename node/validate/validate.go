// Package validate reads a document or a source as a harvest would, checks every course against the
// application profile, and keeps nothing: no data directory, and no network for a file.
package validate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Nobody is the provider of a document that does not say for whom it speaks.
const Nobody = "unknown.invalid"

// Validator checks courses. It is immutable and safe for concurrent use.
type Validator struct {
	Checker  *profile.Checker
	Adapters map[string]adapters.Adapter // by manifest source type
	Known    func(id string) bool        // providers that need not be described; nil: none

	// Institutions tells to whom a course belongs; nil: to the provider that the source speaks for.
	Institutions *harvest.Institutions

	use  Use
	told []profile.Finding // about the document
}

// Use is handed every course that can be used, as a record would state it, one after the other. Findings that it adds are
// told with the course's own; one of kind KindUnusable means that the course is lost after all. An error ends the reading.
type Use func(harvest.Draft) ([]profile.Finding, error)

// For checks as v does and hands the courses to use. What breaks off before its end, or holds no course, is then an
// error, since what was handed over is not all.
func (v *Validator) For(use Use) *Validator {
	out := *v
	out.use = use
	return &out
}

// noting tells of a document what shows before it is read.
func (v *Validator) noting(f profile.Finding) *Validator {
	out := *v
	out.told = append(slices.Clip(out.told), f)
	return &out
}

// Source reads a source through get. provider may be "". shown names a place for people.
//
// What is wrong with the source is in the report; an error is that it could not be had at all, or that the
// context ended.
func (v *Validator) Source(ctx context.Context, get adapters.Get, spec federation.ManifestSource, provider string, shown func(string) string) (profile.Report, error) {
	adapter, ok := v.Adapters[spec.Type]
	if !ok {
		return profile.Report{}, fmt.Errorf("source type %q is not read by this version", spec.Type)
	}
	r := &reading{Validator: v, provider: provider, shown: shown, spec: spec}
	for _, f := range v.told {
		f.Where = shown(f.Where)
		r.Other(f)
	}
	source := adapters.Source{ManifestSource: spec, Provider: provider}
	if provider == "" {
		source.Provider = Nobody
	}
	var failed error
	for item, err := range adapter.Read(ctx, r.watched(get), source, time.Time{}) {
		if err == nil {
			if failed = r.take(item, cmp.Or(item.Mapping, adapter.Mapping())); failed != nil {
				return r.Report(), failed
			}
			continue
		}
		var lost *adapters.RecordError
		if !errors.As(err, &lost) {
			failed = err
			break
		}
		r.Unusable(profile.Finding{Subject: lost.Subject, Field: lost.Field, Message: lost.Message, Fix: lost.Fix, Where: shown(lost.Where)})
	}
	return r.conclude(ctx, spec, failed)
}

// reading is one validation.
type reading struct {
	*Validator
	profile.Collector
	provider string
	shown    func(string) string
	spec     federation.ManifestSource
	down     error // why something could not be fetched
}

// watched notes what fails before there is anything to judge; a document that cannot be read is judged.
func (r *reading) watched(get adapters.Get) adapters.Get {
	return func(ctx context.Context, address string) (*adapters.Response, error) {
		response, err := get(ctx, address)
		if unreadable := (*adapters.DocumentError)(nil); err != nil && !errors.As(err, &unreadable) {
			r.down = err
		}
		if err != nil {
			return nil, err
		}
		response.Body = &watchedBody{response.Body, r}
		return response, nil
	}
}

type watchedBody struct {
	io.ReadCloser
	r *reading
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.r.down = err
	}
	return n, err
}

func (r *reading) conclude(ctx context.Context, spec federation.ManifestSource, failed error) (profile.Report, error) {
	report := r.Report()
	switch {
	case ctx.Err() != nil:
		return report, ctx.Err()
	case failed != nil && r.down != nil && report.Courses == 0:
		return report, r.down
	case failed != nil && r.use != nil:
		f := r.broken(spec, failed)
		return report, &BrokenError{Finding: f, Err: errors.Join(r.down, failed)}
	case failed != nil:
		r.Other(r.broken(spec, failed))
	case report.Courses == 0 && report.Total == 0:
		nothing := document("there is no course in it", "describe courses as nodes of the class ql:LearningOpportunitySpecification")
		if nothing.Where = r.shown(spec.Path); r.use != nil {
			return report, &BrokenError{Finding: nothing}
		}
		r.Other(nothing)
	}
	return r.Report(), nil
}

// BrokenError says that a document or source gives no courses, or not all it has.
type BrokenError struct {
	Finding profile.Finding
	Err     error // nil when there is no course in it
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("%s: %s; %s", e.Finding.Where, e.Finding.Message, e.Finding.Fix)
}

func (e *BrokenError) Unwrap() error { return e.Err }

// broken is about a document that cannot be read, at its place where that is known.
func (r *reading) broken(spec federation.ManifestSource, failed error) profile.Finding {
	const rest = "; what comes after it was not checked"
	f := document(r.shown(failed.Error()), "mend the document there"+rest)
	f.Where = r.shown(spec.Path)
	var unreadable *adapters.DocumentError
	if errors.As(failed, &unreadable) {
		f.Where, f.Message, f.Fix = r.shown(unreadable.Where), unreadable.Message, unreadable.Fix+rest
	}
	return f
}

func document(message, fix string) profile.Finding {
	return profile.Finding{Severity: profile.Violation, Kind: profile.KindDocument, Message: message, Fix: fix}
}

// take checks one course. An error is that of its use.
func (r *reading) take(item adapters.Item, mapping string) error {
	if item.Deleted {
		return nil
	}
	where := r.shown(item.Where)
	subject, ok := item.Graph.Subject.(rdf.IRI)
	if !ok {
		r.Unusable(profile.Finding{Message: "the course has no identity", Fix: "give it an IRI, or an adms:identifier", Where: where})
		return nil
	}
	var findings []profile.Finding
	for _, n := range item.Notes {
		findings = append(findings, profile.Finding{
			Severity: profile.Warning, Kind: profile.KindMapping, Subject: subject.String(), Field: n.Field, Value: n.Value,
			Message: n.Message, Fix: n.Fix, Where: where,
		})
	}
	findings = append(findings, r.Checker.Check(r.course(item, where))...)
	more, err := r.draft(item, mapping)
	for _, f := range more {
		f.Subject, f.Where = subject.String(), where
		findings = append(findings, f)
	}
	if item.Graph.IsOffering() {
		r.Other(findings...)
		return err
	}
	r.Course(findings, elm.View(subject.String(), item.Graph.Triples))
	return err
}

// draft makes of a course what a record would say, and has it used.
func (r *reading) draft(item adapters.Item, mapping string) ([]profile.Finding, error) {
	in := r.Institutions
	if in == nil {
		in = harvest.NewInstitutions(func(string) (federation.Provider, bool) { return federation.Provider{}, false }, func() []federation.Provider { return nil })
	}
	draft, unfit := in.Draft(item, mapping, r.spec, r.provider)
	switch {
	case unfit != nil:
		return []profile.Finding{{Severity: profile.Violation, Kind: profile.KindUnusable, Message: unfit.Message, Fix: unfit.Fix}}, nil
	case r.use == nil:
		return nil, nil
	}
	return r.use(draft)
}

// published is the graph as a record of the provider would carry it.
func published(graph elm.Graph, provider string) elm.Graph {
	graph, _ = graph.Normalise(elm.Naming{ProviderIRI: federation.ProviderIRI(provider)})
	return graph
}

func (r *reading) course(item adapters.Item, where string) profile.Course {
	return profile.Course{
		Graph: item.Graph, Where: where, Provider: r.provider, Fields: item.Fields,
		Published: func() []rdf.Triple { return published(item.Graph, r.provider).Triples },
		Institution: func(iri string) bool {
			id, ok := federation.ProviderOfIRI(iri)
			return ok && (id == r.provider || r.Known != nil && r.Known(id))
		},
	}
}

// Text checks one ELM document of a media type, "" when it is not known.
func (v *Validator) Text(ctx context.Context, body io.Reader, media, provider string) (profile.Report, error) {
	spec := federation.ManifestSource{Type: "elm", Path: federation.ProviderIRI(Nobody)}
	if provider != "" {
		spec.Path = federation.ProviderIRI(provider)
	}
	shown := func(place string) string { return strings.ReplaceAll(place, spec.Path, "document") }
	return v.Source(ctx, single(spec.Path, media, io.NopCloser(body)), spec, provider, shown)
}

// single answers with one document, once.
func single(address, media string, body io.ReadCloser) adapters.Get {
	return func(_ context.Context, asked string) (*adapters.Response, error) {
		if asked != address || body == nil {
			return nil, &adapters.StatusError{URL: asked, Code: 404}
		}
		response := &adapters.Response{URL: address, MediaType: media, Body: body}
		body = nil
		return response, nil
	}
}

// Package convert writes what a node makes of courses, in the standard it writes: it reads a document or source of any
// standard as a harvest would, normalises every course, which takes out person data, and writes it as ELM or as the API's
// JSON. Nothing is stored, and nothing is signed.
//
// It holds one course at a time, beside what the reader of the source holds and some 100 bytes for each node that
// courses have in common. Equal sources give equal bytes, and reading what was written gives the same canonical graphs.
package convert

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/node/validate"
)

// Kinds of findings beside those of a validation.
const (
	KindShared = "shared" // a node that courses describe differently
	KindTwice  = "twice"  // a course that the source lists again
)

// Converter reads sources and writes courses. Safe for concurrent use.
type Converter struct {
	Validator *validate.Validator
	Courses   *course.Reader // makes the API's JSON
}

// Summary of a conversion.
type Summary struct {
	In       string          `json:"in"`
	Out      string          `json:"out"`
	Standard string          `json:"standard"` // elm, ooapi, edu-api, occapi
	Format   Format          `json:"format"`
	Courses  int             `json:"courses"`  // written, with offerings of courses that are described elsewhere
	Rejected int             `json:"rejected"` // that cannot be used
	Findings int             `json:"findings"`
	Removed  int             `json:"persons_removed"` // persons and personal addresses
	Errors   []Rejected      `json:"errors"`          // of courses that were rejected, the first of them
	Quality  profile.Quality `json:"quality"`
}

// Rejected is a course that cannot be used.
type Rejected struct {
	Subject string `json:"subject"`
	Where   string `json:"where"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// ErrNothing says that no course can be used, so that there is nothing to write.
var ErrNothing = errors.New("no course can be used; nothing was written")

// Read reads a source and hands its courses to the converter's validator.
type Read func(*validate.Validator) (profile.Report, error)

// Write converts what read gives. After an error what was written is not to be used; the report says what was found.
// progress hears how many courses were written.
func (c *Converter) Write(ctx context.Context, read Read, out io.Writer, format Format, progress func(courses int)) (Summary, profile.Report, error) {
	buffered := bufio.NewWriterSize(out, 64<<10)
	d, err := newDocument(buffered, format, c.Courses)
	if err != nil {
		return Summary{}, profile.Report{}, err
	}
	r := &run{document: d, seen: map[string]bool{}, progress: progress, summary: Summary{Format: format, Errors: []Rejected{}}}
	report, err := read(c.Validator.For(r.use))
	s := r.summary
	s.Quality, s.Rejected = report.Quality, report.Unusable
	s.Findings = report.Quality.Violations + report.Quality.Warnings - s.Rejected // as a harvest counts
	for _, f := range report.Findings {
		if f.Kind == profile.KindUnusable {
			s.Errors = append(s.Errors, Rejected{f.Subject, f.Where, f.Message, f.Fix})
		}
	}
	switch {
	case err == nil && ctx.Err() != nil:
		err = ctx.Err()
	case err == nil && s.Courses == 0:
		err = ErrNothing
	}
	if err == nil {
		err = errors.Join(d.close(), buffered.Flush())
	}
	return s, report, err
}

// run is one conversion.
type run struct {
	document
	seen     map[string]bool
	progress func(int)
	summary  Summary
}

// use writes one course.
func (r *run) use(d harvest.Draft) ([]profile.Finding, error) {
	r.summary.Removed += d.Removed.Persons + d.Removed.Addresses
	r.summary.Standard = index.StandardOf(d.Mapping)
	if r.seen[d.Subject] {
		return []profile.Finding{{
			Severity: profile.Warning, Kind: KindTwice, Message: "the source lists this course twice; the first one counts", Fix: "list every course once",
		}}, nil
	}
	if bytes.Contains(d.Graph, []byte(validate.Nobody)) {
		return []profile.Finding{unusable("its identity depends on the institution that the document speaks for", "say with --provider DOMAIN for whom it speaks")}, nil
	}
	r.seen[d.Subject] = true
	findings, err := r.add(federation.Record{
		Kind: d.Kind, Subject: d.Subject, Provider: d.Provider, Graph: d.Graph, Licence: d.Terms.Licence, Credit: d.Terms.Credit,
		Mapping: d.Mapping, Source: federation.Source{Domain: d.Provider},
	}, d.Document)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Subject, err)
	}
	for _, f := range findings {
		if f.Kind == profile.KindUnusable {
			return findings, nil
		}
	}
	if r.summary.Courses++; r.progress != nil {
		r.progress(r.summary.Courses)
	}
	return findings, nil
}

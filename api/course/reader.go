package course

import (
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/rdf"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/ipfs/go-cid"
)

// Reader reads courses out of the store. Safe for concurrent use.
type Reader struct {
	Get       func(cid.Cid) ([]byte, error)               // envelope bytes, checked
	Known     func(id string) (federation.Provider, bool) // names and countries of providers
	Alliances func(provider string) []string              // domains of the alliances that have it as a member
	Now       func() time.Time
	// Succession tells what the course of an item replaces and by what it is replaced; nil: nothing is known.
	Succession func(catalogue.Item) ([]Superseded, []Link, error)

	views *lru.Cache[cid.Cid, Content]
}

const cachedViews = 1024 // some 10 KiB each

// NewReader makes a reader that remembers the courses read last.
func NewReader(r Reader) *Reader {
	r.views, _ = lru.New[cid.Cid, Content](cachedViews) // fails for sizes below 1 only
	return &r
}

// Content is what a record says, without what the catalogue says about it.
type Content struct {
	Record   federation.Record
	View     elm.Course
	Validity index.Validity
}

// Run of an offering's record.
func (r *Reader) Run(c cid.Cid) (federation.Record, elm.Run, error) {
	record, triples, err := r.Graph(c)
	if err != nil {
		return federation.Record{}, elm.Run{}, err
	}
	return record, elm.ViewOffering(record.Subject, triples), nil
}

// Content of a record.
func (r *Reader) Content(c cid.Cid) (Content, error) {
	if content, ok := r.views.Get(c); ok {
		return content, nil
	}
	record, triples, err := r.Graph(c)
	if err != nil {
		return Content{}, err
	}
	view := elm.View(record.Subject, triples)
	content := Content{record, view, index.ValidityOf(record.Subject, view.Active, triples)}
	r.views.Add(c, content)
	return content, nil
}

// Graph of a record.
func (r *Reader) Graph(c cid.Cid) (federation.Record, []rdf.Triple, error) {
	envelope, err := r.Get(c)
	if err != nil {
		return federation.Record{}, nil, fmt.Errorf("record %s: %w", c, err)
	}
	record, err := federation.DecodeRecord(envelope)
	if err != nil {
		return federation.Record{}, nil, fmt.Errorf("record %s: %w", c, err)
	}
	triples, err := rdf.ParseTrusted(record.Graph)
	if err != nil {
		return federation.Record{}, nil, fmt.Errorf("graph of record %s: %w", c, err)
	}
	return record, triples, nil
}

// Course of a catalogue item.
func (r *Reader) Course(item catalogue.Item) (Course, error) {
	content, err := r.Content(item.CID)
	if err != nil {
		return Course{}, err
	}
	out := r.assemble(item, content)
	if r.Succession == nil {
		return out, nil
	}
	older, newer, err := r.Succession(item)
	if err != nil {
		return Course{}, fmt.Errorf("succession of %s: %w", item.Key, err)
	}
	out.Supersedes, out.SupersededBy = list(older), list(newer)
	return out, nil
}

// Unsigned is the course of a record that nobody has signed, as what one node alone makes of it: without a CID, publisher
// and class, and without the time at which it would be issued.
func (r *Reader) Unsigned(record federation.Record) (Course, error) {
	triples, err := rdf.ParseTrusted(record.Graph)
	if err != nil {
		return Course{}, fmt.Errorf("graph of %s: %w", record.Subject, err)
	}
	view := elm.View(record.Subject, triples)
	record.Issued = 0
	out := r.assemble(catalogue.Item{}, Content{record, view, index.ValidityOf(record.Subject, view.Active, triples)})
	out.Record, out.Source.Issued = "", ""
	if index.ModifiedAt(record, view).Unix() == 0 {
		out.Modified = ""
	}
	return out, nil
}

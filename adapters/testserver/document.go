package testserver

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"net/http"
	"path"
)

// document serves the whole set as one RDF document in the European Learning Model.
type document struct{ *Server }

// serialisation of RDF.
type serialisation struct {
	path, media string
	print       func(*printer, iter.Seq[*node])
}

var serialisations = map[Standard]serialisation{
	Turtle:   {"/data/courses.ttl", "text/turtle", (*printer).turtle},
	RDFXML:   {"/data/courses.rdf", "application/rdf+xml", (*printer).rdfxml},
	JSONLD:   {"/data/courses.jsonld", "application/ld+json", (*printer).jsonld},
	NTriples: {"/data/courses.nt", "application/n-triples", (*printer).ntriples},
}

func (d *document) root() string {
	p := serialisations[d.config.Standard].path
	if d.quirks.noExtension {
		return p[:len(p)-len(path.Ext(p))]
	}
	return p
}

func (d *document) find(segments []string) (resource, bool) {
	return resource{collection: "document", one: d}, len(segments) == 0
}

func (d *document) write(w http.ResponseWriter, r *http.Request, _ resource) {
	var out bytes.Buffer
	_ = d.print(&out) // a buffer takes everything
	body := out.Bytes()
	if d.quirks.document != nil {
		body = d.quirks.document(body)
	}
	w.Header().Set("Content-Type", serialisations[d.config.Standard].media)
	d.send(w, r, body)
}

func (d *document) print(w io.Writer) error {
	p := &printer{out: bufio.NewWriterSize(w, 1<<16), latin: d.quirks.latin, entities: d.quirks.entities}
	serialisations[d.config.Standard].print(p, d.nodes)
	return p.out.Flush()
}

// WriteDocument writes what a server of documents serves, course by course, without holding it.
func (s *Server) WriteDocument(w io.Writer) error {
	d, ok := s.backend.(*document)
	if !ok {
		return fmt.Errorf("%s has no document", s.config.Standard)
	}
	return d.print(w)
}

func (d *document) missing(w http.ResponseWriter, status int) {
	http.Error(w, http.StatusText(status), status)
}

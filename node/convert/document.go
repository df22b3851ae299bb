package convert

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// document is what courses are written into. What keeps one course from being written is a finding, an error is a failure.
type document interface {
	// add writes a course. stated is what its source states for all courses.
	add(record federation.Record, stated elm.Terms) ([]profile.Finding, error)
	close() error
}

func newDocument(w *bufio.Writer, format Format, courses *course.Reader) (document, error) {
	switch format {
	case JSON, JSONLines:
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false) // as the API
		return &courseDocument{out: enc, reader: courses, single: format == JSON}, nil
	case NTriples:
		return &graphDocument{shared: newShared(), graph: (&lines{w: w}).graph, end: func() error { return nil }}, nil
	}
	d, err := rdf.NewWriter(w, rdf.Format(format))
	if err != nil {
		return nil, err
	}
	return &graphDocument{shared: newShared(), graph: d.Add, end: d.Close}, nil
}

// graphDocument is RDF.
type graphDocument struct {
	shared *shared
	graph  func([]rdf.Triple) error
	end    func() error
	begun  bool
}

func (d *graphDocument) add(record federation.Record, stated elm.Terms) ([]profile.Finding, error) {
	triples, err := rdf.ParseTrusted(record.Graph)
	if err != nil {
		return nil, err
	}
	if !d.begun && stated != (elm.Terms{}) {
		if err := d.graph(dataset(stated)); err != nil {
			return nil, err
		}
	}
	d.begun = true
	a, err := d.shared.add(record.Subject, triples)
	if err != nil {
		return nil, err
	}
	err = d.graph(a.triples)
	if errors.Is(err, rdf.ErrFormat) {
		return []profile.Finding{unusable(err.Error(), "write Turtle, N-Triples or JSON-LD, which hold every graph")}, nil
	}
	if err != nil {
		return nil, err
	}
	d.shared.wrote(a)
	if a.differs == "" {
		return nil, nil
	}
	return []profile.Finding{{
		Severity: profile.Warning, Kind: KindShared, Value: a.differs,
		Message: "another course says something else of <" + a.differs + ">; in one document both say both",
		Fix:     "describe the node once for all courses, or convert the courses into files of their own",
	}}, nil
}

// dataset describes the document itself, as what its terms of use are those of.
func dataset(t elm.Terms) []rdf.Triple {
	node, err := rdf.NewBlank(canonicalLabel + "0")
	if err != nil {
		return nil // it is a label
	}
	out := []rdf.Triple{{Subj: node, Pred: rdf.MustIRI(rdf.Type), Obj: rdf.MustIRI("http://www.w3.org/ns/dcat#Dataset")}}
	if t.Licence != "" {
		out = append(out, rdf.Triple{Subj: node, Pred: rdf.MustIRI(vocabulary.Licence), Obj: rdf.String(t.Licence)})
	}
	if t.Credit != "" {
		out = append(out, rdf.Triple{Subj: node, Pred: rdf.MustIRI(vocabulary.NSDCTerms + "rightsHolder"), Obj: rdf.String(t.Credit)})
	}
	return out
}

func (d *graphDocument) close() error {
	for triples, err := range d.shared.rest() {
		if err := errors.Join(err, d.graph(triples)); err != nil {
			return err
		}
	}
	return d.end()
}

// lines writes canonical bytes. Each graph's blank nodes go on counting where those of the one before ended.
type lines struct {
	w    *bufio.Writer
	next int
}

const canonicalLabel = "c14n"

func (l *lines) graph(triples []rdf.Triple) error {
	first := l.next
	for _, t := range triples {
		for _, term := range []rdf.Term{t.Subj, t.Pred, t.Obj} {
			_, _ = l.w.Write(append(l.term(term, first), ' ')) // errors stay until the end
		}
		if _, err := l.w.WriteString(".\n"); err != nil {
			return err
		}
	}
	return nil
}

func (l *lines) term(t rdf.Term, first int) []byte {
	b, ok := t.(rdf.Blank)
	if !ok {
		return rdf.AppendTerm(nil, t)
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(b.String(), canonicalLabel)) // of canonical bytes
	l.next = max(l.next, first+n+1)
	return fmt.Appendf(nil, "_:%s%d", canonicalLabel, first+n)
}

// courseDocument is JSON in the form of the API.
type courseDocument struct {
	out     *json.Encoder
	reader  *course.Reader
	single  bool
	courses int
}

// ErrSeveral says that one JSON object is one course.
var ErrSeveral = errors.New("there are several courses, and a JSON document of the API is one: write .jsonl (--format jsonl), one course a line")

func (d *courseDocument) add(record federation.Record, _ elm.Terms) ([]profile.Finding, error) {
	if record.Kind != federation.KindCourse {
		return []profile.Finding{unusable("an offering of a course that is described elsewhere is no course in the API's JSON", "write RDF, or convert it together with its course")}, nil
	}
	if d.courses++; d.single && d.courses > 1 {
		return nil, ErrSeveral
	}
	c, err := d.reader.Unsigned(record)
	if err != nil {
		return nil, err
	}
	return nil, d.out.Encode(c)
}

func (d *courseDocument) close() error { return nil }

func unusable(message, fix string) profile.Finding {
	return profile.Finding{Severity: profile.Violation, Kind: profile.KindUnusable, Message: message, Fix: fix}
}

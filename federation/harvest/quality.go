package harvest

import (
	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// judge checks a course against the application profile. Findings are reported and keep nothing from being
// published. What fills itself in here is counted and not told one by one.
func (r *run) judge(item adapters.Item) {
	subject, ok := item.Graph.Subject.(rdf.IRI)
	if r.h.cfg.Profile == nil || !ok {
		return
	}
	findings := r.h.cfg.Profile().Check(r.course(item))
	for _, f := range findings {
		if f.Severity != profile.Info {
			r.report.note(Problem{
				Subject: f.Subject, Where: f.Where, Field: f.Field, Value: f.Value, Message: f.Message, Fix: f.Fix,
				Severity: f.Severity, Property: f.Property,
			})
		}
	}
	if item.Graph.IsOffering() {
		r.tally.Offering(findings)
		return
	}
	r.tally.Course(findings, elm.View(subject.String(), item.Graph.Triples))
}

// course is an item with what this node knows beside it.
func (r *run) course(item adapters.Item) profile.Course {
	var at *belonging
	found := func() belonging {
		if at == nil {
			b := r.h.institutions.of(item.Graph.Organisations(), r.state.Domain)
			at = &b
		}
		return *at
	}
	return profile.Course{
		Graph: item.Graph, Where: r.place(item.Where), Provider: r.state.Domain, Fields: item.Fields,
		Published: func() []rdf.Triple {
			graph, _ := item.Graph.Normalise(r.h.institutions.naming(found()))
			return graph.Triples
		},
		Institution: r.institution,
	}
}

const keptInstitutions = 4096 // answers of a run; courses name the same few again and again

// institution says that an IRI denotes an institution that this node knows.
func (r *run) institution(iri string) bool {
	known, asked := r.institutions[iri]
	if asked {
		return known
	}
	if len(r.institutions) >= keptInstitutions || r.institutions == nil {
		r.institutions = make(map[string]bool)
	}
	node, err := rdf.NewIRI(iri)
	known = err == nil && len(r.h.institutions.denotes(elm.Organisation{Node: node}, r.state.Domain)) > 0
	r.institutions[iri] = known
	return known
}

// quality is what the checks of this run came to, nil when there were none.
func (r *run) quality() *profile.Quality {
	if q := r.tally.Quality(); q.Courses > 0 || len(q.Findings) > 0 {
		return &q
	}
	return nil
}

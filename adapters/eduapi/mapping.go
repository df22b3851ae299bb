package eduapi

import (
	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Namespace holds the standard's own field names, for facts that ELM has no place for.
const Namespace = "https://purl.imsglobal.org/spec/eduapi/v1p0#"

// input is one template with all that its mapping needs; the mapping itself does no I/O.
type input struct {
	source.Entry
	kind       *kind
	offerings  []source.Entry
	components []part
	refs       source.References
	provider   string
	catalogue  *catalogue
	notes      []adapters.Note // findings made while reading
}

// part is a component of a course with its own offerings.
type part struct {
	source.Entry
	runs []source.Entry

	shared []int            // numbers of the runs that name no offering of the course
	named  map[string][]int // and of those that name some, by offering
	pieces []*piece         // made so far: of the template, then of each run
}

// mapper describes one node, a specification or an instance, from one record.
type mapper struct {
	*source.Node
	kind      *kind
	provider  string
	refs      source.References
	catalogue *catalogue
	course    *mapper   // of an instance
	instances []*mapper // of a specification
	pieced    int       // bytes of the components of its offerings
}

func errNoID(at source.Place) *adapters.RecordError {
	return &adapters.RecordError{
		Where: at.In("sourcedId").String(), Field: "sourcedId", Message: "the record has no id",
		Fix: "give every record its sourcedId, which never changes",
	}
}

func (in input) subject(id string) (rdf.IRI, error) {
	subject, err := rdf.NewIRI(elm.Mint(in.provider, id))
	if err != nil {
		return subject, &adapters.RecordError{Subject: id, Where: in.In("sourcedId").String(), Field: "sourcedId", Message: err.Error(), Fix: "use a UUID"}
	}
	return subject, nil
}

// deleted is the news that a template is gone.
func deleted(in input, id string) (adapters.Item, error) {
	subject, err := in.subject(id)
	return adapters.Item{Graph: elm.Graph{Subject: subject}, Deleted: true, Where: in.Place.String()}, err
}

// mapTemplate maps a template and its offerings to one course graph.
func mapTemplate(in input) (adapters.Item, error) {
	id := in.Text("sourcedId")
	if id == "" {
		return adapters.Item{}, errNoID(in.Place)
	}
	in.Object = tagged(in.Object)
	names := source.TextsOf(in.Get("title"))
	if len(names) == 0 {
		return adapters.Item{}, &adapters.RecordError{
			Subject: id, Where: in.In("title").String(), Field: "title", Message: "the record has no title",
			Fix: `give it a title in at least one language: "title": [{"recordLanguage": "en", "value": "..."}]`,
		}
	}
	subject, err := in.subject(id)
	if err != nil {
		return adapters.Item{}, err
	}
	notes := in.notes
	node := &source.Node{Graph: source.NewGraph(Namespace), Entry: in.Entry, IRI: subject, Names: names, Notes: &notes}
	m := &mapper{Node: node, kind: in.kind, provider: in.provider, refs: in.refs, catalogue: in.catalogue}
	m.instances = offeringMappers(m, in.offerings)
	m.Instances = len(m.instances)
	m.specification(id)
	for _, o := range m.instances {
		o.Node.Instance()
		offered.Apply(o)
		o.time()
	}
	m.components(in.components)
	m.consists(id)
	m.Attribute(federation.ProviderIRI(m.provider))
	triples, oversize := m.Done()
	graph := elm.Graph{Subject: subject, Triples: triples, Oversize: oversize}
	return adapters.Item{Graph: graph, Where: in.Place.String(), Notes: notes, Fields: in.kind.fields}, nil
}

// textFields hold texts whose language may be stated once for the record.
var textFields = []string{"title", "name", "description", "gradingScheme"}

// tagged gives texts that state no language the one of their record.
func tagged(o source.Object) source.Object {
	lang := o.Text("recordLanguage")
	if source.Tag(lang) == "" {
		return o
	}
	var out []source.Field
	for _, field := range textFields {
		var texts []any
		for _, t := range source.TextsOf(o.Get(field)) {
			if t.Lang == "" {
				t.Lang = lang
			}
			texts = append(texts, source.Object{{Name: "recordLanguage", Value: t.Lang}, {Name: "value", Value: t.Value}})
		}
		if texts != nil {
			out = append(out, source.Field{Name: field, Value: texts})
		}
	}
	return o.With(out...)
}

// offeringMappers prepares a node for each offering; of two with one id the first counts.
func offeringMappers(course *mapper, offerings []source.Entry) []*mapper {
	seen := make(map[string]bool, len(offerings))
	var out []*mapper
	for _, o := range offerings {
		id := o.Text("sourcedId")
		o.Object = tagged(o.Object)
		m := &mapper{kind: course.kind, provider: course.provider, refs: course.refs, catalogue: course.catalogue, course: course, Node: &source.Node{
			Graph: course.Graph, Entry: o, Course: course.Node, Within: course.kind.offerings + "/" + id + "/", Notes: course.Notes,
			Names: source.TextsOf(o.Get("title")),
		}}
		switch node, err := rdf.NewIRI(elm.MintOffering(course.IRI.String(), id)); {
		case id == "":
			m.Complain("sourcedId", "", "an offering without an id is left out", "give every offering its sourcedId, which never changes")
		case err != nil:
			m.Complain("sourcedId", id, err.Error(), "use a UUID")
		case !seen[id]:
			seen[id] = true
			m.IRI = node
			out = append(out, m)
		}
	}
	return out
}

func (m *mapper) specification(id string) {
	m.Specification(m.opportunity(id))
	if len(source.List(m.Get("primaryCode")))+len(source.List(m.Get("otherCodes"))) == 0 {
		m.Identifier(m.IRI, id, "sourcedId")
	}
	m.kind.rules.Apply(m)
}

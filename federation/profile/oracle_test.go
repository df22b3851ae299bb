package profile_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	oracle "github.com/tggo/goRDFlib/shacl"

	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// published is the profile as its authors publish it, with the two namespaces corrected that differ from the
// data's, and with the triple that makes its classes target their instances.
func published(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("COURSEMESH_CORPUS")
	if dir == "" {
		t.Skip("COURSEMESH_CORPUS is not set")
	}
	text, err := os.ReadFile(filepath.Join(dir, "standards", "data", "quality-link", "ontology-shacl.ttl"))
	if err != nil {
		t.Fatal(err)
	}
	s := strings.ReplaceAll(string(text), "http://data.europa.eu/snb/model/ontology/", vocabulary.NSELM)
	s = strings.ReplaceAll(s, "snb/model/application-profile/loq-constraints/", "snb/model/ap/loq-constraints/")
	return s + "\nowl:Class rdfs:subClassOf rdfs:Class .\n"
}

// TestPublishedShapesAgree compares our shapes in our engine with the published ones in another engine, over
// courses that are made of the published shapes, three of four of which are then broken.
func TestPublishedShapesAgree(t *testing.T) {
	t.Parallel()
	text := published(t)
	shapes, err := oracle.LoadTurtleString(text, "")
	if err != nil {
		t.Fatal(err)
	}
	checker, err := profile.New()
	if err != nil {
		t.Fatal(err)
	}
	courses := 2000
	if testing.Short() {
		courses = 400
	}
	const batch = 400
	found, broken := make(map[*shacl.Shape]bool), 0
	for first := 0; first < courses; first += batch {
		var data []rdf.Triple
		for i := range batch {
			m := newMaker(text, uint64(first+i))
			if i%4 > 0 {
				m.aim(i)
			}
			m.course()
			if i%4 > 0 {
				m.spoil(i % 8)
			}
			data = append(data, m.triples...)
		}
		ours, err := checker.Results(data)
		if err != nil {
			t.Fatal(err)
		}
		want, got := theirLines(t, shapes, data), ourLines(ours)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("courses from %d (-published +ours):\n%.4000s", first, diff)
		}
		broken += len(got)
		for _, r := range ours {
			if r.Shape.Severity == shacl.Violation && r.Path.Predicate != "" {
				found[r.Shape] = true
				if i := seedOf(t, r.Focus.Value); i%4 == 0 {
					t.Errorf("course %d is made to conform: %s | %s | %s", i, r.Focus.Value, pathOf(r), r.Component)
				}
			}
		}
	}
	t.Logf("%d courses, %d results of %d constraints", courses, broken, len(found))
	if len(found) < 111 && !testing.Short() {
		t.Errorf("the broken courses fail %d of the 111 constraints on properties", len(found))
	}
}

// seedOf is the number of the course that a node was made for.
func seedOf(t *testing.T, node string) (seed int) {
	t.Helper()
	if _, err := fmt.Sscanf(node, "urn:made:%d:", &seed); err != nil {
		t.Fatalf("%s: %v", node, err)
	}
	return seed
}

func pathOf(r shacl.Result) string {
	if r.Path == nil {
		return ""
	}
	return r.Path.String()
}

// compared says that a result is of the profile's constraints on properties. Left out are the model's shapes
// that the published file names and does not hold, and ours of helper nodes.
func compared(component, severity string) bool {
	return component != shacl.NS+"NodeConstraintComponent" && severity == shacl.Violation
}

// timed are the odd values that are well-formed as a duration or a date with time. The other engine judges the
// texts of these datatypes loosely, against section 4.1.2 of the recommendation: ill-formed ones are not compared.
var timed = map[string][]string{rdf.XSDDuration: {"P1D", "P1Y2M3DT4H5M6.7S"}, rdf.XSDDateTime: {"2026-02-28T24:00:00Z"}}

func loose(component, value, datatype string) bool {
	good, ok := timed[datatype]
	return component == shacl.NS+"DatatypeConstraintComponent" && ok && !slices.Contains(good, value)
}

func ourLines(results []shacl.Result) []string {
	var out []string
	for _, r := range results {
		if compared(r.Component, r.Shape.Severity) && r.Path.Predicate != "" && !loose(r.Component, r.Value.Value, r.Value.Datatype) {
			out = append(out, strings.Join([]string{r.Focus.Value, pathOf(r), r.Component, r.Value.Value}, " | "))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func appendNTriples(b []byte, triples []rdf.Triple) []byte {
	for _, triple := range triples {
		for _, term := range []rdf.Term{triple.Subj, triple.Pred, triple.Obj} {
			b = append(rdf.AppendTerm(b, term), ' ')
		}
		b = append(b, ".\n"...)
	}
	return b
}

func theirLines(t *testing.T, shapes *oracle.Graph, data []rdf.Triple) []string {
	t.Helper()
	b := appendNTriples(appendNTriples(nil, data), profile.Known())
	graph, err := oracle.LoadTurtleString(string(b), "")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range oracle.Validate(graph, shapes).Results {
		if component := r.SourceConstraintComponent.Value(); compared(component, r.ResultSeverity.Value()) && !loose(component, r.Value.Value(), r.Value.Datatype()) {
			out = append(out, strings.Join([]string{r.FocusNode.Value(), "<" + r.ResultPath.Value() + ">", component, r.Value.Value()}, " | "))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// maker makes a course of the published shapes: each property of a shape with values that it asks for.
type maker struct {
	*rand.Rand
	shapes  map[string]map[string][]shacl.Term
	triples []rdf.Triple
	prefix  string
	nodes   int
	los     rdf.IRI
	loi     rdf.IRI
	worst   string // label of a property shape that every node breaks
}

var madeOf = map[string]map[string]map[string][]shacl.Term{}

func newMaker(text string, seed uint64) *maker {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 7)), prefix: fmt.Sprintf("urn:made:%d:", seed)}
	if m.shapes = madeOf[text]; m.shapes == nil {
		m.shapes = make(map[string]map[string][]shacl.Term)
		for t, err := range rdf.Decode(strings.NewReader(text), rdf.Turtle, "", rdf.Limits{}) {
			if err != nil {
				panic(err)
			}
			s := shacl.TermOf(t.Subj).String()
			if m.shapes[s] == nil {
				m.shapes[s] = make(map[string][]shacl.Term)
			}
			m.shapes[s][t.Pred.String()] = append(m.shapes[s][t.Pred.String()], shacl.TermOf(t.Obj))
		}
		madeOf[text] = m.shapes
	}
	m.los, m.loi = rdf.MustIRI(m.prefix+"los"), rdf.MustIRI(m.prefix+"loi")
	return m
}

// aim makes the course break one constraint for certain, a different one for each i.
func (m *maker) aim(i int) {
	var all []string
	for _, properties := range m.shapes {
		for _, p := range properties[shacl.NS+"property"] {
			all = append(all, p.Value)
		}
	}
	slices.Sort(all)
	m.worst = all[i%len(all)]
}

func (m *maker) get(of shacl.Term, term string) []shacl.Term {
	return m.shapes[of.String()][shacl.NS+term]
}

func (m *maker) has(of shacl.Term, term string) shacl.Term {
	if all := m.get(of, term); len(all) > 0 {
		return all[0]
	}
	return shacl.Term{}
}

func (m *maker) add(s rdf.Subject, p string, o rdf.Object) {
	m.triples = append(m.triples, rdf.Triple{Subj: s, Pred: rdf.MustIRI(p), Obj: o})
}

func (m *maker) course() {
	m.describe(m.los, vocabulary.ClassLearningOpportunitySpecification, 0)
	m.describe(m.loi, vocabulary.ClassLearningOpportunityInstance, 0)
}

// describe gives a node its class and the properties of the shapes for that class.
func (m *maker) describe(node rdf.IRI, class string, depth int) {
	m.add(node, rdf.Type, rdf.MustIRI(class))
	for shape, properties := range m.shapes {
		targets := properties[shacl.NS+"targetClass"]
		if shape != "<"+class+">" && !slices.ContainsFunc(targets, func(t shacl.Term) bool { return t.Value == class }) {
			continue
		}
		list := properties[shacl.NS+"property"]
		slices.SortFunc(list, func(a, b shacl.Term) int { return strings.Compare(m.has(a, "path").Value, m.has(b, "path").Value) })
		for _, p := range list {
			m.property(node, p, depth)
		}
		if class == vocabulary.ClassAlliance {
			m.add(node, vocabulary.Member, m.node(vocabulary.ClassInstitution, depth+1))
			m.add(node, vocabulary.Member, m.node(vocabulary.ClassInstitution, depth+1))
		}
	}
}

func (m *maker) property(node rdf.IRI, p shacl.Term, depth int) {
	needed := 0
	fmt.Sscan(m.has(p, "minCount").Value, &needed) //nolint:errcheck // none is 0
	if needed == 0 && m.IntN(depth+2) == 0 {
		needed = 1
	}
	for range needed {
		m.add(node, m.has(p, "path").Value, m.value(p, depth))
	}
	if p.Value == m.worst {
		m.add(node, m.has(p, "path").Value, rdf.MustIRI("https://nowhere.example/thing"))
	}
}

var concept = []string{vocabulary.BaseEQF + "6", vocabulary.BaseISCEDF + "0613", vocabulary.BaseLanguage + "ENG", vocabulary.ModeOnline}

// lexical are valid values by datatype.
var lexical = map[string]string{
	rdf.XSDAnyURI: "https://uni.example/", rdf.XSDNonNegInt: "20", rdf.XSDBoolean: "true", rdf.XSDDuration: "PT20H", rdf.XSDString: "A",
	rdf.XSDDateTime: "2026-09-01T10:00:00Z", "http://www.w3.org/2001/XMLSchema#positiveInteger": "3",
}

func (m *maker) value(p shacl.Term, depth int) rdf.Object {
	class, datatype := m.has(p, "class").Value, m.has(p, "datatype").Value
	if list := m.has(p, "or"); list.Kind != shacl.None { // of two
		if m.IntN(2) == 0 {
			list = m.shapes[list.String()][vocabulary.NSRDF+"rest"][0]
		}
		class = m.has(m.shapes[list.String()][vocabulary.NSRDF+"first"][0], "class").Value
	}
	switch {
	case m.has(p, "hasValue").Kind != shacl.None:
		return rdf.MustIRI(m.has(p, "hasValue").Value)
	case class == vocabulary.ClassConcept:
		return rdf.MustIRI(concept[m.IntN(len(concept))])
	case class == vocabulary.ClassLearningOpportunitySpecification:
		return m.los
	case class == vocabulary.ClassLearningOpportunityInstance:
		return m.loi
	case class != "":
		return m.node(class, depth+1)
	case datatype == rdf.LangString:
		l, err := rdf.Lang("text", "en")
		if err != nil {
			panic(err)
		}
		return l
	case datatype != "":
		return rdf.Typed(lexical[datatype], datatype)
	}
	return rdf.String("AT0001")
}

func (m *maker) node(class string, depth int) rdf.IRI {
	m.nodes++
	node := rdf.MustIRI(fmt.Sprintf("%sn%d", m.prefix, m.nodes))
	if depth > 6 { // deeper than any chain of required properties
		m.add(node, rdf.Type, rdf.MustIRI(class))
		return node
	}
	m.describe(node, class, depth)
	return node
}

// spoil changes triples at random.
func (m *maker) spoil(times int) {
	for range 1 + times {
		i := m.IntN(len(m.triples))
		switch m.IntN(5) {
		case 0:
			m.triples = slices.Delete(m.triples, i, i+1)
		case 1, 2:
			m.triples[i].Obj = m.odd(m.triples[i].Obj)
		default: // a second value
			t := m.triples[i]
			t.Obj = m.odd(t.Obj)
			m.triples = append(m.triples, t)
		}
	}
}

func (m *maker) odd(old rdf.Object) rdf.Object {
	datatypes := []string{rdf.XSDAnyURI, rdf.XSDNonNegInt, rdf.XSDBoolean, rdf.XSDDuration, rdf.XSDDateTime, rdf.XSDDate, rdf.XSDInteger, "http://www.w3.org/2001/XMLSchema#positiveInteger"}
	values := []string{"", "-1", "0", "+5", "007", "1", "true", "yes", "P1D", "P", "PT", "P1Y2M3DT4H5M6.7S", "2026-02-30T10:00:00", "2026-02-28T24:00:00Z", "2026-09-01", "AB1234", "99999999999999999999999999"}
	langs := []string{"en", "de", "EN", "en-GB"}
	switch m.IntN(6) {
	case 0:
		return rdf.MustIRI("https://nowhere.example/thing")
	case 1:
		return rdf.String(values[m.IntN(len(values))])
	case 2:
		l, err := rdf.Lang("other", langs[m.IntN(len(langs))])
		if err != nil {
			panic(err)
		}
		return l
	case 3:
		return rdf.MustIRI(concept[m.IntN(len(concept))])
	case 4:
		if l, ok := old.(rdf.Literal); ok && l.Lang() == "" {
			return rdf.Typed(values[m.IntN(len(values))], l.DataType.String())
		}
	}
	return rdf.Typed(values[m.IntN(len(values))], datatypes[m.IntN(len(datatypes))])
}

package elm_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// generator writes random documents of the profile: courses with shared organisations, joint runs,
// links between courses and between runs, inline concepts, people and derived values.
type generator struct {
	*rand.Rand
	triples []rdf.Triple
	blanks  int
	courses []rdf.Subject
	runs    []rdf.Subject
	orgs    []rdf.Subject
	planted []string // texts that must not be in any normalised graph
}

func generate(seed uint64, courses int) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	for i := range 1 + g.IntN(3) {
		g.orgs = append(g.orgs, g.node(fmt.Sprintf("https://uni-%d.example/org", i), 4))
	}
	for i := range courses {
		g.courses = append(g.courses, g.node(fmt.Sprintf("https://uni-0.example/course/%d", i), 10))
	}
	for _, org := range g.orgs {
		g.organisation(org)
	}
	for _, course := range g.courses {
		g.course(course)
	}
	for i := range g.IntN(2 * courses) {
		g.runs = append(g.runs, g.node(fmt.Sprintf("https://uni-0.example/run/%d", i), 5))
	}
	for _, run := range g.runs {
		g.run(run)
	}
	return g
}

func (g *generator) maybe() bool { return g.IntN(2) == 0 }

func (g *generator) add(s rdf.Subject, p string, o rdf.Object) {
	g.triples = append(g.triples, rdf.Triple{Subj: s, Pred: rdf.MustIRI(p), Obj: o})
}

func (g *generator) blank() rdf.Blank {
	g.blanks++
	b, err := rdf.NewBlank(fmt.Sprintf("n%d", g.blanks))
	if err != nil {
		panic(err)
	}
	return b
}

// node is an IRI, or one time in n a blank node.
func (g *generator) node(iri string, n int) rdf.Subject {
	if g.IntN(n) == 0 {
		return g.blank()
	}
	return rdf.MustIRI(iri)
}

func object(s rdf.Subject) rdf.Object { return s.(rdf.Object) }

func text(s, tag string) rdf.Literal {
	l, err := rdf.Lang(s, tag)
	if err != nil {
		panic(err)
	}
	return l
}

func (g *generator) pick(list []rdf.Subject) rdf.Object { return object(list[g.IntN(len(list))]) }

func (g *generator) organisation(org rdf.Subject) {
	g.add(org, rdf.Type, rdf.MustIRI(vocabulary.ClassInstitution))
	g.add(org, vocabulary.LegalName, text(fmt.Sprintf("University %d", g.IntN(100)), "en"))
	id := g.blank()
	g.add(org, vocabulary.Identifier, id)
	g.add(id, rdf.Type, rdf.MustIRI(vocabulary.ClassSchacIdentifier))
	g.add(id, vocabulary.Notation, rdf.String("Uni-0.Example"))
	if g.maybe() {
		g.add(org, vocabulary.IsMemberOf, rdf.MustIRI("https://alliance.example/"))
		g.add(rdf.MustIRI("https://alliance.example/"), vocabulary.LegalName, text("The alliance", "en"))
		g.add(rdf.MustIRI("https://alliance.example/"), vocabulary.Member, object(org))
	}
	if g.maybe() {
		g.contact(org)
	}
}

// plant makes a text that normalisation has to remove.
func (g *generator) plant(format string) string {
	s := fmt.Sprintf(format, len(g.planted))
	g.planted = append(g.planted, s)
	return s
}

func (g *generator) contact(of rdf.Subject) {
	point, box := g.blank(), g.blank()
	g.add(of, vocabulary.ContactPoint, point)
	g.add(point, rdf.Type, rdf.MustIRI(vocabulary.ClassContactPoint))
	g.add(point, vocabulary.EmailAddress, box)
	g.add(box, rdf.Type, rdf.MustIRI(vocabulary.ClassMailbox))
	switch g.IntN(3) {
	case 0:
		g.add(box, vocabulary.NSVCard+"hasEmail", rdf.MustIRI("mailto:info@uni-0.example"))
	case 1:
		g.add(point, vocabulary.PrefLabel, rdf.String(g.plant("Dr. Person%dX")))
		g.add(box, vocabulary.NSVCard+"hasEmail", rdf.MustIRI("mailto:"+g.plant("jane.person%dx@uni-0.example")))
	default:
		g.add(point, vocabulary.PrefLabel, rdf.String(g.plant("Prof. Person%dX")))
		g.add(point, vocabulary.Phone, rdf.String(g.plant("+43 1 5880%d1")))
	}
}

func (g *generator) person(of rdf.Subject) {
	p := g.node(g.plant("https://uni-0.example/staff/person%dx"), 2)
	g.add(of, vocabulary.Contributor, object(p))
	class := []string{vocabulary.ClassPerson, vocabulary.NSFOAF + "Person", vocabulary.NSSchema + "Person"}[g.IntN(3)]
	g.add(p, rdf.Type, rdf.MustIRI(class))
	g.add(p, vocabulary.NSFOAF+"name", rdf.String(g.plant("Jane Person%dX")))
	hanging := g.blank()
	g.add(p, vocabulary.AdditionalNote, hanging)
	g.add(hanging, vocabulary.NoteLiteral, text(g.plant("born in %d00x"), "en"))
	if g.maybe() {
		g.add(p, vocabulary.SameAs, rdf.MustIRI("https://orcid.org/0000-0002-1825-0097"))
	}
}

func (g *generator) course(c rdf.Subject) {
	class := []string{
		vocabulary.ClassLearningOpportunitySpecification, vocabulary.ClassQualification,
		vocabulary.NSELMAlso + "LearningAchievementSpecification",
	}[g.IntN(3)]
	g.add(c, rdf.Type, rdf.MustIRI(class))
	g.add(c, vocabulary.Title, text(fmt.Sprintf("Course %d", g.IntN(1000)), "en"))
	g.add(c, vocabulary.DCLanguage, rdf.MustIRI("https://publications.europa.eu/resource/authority/language/GER"))
	g.add(c, vocabulary.ISCEDFBroadField, rdf.MustIRI(vocabulary.BaseISCEDF+"06"))
	g.add(c, vocabulary.EQFLevel, rdf.MustIRI(vocabulary.BaseEQF+"6"))
	for range g.IntN(4) {
		outcome := g.blank()
		g.add(c, vocabulary.LearningOutcome, outcome)
		g.add(outcome, vocabulary.Title, text(fmt.Sprintf("Outcome %d", g.IntN(3)), "en"))
	}
	if g.maybe() {
		g.add(c, vocabulary.Publisher, g.pick(g.orgs))
	}
	if g.maybe() {
		g.person(c)
	}
	if g.maybe() {
		g.add(c, vocabulary.Description, text("Ask "+g.plant("joe%d@elsewhere.example")+" or info@uni-0.example", "en"))
	}
	for _, p := range []string{vocabulary.HasPart, vocabulary.IsPartOf, vocabulary.Superseded, "https://uni-0.example/ns#near"} {
		if g.IntN(4) == 0 {
			g.add(c, p, g.pick(g.courses))
		}
	}
	if g.maybe() {
		g.concept(c)
	}
}

// concept adds an inline concept with a neighbour that no walk reaches.
func (g *generator) concept(c rdf.Subject) {
	concept, wider := rdf.MustIRI("https://uni-0.example/subject/1"), rdf.MustIRI("https://uni-0.example/subject/2")
	g.add(c, vocabulary.EducationSubject, concept)
	g.add(concept, vocabulary.PrefLabel, text("Subject", "en"))
	g.add(concept, vocabulary.NSSKOS+"broader", wider)
	g.add(wider, vocabulary.PrefLabel, text("Wider", "en"))
}

func (g *generator) run(run rdf.Subject) {
	class := []string{vocabulary.ClassLearningOpportunityInstance, vocabulary.ClassLearningOpportunity}[g.IntN(2)]
	g.add(run, rdf.Type, rdf.MustIRI(class))
	switch g.IntN(6) {
	case 0:
		g.triples = append(g.triples, rdf.Triple{Subj: g.pick(g.courses).(rdf.Subject), Pred: rdf.MustIRI(vocabulary.LearningOpportunity), Obj: object(run)})
	case 1:
		g.add(run, vocabulary.LearningAchievementSpecification, rdf.MustIRI("https://elsewhere.example/course"))
	case 2:
		g.add(run, vocabulary.LearningAchievementSpecification, g.pick(g.courses))
		fallthrough
	default:
		g.add(run, vocabulary.LearningAchievementSpecification, g.pick(g.courses))
	}
	period := g.blank()
	g.add(run, vocabulary.Temporal, period)
	g.add(period, vocabulary.StartDate, rdf.Typed(fmt.Sprintf("2026-%02d-01", 1+g.IntN(12)), rdf.XSDDate))
	if g.maybe() {
		g.add(run, vocabulary.ProvidedBy, g.pick(g.orgs))
	}
	if g.IntN(3) == 0 {
		g.add(run, vocabulary.HasPart, g.pick(g.runs))
	}
	if g.IntN(4) == 0 {
		g.contact(run)
	}
}

// disturbed is the same document in another order and with other blank node labels.
func (g *generator) disturbed(seed uint64) []rdf.Triple {
	r := rand.New(rand.NewPCG(seed, 2))
	labels := map[rdf.Term]rdf.Blank{}
	relabel := func(t rdf.Term) rdf.Term {
		if _, ok := t.(rdf.Blank); !ok {
			return t
		}
		if _, ok := labels[t]; !ok {
			b, err := rdf.NewBlank(fmt.Sprintf("x%d", r.Uint64()))
			if err != nil {
				panic(err)
			}
			labels[t] = b
		}
		return labels[t]
	}
	out := make([]rdf.Triple, 0, len(g.triples))
	for _, i := range r.Perm(len(g.triples)) {
		t := g.triples[i]
		out = append(out, rdf.Triple{Subj: relabel(t.Subj).(rdf.Subject), Pred: t.Pred, Obj: relabel(t.Obj).(rdf.Object)})
	}
	return out
}

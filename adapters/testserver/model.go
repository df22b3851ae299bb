package testserver

import (
	"fmt"
	"slices"
	"strconv"
)

// Namespaces of the terms in use, by prefix.
var namespaces = []struct{ prefix, iri string }{
	{"adms", "http://www.w3.org/ns/adms#"},
	{"dcterms", "http://purl.org/dc/terms/"},
	{"elm", "http://data.europa.eu/snb/model/elm/"},
	{"foaf", "http://xmlns.com/foaf/0.1/"},
	{"ql", "http://data.quality-link.eu/ontology/v1#"},
	{"skos", "http://www.w3.org/2004/02/skos/core#"},
	{"xsd", "http://www.w3.org/2001/XMLSchema#"},
}

const (
	snb      = "http://data.europa.eu/snb/"
	language = "http://publications.europa.eu/resource/authority/language/"
)

// node is a resource with its class and statements; without an IRI it is nested where it is mentioned.
type node struct {
	iri, class string // class as prefix:name
	facts      []fact
}

// fact is one statement; exactly one of the values is set.
type fact struct {
	property       string // prefix:name
	iri            string
	node           *node
	text, lang, xs string // xs is the name of a datatype of XML Schema
}

func (n *node) link(property, iri string) {
	n.facts = append(n.facts, fact{property: property, iri: iri})
}

func (n *node) typed(property, text, xs string) {
	n.facts = append(n.facts, fact{property: property, text: text, xs: xs})
}

func (n *node) texts(property string, t Text) {
	for _, w := range t {
		n.facts = append(n.facts, fact{property: property, text: w.Text, lang: w.Lang})
	}
}

func (n *node) nest(property, class string, fill func(*node)) {
	inner := &node{class: class}
	fill(inner)
	n.facts = append(n.facts, fact{property: property, node: inner})
}

// nodes yields programmes, courses and their instances.
func (d *document) nodes(yield func(*node) bool) {
	for i := range d.config.Set.Programmes {
		if !yield(d.programmeNode(&d.config.Set.Programmes[i])) {
			return
		}
	}
	for _, c := range d.active {
		if !yield(d.courseNode(c)) {
			return
		}
		for i := range c.Offerings {
			if !yield(d.instanceNode(offered{c, &c.Offerings[i]})) {
				return
			}
		}
	}
}

func (d *document) iri(kind, key string) string {
	return "https://" + d.config.Set.Domain + "/" + kind + "/" + key
}

// home is the institution.
func (d *document) home() string { return "https://" + d.config.Set.Domain + "/" }

func (n *node) identify(code string) {
	n.nest("adms:identifier", "elm:Identifier", func(i *node) {
		i.typed("skos:notation", code, "")
		i.texts("elm:schemeName", Text{{"en", "Course code"}})
	})
}

func (n *node) languages(codes []string) {
	for _, c := range codes {
		n.link("dcterms:language", language+authorityCodes[c])
	}
}

// common is what courses and programmes say alike.
func (d *document) common(n *node, code, ects string, level int, isced string) {
	n.identify(code)
	n.link("dcterms:publisher", d.home())
	n.link("elm:ISCEDFCode", snb+"isced-f/"+isced)
	n.link("elm:EQFLevel", snb+"eqf/"+strconv.Itoa(level))
	n.nest("elm:creditPoint", "elm:CreditPoint", func(c *node) {
		c.link("elm:framework", snb+"education-credit/6fcec5c5af")
		c.typed("elm:point", ects, "")
	})
}

func (d *document) programmeNode(p *Programme) *node {
	n := &node{iri: d.iri("programmes", p.Code), class: "ql:LearningOpportunitySpecification"}
	n.texts("dcterms:title", p.Name)
	n.texts("dcterms:description", p.Description)
	n.link("dcterms:type", snb+"learning-opportunity/79343569f3")
	d.common(n, p.Code, p.ECTS, p.Level, p.ISCED)
	n.languages(p.Languages)
	d.outcomes(n, p.Outcomes)
	return n
}

func (d *document) outcomes(n *node, outcomes []Text) {
	for _, o := range outcomes {
		n.nest("elm:learningOutcome", "elm:LearningOutcome", func(l *node) { l.texts("dcterms:title", o) })
	}
}

func (d *document) courseNode(c *Course) *node {
	n := &node{iri: d.iri("courses", c.Code), class: "ql:LearningOpportunitySpecification"}
	n.texts("dcterms:title", c.Name)
	n.texts("dcterms:description", c.Description)
	n.link("dcterms:type", snb+"learning-opportunity/05053c1cbe")
	d.common(n, c.Code, c.ECTS, c.Level, c.ISCED)
	n.languages(c.Languages)
	d.outcomes(n, c.Outcomes)
	n.nest("elm:entryRequirement", "elm:Note", func(r *node) { r.texts("elm:noteLiteral", c.Prerequisites) })
	if p, ok := d.programme(c.Programme); ok {
		n.nest("elm:isPartOf", "ql:LearningOpportunitySpecificationReference", func(whole *node) {
			whole.link("elm:providedBy", d.home())
			whole.identify(p.Code)
		})
	}
	if p := c.Coordinator; p.ID != "" {
		n.nest("elm:contactPoint", "elm:ContactPoint", func(contact *node) {
			contact.nest("elm:emailAddress", "elm:Mailbox", func(m *node) { m.link("foaf:mbox", "mailto:"+p.Mail) })
			contact.typed("foaf:name", p.Given+" "+p.Family, "")
		})
	}
	for i := range c.Offerings {
		n.link("elm:learningOpportunity", d.instanceIRI(c, i))
	}
	return n
}

// authorityCodes name languages in the vocabulary of the EU's Publications Office.
var authorityCodes = map[string]string{"en": "ENG", "de": "DEU", "fr": "FRA", "es": "SPA", "fi": "FIN", "pl": "POL"}

var elmModes = map[Mode]string{OnSite: "9191af2ed9", Online: "920fbb3cbe", Blended: "e92d221e4d"}

func (d *document) instanceIRI(c *Course, i int) string {
	return fmt.Sprintf("%s/%d", d.iri("courses", c.Code), i+1)
}

func (d *document) instanceNode(o offered) *node {
	place := slices.IndexFunc(o.Offerings, func(other Offering) bool { return other.ID == o.Offering.ID })
	n := &node{iri: d.instanceIRI(o.Course, place), class: "ql:LearningOpportunityInstance"}
	n.link("elm:learningAchievementSpecification", d.iri("courses", o.Course.Code))
	n.texts("dcterms:title", o.Name)
	n.link("elm:providedBy", d.home())
	n.link("elm:defaultLanguage", language+authorityCodes[o.Language])
	n.link("elm:mode", snb+"learning-assessment/"+elmModes[o.Mode])
	n.nest("dcterms:temporal", "dcterms:PeriodOfTime", func(t *node) {
		t.texts("skos:prefLabel", d.config.Set.Terms[o.Term].Name)
		t.typed("elm:startDate", o.Start, "date")
		t.typed("elm:endDate", o.End, "date")
	})
	n.typed("ql:enrolmentCapacity", strconv.Itoa(o.Capacity), "nonNegativeInteger")
	n.typed("ql:enrolledLearnerCount", strconv.Itoa(o.Enrolled), "nonNegativeInteger")
	if o.ApplyBy != "" {
		n.typed("elm:applicationDeadline", o.ApplyBy+"T23:59:59Z", "dateTime")
	}
	return n
}

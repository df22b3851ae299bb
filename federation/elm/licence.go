package elm

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Terms of use: the licence, by address or name, and whom to name.
type Terms struct{ Licence, Credit string }

// Properties that state terms, best first.
var (
	licenceProperties = []string{
		vocabulary.Licence, vocabulary.NSSchema + "license", secureSchema + "license",
		"http://creativecommons.org/ns#license", "http://www.w3.org/1999/xhtml/vocab#license", vocabulary.Rights,
	}
	creditProperties = []string{
		vocabulary.NSSchema + "creditText", secureSchema + "creditText", "http://creativecommons.org/ns#attributionName",
		vocabulary.NSDCTerms + "rightsHolder", vocabulary.NSSchema + "copyrightHolder", secureSchema + "copyrightHolder",
	}
)

const secureSchema = "https://schema.org/"

// Terms are what the graph states of its subject. A text under dcterms:rights is a licence where no
// licence is stated, else a credit.
func (g Graph) Terms() Terms {
	for _, t := range g.Triples {
		if t.Subj == g.Subject && statesTerms(t.Pred.String()) {
			return read(g.Subject, g.Triples).termsOfUse(g.Subject)
		}
	}
	return Terms{}
}

func statesTerms(property string) bool {
	return slices.Contains(licenceProperties, property) || slices.Contains(creditProperties, property)
}

func (r *reader) termsOfUse(of rdf.Term) Terms {
	t := Terms{Licence: r.stated(of, licenceProperties), Credit: r.stated(of, creditProperties)}
	if rights := r.stated(of, []string{vocabulary.Rights}); t.Credit == "" && rights != t.Licence && !isWeb(rights) {
		t.Credit = rights
	}
	return t
}

// stated is the first value that a property has: an address, a text, or the name of a node.
func (r *reader) stated(of rdf.Term, properties []string) string {
	for _, property := range properties {
		var all []string
		for _, o := range r.objects(of, property) {
			all = append(all, r.spoken(o))
		}
		if all = sorted(all); len(all) > 0 {
			return all[0]
		}
	}
	return ""
}

// spoken is how a value reads in one line. The name of an organisation says more than its address.
func (r *reader) spoken(o rdf.Object) string {
	if isLiteral(o) {
		return strings.Join(strings.Fields(o.String()), " ")
	}
	if n := r.find(o); n >= 0 && r.roles[n]&isHuman != 0 {
		return ""
	}
	if named := r.named(o, legalNames...); named != nil {
		if text, ok := named["en"]; ok {
			return text
		}
		var all []string
		for _, text := range named {
			all = append(all, text)
		}
		return slices.Min(all)
	}
	if isBlank(o) {
		return ""
	}
	return o.String()
}

// Classes of the node that a document describes itself with.
var documentClasses = []string{
	"http://www.w3.org/ns/dcat#Dataset", "http://www.w3.org/ns/dcat#Catalog", "http://www.w3.org/ns/dcat#Distribution",
	"http://rdfs.org/ns/void#Dataset", "http://xmlns.com/foaf/0.1/Document", vocabulary.NSSchema + "Dataset", secureSchema + "Dataset",
	vocabulary.NSOWL + "Ontology",
}

// Terms are what the document states of itself: at a node described as data set or catalogue, or named like
// the document. Of several such statements the first in byte order of its node counts.
func (d *Document) Terms(address string) Terms {
	var out Terms
	first := ""
	w := newWalk(&d.layout, d, true)
	for _, n := range d.subjects {
		if d.roles[n]&isSpecification != 0 || !d.statesTerms(n, address) {
			continue
		}
		w.from(n, MaxTriples)
		subject := d.terms.term(uint32(n)).(rdf.Subject)
		stated := Graph{Subject: subject, Triples: w.collect(MaxTriples)}.Terms()
		if name := subject.String(); stated != (Terms{}) && (first == "" || name < first) {
			out, first = stated, name
		}
	}
	return out
}

// statesTerms looks for a property of terms at a node that stands for the document.
func (d *Document) statesTerms(n node, address string) bool {
	if !slices.ContainsFunc(d.of(n), func(t int32) bool { return d.wayOf(t)&toTerms != 0 }) {
		return false
	}
	return d.terms.iri(uint32(n)) == address || slices.ContainsFunc(d.of(n), func(t int32) bool {
		return d.object[t] >= 0 && d.terms.iri(d.property[t]) == rdf.Type && slices.Contains(documentClasses, d.terms.iri(uint32(d.object[t])))
	})
}

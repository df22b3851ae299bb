package vocabularies

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// SKOS, and the datatypes by which the Publications Office tells codes of languages and countries apart.
const (
	skosConcept   = vocabulary.NSSKOS + "Concept"
	skosInScheme  = vocabulary.NSSKOS + "inScheme"
	skosTop       = vocabulary.NSSKOS + "topConceptOf"
	skosPrefLabel = vocabulary.NSSKOS + "prefLabel"
	skosNotation  = vocabulary.NSSKOS + "notation"
	rdfType       = vocabulary.NSRDF + "type"
	iso639        = "http://publications.europa.eu/ontology/euvoc#ISO_639_"
	iso3166       = "http://publications.europa.eu/ontology/euvoc#ISO_3166_1_ALPHA_"
)

// found is what documents say, by vocabulary and id.
type found map[string]map[string]vocabulary.Entry

// maxFound bounds the concepts of one update; the longest list of the European Union has about 8,000.
const maxFound = 100_000

// concept is what a document says of one IRI.
type concept struct {
	entry   vocabulary.Entry
	isOne   bool // typed so
	schemes []string
}

// readSKOS takes in the concepts of an RDF document. Concepts of other schemes are counted and left out;
// one that claims to be in a scheme of ours has to have an IRI of that scheme, and the reverse.
func (f found) readSKOS(body io.Reader, format rdf.Format, base string) (n, ignored int, err error) {
	concepts := map[string]*concept{}
	for t, err := range rdf.Decode(body, format, base, limits) {
		if err != nil {
			return 0, 0, err
		}
		subject, ok := t.Subj.(rdf.IRI)
		if !ok || !relevant(t) {
			continue
		}
		iri := plain(subject.String())
		c, ok := concepts[iri]
		if !ok {
			if len(concepts) >= maxFound {
				return 0, 0, fmt.Errorf("%w: more than %d concepts", rdf.ErrLimit, maxFound)
			}
			c = &concept{}
			concepts[iri] = c
		}
		if err := c.add(iri, t); err != nil {
			return 0, 0, err
		}
	}
	for iri, c := range concepts {
		name, err := c.vocabulary(iri)
		switch {
		case err != nil:
			return 0, 0, err
		case !c.isOne:
		case name == "":
			ignored++
		default:
			n++
			if err := f.add(name, c.entry); err != nil {
				return 0, 0, err
			}
		}
	}
	return n, ignored, nil
}

// relevant says whether a triple tells anything about a concept.
func relevant(t rdf.Triple) bool {
	switch t.Pred.String() {
	case rdfType:
		return t.Obj.String() == skosConcept
	case skosInScheme, skosTop, skosPrefLabel, skosNotation:
		return true
	}
	return false
}

func (c *concept) add(iri string, t rdf.Triple) error {
	switch t.Pred.String() {
	case rdfType:
		c.isOne = true
	case skosInScheme, skosTop:
		c.schemes = append(c.schemes, plain(t.Obj.String()))
	case skosPrefLabel:
		return c.label(iri, t.Obj)
	case skosNotation:
		if code, ok := codeOf(t.Obj); ok && !slices.Contains(c.entry.Codes, code) {
			c.entry.Codes = append(c.entry.Codes, code)
		}
	}
	return nil
}

// label takes a label with a language; one without says nothing that could be shown to the right people.
func (c *concept) label(iri string, o rdf.Term) error {
	l, ok := o.(rdf.Literal)
	if !ok || l.Lang() == "" {
		return nil
	}
	return setLabel(&c.entry, iri, l.Lang(), l.String())
}

func setLabel(e *vocabulary.Entry, iri, tag, text string) error {
	text = strings.Join(strings.Fields(text), " ")
	if before, ok := e.Labels[tag]; ok && before != text {
		return fmt.Errorf("%s has two labels in one language (%s): %q and %q", iri, tag, before, text)
	}
	if e.Labels == nil {
		e.Labels = map[string]string{}
	}
	e.Labels[tag] = text
	return nil
}

// codeOf is the code of ISO 639 or ISO 3166-1 that a notation is.
func codeOf(o rdf.Term) (string, bool) {
	l, ok := o.(rdf.Literal)
	if !ok {
		return "", false
	}
	kind := l.DataType.String()
	code := strings.TrimSpace(l.String())
	return code, (strings.HasPrefix(kind, iso639) || strings.HasPrefix(kind, iso3166)) && (len(code) == 2 || len(code) == 3)
}

// vocabulary is the name of the one that a concept belongs to, "" for none of ours.
func (c *concept) vocabulary(iri string) (string, error) {
	name := vocabulary.Of(iri)
	scheme, base, _ := vocabulary.Scheme(name)
	for _, s := range c.schemes {
		if other := nameOfScheme(s); other != "" && other != name {
			_, want, _ := vocabulary.Scheme(other)
			return "", fmt.Errorf("%s says that it is in the scheme of %s (%s); the IRIs of that begin with %s", iri, other, s, want)
		}
	}
	if name == "" || iri == scheme {
		return "", nil
	}
	if c.isOne && !slices.Contains(c.schemes, scheme) {
		return "", fmt.Errorf("%s does not say that it is in the scheme of %s; it needs skos:inScheme <%s>", iri, name, scheme)
	}
	c.entry.ID = strings.TrimPrefix(iri, base)
	if name != vocabulary.Languages && name != vocabulary.Countries {
		c.entry.Codes = nil
	}
	return name, nil
}

func nameOfScheme(iri string) string {
	for _, name := range vocabulary.Names() {
		if scheme, _, _ := vocabulary.Scheme(name); scheme == iri {
			return name
		}
	}
	return ""
}

// plain is an IRI as the European Union's vocabularies spell it: http, without a slash at its end.
func plain(iri string) string {
	if rest, ok := strings.CutPrefix(iri, "https://"); ok {
		iri = "http://" + rest
	}
	return strings.TrimRight(iri, "/")
}

// add takes one concept in; what another document said of it stays, and must not be contradicted.
func (f found) add(name string, e vocabulary.Entry) error {
	if f[name] == nil {
		f[name] = map[string]vocabulary.Entry{}
	}
	known := f[name][e.ID]
	known.ID = e.ID
	for tag, label := range e.Labels {
		if err := setLabel(&known, vocabulary.IRI(name, e.ID), tag, label); err != nil {
			return err
		}
	}
	for _, code := range e.Codes {
		if !strings.EqualFold(code, e.ID) && !slices.Contains(known.Codes, code) {
			known.Codes = append(known.Codes, code)
		}
	}
	f[name][e.ID] = known
	return nil
}

// lists are the findings in order.
func (f found) lists() vocabulary.Overlay {
	out := vocabulary.Overlay{}
	for name, entries := range f {
		var list vocabulary.List
		for _, e := range entries {
			slices.Sort(e.Codes)
			list.Entries = append(list.Entries, e)
		}
		slices.SortFunc(list.Entries, func(a, b vocabulary.Entry) int { return strings.Compare(a.ID, b.ID) })
		out[name] = list
	}
	return out
}

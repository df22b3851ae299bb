package source

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Note hangs an elm:Note on s; about is the source's field, which tells notes apart on the way back.
func (g *Graph) Note(s rdf.Subject, property, about string, texts []Text) {
	if len(texts) == 0 {
		return
	}
	g.Value(s, property, vocabulary.ClassNote, about+"\x00"+KeyOf(texts), func(n rdf.Resource) {
		g.Texts(n, vocabulary.NoteLiteral, texts)
		if about != "" {
			g.Link(n, vocabulary.DCSubject, g.Namespace+about)
		}
	})
}

// KeyOf is the key of a node that says these texts.
func KeyOf(texts []Text) string {
	size := 0
	for _, t := range texts {
		size += len(t.Lang) + len(t.Value) + 2
	}
	var b strings.Builder
	b.Grow(size)
	for _, t := range texts {
		b.WriteString(t.Lang)
		b.WriteByte(0)
		b.WriteString(t.Value)
		b.WriteByte(0)
	}
	return b.String()
}

// Identifier hangs an identifier on s; scheme may be "".
func (g *Graph) Identifier(s rdf.Subject, notation, scheme string) {
	g.Value(s, vocabulary.Identifier, vocabulary.ClassIdentifier, notation+"\x00"+scheme, func(n rdf.Resource) {
		g.Add(n, vocabulary.Notation, rdf.String(notation))
		if scheme != "" {
			g.Add(n, vocabulary.SchemeName, rdf.String(scheme))
		}
	})
}

// Code hangs an identifier on s once: servers repeat the primary code among the others. Codes that name
// persons are left out.
func (g *Graph) Code(s rdf.Subject, code, scheme string) {
	mark := [3]string{s.String(), code, scheme}
	if code == "" || g.codes[mark] || PersonalCode(scheme, code) {
		return
	}
	g.codes[mark] = true
	g.Identifier(s, code, scheme)
}

// Page hangs a website on s.
func (g *Graph) Page(s rdf.Subject, address string) {
	g.Value(s, vocabulary.Homepage, vocabulary.ClassWebResource, address, func(n rdf.Resource) {
		g.Typed(n, vocabulary.ContentURL, address, rdf.XSDAnyURI)
	})
}

// Picture hangs an image on s.
func (g *Graph) Picture(s rdf.Subject, property, address string) {
	g.Value(s, property, vocabulary.ClassMediaObject, address, func(n rdf.Resource) {
		g.Typed(n, vocabulary.ContentURL, address, rdf.XSDAnyURI)
	})
}

// Period hangs a period of time on s; either end may be open.
func (g *Graph) Period(s rdf.Subject, property string, names []Text, start, end Moment) {
	key := start.Value + "\x00" + end.Value + "\x00" + KeyOf(names)
	g.Value(s, property, vocabulary.ClassPeriodOfTime, key, func(p rdf.Resource) {
		g.Texts(p, vocabulary.PrefLabel, names)
		if start.OK {
			g.Typed(p, vocabulary.StartDate, start.Value, start.Datatype)
		}
		if end.OK {
			g.Typed(p, vocabulary.EndDate, end.Value, end.Datatype)
		}
	})
}

// Credits hangs a number of credits on s; without a framework it is not said which.
func (g *Graph) Credits(s rdf.Subject, digits, framework string) {
	g.Value(s, vocabulary.CreditPoint, vocabulary.ClassCreditPoint, digits+framework, func(n rdf.Resource) {
		if framework != "" {
			g.Link(n, vocabulary.Framework, framework)
		}
		g.Add(n, vocabulary.Point, rdf.String(digits))
	})
}

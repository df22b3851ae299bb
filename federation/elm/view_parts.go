package elm

import (
	"cmp"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// each reads the nodes that a property links to, in an order that does not depend on the triples.
// Nodes that read the same are one. T is a struct of exported fields without cycles.
func each[T any](r *reader, of rdf.Term, property string, one func(rdf.Term) T) []T {
	byKey := map[string]T{}
	for _, term := range r.links(of, property) {
		v := one(term)
		byKey[key(v)] = v
	}
	var out []T
	for _, k := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, byKey[k])
	}
	return out
}

// key is a text that is equal for equal values. JSON sorts the keys of maps and follows pointers.
func key(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("elm: " + err.Error()) // a type that has no JSON form is a mistake in this package
	}
	return string(b)
}

func (r *reader) outcomes(of rdf.Term, property string) []Outcome {
	out := each(r, of, property, func(n rdf.Term) Outcome {
		esco, others := r.skills(n)
		return Outcome{
			Title:  r.named(n, vocabulary.Title, vocabulary.PrefLabel),
			Notes:  r.notes(n, vocabulary.AdditionalNote),
			ESCO:   esco,
			Skills: others,
			Types:  r.iris(n, vocabulary.DCType),
			Reuse:  r.iris(n, vocabulary.ReusabilityLevel),
		}
	})
	for _, l := range r.literals(of, property) {
		if t := r.text(l); t != nil {
			out = append(out, Outcome{Title: t})
		}
	}
	slices.SortStableFunc(out, func(a, b Outcome) int { return compareTexts(a.Title, b.Title) })
	return slices.DeleteFunc(out, func(o Outcome) bool { return reflect.DeepEqual(o, Outcome{}) })
}

func (r *reader) assessments() []Assessment {
	out := each(r, r.subject, vocabulary.ProvenBy, func(n rdf.Term) Assessment {
		return Assessment{
			Title:       r.title(n),
			Description: r.prose(n, vocabulary.Description),
			Types:       r.iris(n, vocabulary.DCType),
			Modes:       r.iris(n, vocabulary.Mode),
		}
	})
	slices.SortStableFunc(out, func(a, b Assessment) int { return compareTexts(a.Title, b.Title) })
	return slices.DeleteFunc(out, func(a Assessment) bool { return reflect.DeepEqual(a, Assessment{}) })
}

func (r *reader) gradings() []Grading {
	return each(r, r.subject, vocabulary.GradingScheme, func(n rdf.Term) Grading {
		g := Grading{Title: r.named(n, vocabulary.Title, vocabulary.PrefLabel), Description: r.prose(n, vocabulary.Description)}
		for _, distribution := range r.links(n, vocabulary.HasResultDistribution) {
			g.Results = append(g.Results, r.results(distribution)...)
		}
		slices.SortFunc(g.Results, func(a, b Result) int {
			return cmp.Or(cmp.Compare(b.Order, a.Order), strings.Compare(a.Label, b.Label), cmp.Compare(a.Percent, b.Percent))
		})
		return g
	})
}

func (r *reader) results(distribution rdf.Term) []Result {
	var out []Result
	for _, n := range r.links(distribution, vocabulary.HasResultCategory) {
		result := Result{Label: r.first(n, vocabulary.ResultLabel, vocabulary.PrefLabel)}
		if order := r.count(n, vocabulary.GradeOrder); order != nil {
			result.Order = *order
		}
		if percent := r.count(n, vocabulary.GradePercentage); percent != nil {
			result.Percent = *percent
		}
		out = append(out, result)
	}
	return out
}

func (r *reader) references(of rdf.Term, property string) []Reference {
	return each(r, of, property, func(n rdf.Term) Reference {
		ref := Reference{Title: r.title(n), Identifiers: r.identifiers(n), Providers: r.iris(n, vocabulary.ProvidedBy, vocabulary.Publisher)}
		for _, organisation := range r.links(n, vocabulary.ProvidedBy, vocabulary.Publisher) {
			ref.Schac = append(ref.Schac, r.schac(organisation)...)
		}
		ref.Schac = sorted(ref.Schac)
		if !isBlank(n) {
			ref.IRI = n.String()
		}
		return ref
	})
}

func (r *reader) credits() []Credit {
	var out []Credit
	for _, n := range r.links(r.subject, vocabulary.CreditPoint) {
		framework := ""
		if frameworks := r.iris(n, vocabulary.Framework); len(frameworks) > 0 {
			framework = frameworks[0]
		}
		for _, s := range r.texts(n, vocabulary.Point) {
			if f, ok := number(s); ok {
				out = append(out, Credit{f, framework})
			}
		}
	}
	slices.SortFunc(out, func(a, b Credit) int {
		return cmp.Or(strings.Compare(a.Framework, b.Framework), cmp.Compare(a.Value, b.Value))
	})
	return slices.Compact(out)
}

func (r *reader) prices(of rdf.Term) []Price {
	var out []Price
	for _, n := range r.links(of, vocabulary.PriceDetail) {
		label := r.priceLabel(n)
		amounts := r.amounts(n)
		if len(amounts) == 0 && label != nil {
			amounts = []Price{{}}
		}
		for _, price := range amounts {
			price.Label = label
			out = append(out, price)
		}
	}
	slices.SortFunc(out, func(a, b Price) int {
		return cmp.Or(strings.Compare(a.Amount, b.Amount), strings.Compare(a.Currency, b.Currency), compareTexts(a.Label, b.Label))
	})
	return slices.CompactFunc(out, func(a, b Price) bool { return reflect.DeepEqual(a, b) })
}

func (r *reader) priceLabel(price rdf.Term) Text {
	if t := r.named(price, vocabulary.PrefLabel, vocabulary.Title); t != nil {
		return t
	}
	if t := r.prose(price, vocabulary.Description); t != nil {
		return t
	}
	return r.prose(price, vocabulary.AdditionalNote)
}

// amounts reads elm:Amount nodes, with the value under rdf:value or elm:value, and bare numbers.
func (r *reader) amounts(price rdf.Term) []Price {
	var out []Price
	for _, o := range r.objects(price, vocabulary.Amount) {
		if isLiteral(o) {
			out = append(out, Price{Amount: decimal(o.String())})
			continue
		}
		currency := ""
		for _, unit := range r.texts(o, vocabulary.Unit) {
			iri, _ := vocabulary.Currency(localName(unit))
			currency = cmp.Or(currency, vocabulary.CurrencyCode(iri))
		}
		for _, value := range r.texts(o, vocabulary.RDFValue, vocabulary.Value) {
			out = append(out, Price{Amount: decimal(value), Currency: currency})
		}
	}
	return out
}

// decimal writes an amount with a decimal point, otherwise as stated.
func decimal(s string) string {
	s = strings.TrimSpace(s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		return strings.Replace(s, ",", ".", 1)
	}
	return s
}

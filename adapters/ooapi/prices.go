package ooapi

import (
	"regexp"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

var currencyCode = regexp.MustCompile(`^[A-Za-z]{3}$`)

func putPrices(m *mapper, v any) {
	for _, c := range m.Objects("priceInformation", v) {
		m.price(c)
	}
}

func (m *mapper) price(c source.Object) {
	amount, _, ok := source.Decimal(c.Text("amount"))
	display := source.TextsOf(c.Get("displayAmount"))
	if c.Has("amount") && !ok {
		m.Complain("priceInformation/amount", c.Text("amount"), "this is no amount", `send digits with a point, e.g. "340.80"`)
	}
	if !ok && len(display) == 0 {
		return
	}
	m.Value(m.IRI, vocabulary.PriceDetail, vocabulary.ClassPriceDetail, source.Compact(c), func(n rdf.Resource) {
		if kind := c.Text("costType"); kind != "" {
			m.Texts(n, vocabulary.PrefLabel, source.OneText(costLanguage(kind), kind))
		}
		m.Texts(n, vocabulary.Description, display)
		if ok {
			m.amount(n, amount, c.Text("currency"))
		}
		for _, tax := range []string{"vatAmount", "amountWithoutVat"} {
			if digits, _, ok := source.Decimal(c.Text(tax)); ok {
				m.Own(n, tax, rdf.Typed(digits, rdf.XSDDecimal))
			}
		}
	})
}

func (m *mapper) amount(price rdf.Subject, digits, currency string) {
	iri, ok := vocabulary.Currency(currency)
	if ok = ok && currencyCode.MatchString(currency); !ok {
		m.Complain("priceInformation/currency", currency, "the amount has no currency", "send an ISO 4217 code such as EUR")
	}
	m.Value(price, vocabulary.Amount, vocabulary.ClassAmount, digits+currency, func(a rdf.Resource) {
		m.Typed(a, vocabulary.RDFValue, digits, rdf.XSDDecimal)
		if ok {
			m.Link(a, vocabulary.Unit, iri)
		}
	})
}

// costLanguage is English for the standard's own cost types; a server's own may be in any language.
func costLanguage(kind string) string {
	if strings.HasPrefix(strings.ToLower(kind), "x-") {
		return source.Undetermined
	}
	return "en"
}

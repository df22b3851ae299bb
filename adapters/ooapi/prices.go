package ooapi

import (
	"regexp"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

var currencyCode = regexp.MustCompile(`^[A-Za-z]{3}$`)

func putPrices(m *mapper, v any) {
	for _, c := range objects(v) {
		m.price(c)
	}
}

func (m *mapper) price(c object) {
	amount, _, ok := decimal(c.text("amount"))
	display := textsOf(c.get("displayAmount"))
	if c.has("amount") && !ok {
		m.complain("priceInformation/amount", c.text("amount"), "this is no amount", `send digits with a point, e.g. "340.80"`)
	}
	if !ok && len(display) == 0 {
		return
	}
	m.value(m.node, vocabulary.PriceDetail, vocabulary.ClassPriceDetail, compact(c), func(n rdf.Blank) {
		if kind := c.text("costType"); kind != "" {
			m.texts(n, vocabulary.PrefLabel, []text{{costLanguage(kind), kind}})
		}
		m.texts(n, vocabulary.Description, display)
		if ok {
			m.amount(n, amount, c.text("currency"))
		}
		for _, tax := range []string{"vatAmount", "amountWithoutVat"} {
			if digits, _, ok := decimal(c.text(tax)); ok {
				m.own(n, tax, rdf.Typed(digits, rdf.XSDDecimal))
			}
		}
	})
}

func (m *mapper) amount(price rdf.Subject, digits, currency string) {
	iri, ok := vocabulary.Currency(currency)
	if ok = ok && currencyCode.MatchString(currency); !ok {
		m.complain("priceInformation/currency", currency, "the amount has no currency", "send an ISO 4217 code such as EUR")
	}
	m.value(price, vocabulary.Amount, vocabulary.ClassAmount, digits+currency, func(a rdf.Blank) {
		m.typed(a, vocabulary.RDFValue, digits, rdf.XSDDecimal)
		if ok {
			m.link(a, vocabulary.Unit, iri)
		}
	})
}

// costLanguage is English for the standard's own cost types; a server's own may be in any language.
func costLanguage(kind string) string {
	if strings.HasPrefix(strings.ToLower(kind), "x-") {
		return ""
	}
	return "en"
}

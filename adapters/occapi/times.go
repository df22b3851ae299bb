package occapi

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

var fraction = regexp.MustCompile(`^([0-9]{1,2}) ?/ ?([1-9][0-9]?)$`)

// share reads k/n.
func share(s string) (k, n int, ok bool) {
	m := fraction.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, false
	}
	k, _ = strconv.Atoi(m[1]) // the form bounds the digits
	n, _ = strconv.Atoi(m[2])
	return k, n, true
}

// length is a length in years, or in terms, as xsd:duration: whole months.
func length(s string) (string, bool) {
	terms, perYear, ok := share(s)
	if !ok {
		_, years, number := source.Decimal(s)
		if !number || years > 20 {
			return "", false
		}
		terms, perYear = int(years*12+0.5), 12
	}
	if months := (terms*12 + perYear/2) / perYear; months > 0 && months <= 20*12 {
		return duration(months), true
	}
	return "", false
}

func duration(months int) string {
	out := "P"
	if months >= 12 {
		out += strconv.Itoa(months/12) + "Y"
	}
	if months%12 > 0 {
		out += strconv.Itoa(months%12) + "M"
	}
	return out
}

func putLength(m *mapper, v any) {
	d, ok := length(source.First(v))
	if !ok {
		m.Complain("length", source.First(v), "this is no plausible length of a programme", "send terms and terms per year, e.g. 4/2")
		return
	}
	m.Typed(m.IRI, vocabulary.Duration, d, rdf.XSDDuration)
}

func putTerms(m *mapper, v any) {
	var words []string
	for _, s := range source.Scalars(v) {
		m.Own(m.IRI, "academicTerm", rdf.String(s))
		switch k, n, ok := share(s); {
		case !ok || k == 0 || k > n:
			m.Complain("academicTerm", s, "this names no term", "send term and terms per year, e.g. 1/2")
		case n == 1:
			words = append(words, "over the whole academic year")
		default:
			words = append(words, "in term "+strconv.Itoa(k)+" of "+strconv.Itoa(n))
		}
	}
	if slices.Sort(words); len(words) > 0 {
		text := "Taught " + strings.Join(slices.Compact(words), ", ") + "."
		m.Note(m.IRI, vocabulary.AdditionalNote, "academicTerm", source.OneText("en", text))
	}
}

func putValidity(m *mapper, v any) { m.valid(v, m.Get("validUntil")) }

func putValidUntil(m *mapper, v any) {
	if !m.Has("validSince") {
		m.valid(nil, v)
	}
}

func (m *mapper) valid(from, to any) {
	start, end := m.Date("validSince", from), m.Date("validUntil", to)
	if start.OK || end.OK {
		m.Period(m.IRI, nsValid, nil, start, end)
	}
}

// time writes the period of an instance.
func (m *mapper) time() {
	start, end := m.Date("startDate", m.Get("startDate")), m.Date("endDate", m.Get("endDate"))
	names := source.Untagged(m.Get("academicTermId"))
	if start.OK || end.OK || len(names) > 0 {
		m.Period(m.IRI, vocabulary.Temporal, names, start, end)
	}
	if start.OK && end.OK && end.Value < start.Value[:min(len(start.Value), len(end.Value))] {
		m.Complain("endDate", end.Value, "the instance ends before it starts", "exchange or correct the dates")
	}
}

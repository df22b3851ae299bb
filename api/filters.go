package api

import (
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
	"github.com/google/uuid"
)

// courseFilters declares the parameters of a search over courses.
type courseFilters struct {
	Q               string   `query:"q" maxLength:"400" doc:"Words that all must occur; the last one may be the beginning of a word. Titles rank before names, names before text."`
	ID              []string `query:"id,explode" maxItems:"100" doc:"Any identifier: UUID, IRI, URN, DID, code of the source"`
	Identifier      []string `query:"identifier,explode" maxItems:"100" doc:"As id"`
	Provider        []string `query:"provider,explode" doc:"Provider id, or an alias that the registry knows"`
	Alliance        []string `query:"alliance,explode" doc:"Domain or other identifier of an alliance that has the provider as a member"`
	Country         []string `query:"country,explode" doc:"Of the provider, ISO 3166-1 alpha-2"`
	LocationCountry []string `query:"location_country,explode" doc:"Of an offering, ISO 3166-1 alpha-2"`
	Language        []string `query:"language,explode" doc:"Of teaching, ISO 639-1"`
	EQF             []string `query:"eqf,explode" enum:"1,2,3,4,5,6,7,8" doc:"Level of the European Qualifications Framework"`
	ISCED           []string `query:"isced,explode" doc:"Field of education (ISCED-F 2013), by prefix of digits"`
	ISCEDBroad      []string `query:"isced.broad,explode" doc:"Broad field, two digits"`
	ISCEDNarrow     []string `query:"isced.narrow,explode" doc:"Narrow field, three digits"`
	Type            []string `query:"type,explode" doc:"Concept id, see /v1/vocabularies/type"`
	Mode            []string `query:"mode,explode" doc:"Concept id, see /v1/vocabularies/mode"`
	Standard        []string `query:"standard,explode" enum:"elm,ooapi,edu-api,occapi" doc:"Standard of the source"`
	Class           []string `query:"class,explode" enum:"delegated,member,alliance,authoritative,local" doc:"Why the publisher counts"`
	ESCO            []string `query:"esco,explode" doc:"ESCO skill of an outcome, IRI or UUID"`
	Skill           []string `query:"skill,explode" doc:"Skill of an outcome, IRI"`
	Licence         []string `query:"licence,explode" doc:"Short name such as CC BY 4.0, or its address"`
	ECTSFrom        float64  `query:"ects.gte" minimum:"0" maximum:"1000" doc:"ECTS credits only"`
	ECTSTo          float64  `query:"ects.lte" minimum:"0" maximum:"1000"`
	Active          bool     `query:"active" doc:"Offered today"`
	Start           string   `query:"start.gte" format:"date" doc:"An offering that starts then or later; all offering filters must match the same offering"`
	ApplyBy         string   `query:"apply_by.gte" format:"date" doc:"An offering open for application until then or later"`
	OpenTo          bool     `query:"open_to_non_enrolled"`
	Modified        string   `query:"modified.gte" format:"date" doc:"Modified then or later"`
	Facets          string   `query:"facets" maxLength:"400" doc:"Names of facets, by comma; empty for none. Without it the usual ones."`
	Fields          string   `query:"fields" maxLength:"400" doc:"Keys of a course to give, by comma"`
	Sort            string   `query:"sort" enum:"relevance,title,-title,modified,-modified,ects,-ects" doc:"A minus sorts down. By relevance with q, else by title."`
	Limit           int      `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor          string   `query:"cursor" maxLength:"200" doc:"From next"`
}

// usualFacets are given when nobody asks for others.
var usualFacets = []index.Field{
	index.Provider, index.Alliance, index.Country, index.Language, index.EQF, index.ISCED, index.ISCEDBroad, index.Type, index.Mode, index.Standard,
}

// query reads a checked search.
func (a *API) query(v url.Values) (index.Query, error) {
	q := index.Query{
		Text: v.Get("q"), Cursor: v.Get("cursor"), ECTSFrom: number(v, "ects.gte"), ECTSTo: number(v, "ects.lte"),
		Active: truth(v, "active"), Values: map[index.Field][]string{},
		Offering: index.OfferingFilter{
			StartFrom: index.ParseDay(v.Get("start.gte")), ApplyByFrom: index.ParseDay(v.Get("apply_by.gte")),
			OpenToNonEnrolled: truth(v, "open_to_non_enrolled"),
		},
	}
	q.ModifiedFrom, _ = time.Parse(time.DateOnly, v.Get("modified.gte"))
	q.Limit, _ = strconv.Atoi(v.Get("limit"))
	q.Sort, _ = index.SortOf(v.Get("sort"))
	q.Identifiers = slices.Concat(v["id"], v["identifier"])
	if len(v["id"]) > 0 && v.Get("limit") == "" {
		q.Limit = index.MaxLimit
	}
	if v.Has("id") && v.Has("identifier") {
		return q, &parameterError{Parameter: "identifier", Message: "means the same as id; give one of them"}
	}
	var err error
	for f := range allFields() {
		if q.Values[f], err = a.values(f, v[f.String()]); err != nil {
			return q, err
		}
	}
	q.Offering.LocationCountries = q.Values[index.LocationCountry]
	delete(q.Values, index.LocationCountry) // must hold for the same offering as the other conditions
	q.Facets, err = facets(v)
	return q, err
}

func allFields() iter.Seq[index.Field] { return slices.Values(index.Fields()) }

func facets(v url.Values) ([]index.Field, error) {
	if !v.Has("facets") {
		return usualFacets, nil
	}
	var out []index.Field
	for name := range strings.SplitSeq(v.Get("facets"), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		f, ok := index.FieldOf(name)
		if !ok {
			return nil, &parameterError{Parameter: "facets", Value: name, Message: "no such facet", Suggestion: federation.Closest(name, fieldNames())}
		}
		out = append(out, f)
	}
	return out, nil
}

func fieldNames() []string {
	var out []string
	for f := range allFields() {
		out = append(out, f.String())
	}
	return out
}

// values brings the values of a filter into the form of the index and refuses what cannot be one.
func (a *API) values(f index.Field, given []string) ([]string, error) {
	var out []string
	for _, v := range given {
		code, ok := a.code(f, strings.TrimSpace(v))
		if !ok {
			return nil, &parameterError{Parameter: f.String(), Value: v, Message: "no such value", Suggestion: a.suggest(f, v)}
		}
		out = append(out, code)
	}
	return out, nil
}

// code is the index's form of one value; false when there can be no such value.
func (a *API) code(f index.Field, v string) (string, bool) {
	switch f {
	case index.Provider:
		return a.providerID(v)
	case index.Alliance:
		known, ok := a.cfg.Authority.Alliance(v)
		return known.Domain, ok
	case index.Country, index.LocationCountry:
		iri, ok := vocabulary.Country(v)
		code := vocabulary.CountryCode(iri)
		return code, ok && code != ""
	case index.Language:
		iri, ok := vocabulary.Language(v)
		return vocabulary.LanguageCode(iri), ok
	case index.ISCED, index.ISCEDBroad, index.ISCEDNarrow:
		return v, knownField(v)
	case index.Type, index.Mode:
		id := index.ConceptID(v)
		_, ok := vocabulary.Find(vocabularyOf[f], id)
		return id, ok || slices.Contains(a.cfg.Index.Values(f), id)
	case index.Licence:
		return federation.Licence(v), true
	case index.ESCO:
		if _, err := uuid.Parse(v); err == nil {
			return vocabulary.BaseESCOSkill + strings.ToLower(v), true
		}
		return vocabulary.Repair(v), true
	}
	return v, true
}

// vocabularyOf names the vocabularies that label the values of fields.
var vocabularyOf = map[index.Field]string{
	index.Type: vocabulary.OpportunityTypes, index.Mode: vocabulary.Modes, index.EQF: vocabulary.EQFLevels,
	index.ISCED: vocabulary.ISCEDFields, index.ISCEDBroad: vocabulary.ISCEDFields, index.ISCEDNarrow: vocabulary.ISCEDFields,
}

// concepts yields codes and labels of a field's vocabulary.
func concepts(f index.Field) iter.Seq2[string, string] {
	name, code := vocabularyOf[f], func(c vocabulary.Concept) string { return c.ID }
	switch f {
	case index.Language:
		name, code = vocabulary.Languages, func(c vocabulary.Concept) string { return vocabulary.LanguageCode(c.IRI) }
	case index.Country, index.LocationCountry:
		name, code = vocabulary.Countries, func(c vocabulary.Concept) string { return vocabulary.CountryCode(c.IRI) }
	}
	return func(yield func(string, string) bool) {
		for _, c := range vocabulary.Concepts(name) {
			if !yield(code(c), c.Label) {
				return
			}
		}
	}
}

// suggest finds the value that was meant, also when its label was given.
func (a *API) suggest(f index.Field, v string) string {
	candidates := a.cfg.Index.Values(f)
	for code, label := range concepts(f) {
		if strings.EqualFold(label, v) {
			return code
		}
		candidates = append(candidates, code)
	}
	if f == index.Provider {
		for _, p := range a.cfg.Authority.Providers() {
			candidates = append(candidates, p.ID)
		}
	}
	if f == index.Alliance {
		for _, known := range a.cfg.Authority.Alliances() {
			candidates = append(candidates, known.Domain)
		}
	}
	return federation.Closest(v, candidates)
}

func knownField(digits string) bool {
	return digits != "" && slices.ContainsFunc(vocabulary.Concepts(vocabulary.ISCEDFields), func(c vocabulary.Concept) bool {
		return strings.HasPrefix(c.ID, digits)
	})
}

// providerID finds a provider by its id or by an alias: former id, IRI, ETER, DEQAR, Erasmus code, PIC.
func (a *API) providerID(v string) (string, bool) {
	if domain, err := federation.NormaliseDomain(v); err == nil {
		v = domain
	}
	if _, ok := a.cfg.Authority.Known(v); ok || slices.Contains(a.cfg.Index.Values(index.Provider), v) {
		return v, true
	}
	for _, p := range a.cfg.Authority.Providers() {
		if v == federation.ProviderIRI(p.ID) || slices.ContainsFunc(p.Aliases, func(alias string) bool { return strings.EqualFold(alias, v) }) {
			return p.ID, true
		}
	}
	return v, false
}

func number(v url.Values, name string) *float64 {
	if n, err := strconv.ParseFloat(v.Get(name), 64); err == nil {
		return &n
	}
	return nil
}

func truth(v url.Values, name string) *bool {
	if b, err := strconv.ParseBool(v.Get(name)); err == nil {
		return &b
	}
	return nil
}

package elm

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// first is the first text or IRI of the properties in byte order.
func (r *reader) first(of rdf.Term, properties ...string) string {
	if all := r.texts(of, properties...); len(all) > 0 {
		return all[0]
	}
	return ""
}

// boolean reads xsd:boolean and what people write for it.
func (r *reader) boolean(of rdf.Term, property string) *bool {
	for _, s := range r.texts(of, property) {
		switch strings.ToLower(s) {
		case "true", "1":
			return ptr(true)
		case "false", "0":
			return ptr(false)
		}
	}
	return nil
}

// count reads the smallest non-negative whole number of a property, in any numeric datatype.
func (r *reader) count(of rdf.Term, property string) *int {
	var out *int
	for _, s := range r.texts(of, property) {
		f, ok := number(s)
		if ok && f == math.Trunc(f) && f <= math.MaxInt32 && (out == nil || int(f) < *out) {
			out = ptr(int(f))
		}
	}
	return out
}

func ptr[T any](v T) *T { return &v }

// number reads a finite, non-negative number with decimal point or comma.
func number(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && f >= 0 && !math.IsInf(f, 0) && !strings.ContainsAny(s, "xX_")
}

// levels reads EQF levels.
func (r *reader) levels(of rdf.Term, property string) []int {
	var out []int
	for _, text := range r.texts(of, property) {
		if c, ok := vocabulary.Resolve(vocabulary.EQFLevels, text); ok {
			if level, ok := vocabulary.EQF(c.IRI); ok && !slices.Contains(out, level) {
				out = append(out, level)
			}
		}
	}
	return out
}

// fields reads ISCED-F codes from concept IRIs or texts. A code that the table lacks stays when it
// has two to four digits.
func (r *reader) fields(of rdf.Term, property string) []string {
	var out []string
	for _, s := range r.texts(of, property) {
		code := localName(vocabulary.Repair(s))
		known, _ := vocabulary.ISCEDF(code)
		switch {
		case known != "" && (len(known) >= len(code) || len(code) > 4):
			out = append(out, known)
		case len(code) >= 2 && len(code) <= 4 && strings.Trim(code, "0123456789") == "":
			out = append(out, code)
		}
	}
	return sorted(out)
}

// languages reads language codes from concept IRIs or texts.
func (r *reader) languages(of rdf.Term, properties ...string) []string {
	for _, p := range properties {
		var out []string
		for _, s := range r.texts(of, p) {
			code := vocabulary.LanguageCode(s)
			if code == "" && strings.HasPrefix(s, "http") {
				code = strings.ToLower(localName(s))
			}
			out = append(out, code)
		}
		if out = sorted(out); out != nil {
			return out
		}
	}
	return nil
}

// pages reads web addresses: literals, IRIs, or nodes with elm:contentUrl. Anything but http and
// https is left out, since these become links.
func (r *reader) pages(of rdf.Term, properties ...string) []string {
	var out []string
	for _, p := range properties {
		for _, o := range r.objects(of, p) {
			if inner := r.texts(o, vocabulary.ContentURL); inner != nil {
				out = append(out, inner...)
			} else if !isBlank(o) {
				out = append(out, strings.TrimSpace(o.String()))
			}
		}
	}
	return sorted(slices.DeleteFunc(out, func(s string) bool { return !isWeb(s) }))
}

func isWeb(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	return ok && rest != "" && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// page is the first of the pages.
func (r *reader) page(of rdf.Term, property string) string {
	if all := r.pages(of, property); len(all) > 0 {
		return all[0]
	}
	return ""
}

// identifiers reads adms:identifier nodes; a bare text is a notation.
func (r *reader) identifiers(of rdf.Term) []Identifier {
	var out []Identifier
	for _, o := range r.objects(of, vocabulary.Identifier) {
		if isLiteral(o) {
			out = append(out, Identifier{Notation: strings.TrimSpace(o.String())})
			continue
		}
		for _, notation := range r.texts(o, vocabulary.Notation) {
			out = append(out, Identifier{notation, r.scheme(o)})
		}
	}
	slices.SortFunc(out, compareIdentifiers)
	return slices.Compact(out)
}

func compareIdentifiers(a, b Identifier) int {
	if c := strings.Compare(a.Scheme, b.Scheme); c != 0 {
		return c
	}
	return strings.Compare(a.Notation, b.Notation)
}

func (r *reader) scheme(identifier rdf.Term) string {
	if s := r.first(identifier, vocabulary.SchemeID); s != "" {
		return s
	}
	switch {
	case r.typed(identifier, vocabulary.ClassSchacIdentifier):
		return vocabulary.SchemeSchac
	case r.typed(identifier, vocabulary.ClassOrgRegIdentifier):
		return vocabulary.SchemeOrgReg
	}
	return r.first(identifier, vocabulary.SchemeName)
}

// UUIDOf is the UUID that an IRI gives to a course that names no other.
func UUIDOf(iri string) string { return uuidOf(iri, nil) }

// uuidOf is the UUID of a course: the last part of its IRI if that is one, then the smallest
// urn:uuid it is the same as, else UUIDv5 over the IRI.
func uuidOf(iri string, same []string) string {
	if u, ok := bareUUID(localName(iri)); ok {
		return u
	}
	for _, s := range same {
		if rest, ok := strings.CutPrefix(strings.ToLower(s), "urn:uuid:"); ok {
			if u, ok := bareUUID(rest); ok {
				return u
			}
		}
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(iri)).String()
}

// bareUUID reads the 36-character form only; the library takes others too.
func bareUUID(s string) (string, bool) {
	if len(s) != 36 {
		return "", false
	}
	u, err := uuid.Parse(s)
	return u.String(), err == nil
}

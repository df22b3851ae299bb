package ooapi

import (
	"slices"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putCourseID(m *mapper, v any) {
	if urn, ok := urnUUID(scalar(v)); ok {
		m.link(m.node, vocabulary.SameAs, urn)
	}
}

// putCode writes IdentifierEntry objects; a code on its own counts too.
func putCode(m *mapper, v any) {
	for _, e := range list(v) {
		scheme, code := "", scalar(e)
		if o, ok := e.(object); ok {
			scheme, code = o.text("codeType"), o.text("code")
		}
		if code == "" || slices.Contains(personal, strings.ReplaceAll(spelling(scheme), " ", "")) || mailAddress.MatchString(code) {
			continue
		}
		m.code(code, scheme)
	}
}

// code writes an identifier once: servers repeat the primary code among the others.
func (m *mapper) code(code, scheme string) {
	mark := [3]string{m.node.String(), code, scheme}
	if m.codes[mark] {
		return
	}
	if m.codes == nil {
		m.codes = make(map[[3]string]bool)
	}
	m.codes[mark] = true
	m.identifier(m.node, code, scheme)
}

func putAbbreviation(m *mapper, v any) {
	if s := first(v); s != "" {
		m.code(s, "OOAPI abbreviation")
	}
}

func putNames(m *mapper, _ any) {
	names := m.names
	if m.course != nil {
		_, session := m.session()
		names = without(without(names, m.course.names), textsOf(session.get("name")))
	}
	m.texts(m.node, vocabulary.Title, names)
}

func putDescriptions(m *mapper, v any) {
	texts := without(textsOf(v), m.names)
	if m.course != nil {
		texts = without(texts, textsOf(m.course.get("description")))
	}
	m.texts(m.node, vocabulary.Description, texts)
}

func putStudyLoad(m *mapper, v any) {
	workloads := 0
	for _, o := range objects(v) {
		unit := strings.ReplaceAll(spelling(o.text("studyLoadUnit")), " ", "")
		digits, value, ok := decimal(o.text("value"))
		switch {
		case !ok || value < 0:
			m.complain("studyLoad/value", o.text("value"), "this is no number", "send a number from 0, with a point")
		case unit == "ects":
			m.value(m.node, vocabulary.CreditPoint, vocabulary.ClassCreditPoint, digits, func(n rdf.Blank) {
				m.link(n, vocabulary.Framework, vocabulary.ECTS)
				m.add(n, vocabulary.Point, rdf.String(digits))
			})
		case unit == "hour" || unit == "sbu" || unit == "contacttime":
			d, ok := workload(value)
			if workloads++; ok && workloads == 1 {
				m.typed(m.node, vocabulary.VolumeOfLearning, d, rdf.XSDDuration)
			}
		default:
			m.own(m.node, "studyLoad", rdf.String(strings.TrimSpace(digits+" "+o.text("studyLoadUnit"))))
			m.complain("studyLoad/studyLoadUnit", o.text("studyLoadUnit"), "the unit is no ECTS credit and no hour", "send the study load in ects")
		}
	}
}

func putModes(m *mapper, v any) {
	seen := make(map[string]bool)
	for _, s := range scalars(v) {
		mode, ok := modes[spelling(s)]
		switch {
		case !ok:
			m.own(m.node, "modeOfDelivery", rdf.String(s))
			m.complain("modeOfDelivery", s, "the standard has no such mode", "send distance-learning, on campus, online, hybrid or situated")
		case !seen[mode]:
			seen[mode] = true
			m.link(m.node, vocabulary.Mode, mode)
		}
	}
}

func putDuration(m *mapper, v any) {
	s := first(v)
	if d, ok := period(s); ok {
		m.typed(m.node, vocabulary.Duration, d, rdf.XSDDuration)
		return
	}
	m.complain("duration", s, "this is no plausible length of a course", "send an ISO 8601 duration such as P10W or P5M")
}

func (m *mapper) languages(v any) []string {
	var out []string
	for _, s := range scalars(v) {
		for _, code := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == '/' || r == ' ' }) {
			iri, ok := vocabulary.Language(code)
			if !ok {
				m.complain("teachingLanguage", code, "there is no such language code", "send ISO 639-2, e.g. nld or eng")
			} else if !slices.Contains(out, iri) {
				out = append(out, iri)
			}
		}
	}
	return out
}

func putLanguages(m *mapper, v any) {
	for _, iri := range m.languages(v) {
		m.link(m.node, vocabulary.DCLanguage, iri)
	}
}

func putDefaultLanguage(m *mapper, v any) {
	if found := m.languages(v); len(found) > 0 {
		m.link(m.node, vocabulary.DefaultLanguage, found[0])
	}
}

func putFields(m *mapper, v any) {
	seen := make(map[string]bool)
	for _, s := range scalars(v) {
		for _, code := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
			iri := vocabulary.ISCEDFIRI(code)
			if iri == "" {
				m.complain("fieldsOfStudy", code, "there is no such field of education", "send an ISCED-F 2013 code such as 0613")
			} else if !seen[iri] {
				seen[iri] = true
				m.link(m.node, vocabulary.ISCEDFCode, iri)
			}
		}
	}
}

func putOutcomes(m *mapper, v any) {
	for _, texts := range outcomesOf(v) {
		m.value(m.node, vocabulary.LearningOutcome, vocabulary.ClassLearningOutcome, keyOf(texts), func(n rdf.Blank) {
			m.texts(n, vocabulary.Title, texts)
		})
	}
}

func putLevel(m *mapper, v any) {
	s := first(v)
	level := eqfLevels[spelling(s)]
	switch _, wins := qualificationLevel(m.get("levelOfQualification")); {
	case level != 0 && !wins:
		m.link(m.node, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	case level != 0 || s == "":
	default:
		m.own(m.node, "level", rdf.String(s))
		if !slices.Contains(otherLevels, spelling(s)) {
			m.complain("level", s, "the standard has no such level", "send bachelor, master or doctoral, or leave it out")
		}
	}
}

func putQualificationLevel(m *mapper, v any) {
	if level, ok := qualificationLevel(v); ok {
		m.link(m.node, vocabulary.EQFLevel, vocabulary.EQFIRI(level))
	}
}

func qualificationLevel(v any) (int, bool) {
	level, err := strconv.Atoi(first(v))
	return level, err == nil && level >= 1 && level <= 8
}

// putResources writes all entries, which have no language.
func putResources(m *mapper, v any) {
	var texts []text
	for _, e := range list(v) {
		texts = append(texts, textsOf(e)...)
	}
	m.note(m.node, vocabulary.AdditionalNote, "resources", texts)
}

// putAssessment titles the assessment with the first line of its text, since a title is required.
func putAssessment(m *mapper, v any) {
	texts := textsOf(v)
	if len(texts) == 0 {
		return
	}
	m.value(m.node, vocabulary.ProvenBy, vocabulary.ClassLearningAssessmentSpecification, keyOf(texts), func(n rdf.Blank) {
		for _, t := range texts {
			m.add(n, vocabulary.Title, text{t.lang, headline(t.value)}.literal())
		}
		m.texts(n, vocabulary.Description, texts)
	})
}

const headlineRunes = 100

func headline(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	s = strings.TrimSpace(s)
	runes := []rune(s)
	if len(runes) <= headlineRunes {
		return s
	}
	cut := string(runes[:headlineRunes])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}

func putLink(m *mapper, v any) {
	s := first(v)
	u, ok := webURL(s)
	if !ok {
		m.complain("link", s, "this is no web address", "send an absolute https URL")
		return
	}
	m.page(m.node, u)
}

func putResultExpected(m *mapper, v any) {
	if b, err := strconv.ParseBool(strings.ToLower(first(v))); err == nil {
		m.own(m.node, "resultExpected", rdf.Typed(strconv.FormatBool(b), rdf.XSDBoolean))
	}
}

// putGrading keeps the value on the offering; the course has at most one grading scheme, so the first
// offering writes it, and only when no other disagrees.
func putGrading(m *mapper, v any) {
	s := first(v)
	m.own(m.node, "resultValueType", rdf.String(s))
	for _, o := range m.course.instances {
		if other := first(o.get("resultValueType")); other != "" && other != s {
			return
		}
	}
	if m.course.graded {
		return
	}
	m.course.graded = true
	m.value(m.course.node, vocabulary.GradingScheme, vocabulary.ClassGradingScheme, s, func(n rdf.Blank) {
		m.texts(n, vocabulary.Title, []text{{"en", s}})
	})
}

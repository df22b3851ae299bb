package eduapi

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// opportunity is the type of the course. A generic template has none; it is a module when others are part of it.
func (m *mapper) opportunity(id string) string {
	types, usual := courseTypes, vocabulary.TypeCourse
	if m.kind == groups || m.kind == generics && len(m.catalogue.parts[id]) > 0 {
		types, usual = collectionTypes, vocabulary.TypeProgrammeModule
	}
	if t, ok := types[source.Spelling(m.Text(m.kind.typeField))]; ok {
		return t
	}
	return usual
}

func putSourcedID(m *mapper, v any) {
	if urn, ok := source.UUID(source.Scalar(v)); ok {
		m.Link(m.IRI, vocabulary.SameAs, urn)
	}
}

func putTitle(m *mapper, _ any) {
	names := m.Names
	if m.course != nil {
		_, session := m.session()
		names = source.Without(source.Without(names, m.course.Names), source.TextsOf(session.Get("title")))
	}
	m.Texts(m.IRI, vocabulary.Title, names)
}

// putCode writes IdentifierEntry objects; a code on its own counts too.
func putCode(m *mapper, v any) {
	for _, e := range source.List(v) {
		scheme, code := "", source.Scalar(e)
		if o, ok := e.(source.Object); ok {
			scheme, code = o.Text("identifierType"), o.Text("identifier")
		}
		if m.course == nil && strings.Contains(strings.ToLower(scheme), "isced") {
			m.isced(code)
			continue
		}
		m.Code(m.IRI, code, scheme)
	}
}

var digits = regexp.MustCompile(`^[0-9]{2,6}$`)

// isced writes a code that is a field of education.
func (m *mapper) isced(code string) {
	source.FieldsOfStudy[*mapper]("otherCodes")(m, code)
}

func putSubjects(m *mapper, v any) {
	for _, s := range source.Scalars(v) {
		if digits.MatchString(s) && vocabulary.ISCEDFIRI(s) != "" {
			m.Link(m.IRI, vocabulary.ISCEDFCode, vocabulary.ISCEDFIRI(s))
			continue
		}
		m.Own(m.IRI, "subjectCodes", rdf.String(s))
	}
}

func putOutcomes(m *mapper, v any) {
	for _, texts := range source.OutcomesOf(v) {
		m.Outcome(texts)
	}
}

var putRawExtensions = source.FreeForm[*mapper]("extensions")

func putExtensions(m *mapper, v any) {
	putRawExtensions(m, v)
	for _, o := range source.Objects(v) {
		putOutcomes(m, o.Get("learningOutcomes"))
		putSubjects(m, o.Get("subjectCodes"))
		source.FieldsOfStudy[*mapper]("extensions/fieldsOfStudy")(m, o.Get("fieldsOfStudy"))
	}
}

func putLevel(m *mapper, v any) {
	s := source.First(v)
	level := eqfLevels[source.Spelling(s)]
	if n, ok := strings.CutPrefix(strings.ToLower(s), "ext:eqf:"); ok {
		level, _ = strconv.Atoi(n) // 0 is no level
	}
	iri := vocabulary.EQFIRI(level)
	if iri == "" {
		m.Own(m.IRI, "level", rdf.String(s))
		m.Complain("level", s, "this says no level of the European Qualifications Framework", "send undergraduate, graduate, doctoral, or ext:eqf:1 to ext:eqf:8")
		return
	}
	m.Link(m.IRI, vocabulary.EQFLevel, iri)
}

var leadingNumber = regexp.MustCompile(`^[0-9]+(?:[.,][0-9]+)?`)

func putCredits(m *mapper, v any) {
	s := source.First(v)
	n, _, ok := source.Decimal(leadingNumber.FindString(s))
	if !ok || source.Spelling(m.Text("creditType")) == "noncredit" {
		m.Own(m.IRI, "creditsAwarded", rdf.String(s))
		return
	}
	if !strings.Contains(strings.ToLower(s), "ects") {
		m.Own(m.IRI, "creditsAwarded", rdf.String(s))
		m.Complain("creditsAwarded", s, "it is not said which credits these are", `send them with their system, e.g. "5 ECTS"`)
		return
	}
	m.Credits(m.IRI, n, vocabulary.ECTS)
}

func putGradingScheme(m *mapper, v any) {
	texts := source.TextsOf(v)
	if len(texts) == 0 {
		return
	}
	m.Value(m.IRI, vocabulary.GradingScheme, vocabulary.ClassGradingScheme, source.KeyOf(texts), func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, texts)
	})
}

func putStatus(m *mapper, v any) {
	switch s := source.First(v); strings.ToLower(s) {
	case "active", "inactive":
		m.Typed(m.IRI, vocabulary.IsActive, strconv.FormatBool(strings.EqualFold(s, "active")), rdf.XSDBoolean)
	default:
		m.Complain("recordStatus", s, "the standard has no such status", "send active, inactive or deleted")
	}
}

func putModified(m *mapper, v any) {
	at := m.Date("dateLastModified", v)
	if !at.OK {
		return
	}
	m.Add(m.IRI, vocabulary.Modified, at.Whole())
}

func putFormat(m *mapper, v any) {
	for _, s := range source.Scalars(v) {
		mode, ok := modes[source.Spelling(s)]
		if !ok {
			m.Own(m.IRI, "offeringFormat", rdf.String(s))
			m.Complain("offeringFormat", s, "the standard has no such format", "send online, blended or onGround")
			continue
		}
		m.Link(m.IRI, vocabulary.Mode, mode)
	}
}

func putSynchronicity(m *mapper, v any) {
	s := source.First(v)
	m.Own(m.IRI, "synchronicity", rdf.String(s))
	if source.Spelling(s) == "asynchronous" && !m.Has("offeringFormat") {
		m.Link(m.IRI, vocabulary.Mode, vocabulary.ModeOnline)
	}
}

func putRegistration(m *mapper, v any) {
	s := source.First(v)
	m.Own(m.IRI, "registrationStatus", rdf.String(s))
	if words := registrations[source.Spelling(s)]; words != "" {
		m.Note(m.IRI, vocabulary.AdditionalNote, "registrationStatus", source.OneText("en", words))
	}
}

func putLocations(m *mapper, v any) {
	for _, l := range m.Objects("locations", v) {
		m.Locate(m.IRI, source.Location{
			Key: source.Compact(l), Name: l.Text("identifier"), Geo: l.Get("geoLocation"), Description: source.TextsOf(l.Get("description")),
		})
	}
}

// putPace reads a share of full-time study.
func putPace(m *mapper, v any) {
	s := source.First(v)
	_, percent, ok := source.Decimal(strings.TrimSpace(strings.TrimSuffix(s, "%")))
	switch {
	case !ok || percent <= 0 || percent > 100:
		m.Own(m.IRI, "paceOfStudy", rdf.String(s))
	case percent < 20:
		m.Link(m.IRI, vocabulary.LearningSchedule, vocabulary.SchedulePartTimeLight)
	case percent <= 75:
		m.Link(m.IRI, vocabulary.LearningSchedule, vocabulary.SchedulePartTimeIntensive)
	default:
		m.Link(m.IRI, vocabulary.LearningSchedule, vocabulary.ScheduleFullTime)
	}
}

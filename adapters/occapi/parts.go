package occapi

import (
	"math"
	"strconv"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func putAssessmentMethod(m *mapper, v any) { m.assessment(source.TextsOf(v)) }

func putAssessmentTypes(m *mapper, _ any) {
	if texts := source.TextsOf(m.Get("assessmentMethod")); len(texts) == 0 {
		m.assessment(nil)
	}
}

// assessment writes one assessment of all types; its text, or else its types, give it a title.
func (m *mapper) assessment(texts []source.Text) {
	types := m.Concepts("elmAssessmentType", vocabulary.AssessmentTypes, m.Get("elmAssessmentType"))
	if len(types) == 0 && len(texts) == 0 {
		return
	}
	m.Value(m.IRI, vocabulary.ProvenBy, vocabulary.ClassLearningAssessmentSpecification, "course", func(n rdf.Resource) {
		for _, t := range texts {
			m.Texts(n, vocabulary.Title, source.OneText(t.Lang, source.Headline(t.Value)))
		}
		if len(texts) == 0 {
			m.Texts(n, vocabulary.Title, labels(types))
		}
		m.Texts(n, vocabulary.Description, texts)
		m.types(n, types)
	})
}

func (m *mapper) types(n rdf.Subject, types []vocabulary.Concept) {
	for _, t := range types {
		m.Link(n, vocabulary.DCType, t.IRI)
	}
}

func labels(concepts []vocabulary.Concept) []source.Text {
	words := make([]string, len(concepts))
	for i, c := range concepts {
		words[i] = c.Label
	}
	return source.OneText("en", strings.Join(words, ", "))
}

// activityTypes are the types of activities; an instance that names none has its course's, which are read once.
func (m *mapper) activityTypes() []vocabulary.Concept {
	const field = "elmLearningActivityType"
	if !m.Has(field) && m.course != nil {
		return m.course.activityTypes()
	}
	if m.activities == nil {
		types := m.Concepts(field, vocabulary.ActivityTypes, m.Get(field))
		m.activities = &types
	}
	return *m.activities
}

// activity writes one activity of all types.
func (m *mapper) activity() {
	types, hours := m.activityTypes(), m.hours()
	if len(types) == 0 && hours == "" {
		return
	}
	title := labels(types)
	if len(types) == 0 {
		title = source.OneText("en", "Engagement")
	}
	m.Value(m.IRI, vocabulary.LearningActivitySpecification, vocabulary.ClassLearningActivitySpecification, source.KeyOf(title)+hours, func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, title)
		m.types(n, types)
		if hours != "" {
			m.Typed(n, vocabulary.VolumeOfLearning, hours, rdf.XSDDuration)
		}
	})
}

func (m *mapper) hours() string {
	s := source.First(m.Get("engagementHours"))
	_, value, ok := source.Decimal(s)
	if !ok {
		if s != "" {
			m.Complain("engagementHours", s, "this is no number of hours", "send a number from 0, with a point")
		}
		return ""
	}
	d, _ := source.Workload(value) // "" for what is no plausible workload
	return d
}

// grading writes the course's one grading scheme, from the latest instance that has any.
func (m *mapper) grading() {
	var latest *mapper
	for _, i := range m.instances {
		if !i.Has("gradingScheme") && !i.Has("resultDistribution") {
			continue
		}
		if latest == nil || i.Text("startDate") > latest.Text("startDate") {
			latest = i
		}
	}
	if latest == nil {
		return
	}
	scheme, results := nested(latest.Object, "gradingScheme"), nested(latest.Object, "resultDistribution")
	names, prose := source.Untagged(scheme.Get("label")), source.Untagged(scheme.Get("description"))
	bars := percentages(source.Objects(results.Get("category")))
	if len(names)+len(prose)+len(bars) == 0 {
		return
	}
	m.Value(m.IRI, vocabulary.GradingScheme, vocabulary.ClassGradingScheme, "course", func(n rdf.Resource) {
		m.Texts(n, vocabulary.Title, names)
		m.Texts(n, vocabulary.Description, source.Without(prose, names))
		if len(bars) > 0 {
			m.Value(n, vocabulary.HasResultDistribution, vocabulary.ClassResultDistribution, "course", func(d rdf.Resource) { m.distribution(d, results, bars) })
		}
	})
}

func (m *mapper) distribution(d rdf.Subject, results source.Object, bars []bar) {
	m.Texts(d, vocabulary.Description, source.Untagged(results.Get("description")))
	for _, b := range bars {
		order, percent := strconv.Itoa(b.position), strconv.Itoa(b.percent)
		m.Value(d, vocabulary.HasResultCategory, vocabulary.ClassResultCategory, order, func(n rdf.Resource) {
			m.Add(n, vocabulary.ResultLabel, rdf.String(b.label))
			m.Typed(n, vocabulary.GradeOrder, order, positiveInteger)
			m.Typed(n, vocabulary.GradePercentage, percent, positiveInteger)
		})
	}
}

const positiveInteger = vocabulary.NSXSD + "positiveInteger"

// bar is one grade of a histogram.
type bar struct {
	label             string
	position, percent int
}

// percentages turns counts into shares. The order says nothing about what is better, so the position stands;
// a share that rounds to 0 cannot be said.
func percentages(categories []source.Object) []bar {
	var total float64
	for _, c := range categories {
		total += counted(c)
	}
	var out []bar
	for i, c := range categories {
		percent := math.Round(100 * counted(c) / total)
		if label := c.Text("label"); total > 0 && percent >= 1 && label != "" {
			out = append(out, bar{label, i + 1, int(percent)})
		}
	}
	return out
}

func counted(c source.Object) float64 {
	_, n, ok := source.Decimal(c.Text("count"))
	if !ok || n < 0 {
		return 0
	}
	return n
}

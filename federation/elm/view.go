package elm

import (
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// View reads the graph of one course. Missing facts leave fields empty; it never fails. It accepts
// what real sources write where the model wants something else, such as a text in place of a note
// or of a web resource. Where a property should have one value and has several, it takes the first
// in byte order.
func View(subject string, triples []rdf.Triple) Course {
	iri, err := rdf.NewIRI(subject)
	if err != nil {
		return Course{IRI: subject, UUID: uuidOf(subject, nil)}
	}
	r := read(iri, inNamespace(triples))
	c := Course{
		IRI:         subject,
		Identifiers: r.identifiers(iri),
		Title:       r.title(iri),
		AltTitle:    r.prose(iri, vocabulary.AltLabel),
		Description: r.prose(iri, vocabulary.Description),
		Labels:      r.labels(),
		Modified:    r.first(iri, vocabulary.Modified),
		Version:     r.first(iri, vocabulary.Version),
		Active:      r.boolean(iri, vocabulary.IsActive),
	}
	r.viewContent(&c)
	r.viewLevel(&c)
	r.viewLinks(&c)
	for _, instance := range r.instances() {
		c.Offerings = append(c.Offerings, r.offering(instance))
	}
	slices.SortFunc(c.Offerings, compareOfferings)
	r.viewOrganisations(&c)
	c.Modes = r.iris(iri, vocabulary.Mode)
	for _, o := range c.Offerings {
		c.Modes = append(c.Modes, o.Modes...)
	}
	c.Modes = sorted(c.Modes)
	return c
}

// viewContent reads what is taught, to whom and how it is judged.
func (r *reader) viewContent(c *Course) {
	c.Outcomes = r.outcomes(r.subject, vocabulary.LearningOutcome)
	c.OutcomeSummary = r.prose(r.subject, vocabulary.LearningOutcomeSummary)
	c.Assessment = r.assessments()
	c.Grading = r.gradings()
	c.PassingRate = r.count(r.subject, vocabulary.PassingRate)
	c.Requirements = r.prose(r.subject, vocabulary.EntryRequirement)
	c.RequiredCourses = r.references(r.subject, vocabulary.EntryRequirementLearningOpportunity)
	c.RequiredOutcomes = r.outcomes(r.subject, vocabulary.EntryRequirementLearningOutcome)
	c.TargetGroups = r.iris(r.subject, vocabulary.TargetGroup)
	c.Settings = r.iris(r.subject, vocabulary.LearningSetting)
	c.Notes = r.notes(r.subject, vocabulary.AdditionalNote)
}

// viewLevel reads kind, level, field and size.
func (r *reader) viewLevel(c *Course) {
	c.Types = r.iris(r.subject, vocabulary.DCType)
	c.Categories = r.notes(r.subject, vocabulary.Category)
	c.Credits = r.credits()
	for _, credit := range c.Credits {
		if credit.Framework == vocabulary.ECTS {
			c.ECTS = &credit.Value
			break
		}
	}
	c.Workload = r.first(r.subject, vocabulary.VolumeOfLearning)
	c.EQF = r.levels(r.subject, vocabulary.EQFLevel)
	c.NQF = r.iris(r.subject, vocabulary.NQFLevel)
	c.ISCED = r.fields(r.subject, vocabulary.ISCEDFCode)
	c.Subjects = r.iris(r.subject, vocabulary.EducationSubject)
	c.Languages = r.languages(r.subject, vocabulary.DCLanguage, vocabulary.DefaultLanguage)
	c.Partial = r.boolean(r.subject, vocabulary.IsPartialQualification)
	c.Qualifications = r.iris(r.subject, vocabulary.QualificationCode)
}

// viewLinks reads identities, pages and other courses.
func (r *reader) viewLinks(c *Course) {
	same := r.sameAs()
	c.UUID = uuidOf(c.IRI, same)
	c.Aliases = append(same, alternates(c.IRI)...)
	for _, id := range c.Identifiers {
		c.Aliases = append(c.Aliases, id.Notation)
	}
	c.Aliases = slices.DeleteFunc(sorted(c.Aliases), func(s string) bool { return s == c.IRI })
	c.Homepage = r.pages(r.subject, vocabulary.Homepage)
	c.Banner = r.pages(r.subject, vocabulary.BannerImage)
	c.PartOf, c.Containers = r.iris(r.subject, vocabulary.IsPartOf), r.references(r.subject, vocabulary.IsPartOf)
	c.HasPart, c.Parts = r.iris(r.subject, vocabulary.HasPart), r.references(r.subject, vocabulary.HasPart)
	c.SpecialisationOf = r.iris(r.subject, vocabulary.SpecialisationOf)
	c.Supersedes = r.references(r.subject, vocabulary.Superseded)
}

// sameAs lists what owl:sameAs equates with the subject, in either direction.
func (r *reader) sameAs() []string {
	out := r.texts(r.subject, vocabulary.SameAs)
	for _, t := range r.triples {
		if t.Pred.String() == vocabulary.SameAs && rdf.Term(t.Obj) == rdf.Term(r.subject) && !isBlank(t.Subj) {
			out = append(out, t.Subj.String())
		}
	}
	return sorted(out)
}

// labels collects the names that the graph gives to nodes as concepts.
func (r *reader) labels() map[string]Text {
	out := map[string]Text{}
	for _, term := range r.terms {
		if isBlank(term) {
			continue
		}
		if label := r.prose(term, vocabulary.PrefLabel); label != nil {
			out[vocabulary.Repair(term.String())] = label
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// name is how the view refers to a node: an IRI, or "_:" and the blank node's label.
func name(t rdf.Term) string {
	if isBlank(t) {
		return "_:" + strings.TrimPrefix(t.String(), "_:")
	}
	return t.String()
}

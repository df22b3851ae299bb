package elm

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func (r *reader) offering(n rdf.Term) Offering {
	o := Offering{
		IRI:          name(n),
		Identifiers:  r.identifiers(n),
		Title:        r.title(n),
		Description:  r.prose(n, vocabulary.Description),
		Modes:        r.iris(n, vocabulary.Mode),
		Deadlines:    r.texts(n, vocabulary.ApplicationDeadline),
		Capacity:     r.count(n, vocabulary.EnrolmentCapacity),
		Enrolled:     r.count(n, vocabulary.EnrolledLearnerCount),
		Minimum:      r.count(n, vocabulary.EnrolmentMinimum),
		Homepage:     r.pages(n, vocabulary.Homepage),
		Documents:    r.pages(n, vocabulary.SupplementaryDocument),
		Portal:       r.page(n, vocabulary.RegistrationPortal),
		Prices:       r.prices(n),
		Timetable:    r.prose(n, vocabulary.ScheduleInformation),
		Duration:     r.first(n, vocabulary.Duration),
		Admission:    r.prose(n, vocabulary.AdmissionProcedure),
		Requirements: r.prose(n, vocabulary.EntryRequirement),
		Notes:        r.notes(n, vocabulary.AdditionalNote),
		Environments: r.texts(n, vocabulary.VirtualLearningEnvironment),
		Providers:    r.iris(n, vocabulary.ProvidedBy),
		Activities:   r.activities(n),
		Conditions:   r.conditions(n),
	}
	o.Start, o.End, o.PeriodLabel = r.period(n)
	o.Countries, o.Places = r.whereabouts(n)
	if all := r.languages(n, vocabulary.DefaultLanguage, vocabulary.DCLanguage); len(all) > 0 {
		o.Language = all[0]
	}
	if all := r.iris(n, vocabulary.LearningSchedule); len(all) > 0 {
		o.Schedule = all[0]
	}
	o.OpenToNonEnrolled = openToNonEnrolled(o.Conditions)
	return o
}

// compareOfferings puts earlier runs first and those without a date last.
func compareOfferings(a, b Offering) int {
	if (a.Start == "") != (b.Start == "") {
		return strings.Compare(b.Start, a.Start)
	}
	return cmp.Or(strings.Compare(a.Start, b.Start), strings.Compare(a.End, b.End), strings.Compare(a.IRI, b.IRI))
}

// period reads dcterms:temporal, or dates at the instance itself. Of several periods it takes the
// first to start.
func (r *reader) period(instance rdf.Term) (start, end string, label Text) {
	type period struct {
		start, end string
		label      Text
	}
	var all []period
	for _, n := range append(r.links(instance, vocabulary.Temporal), instance) {
		p := period{r.first(n, vocabulary.StartDate), r.first(n, vocabulary.EndDate), nil}
		if n != instance {
			p.label = r.named(n, vocabulary.PrefLabel, vocabulary.Title)
		}
		if p.start != "" || p.end != "" || p.label != nil {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return "", "", r.prose(instance, vocabulary.Temporal)
	}
	first := slices.MinFunc(all, func(a, b period) int {
		if (a.start == "") != (b.start == "") {
			return strings.Compare(b.start, a.start)
		}
		return cmp.Or(strings.Compare(a.start, b.start), strings.Compare(a.end, b.end), compareTexts(a.label, b.label))
	})
	return first.start, first.end, first.label
}

// whereabouts reads the countries and the names of the places of a node.
func (r *reader) whereabouts(of rdf.Term) (countries []string, places []Text) {
	for _, place := range r.links(of, vocabulary.Location) {
		for _, address := range r.links(place, vocabulary.AddressOf) {
			for _, country := range r.texts(address, vocabulary.CountryOf) {
				countries = append(countries, vocabulary.CountryCode(country))
			}
		}
		for _, spatial := range r.iris(place, vocabulary.SpatialCode) {
			countries = append(countries, vocabulary.CountryCode(spatial))
		}
		if t := r.placeName(place); t != nil {
			places = append(places, t)
		}
	}
	return sorted(countries), distinctTexts(places)
}

func (r *reader) placeName(place rdf.Term) Text {
	if t := r.named(place, vocabulary.GeographicName, vocabulary.PrefLabel); t != nil {
		return t
	}
	if t := r.prose(place, vocabulary.Description); t != nil {
		return t
	}
	var addresses []rdf.Object
	for _, address := range r.links(place, vocabulary.AddressOf) {
		addresses = append(addresses, r.objects(address, vocabulary.FullAddress)...)
	}
	if all := r.listed(addresses); len(all) > 0 {
		return all[0]
	}
	return nil
}

func (r *reader) activities(instance rdf.Term) []Activity {
	return each(r, instance, vocabulary.LearningActivitySpecification, func(n rdf.Term) Activity {
		return Activity{
			Title: r.title(n), Description: r.prose(n, vocabulary.Description),
			Types: r.iris(n, vocabulary.DCType), Modes: r.iris(n, vocabulary.Mode),
			Workload: r.first(n, vocabulary.VolumeOfLearning), ContactHours: r.first(n, vocabulary.ContactHour),
		}
	})
}

func (r *reader) conditions(instance rdf.Term) []Conditions {
	return each(r, instance, vocabulary.HasLearnerGroupConditions, func(n rdf.Term) Conditions {
		return Conditions{
			Groups:       each(r, n, vocabulary.LearnerGroup, r.learnerGroup),
			Portal:       r.page(n, vocabulary.RegistrationPortal),
			Prices:       r.prices(n),
			Capacity:     r.count(n, vocabulary.EnrolmentCapacity),
			Enrolled:     r.count(n, vocabulary.EnrolledLearnerCount),
			Minimum:      r.count(n, vocabulary.EnrolmentMinimum),
			Admission:    r.prose(n, vocabulary.AdmissionProcedure),
			Requirements: r.prose(n, vocabulary.EntryRequirement),
		}
	})
}

func (r *reader) learnerGroup(n rdf.Term) LearnerGroup {
	return LearnerGroup{
		Title:             r.named(n, vocabulary.Title, vocabulary.PrefLabel),
		Description:       r.prose(n, vocabulary.Description),
		StudentsOf:        r.iris(n, vocabulary.StudentsOf),
		OpenToNonEnrolled: r.boolean(n, vocabulary.IsOpenToNonEnrolled),
		Courses:           r.references(n, vocabulary.LimitLearningOpportunity),
		ISCED:             r.fields(n, vocabulary.LimitField),
		MinimumEQF:        r.levels(n, vocabulary.MinimumEQFLevel),
		Notes:             r.notes(n, vocabulary.AdditionalNote),
	}
}

func openToNonEnrolled(all []Conditions) *bool {
	var out *bool
	for _, c := range all {
		for _, g := range c.Groups {
			if g.OpenToNonEnrolled != nil && (out == nil || *g.OpenToNonEnrolled) {
				out = ptr(*g.OpenToNonEnrolled)
			}
		}
	}
	return out
}

package elm

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// ChangeClass says what kind of fact differs between two versions of a course.
type ChangeClass string

// The classes. Only differences of the first make a new version for readers.
const (
	OfSpecification ChangeClass = "specification" // what the course is
	OfOffering      ChangeClass = "offering"      // when, where and how it runs
	Volatile        ChangeClass = "volatile"      // places taken, dates of change
)

// Difference is one field that two versions of a course state differently; From and To are nil where the
// version says nothing. Names are those of the API; fields of an offering stand behind its IRI.
type Difference struct {
	Field string      `json:"field"`
	Class ChangeClass `json:"class"`
	From  any         `json:"from"`
	To    any         `json:"to"`
}

// facet is one field of the typed view, for comparison.
type facet[T any] struct {
	name  string
	class ChangeClass
	of    func(T) any
}

var courseFacets = []facet[Course]{
	{"title", OfSpecification, func(c Course) any { return c.Title }},
	{"alt_title", OfSpecification, func(c Course) any { return c.AltTitle }},
	{"description", OfSpecification, func(c Course) any { return c.Description }},
	{"type", OfSpecification, func(c Course) any { return c.Types }},
	{"categories", OfSpecification, func(c Course) any { return c.Categories }},
	{"identifiers", OfSpecification, func(c Course) any { return c.Identifiers }},
	{"aliases", OfSpecification, func(c Course) any { return c.Aliases }},
	{"publishers", OfSpecification, func(c Course) any { return c.Publishers }},
	{"credits", OfSpecification, func(c Course) any { return c.Credits }},
	{"workload", OfSpecification, func(c Course) any { return c.Workload }},
	{"eqf", OfSpecification, func(c Course) any { return c.EQF }},
	{"nqf", OfSpecification, func(c Course) any { return c.NQF }},
	{"isced", OfSpecification, func(c Course) any { return c.ISCED }},
	{"subjects", OfSpecification, func(c Course) any { return c.Subjects }},
	{"languages", OfSpecification, func(c Course) any { return c.Languages }},
	{"settings", OfSpecification, func(c Course) any { return c.Settings }},
	{"target_groups", OfSpecification, func(c Course) any { return c.TargetGroups }},
	{"outcomes", OfSpecification, func(c Course) any { return c.Outcomes }},
	{"outcome_summary", OfSpecification, func(c Course) any { return c.OutcomeSummary }},
	{"assessment", OfSpecification, func(c Course) any { return c.Assessment }},
	{"grading", OfSpecification, func(c Course) any { return c.Grading }},
	{"requirements", OfSpecification, func(c Course) any { return c.Requirements }},
	{"required_courses", OfSpecification, func(c Course) any { return c.RequiredCourses }},
	{"required_outcomes", OfSpecification, func(c Course) any { return c.RequiredOutcomes }},
	{"notes", OfSpecification, func(c Course) any { return c.Notes }},
	{"homepage", OfSpecification, func(c Course) any { return c.Homepage }},
	{"banner", OfSpecification, func(c Course) any { return c.Banner }},
	{"part_of", OfSpecification, func(c Course) any { return c.Containers }},
	{"has_part", OfSpecification, func(c Course) any { return c.Parts }},
	{"specialisation_of", OfSpecification, func(c Course) any { return c.SpecialisationOf }},
	{"supersedes", OfSpecification, func(c Course) any { return c.Supersedes }},
	{"qualifications", OfSpecification, func(c Course) any { return c.Qualifications }},
	{"partial", OfSpecification, func(c Course) any { return c.Partial }},
	{"accredited", OfSpecification, func(c Course) any { return c.Accredited }},
	{"active", OfSpecification, func(c Course) any { return c.Active }},
	{"version", OfSpecification, func(c Course) any { return c.Version }},
	{"passing_rate", Volatile, func(c Course) any { return c.PassingRate }},
	{"modified", Volatile, func(c Course) any { return c.Modified }},
}

var offeringFacets = []facet[Offering]{
	{"identifiers", OfOffering, func(o Offering) any { return o.Identifiers }},
	{"title", OfOffering, func(o Offering) any { return o.Title }},
	{"description", OfOffering, func(o Offering) any { return o.Description }},
	{"start", OfOffering, func(o Offering) any { return o.Start }},
	{"end", OfOffering, func(o Offering) any { return o.End }},
	{"period", OfOffering, func(o Offering) any { return o.PeriodLabel }},
	{"language", OfOffering, func(o Offering) any { return o.Language }},
	{"modes", OfOffering, func(o Offering) any { return o.Modes }},
	{"deadlines", OfOffering, func(o Offering) any { return o.Deadlines }},
	{"capacity", OfOffering, func(o Offering) any { return o.Capacity }},
	{"minimum", OfOffering, func(o Offering) any { return o.Minimum }},
	{"homepage", OfOffering, func(o Offering) any { return o.Homepage }},
	{"documents", OfOffering, func(o Offering) any { return o.Documents }},
	{"portal", OfOffering, func(o Offering) any { return o.Portal }},
	{"countries", OfOffering, func(o Offering) any { return o.Countries }},
	{"places", OfOffering, func(o Offering) any { return o.Places }},
	{"prices", OfOffering, func(o Offering) any { return o.Prices }},
	{"schedule", OfOffering, func(o Offering) any { return o.Schedule }},
	{"timetable", OfOffering, func(o Offering) any { return o.Timetable }},
	{"duration", OfOffering, func(o Offering) any { return o.Duration }},
	{"admission", OfOffering, func(o Offering) any { return o.Admission }},
	{"requirements", OfOffering, func(o Offering) any { return o.Requirements }},
	{"notes", OfOffering, func(o Offering) any { return o.Notes }},
	{"activities", OfOffering, func(o Offering) any { return o.Activities }},
	{"environments", OfOffering, func(o Offering) any { return o.Environments }},
	{"providers", OfOffering, func(o Offering) any { return o.Providers }},
	{"conditions", OfOffering, func(o Offering) any { return o.Conditions }},
	{"open_to_non_enrolled", OfOffering, func(o Offering) any { return o.OpenToNonEnrolled }},
	{"enrolled", Volatile, func(o Offering) any { return o.Enrolled }},
}

// Diff lists what two versions of one course state differently, in the order of the API's fields, then by
// offering. Facts that the typed view has no field for are not compared.
func Diff(from, to Course) []Difference {
	out := differences(nil, "", courseFacets, &from, &to)
	before, after := offeringsByName(from), offeringsByName(to)
	for _, name := range names(before, after) {
		was, is := before[name], after[name]
		if was == nil || is == nil {
			out = append(out, Difference{Field: "offerings[" + name + "]", Class: OfOffering, From: whole(was), To: whole(is)})
			continue
		}
		out = differences(out, "offerings["+name+"].", offeringFacets, was, is)
	}
	return out
}

func differences[T any](out []Difference, prefix string, facets []facet[T], from, to *T) []Difference {
	for _, f := range facets {
		a, b := stated(f.of(*from)), stated(f.of(*to))
		if !bytes.Equal(a, b) {
			out = append(out, Difference{prefix + f.name, f.class, value(a), value(b)})
		}
	}
	return out
}

// stated is a value as JSON, nil when it says nothing.
func stated(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("elm: " + err.Error()) // the view is made of plain values
	}
	switch string(b) {
	case "null", `""`, "[]", "{}":
		return nil
	}
	return b
}

func value(b []byte) any {
	if b == nil {
		return nil
	}
	return json.RawMessage(b)
}

// whole is an offering that one version lacks.
func whole(o *Offering) any {
	if o == nil {
		return nil
	}
	return map[string]any{"title": o.Title, "start": o.Start, "end": o.End}
}

// offeringsByName finds offerings again in another version: by IRI, those without by what they say of
// themselves, since labels of blank nodes differ between versions.
func offeringsByName(c Course) map[string]*Offering {
	out := make(map[string]*Offering, len(c.Offerings))
	for i := range c.Offerings {
		o := &c.Offerings[i]
		name := o.IRI
		if strings.HasPrefix(name, "_:") {
			name = "from " + o.Start
			if len(o.Identifiers) > 0 {
				name = o.Identifiers[0].Notation
			}
		}
		for out[name] != nil {
			name += "'"
		}
		out[name] = o
	}
	return out
}

func names(a, b map[string]*Offering) []string {
	var out []string
	for _, m := range []map[string]*Offering{a, b} {
		for name := range m {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

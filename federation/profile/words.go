package profile

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/coursemesh/coursemesh/federation/profile/shacl"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// message says what is wrong, in the terms of ELM. The words of a shape win over ours.
func message(r shacl.Result, at place, value string) string {
	if r.Shape.Message != "" {
		return r.Shape.Message
	}
	name := cmp.Or(at.property(nil), at.whole())
	if r.Path != nil {
		name = r.Path.Format(rdf.ShortName)
	}
	switch kind(r.Component) {
	case "minCount", "qualifiedMinCount":
		if r.Constraint == "1" {
			return "there is no " + name
		}
		return fmt.Sprintf("there are fewer than %s values of %s", r.Constraint, name)
	case "maxCount", "qualifiedMaxCount":
		if r.Constraint == "1" {
			return "there is more than one value of " + name
		}
		return fmt.Sprintf("there are more than %s values of %s", r.Constraint, name)
	case "class", "or":
		return name + ": " + unlike(r, value)
	case "datatype":
		return name + ": " + mistyped(r, value)
	case "uniqueLang":
		return fmt.Sprintf("%s: two texts have the language tag %s", name, r.Constraint)
	case "hasValue":
		return fmt.Sprintf("%s: the value %s is missing", name, shortened(r.Constraint))
	case "nodeKind":
		return fmt.Sprintf("%s: %s is no %s", name, called(r, value), r.Constraint)
	case "pattern":
		return fmt.Sprintf("%s: %s does not have the form %s", name, called(r, value), r.Constraint)
	}
	return fmt.Sprintf("%s: %s is against sh:%s %s", name, called(r, value), kind(r.Component), shortened(r.Constraint))
}

// shortened writes the IRIs of a list as prefixed names.
func shortened(list string) string {
	names := strings.Fields(list)
	for i, n := range names {
		if strings.Contains(n, ":") {
			names[i] = rdf.ShortName(n)
		}
	}
	return strings.Join(names, " or ")
}

// called names a value in a message.
func called(r shacl.Result, value string) string {
	switch {
	case r.Value.Kind == shacl.None:
		return "it"
	case value == "":
		return "a value"
	case r.Value.Kind == shacl.IRI:
		return "<" + value + ">"
	}
	return fmt.Sprintf("%q", value)
}

// unlike is about a value that is not of the class.
func unlike(r shacl.Result, value string) string {
	concept := r.Constraint == vocabulary.ClassConcept
	switch {
	case r.Value.Kind == shacl.Literal && concept:
		return "the text " + called(r, value) + " stands where a concept is expected"
	case r.Value.Kind == shacl.Literal:
		return "the text " + called(r, value) + " stands where " + shortened(r.Constraint) + " is expected"
	case r.Value.Kind == shacl.IRI && concept:
		return called(r, value) + " is no concept of the vocabularies known here"
	case r.Value.Kind == shacl.IRI:
		return called(r, value) + " is not described as " + shortened(r.Constraint)
	}
	return "the node there is not described as " + shortened(r.Constraint)
}

// mistyped is about a value that is not of the datatype.
func mistyped(r shacl.Result, value string) string {
	want := rdf.ShortName(r.Constraint)
	switch {
	case r.Value.Kind == shacl.IRI && r.Constraint == rdf.LangString:
		return called(r, value) + " stands where a text is expected"
	case r.Value.Kind != shacl.Literal:
		return "a node stands where " + want + " is expected"
	case r.Constraint == rdf.LangString:
		return "the text " + called(r, value) + " has no language tag"
	case r.Value.Datatype == r.Constraint:
		return called(r, value) + " is no valid " + want
	case r.Value.Lang != "":
		return fmt.Sprintf("%s is a text in a language; %s is expected", called(r, value), want)
	}
	return fmt.Sprintf("%s is written as %s; %s is expected", called(r, value), rdf.ShortName(r.Value.Datatype), want)
}

// fix says what to change in a property, or in the course or offering itself, where a shape asks something of it as a whole.
func fix(r shacl.Result, at place, f Finding) string {
	what := cmp.Or(f.Property, at.whole())
	verb := "correct"
	switch kind(r.Component) {
	case "minCount", "qualifiedMinCount", "hasValue":
		verb = "add"
	case "maxCount", "qualifiedMaxCount", "uniqueLang":
		verb = "leave all but one out of"
	}
	if r.Shape.Description == "" {
		return verb + " " + what
	}
	return fmt.Sprintf("%s %s: %s", verb, what, r.Shape.Description)
}

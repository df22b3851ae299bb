package shacl

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parameter is how one term of the vocabulary is read at a shape; read is nil where it says nothing about
// the data, or is read with another term.
type parameter struct {
	once bool
	read func(c *compiler, s *Shape, value Term) error
}

// parameters are the terms that a shape may have; it is filled below, since shapes are nested.
var parameters map[string]parameter

func init() {
	parameters = map[string]parameter{
		"path": {}, "targetClass": {}, "targetNode": {}, "targetSubjectsOf": {}, "targetObjectsOf": {},
		"order": {}, "group": {}, "defaultValue": {}, "flags": {}, "ignoredProperties": {},
		"qualifiedMinCount": {}, "qualifiedMaxCount": {}, "qualifiedValueShapesDisjoint": {},
		"name": {read: text(func(s *Shape) *string { return &s.Name })}, "description": {read: text(func(s *Shape) *string { return &s.Description })},
		"message":  {read: text(func(s *Shape) *string { return &s.Message })},
		"severity": {once: true, read: readSeverity}, "deactivated": {once: true, read: readDeactivated},
		"class": {read: readClass}, "datatype": {once: true, read: readDatatype}, "nodeKind": {once: true, read: readNodeKind},
		"minCount": {once: true, read: count(false)}, "maxCount": {once: true, read: count(true)},
		"minExclusive": {once: true, read: bound("MinExclusiveConstraintComponent", func(o int) bool { return o > 0 })},
		"minInclusive": {once: true, read: bound("MinInclusiveConstraintComponent", func(o int) bool { return o >= 0 })},
		"maxExclusive": {once: true, read: bound("MaxExclusiveConstraintComponent", func(o int) bool { return o < 0 })},
		"maxInclusive": {once: true, read: bound("MaxInclusiveConstraintComponent", func(o int) bool { return o <= 0 })},
		"minLength":    {once: true, read: length(false)}, "maxLength": {once: true, read: length(true)},
		"pattern": {read: readPattern}, "languageIn": {once: true, read: readLanguageIn}, "uniqueLang": {once: true, read: readUniqueLang},
		"equals":              {read: pairing(func(p string) constraint { return equalsTo{p} })},
		"disjoint":            {read: pairing(func(p string) constraint { return disjointTo{p} })},
		"lessThan":            {read: pairing(func(p string) constraint { return lessThan{p, false} })},
		"lessThanOrEquals":    {read: pairing(func(p string) constraint { return lessThan{p, true} })},
		"not":                 {read: nested(func(n *Shape) constraint { return not{n} })},
		"node":                {read: nested(func(n *Shape) constraint { return node{n} })},
		"property":            {read: nested(func(n *Shape) constraint { return property{n} })},
		"and":                 {read: several(func(n choice) constraint { return and{n} })},
		"or":                  {read: several(func(n choice) constraint { return or{n} })},
		"xone":                {read: several(func(n choice) constraint { return xone{n} })},
		"qualifiedValueShape": {read: readQualified},
		"closed":              {once: true, read: readClosed}, "hasValue": {read: readHasValue}, "in": {once: true, read: readIn},
	}
}

func (s *Shape) add(k constraint) { s.constraints = append(s.constraints, k) }

// text takes the English text, else the first.
func text(field func(*Shape) *string) func(*compiler, *Shape, Term) error {
	return func(_ *compiler, s *Shape, v Term) error {
		if at := field(s); *at == "" || v.Lang == "en" {
			*at = v.Value
		}
		return nil
	}
}

func readSeverity(_ *compiler, s *Shape, v Term) error {
	if v.Kind != IRI {
		return fmt.Errorf("%s is no IRI", v)
	}
	s.Severity = v.Value
	return nil
}

func boolean(v Term) (bool, error) {
	if v.Kind != Literal || v.Datatype != nsXSD+"boolean" || !wellFormed(v) {
		return false, fmt.Errorf("%s is no boolean; write true or false", v)
	}
	return truth(v.Value) == 1, nil
}

func readDeactivated(_ *compiler, s *Shape, v Term) (err error) {
	s.deactivated, err = boolean(v)
	return err
}

func readClass(_ *compiler, s *Shape, v Term) error {
	if v.Kind == Literal {
		return fmt.Errorf("%s is no class", v)
	}
	s.add(classIs{v})
	return nil
}

func readDatatype(_ *compiler, s *Shape, v Term) error {
	if v.Kind != IRI {
		return fmt.Errorf("%s is no IRI", v)
	}
	s.add(datatypeIs{v.Value})
	return nil
}

func readNodeKind(_ *compiler, s *Shape, v Term) error {
	name := strings.TrimPrefix(v.Value, NS)
	k := kindIs{name: name, kinds: [4]bool{
		IRI:     slices.Contains([]string{"IRI", "BlankNodeOrIRI", "IRIOrLiteral"}, name),
		Blank:   slices.Contains([]string{"BlankNode", "BlankNodeOrIRI", "BlankNodeOrLiteral"}, name),
		Literal: slices.Contains([]string{"Literal", "BlankNodeOrLiteral", "IRIOrLiteral"}, name),
	}}
	if k.kinds == [4]bool{} {
		return fmt.Errorf("%s is no node kind; use sh:IRI, sh:BlankNode, sh:Literal or a pair such as sh:BlankNodeOrIRI", v)
	}
	s.add(k)
	return nil
}

func natural(v Term) (int, error) {
	n, err := strconv.Atoi(v.Value)
	if err != nil || v.Kind != Literal || n < 0 {
		return 0, fmt.Errorf("%s is no whole number from 0", v)
	}
	return n, nil
}

func count(most bool) func(*compiler, *Shape, Term) error {
	return func(_ *compiler, s *Shape, v Term) error {
		n, err := natural(v)
		if err == nil && s.Path == nil {
			err = fmt.Errorf("only a shape with sh:path counts values")
		}
		s.add(countIs{n, most})
		return err
	}
}

func length(most bool) func(*compiler, *Shape, Term) error {
	return func(_ *compiler, s *Shape, v Term) error {
		n, err := natural(v)
		s.add(lengthIs{n, most})
		return err
	}
}

func bound(component string, good func(int) bool) func(*compiler, *Shape, Term) error {
	return func(_ *compiler, s *Shape, v Term) error {
		if _, ok := compare(v, v); !ok {
			return fmt.Errorf("%s has no order; write a number, a date or a time", v)
		}
		s.add(boundIs{v, component, good})
		return nil
	}
}

// readPattern reads sh:pattern with the flags of the same shape. SPARQL's expressions are those of XPath;
// what the two have in common with package regexp is taken, all else is refused here.
func readPattern(c *compiler, s *Shape, v Term) error {
	flags, expression := "", v.Value
	for _, f := range c.values(s.ID, NS+"flags") {
		for _, letter := range f.Value {
			switch letter {
			case 'i', 's', 'm':
				flags += string(letter)
			case 'q':
				expression = regexp.QuoteMeta(expression)
			case 'x':
				expression = strings.Join(strings.Fields(expression), "")
			default:
				return fmt.Errorf("sh:flags %q: the flags are i, m, q, s and x", f.Value)
			}
		}
	}
	if flags != "" {
		expression = "(?" + flags + ")" + expression
	}
	re, err := regexp.Compile(expression)
	if err != nil {
		return fmt.Errorf("%q cannot be used: %w", v.Value, err)
	}
	s.add(patternIs{re, v.Value})
	return nil
}

func readLanguageIn(c *compiler, s *Shape, v Term) error {
	members, err := c.list(v)
	var tags []string
	for _, m := range members {
		tags = append(tags, strings.ToLower(m.Value))
	}
	s.add(languageIn{tags, strings.Join(tags, ", ")})
	return err
}

func readUniqueLang(_ *compiler, s *Shape, v Term) error {
	_, err := boolean(v)
	if v.Value == "true" { // section 4.4.5 asks for this lexical form
		s.add(uniqueLang{})
	}
	return err
}

func pairing(make func(property string) constraint) func(*compiler, *Shape, Term) error {
	return func(_ *compiler, s *Shape, v Term) error {
		if v.Kind != IRI {
			return fmt.Errorf("%s is no property", v)
		}
		s.add(make(v.Value))
		return nil
	}
}

func nested(make func(*Shape) constraint) func(*compiler, *Shape, Term) error {
	return func(c *compiler, s *Shape, v Term) error {
		inner, err := c.shape(v)
		if err != nil {
			return err
		}
		k := make(inner)
		if _, ok := k.(property); ok && inner.Path == nil {
			return fmt.Errorf("%s has no sh:path", v)
		}
		s.add(k)
		return nil
	}
}

func several(make func(choice) constraint) func(*compiler, *Shape, Term) error {
	return func(c *compiler, s *Shape, v Term) error {
		inner, err := c.listed(v)
		s.add(make(choiceOf(inner)))
		return err
	}
}

func (c *compiler) listed(v Term) ([]*Shape, error) {
	members, err := c.list(v)
	if err != nil {
		return nil, err
	}
	var out []*Shape
	for _, m := range members {
		inner, err := c.shape(m)
		if err != nil {
			return nil, err
		}
		out = append(out, inner)
	}
	return out, nil
}

func readQualified(c *compiler, s *Shape, v Term) error {
	inner, err := c.shape(v)
	if err != nil {
		return err
	}
	k := qualify{shape: inner, min: -1, max: -1}
	for term, at := range map[string]*int{"qualifiedMinCount": &k.min, "qualifiedMaxCount": &k.max} {
		for _, n := range c.values(s.ID, NS+term) {
			if *at, err = natural(n); err != nil {
				return err
			}
		}
	}
	for _, d := range c.values(s.ID, NS+"qualifiedValueShapesDisjoint") {
		on, err := boolean(d)
		if err != nil {
			return err
		}
		if !on {
			continue
		}
		if k.siblings, err = c.siblings(s.ID, v); err != nil {
			return err
		}
	}
	s.add(k)
	return nil
}

// siblings are the qualified value shapes beside one, below the same shape (section 4.7.3).
func (c *compiler) siblings(of, own Term) ([]*Shape, error) {
	var out []*Shape
	for _, parent := range c.subjects {
		beside := c.values(parent, NS+"property")
		if !slices.Contains(beside, of) {
			continue
		}
		for _, b := range beside {
			for _, q := range c.values(b, NS+"qualifiedValueShape") {
				if q == own {
					continue
				}
				s, err := c.shape(q)
				if err != nil {
					return nil, err
				}
				out = append(out, s)
			}
		}
	}
	return out, nil
}

func readClosed(c *compiler, s *Shape, v Term) error {
	on, err := boolean(v)
	if err != nil || !on {
		return err
	}
	k := closed{allowed: make(map[string]bool)}
	for _, l := range c.values(s.ID, NS+"ignoredProperties") {
		members, err := c.list(l)
		if err != nil {
			return fmt.Errorf("sh:ignoredProperties: %w", err)
		}
		for _, m := range members {
			k.allowed[m.Value] = true
		}
	}
	for _, p := range c.values(s.ID, NS+"property") {
		for _, path := range c.values(p, NS+"path") {
			k.allowed[path.Value] = path.Kind == IRI
		}
	}
	s.add(k)
	return nil
}

func readHasValue(_ *compiler, s *Shape, v Term) error {
	s.add(hasValue{v})
	return nil
}

func readIn(c *compiler, s *Shape, v Term) error {
	members, err := c.list(v)
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.Value
	}
	s.add(isIn{setOf(members), strings.Join(names, ", ")})
	return err
}

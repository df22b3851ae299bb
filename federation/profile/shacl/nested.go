package shacl

import (
	"strconv"
	"strings"
)

type (
	property struct{ shape *Shape } // results are the nested shape's own
	node     struct{ shape *Shape }
	not      struct{ shape *Shape }
	and      struct{ choice }
	or       struct{ choice }
	xone     struct{ choice }
	qualify  struct {
		shape    *Shape
		min, max int      // -1 is no bound
		siblings []*Shape // a value that conforms to one of them does not count
	}
	choice struct {
		shapes []*Shape
		text   string
	}
)

func (k property) check(c *check) bool {
	for _, v := range c.values {
		if !c.run.shape(k.shape, v, c.out) {
			return false
		}
	}
	return true
}

func (k node) check(c *check) bool {
	return c.each("NodeConstraintComponent", k.shape.name(), func(v Term) bool { return c.conforms(k.shape, v) })
}

func (k not) check(c *check) bool {
	return c.each("NotConstraintComponent", k.shape.name(), func(v Term) bool { return !c.conforms(k.shape, v) })
}

// meets counts the shapes that a node conforms to.
func (c *check) meets(shapes []*Shape, v Term) int {
	n := 0
	for _, s := range shapes {
		if c.conforms(s, v) {
			n++
		}
	}
	return n
}

func (k and) check(c *check) bool {
	return c.each("AndConstraintComponent", k.text, func(v Term) bool { return c.meets(k.shapes, v) == len(k.shapes) })
}

func (k or) check(c *check) bool {
	return c.each("OrConstraintComponent", k.text, func(v Term) bool { return c.meets(k.shapes, v) > 0 })
}

func (k xone) check(c *check) bool {
	return c.each("XoneConstraintComponent", k.text, func(v Term) bool { return c.meets(k.shapes, v) == 1 })
}

func (k qualify) check(c *check) bool {
	n := 0
	for _, v := range c.values {
		if !c.step(1) {
			return false
		}
		if c.conforms(k.shape, v) && c.meets(k.siblings, v) == 0 {
			n++
		}
	}
	if k.min >= 0 && n < k.min && !c.fail("QualifiedMinCountConstraintComponent", strconv.Itoa(k.min), Term{}) {
		return false
	}
	if k.max >= 0 && n > k.max {
		return c.fail("QualifiedMaxCountConstraintComponent", strconv.Itoa(k.max), Term{})
	}
	return true
}

// choiceOf names the shapes for people: a shape that asks for a class by that class.
func choiceOf(shapes []*Shape) choice {
	names := make([]string, len(shapes))
	for i, s := range shapes {
		names[i] = s.name()
	}
	return choice{shapes, strings.Join(names, " ")}
}

// name is the shape's IRI; of one without, the class or datatype it asks for.
func (s *Shape) name() string {
	if s.ID.Kind == IRI {
		return s.ID.Value
	}
	for _, c := range s.constraints {
		switch k := c.(type) {
		case classIs:
			return k.class.Value
		case datatypeIs:
			return k.datatype
		}
	}
	return s.ID.String()
}

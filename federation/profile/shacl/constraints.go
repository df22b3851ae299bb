package shacl

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// constraint is one constraint of a shape. check reports through c and says whether to go on.
type constraint interface{ check(c *check) bool }

type (
	classIs    struct{ class Term }
	datatypeIs struct{ datatype string }
	kindIs     struct {
		kinds [4]bool // by Kind
		name  string
	}
	countIs struct {
		n    int
		most bool
	}
	boundIs struct {
		bound     Term
		component string
		good      func(order int) bool
	}
	lengthIs struct {
		n    int
		most bool
	}
	patternIs struct {
		re   *regexp.Regexp
		text string
	}
	languageIn struct {
		tags []string
		text string
	}
	uniqueLang struct{}
	equalsTo   struct{ property string }
	disjointTo struct{ property string }
	lessThan   struct {
		property string
		orEqual  bool
	}
	hasValue struct{ value Term }
	isIn     struct {
		allowed map[Term]bool
		text    string
	}
	closed struct{ allowed map[string]bool }
)

func (k classIs) check(c *check) bool {
	return c.each("ClassConstraintComponent", k.class.Value, func(v Term) bool { return v.Kind != Literal && c.instance(v, k.class) })
}

func (k datatypeIs) check(c *check) bool {
	return c.each("DatatypeConstraintComponent", k.datatype, func(v Term) bool {
		return v.Kind == Literal && v.Datatype == k.datatype && wellFormed(v)
	})
}

func (k kindIs) check(c *check) bool {
	return c.each("NodeKindConstraintComponent", k.name, func(v Term) bool { return k.kinds[v.Kind] })
}

func (k countIs) check(c *check) bool {
	switch n := len(c.values); {
	case k.most && n > k.n:
		return c.fail("MaxCountConstraintComponent", strconv.Itoa(k.n), Term{})
	case !k.most && n < k.n:
		return c.fail("MinCountConstraintComponent", strconv.Itoa(k.n), Term{})
	}
	return true
}

func (k boundIs) check(c *check) bool {
	return c.each(k.component, k.bound.Value, func(v Term) bool {
		order, ok := compare(v, k.bound)
		return ok && k.good(order)
	})
}

func (k lengthIs) check(c *check) bool {
	component := "MinLengthConstraintComponent"
	if k.most {
		component = "MaxLengthConstraintComponent"
	}
	return c.each(component, strconv.Itoa(k.n), func(v Term) bool {
		n := utf8.RuneCountInString(v.Value)
		return v.Kind != Blank && (n == k.n || (n < k.n) == k.most)
	})
}

func (k patternIs) check(c *check) bool {
	return c.each("PatternConstraintComponent", k.text, func(v Term) bool {
		return v.Kind != Blank && c.step(len(v.Value)/8) && k.re.MatchString(v.Value)
	})
}

func (k languageIn) check(c *check) bool {
	return c.each("LanguageInConstraintComponent", k.text, func(v Term) bool {
		for _, tag := range k.tags {
			if v.Lang == tag || tag == "*" && v.Lang != "" || strings.HasPrefix(v.Lang, tag+"-") {
				return true
			}
		}
		return false
	})
}

func (uniqueLang) check(c *check) bool {
	count := make(map[string]int)
	for _, v := range c.values {
		if v.Lang == "" {
			continue
		}
		if count[v.Lang]++; count[v.Lang] == 2 && !c.fail("UniqueLangConstraintComponent", v.Lang, Term{}) {
			return false
		}
	}
	return true
}

func setOf(list []Term) map[Term]bool {
	set := make(map[Term]bool, len(list))
	for _, t := range list {
		set[t] = true
	}
	return set
}

func (k equalsTo) check(c *check) bool {
	const component = "EqualsConstraintComponent"
	others := distinct(c.objects(c.focus, k.property))
	theirs, ours := setOf(others), setOf(c.values)
	if !c.each(component, k.property, func(v Term) bool { return theirs[v] }) {
		return false
	}
	for _, o := range others {
		if !ours[o] && !c.fail(component, k.property, o) {
			return false
		}
	}
	return true
}

func (k disjointTo) check(c *check) bool {
	theirs := setOf(c.objects(c.focus, k.property))
	return c.each("DisjointConstraintComponent", k.property, func(v Term) bool { return !theirs[v] })
}

func (k lessThan) check(c *check) bool {
	component := "LessThanConstraintComponent"
	if k.orEqual {
		component = "LessThanOrEqualsConstraintComponent"
	}
	others := distinct(c.objects(c.focus, k.property))
	for _, v := range c.values {
		for _, o := range others {
			order, ok := compare(v, o)
			good := ok && (order < 0 || order == 0 && k.orEqual)
			if !c.step(1) || !good && !c.fail(component, k.property, v) {
				return false
			}
		}
	}
	return true
}

func (k hasValue) check(c *check) bool {
	for _, v := range c.values {
		if v == k.value {
			return true
		}
	}
	return c.fail("HasValueConstraintComponent", k.value.Value, Term{})
}

func (k isIn) check(c *check) bool {
	return c.each("InConstraintComponent", k.text, func(v Term) bool { return k.allowed[v] })
}

func (k closed) check(c *check) bool {
	for _, v := range c.values {
		for _, e := range c.graph.out[v] {
			if !c.step(1) {
				return false
			}
			found := Result{
				Focus: c.focus, Path: &Path{Predicate: e.predicate}, Value: e.object,
				Component: NS + "ClosedConstraintComponent", Constraint: "a property of the shape", Shape: c.shape,
			}
			if !k.allowed[e.predicate] && !c.out(found) {
				return false
			}
		}
	}
	return true
}

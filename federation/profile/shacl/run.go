package shacl

import "github.com/coursemesh/coursemesh/federation/rdf"

// Check lists the results of all shapes over their targets in the data, by target shape and then by order
// of the data. ErrBudget comes with the results up to there. It is safe for concurrent use.
func (s *Shapes) Check(data []rdf.Triple, background *Background, lim Limits) ([]Result, error) {
	lim = lim.withDefaults(len(data))
	r := &run{graph: newGraph(data, background), shapes: s, steps: lim.Steps, room: lim.Results}
	for _, t := range r.targets() {
		r.shape(t.shape, t.node, r.keep)
		if r.err != nil || r.room <= 0 {
			break
		}
	}
	return r.results, r.err
}

// run is one check.
type run struct {
	*graph
	shapes  *Shapes
	steps   int // left
	room    int // for results
	err     error
	results []Result
	known   map[pair]bool // whether a node conforms to a shape
}

type pair struct {
	shape *Shape
	node  Term
}

// sink takes a result and says whether to go on.
type sink func(Result) bool

func (r *run) keep(found Result) bool {
	r.results = append(r.results, found)
	r.room--
	return r.room > 0
}

// step counts work; false means that the budget is spent.
func (r *run) step(n int) bool {
	if r.steps -= n; r.steps < 0 {
		r.err = ErrBudget
	}
	return r.err == nil
}

// walked is what following an edge to a node not seen yet costs in steps: a table is looked at and grows.
const walked = 100

// climbed is the same in a hierarchy of classes, where each class is walked from anew and tables are not kept. Courses
// bring no hierarchy to speak of.
const climbed = 250

func (r *run) climb() bool { return r.step(climbed) }

// objects lists the objects of a property of a node, of data and background.
func (r *run) objects(of Term, property string) []Term {
	var out []Term
	for _, edges := range [2][]edge{r.out[of], r.background.out[of]} {
		if !r.step(1 + len(edges)) {
			return nil
		}
		for i := range edges {
			if edges[i].predicate == property {
				out = append(out, edges[i].object)
			}
		}
	}
	return out
}

func (r *run) subjects(of Term, property string) []Term {
	edges := r.reversed()[of]
	if !r.step(1 + len(edges)) {
		return nil
	}
	var out []Term
	for _, e := range edges {
		if e.predicate == property {
			out = append(out, e.object)
		}
	}
	return distinct(out)
}

// instance says that a node is a SHACL instance of a class.
func (r *run) instance(node, class Term) bool {
	for _, edges := range [2][]edge{r.out[node], r.background.out[node]} {
		if !r.step(1 + len(edges)) {
			return false
		}
		for i := range edges {
			if edges[i].predicate == rdf.Type && (edges[i].object == class || r.below(edges[i].object, class)) {
				return true
			}
		}
	}
	return false
}

func (r *run) below(class, above Term) bool {
	for _, c := range r.above(class, r.climb) {
		if !r.step(1) {
			return false
		}
		if c == above {
			return true
		}
	}
	return false
}

// targets lists which nodes are checked against which shapes, each once.
func (r *run) targets() []pair {
	var out []pair
	seen := make(map[pair]bool)
	add := func(shapes []*Shape, node Term) {
		for _, s := range shapes {
			if p := (pair{s, node}); !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	for _, t := range r.types {
		for _, class := range r.above(TermOf(t.Obj), r.climb) {
			if !r.step(1) {
				return out
			}
			add(r.shapes.byClass[class], TermOf(t.Subj))
		}
	}
	for _, t := range r.shapes.byNode {
		add([]*Shape{t.shape}, t.node)
	}
	if len(r.shapes.bySubjects)+len(r.shapes.byObjects) > 0 {
		for _, subject := range r.graph.subjects {
			for _, e := range r.out[subject] {
				add(r.shapes.bySubjects[e.predicate], subject)
				add(r.shapes.byObjects[e.predicate], e.object)
			}
		}
	}
	return out
}

// conforms checks a node against a shape without keeping results.
func (r *run) conforms(s *Shape, node Term) bool {
	key := pair{s, node}
	if known, ok := r.known[key]; ok {
		return known
	}
	ok := true
	r.shape(s, node, func(Result) bool { ok = false; return false })
	if r.known == nil {
		r.known = make(map[pair]bool)
	}
	r.known[key] = ok
	return ok
}

// shape checks a node against a shape; false means that out wants no more.
func (r *run) shape(s *Shape, focus Term, out sink) bool {
	if s.deactivated || !r.step(1) {
		return r.err == nil
	}
	var values []Term
	if s.Path == nil {
		values = []Term{focus}
	} else if values = r.values(s.Path, focus); len(values) == 0 && s.vacuous {
		return r.err == nil
	}
	c := check{run: r, shape: s, focus: focus, values: values, out: out}
	for _, constraint := range s.constraints {
		if !constraint.check(&c) || r.err != nil {
			return false
		}
	}
	return true
}

// check is one shape at one focus node.
type check struct {
	*run
	shape  *Shape
	focus  Term
	values []Term
	out    sink
}

// fail reports the constraint; false means that no more is wanted.
func (c *check) fail(component, constraint string, value Term) bool {
	return c.out(Result{Focus: c.focus, Path: c.shape.Path, Value: value, Component: NS + component, Constraint: constraint, Shape: c.shape})
}

// each fails for every value that is not good.
func (c *check) each(component, constraint string, good func(Term) bool) bool {
	for _, v := range c.values {
		if !c.step(1) {
			return false
		}
		if !good(v) && c.err == nil && !c.fail(component, constraint, v) {
			return false
		}
	}
	return true
}

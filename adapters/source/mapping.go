package source

import (
	"slices"
	"strings"
)

// Mapping is a table of rules, ready to be applied.
type Mapping[M Describer] struct {
	rules  []Rule[M]
	sorted []int // numbers of the rules, by their fields
}

// NewMapping prepares a table; its rules are applied in their order.
func NewMapping[M Describer](rules []Rule[M]) Mapping[M] {
	t := Mapping[M]{rules: rules}
	for i := range rules {
		t.sorted = append(t.sorted, i)
	}
	slices.SortStableFunc(t.sorted, func(a, b int) int { return strings.Compare(rules[a].Field, rules[b].Field) })
	return t
}

// usualRules is how many rules a table has at most, without taking memory of its own for each entry.
const usualRules = 128

// Apply puts every field of the node's entry where its rule says.
func (t Mapping[M]) Apply(m M) {
	n := m.Described()
	var room [usualRules]any
	values := t.read(n.Object, room[:0])
	for i := range t.rules {
		r, v := &t.rules[i], values[i]
		if r.Put == nil || (r.OnInstance && n.Instances > 0) || n.Full() {
			continue
		}
		if n.inherits = r.FromCourse && n.Course != nil && Blank(v); n.inherits {
			v = n.Course.bequest(r.Field)
		}
		if !Blank(v) {
			r.Put(m, v)
		}
	}
	n.inherits = false
}

// read gives each rule the value of its field. Fields and rules are both in order, so that one pass over each finds what
// is spelt right; only where fields are left over may a rule's field be there in another spelling.
func (t Mapping[M]) read(o Object, room []any) []any {
	values := append(room, make([]any, len(t.rules))...) //nolint:gocritic // room is the caller's
	at, last, matched := 0, -1, 0
	for _, i := range t.sorted {
		field := t.rules[i].Field
		for at < len(o) && o[at].Name < field {
			at++
		}
		if at == len(o) || o[at].Name != field {
			continue
		}
		values[i] = o[at].Value
		if last != at {
			last, matched = at, matched+1
		}
	}
	if matched < len(o) {
		t.readOdd(o, values)
	}
	return values
}

func (t Mapping[M]) readOdd(o Object, values []any) {
	for i := range values {
		if values[i] == nil {
			values[i] = o.Get(t.rules[i].Field)
		}
	}
}

package profile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/elm"
)

// Quality is what the checks of many courses came to: exact counts, and a few examples of each sort.
type Quality struct {
	Courses      int      `json:"courses" doc:"Courses that were checked"`
	Conforming   int      `json:"conforming" doc:"Of those, without a finding of severity violation"`
	Completeness int      `json:"completeness" doc:"Average of the courses, in percent"`
	Violations   int      `json:"violations"`
	Warnings     int      `json:"warnings"`
	Infos        int      `json:"infos"`
	Findings     []Sort   `json:"findings" doc:"By severity, then how often"`
	Missing      []Missed `json:"missing" doc:"Facts of the completeness rule that courses do not state, by how many"`
}

// Sort is one sort of finding: the same constraint on the same property.
type Sort struct {
	Severity string    `json:"severity"`
	Property string    `json:"property"`
	Field    string    `json:"field,omitempty"`
	Kind     string    `json:"kind"`
	Count    int       `json:"count"`
	Courses  int       `json:"courses" doc:"Courses that have it"`
	Message  string    `json:"message,omitempty" doc:"Of the first"`
	Fix      string    `json:"fix,omitempty"`
	Examples []Example `json:"examples,omitempty"`
}

// Example is one place to look.
type Example struct {
	Subject string `json:"subject"`
	Where   string `json:"where"`
	Value   string `json:"value,omitempty"`
}

// Missed counts the courses that do not state a fact.
type Missed struct {
	Fact    string `json:"fact"`
	Courses int    `json:"courses"`
}

const (
	keptExamples = 3
	keptSorts    = 500 // a sort is a path of the shapes: there are fewer, whatever the data is
)

// Tally adds up the findings of a run. It takes the same memory for a million courses as for a thousand. It
// is not safe for concurrent use.
type Tally struct {
	quality Quality
	sorts   map[sortKey]*sorted
	missing map[string]int
	told    told
	score   int // sum of completeness
	checked int // courses and offerings
}

type sortKey struct{ severity, property, field, kind string }

type sorted struct {
	Sort
	last int // number of the course or offering that was counted last
}

// Course counts one course.
func (t *Tally) Course(findings []Finding, c elm.Course) {
	if t.missing == nil {
		t.missing = make(map[string]int)
	}
	t.quality.Courses++
	t.score += Completeness(c)
	for _, m := range Missing(c) {
		t.missing[m]++
	}
	violations := t.quality.Violations
	t.Offering(findings)
	if t.quality.Violations == violations {
		t.quality.Conforming++
	}
}

// Offering counts the findings of an offering that another institution's course has.
func (t *Tally) Offering(findings []Finding) {
	if t.sorts == nil {
		t.sorts = make(map[sortKey]*sorted)
	}
	t.checked++
	q := &t.quality
	for _, f := range t.told.news(findings) {
		switch f.Severity {
		case Violation:
			q.Violations++
		case Warning:
			q.Warnings++
		default:
			q.Infos++
		}
		t.sort(f)
	}
}

func (t *Tally) sort(f Finding) {
	key := sortKey{f.Severity, f.Property, f.Field, f.Kind}
	s, ok := t.sorts[key]
	if !ok {
		if len(t.sorts) >= keptSorts {
			return // the totals have it
		}
		s = &sorted{Sort: Sort{Severity: f.Severity, Property: f.Property, Field: f.Field, Kind: f.Kind, Message: f.Message, Fix: f.Fix, Examples: []Example{}}}
		t.sorts[key] = s
	}
	s.Count++
	if s.last != t.checked {
		s.last = t.checked
		s.Courses++
		if len(s.Examples) < keptExamples {
			s.Examples = append(s.Examples, Example{f.Subject, f.Where, f.Value})
		}
	}
}

// Quality is what was added so far.
func (t *Tally) Quality() Quality {
	q := t.quality
	if q.Courses > 0 {
		q.Completeness = t.score / q.Courses
	}
	q.Findings, q.Missing = []Sort{}, []Missed{}
	for _, s := range t.sorts {
		q.Findings = append(q.Findings, s.Sort)
	}
	slices.SortFunc(q.Findings, compareSorts)
	for fact, n := range t.missing {
		q.Missing = append(q.Missing, Missed{fact, n})
	}
	slices.SortFunc(q.Missing, func(a, b Missed) int { return cmp.Or(b.Courses-a.Courses, strings.Compare(a.Fact, b.Fact)) })
	return q
}

var ranks = map[string]int{Violation: 0, Warning: 1, Info: 2}

func compareSorts(a, b Sort) int {
	return cmp.Or(
		ranks[a.Severity]-ranks[b.Severity], b.Count-a.Count,
		strings.Compare(a.Property, b.Property), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Field, b.Field),
	)
}

// Counts leaves out messages and examples, which quote the source.
func (q Quality) Counts() Quality {
	q.Findings = slices.Clone(q.Findings)
	for i := range q.Findings {
		q.Findings[i].Message, q.Findings[i].Fix, q.Findings[i].Examples = "", "", nil
	}
	return q
}

// Merge adds what another run came to: the sources of one harvest.
func (q Quality) Merge(o Quality) Quality {
	if o.Courses == 0 {
		return q
	}
	if q.Courses == 0 {
		return o
	}
	q.Completeness = (q.Completeness*q.Courses + o.Completeness*o.Courses) / (q.Courses + o.Courses)
	q.Courses += o.Courses
	q.Conforming += o.Conforming
	q.Violations += o.Violations
	q.Warnings += o.Warnings
	q.Infos += o.Infos
	q.Findings, q.Missing = mergeSorts(q.Findings, o.Findings), mergeMissing(q.Missing, o.Missing)
	return q
}

func mergeSorts(a, b []Sort) []Sort {
	out := slices.Clone(a)
	for _, s := range b {
		i := slices.IndexFunc(out, func(t Sort) bool {
			return t.Severity == s.Severity && t.Property == s.Property && t.Field == s.Field && t.Kind == s.Kind
		})
		if i < 0 {
			out = append(out, s)
			continue
		}
		out[i].Count += s.Count
		out[i].Courses += s.Courses
		out[i].Examples = slices.Concat(out[i].Examples, s.Examples)
		out[i].Examples = out[i].Examples[:min(keptExamples, len(out[i].Examples))]
	}
	slices.SortFunc(out, compareSorts)
	return out[:min(keptSorts, len(out))]
}

func mergeMissing(a, b []Missed) []Missed {
	out := slices.Clone(a)
	for _, m := range b {
		if i := slices.IndexFunc(out, func(n Missed) bool { return n.Fact == m.Fact }); i >= 0 {
			out[i].Courses += m.Courses
		} else {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Missed) int { return cmp.Or(b.Courses-a.Courses, strings.Compare(a.Fact, b.Fact)) })
	return out
}

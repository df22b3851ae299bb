package harvest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// An identifier denotes a course with its credits and its outcomes: when either changes beyond small edits it
// is another course, which needs an identifier of its own. Nobody but the institution can tell, so the record
// is published all the same and the institution hears of it.

const newIdentifier = "publish the changed course under a new identifier, and name the old one with ql:superseded; for small edits raise ql:version"

// watch warns when a record changes what its identifier denotes.
func (r *run) watch(before, after federation.Record, where string) {
	if after.Kind != federation.KindCourse || string(before.Graph) == string(after.Graph) {
		return
	}
	old, err := viewOf(before)
	if err != nil {
		return // of a record of our own, checked when it was made
	}
	now, err := viewOf(after)
	if err != nil {
		return
	}
	warn := func(field, value, message string) {
		r.report.note(Problem{Subject: after.Subject, Where: r.place(where), Field: field, Value: value, Message: message, Fix: newIdentifier})
	}
	if old.ECTS != nil && now.ECTS != nil && *old.ECTS != *now.ECTS {
		warn("elm:creditPoint", fmt.Sprint(*now.ECTS), fmt.Sprintf("the course has %v ECTS credits instead of %v under the same identifier", *now.ECTS, *old.ECTS))
	}
	if lost := replaced(old.Outcomes, now.Outcomes); lost > 0 {
		warn("elm:learningOutcome", "", fmt.Sprintf("%d of the course's learning outcomes are others than before under the same identifier", lost))
	}
}

func viewOf(record federation.Record) (elm.Course, error) {
	triples, err := rdf.ParseTrusted(record.Graph)
	return elm.View(record.Subject, triples), err
}

// replaced counts outcomes that have no like among the former ones, or the former that have none now: the larger
// number. It is 0 where nothing was stated before or is now, or when no more than a third differ.
func replaced(before, after []elm.Outcome) int {
	if len(before) == 0 || len(after) == 0 {
		return 0
	}
	old, now := wordsOf(before), wordsOf(after)
	gone, came := unlike(old, now), unlike(now, old)
	if 3*gone <= len(old) && 3*came <= len(now) {
		return 0
	}
	return max(gone, came)
}

const manyOutcomes = 200 // compared of one course

// wordsOf lists for each outcome the words of its title in each language.
func wordsOf(outcomes []elm.Outcome) [][][]string {
	var out [][][]string
	for _, o := range outcomes[:min(len(outcomes), manyOutcomes)] {
		var titles [][]string
		for _, text := range o.Title {
			words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
			slices.Sort(words)
			titles = append(titles, slices.Compact(words))
		}
		if len(titles) > 0 {
			out = append(out, titles)
		}
	}
	return out
}

// unlike counts what has no like among others.
func unlike(these, others [][][]string) int {
	n := 0
	for _, titles := range these {
		if !slices.ContainsFunc(others, func(other [][]string) bool { return alike(titles, other) }) {
			n++
		}
	}
	return n
}

// alike says that two outcomes share most of their words in one language: an edit, not another outcome.
func alike(a, b [][]string) bool {
	return slices.ContainsFunc(a, func(x []string) bool {
		return slices.ContainsFunc(b, func(y []string) bool {
			common := 0
			for _, word := range x {
				if _, ok := slices.BinarySearch(y, word); ok {
					common++
				}
			}
			return 10*common >= 6*max(len(x), len(y))
		})
	})
}

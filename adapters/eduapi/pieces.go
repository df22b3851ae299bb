package eduapi

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// prepare sorts the component's offerings by the offerings of the course that they are part of, once for all of these:
// a course may have thousands of each.
func (p *part) prepare(offerings map[string]bool) {
	p.Object = tagged(p.Object)
	p.pieces, p.named = make([]*piece, len(p.runs)+1), make(map[string][]int)
	for i := range p.runs {
		p.runs[i].Object = tagged(p.runs[i].Object)
		found := false
		for _, id := range ids(p.runs[i].Get("parent")) {
			if offerings[id] {
				found = true
				p.named[id] = append(p.named[id], i)
			}
		}
		if !found {
			p.shared = append(p.shared, i)
		}
	}
}

// runsOf are the component's offerings that are part of an offering of the course; those that name none of them are
// part of each.
func (p *part) runsOf(offering string) []int {
	own := p.named[offering]
	if len(own) == 0 {
		return p.shared
	}
	runs := slices.Concat(p.shared, own)
	slices.Sort(runs)
	return runs
}

// piece is a component as one node: what the template says, and what an offering of it does.
type piece struct {
	class, kind   string
	titles, prose []source.Text // of the offering, else of the template; there is at least one title
	componentType string
	facts         source.Object     // of the offering
	mark          [sha256.Size]byte // tells pieces apart that say different things
}

// template stands for the offering of a piece that has none.
const template = -1

// piece is the component as one of its offerings has it, by number. Each is made once, however many offerings of the
// course have it.
func (p *part) piece(run int) *piece {
	at := run + 1
	if p.pieces[at] == nil {
		var offering source.Object
		if run != template {
			offering = p.runs[run].Object
		}
		p.pieces[at] = newPiece(p.Object, offering)
	}
	return p.pieces[at]
}

// all are the numbers of the component's offerings.
func (p *part) all() []int {
	out := make([]int, len(p.runs))
	for i := range out {
		out[i] = i
	}
	return out
}

// each is the component once for each of these offerings of it, else as the template describes it.
func (p *part) each(runs []int) []*piece {
	if len(runs) == 0 {
		return []*piece{p.piece(template)}
	}
	out := make([]*piece, len(runs))
	for i, run := range runs {
		out[i] = p.piece(run)
	}
	return out
}

func newPiece(component, run source.Object) *piece {
	p := &piece{class: vocabulary.ClassLearningActivitySpecification, componentType: component.Text("componentType"), facts: componentFacts(run)}
	if kind := source.Spelling(p.componentType); kind == "exam" {
		p.class = vocabulary.ClassLearningAssessmentSpecification
	} else {
		p.kind = activities[kind]
	}
	if p.titles = source.TextsOf(run.Get("title")); len(p.titles) == 0 {
		p.titles = source.TextsOf(component.Get("title"))
	}
	if p.prose = source.Without(source.TextsOf(run.Get("description")), p.titles); len(p.prose) == 0 {
		p.prose = source.Without(source.TextsOf(component.Get("description")), p.titles)
	}
	p.mark = sha256.Sum256([]byte(p.class + "\x00" + p.kind + "\x00" + source.KeyOf(p.titles) + "\x00" + source.KeyOf(p.prose) + "\x00" + p.componentType + "\x00" + source.Compact(p.facts)))
	return p
}

// size is how many bytes its titles take, and it itself.
func (p *piece) size() int {
	size := len(p.mark)
	for _, t := range p.titles {
		size += len(t.Value)
	}
	return size
}

// together is a title of several pieces, in the languages that all have.
func together(pieces []*piece) []source.Text {
	var words []string
	seen := make(map[string]map[string]bool) // words by language
	joined := make(map[string][]string)
	for _, p := range pieces {
		titles := p.titles
		words = append(words, titles[0].Value)
		for _, t := range titles {
			if seen[t.Lang] == nil {
				seen[t.Lang] = make(map[string]bool)
			}
			seen[t.Lang][t.Value] = true
			joined[t.Lang] = append(joined[t.Lang], t.Value)
		}
	}
	var out []source.Text
	for _, lang := range slices.Sorted(maps.Keys(joined)) {
		if len(joined[lang]) == len(pieces) {
			out = append(out, source.Text{Lang: lang, Value: strings.Join(slices.Sorted(maps.Keys(seen[lang])), ", ")})
		}
	}
	if len(out) == 0 {
		slices.Sort(words)
		out = source.OneText(source.Undetermined, strings.Join(slices.Compact(words), ", "))
	}
	return out
}

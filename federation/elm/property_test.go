package elm_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

var naming = elm.Naming{ProviderIRI: "https://uni-0.example/", Own: []string{"https://uni-0.example/org"}}

// courses gives the canonical bytes of all normalised graphs of a document, sorted.
func courses(t testing.TB, triples []rdf.Triple) []string {
	t.Helper()
	graphs, orphans := elm.Split(triples)
	var out []string
	for _, g := range append(graphs, orphans...) {
		normal, _ := g.Normalise(naming)
		out = append(out, canonical(t, normal))
	}
	slices.Sort(out)
	return out
}

func canonical(t testing.TB, g elm.Graph) string {
	t.Helper()
	b, err := g.Canonical()
	if err != nil {
		t.Fatalf("%s: %v", g.Subject, err)
	}
	return string(b)
}

func drawn(t *rapid.T) *generator {
	return generate(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 6).Draw(t, "courses"))
}

func reread(t testing.TB, f rdf.Format, triples []rdf.Triple) []rdf.Triple {
	t.Helper()
	var b bytes.Buffer
	if err := rdf.Encode(&b, f, triples); err != nil {
		t.Fatal(err)
	}
	return decode(t, f, b.Bytes())
}

func decode(t testing.TB, f rdf.Format, b []byte) []rdf.Triple {
	t.Helper()
	var out []rdf.Triple
	for triple, err := range rdf.Decode(bytes.NewReader(b), f, "https://base.example/", rdf.Limits{}) {
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out = append(out, triple)
	}
	return out
}

func TestEqualDocumentsGiveEqualBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := drawn(rt)
		want := courses(t, g.triples)
		other := g.disturbed(rapid.Uint64().Draw(rt, "order"))
		if diff := cmp.Diff(want, courses(t, other)); diff != "" {
			rt.Fatalf("another order and other labels: %s", diff)
		}
		for _, f := range []rdf.Format{rdf.Turtle, rdf.NTriples, rdf.JSONLD} {
			if diff := cmp.Diff(want, courses(t, reread(t, f, other))); diff != "" {
				rt.Fatalf("written as %s: %s", f, diff)
			}
		}
	})
}

func TestCheckAcceptsWhatSplitAndNormaliseGive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		graphs, orphans := elm.Split(drawn(rt).triples)
		for _, g := range graphs {
			if _, ok := g.Subject.(rdf.IRI); !ok {
				g = g.Rename(g.Subject, rdf.MustIRI(elm.Mint("uni-0.example", "x")))
			}
			normal, _ := g.Normalise(naming)
			for _, it := range []elm.Graph{g, normal} {
				if err := elm.Check(it.Subject.String(), it.Triples); err != nil {
					rt.Fatal(err)
				}
				spoilt(rt, it, elm.Check)
			}
		}
		for _, g := range orphans {
			if _, ok := g.Subject.(rdf.IRI); !ok {
				continue
			}
			normal, _ := g.Normalise(naming)
			if err := elm.CheckReachable(g.Subject.String(), normal.Triples); err != nil {
				rt.Fatal(err)
			}
			spoilt(rt, normal, elm.CheckReachable)
		}
	})
}

// spoilt adds what does not belong into a graph.
func spoilt(t *rapid.T, g elm.Graph, check func(string, []rdf.Triple) error) {
	stranger, err := rdf.NewBlank("stranger")
	if err != nil {
		t.Fatal(err)
	}
	title := rdf.MustIRI(vocabulary.Title)
	last := g.Triples[len(g.Triples)-1]
	second := rdf.MustIRI("https://uni-0.example/course/second")
	class := rdf.MustIRI(rapid.SampledFrom([]string{
		vocabulary.ClassLearningOpportunitySpecification, vocabulary.ClassQualification, vocabulary.ClassLearningAchievementSpecification,
	}).Draw(t, "class"))
	for name, added := range map[string][]rdf.Triple{
		"an unreachable triple":          {{Subj: rdf.MustIRI("https://x.example/"), Pred: title, Obj: rdf.String("x")}},
		"an unreachable blank node":      {{Subj: stranger, Pred: title, Obj: rdf.String("x")}},
		"a node that points here":        {{Subj: stranger, Pred: rdf.MustIRI(vocabulary.IsPartOf), Obj: g.Subject.(rdf.Object)}},
		"a node behind a SKOS relation":  {{Subj: g.Subject, Pred: rdf.MustIRI(vocabulary.NSSKOS + "related"), Obj: stranger}, {Subj: stranger, Pred: title, Obj: rdf.String("x")}},
		"a second specification":         {{Subj: g.Subject, Pred: rdf.MustIRI(vocabulary.HasPart), Obj: second}, {Subj: second, Pred: rdf.MustIRI(rdf.Type), Obj: class}},
		"a specification by mere typing": {{Subj: last.Subj, Pred: last.Pred, Obj: last.Obj}, {Subj: second, Pred: rdf.MustIRI(rdf.Type), Obj: class}},
	} {
		if err := check(g.Subject.String(), slices.Concat(g.Triples, added)); err == nil {
			t.Fatalf("%s was accepted", name)
		}
	}
}

func TestNormalisingTwiceIsNormalisingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		graphs, orphans := elm.Split(drawn(rt).triples)
		for _, g := range append(graphs, orphans...) {
			once, _ := g.Normalise(naming)
			twice, removed := once.Normalise(naming)
			if diff := cmp.Diff(canonical(t, once), canonical(t, twice)); diff != "" || removed != (elm.Removed{}) {
				rt.Fatalf("removed %+v the second time: %s", removed, diff)
			}
		}
	})
}

func TestSplitFollowsTheDefinition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := drawn(rt)
		var triples []rdf.Triple
		for _, triple := range g.triples {
			if o := triple.Obj.String(); strings.HasPrefix(o, vocabulary.NSELMAlso) {
				triple.Obj = rdf.MustIRI(vocabulary.NSELM + strings.TrimPrefix(o, vocabulary.NSELMAlso))
			}
			triples = append(triples, triple)
		}
		graphs, _ := elm.Split(g.triples)
		found := map[rdf.Term]elm.Graph{}
		for _, graph := range graphs {
			found[graph.Subject] = graph
		}
		if len(found) != len(g.courses) {
			rt.Fatalf("%d graphs of %d courses", len(found), len(g.courses))
		}
		for _, course := range g.courses {
			want, got := belonging(triples, course), asSet(found[course].Triples)
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("%s: %s", course, diff)
			}
		}
	})
}

// belonging is the definition of a course graph, word by word and slow.
func belonging(triples []rdf.Triple, subject rdf.Subject) map[string]bool {
	specifications, up, mine := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, t := range triples {
		s, o := nt(t.Subj), nt(t.Obj)
		switch t.Pred.String() {
		case rdf.Type:
			switch t.Obj.String() {
			case vocabulary.ClassLearningOpportunitySpecification, vocabulary.ClassQualification, vocabulary.ClassLearningAchievementSpecification:
				specifications[s] = true
			}
		case vocabulary.LearningAchievementSpecification:
			up[s] = true
			if o == nt(subject) {
				mine[s] = true
			}
		case vocabulary.LearningOpportunity:
			if s == nt(subject) {
				mine[o] = true
			}
		}
	}
	in := map[string]bool{nt(subject): true}
	for s := range mine {
		in[s] = !specifications[s]
	}
	for grown := true; grown; {
		grown = false
		for _, t := range triples {
			o, p := nt(t.Obj), t.Pred.String()
			if !in[nt(t.Subj)] || in[o] || specifications[o] || up[o] && !mine[o] ||
				p == vocabulary.IsMemberOf || p == vocabulary.Member || strings.HasPrefix(p, vocabulary.NSSKOS) {
				continue
			}
			in[o], grown = true, true
		}
	}
	var out []rdf.Triple
	for _, t := range triples {
		if in[nt(t.Subj)] {
			out = append(out, t)
		}
	}
	return asSet(out)
}

func nt(t rdf.Term) string { return string(rdf.AppendTerm(nil, t)) }

func asSet(triples []rdf.Triple) map[string]bool {
	out := map[string]bool{}
	for _, t := range triples {
		out[nt(t.Subj)+" "+nt(t.Pred)+" "+nt(t.Obj)] = true
	}
	return out
}

func TestViewDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		g := drawn(rt)
		seen := map[string]elm.Course{}
		for i, triples := range [][]rdf.Triple{g.triples, g.disturbed(rapid.Uint64().Draw(rt, "order"))} {
			graphs, _ := elm.Split(triples)
			for _, graph := range graphs {
				if _, ok := graph.Subject.(rdf.IRI); !ok {
					continue
				}
				normal, _ := graph.Normalise(naming)
				parsed, err := rdf.ParseTrusted([]byte(canonical(t, normal)))
				if err != nil {
					rt.Fatal(err)
				}
				iri := graph.Subject.String()
				if i == 0 {
					seen[iri] = elm.View(iri, parsed)
				} else if diff := cmp.Diff(seen[iri], elm.View(iri, parsed)); diff != "" {
					rt.Fatal(diff)
				}
			}
		}
	})
}

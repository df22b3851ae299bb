package source_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// soon is far more than linear work takes here, and far less than quadratic work does.
const soon = 20 * time.Second

func TestOnce(t *testing.T) {
	t.Parallel()
	start := time.Now()
	for _, n := range []int{0, 1, 16, 17, 18, 300_000} {
		var o source.Once
		var want []string
		for i := range n {
			want = append(want, strconv.Itoa(i))
		}
		for _, first := range []bool{true, false} {
			for _, s := range want {
				if fresh := o.Add(s); fresh != first {
					t.Fatalf("%s of %d: new %v", s, n, fresh)
				}
			}
		}
		if o.Add(""); !cmp.Equal(o.Texts, want) {
			t.Errorf("%d texts twice are %d", n, len(o.Texts))
		}
	}
	if took := time.Since(start); took > soon {
		t.Errorf("took %v", took)
	}
}

func TestWithoutOfManyLanguages(t *testing.T) {
	t.Parallel()
	texts := func(n int, value string) (out []source.Text) {
		for i := range n {
			out = append(out, source.Text{Lang: fmt.Sprintf("en-x-%06d", i), Value: value})
		}
		return out
	}
	start := time.Now()
	for _, n := range []int{1, 16, 17, 100_000} {
		if left := source.Without(texts(n, "A"), texts(n, "a")); len(left) > 0 {
			t.Errorf("%d texts that only differ in capitals: %d left", n, len(left))
		}
		if left := source.Without(texts(n+1, "a"), texts(n, "a")); len(left) != 1 {
			t.Errorf("%d texts and one more: %d left", n, len(left))
		}
		if left := source.Without(texts(n, "a"), texts(n, "b")); len(left) != n {
			t.Errorf("%d other texts: %d left", n, len(left))
		}
	}
	if took := time.Since(start); took > soon {
		t.Errorf("took %v", took)
	}
}

func node() *source.Node {
	iri := rdf.MustIRI("urn:x:course")
	return &source.Node{Graph: source.NewGraph("urn:x:"), IRI: iri, Notes: new([]adapters.Note)}
}

// A field with hundreds of thousands of wrong values neither takes forever nor fills the report.
func TestFindingsOfOneCourseAreLimited(t *testing.T) {
	t.Parallel()
	n := node()
	for i := range 300_000 {
		n.Complain("f", strconv.Itoa(i), "wrong", "mend it")
	}
	notes := *n.Notes
	if last := notes[len(notes)-1]; len(notes) != 501 || last.Message != "more than 500 findings; the others are not listed" || last.Fix == "" {
		t.Errorf("%d findings, the last %+v", len(notes), last)
	}
}

// A graph that can be no record takes no more memory, and says that it is not whole.
func TestGraphStopsWhereNoRecordCanBe(t *testing.T) {
	t.Parallel()
	fill := func(n int) (kept int, oversize bool) {
		g := node()
		for i := range n {
			g.Own(g.IRI, "f", rdf.String(strconv.Itoa(i)))
		}
		triples, oversize := g.Done()
		return len(triples), oversize
	}
	most := 2 * elm.MaxTriples
	for _, n := range []int{most, most + 1, 1} {
		if kept, oversize := fill(n); oversize != (n > most) || kept != min(n, most) {
			t.Errorf("%d triples: %d, oversize %v", n, kept, oversize)
		}
	}
}

type instance struct{ *source.Node }

// Instances of a course with a long field do not read it for ever; one with a usual field is read by all.
func TestInheritanceIsLimited(t *testing.T) {
	t.Parallel()
	read := 0
	rules := source.NewMapping([]source.Rule[instance]{{
		Field: "languages", FromCourse: true, Put: func(_ instance, v any) { read += len(source.List(v)) },
	}})
	for size, want := range map[int]int{3: 6000, 100_000: 1_000_000} {
		read = 0
		course := node()
		languages := make([]any, size)
		for i := range languages {
			languages[i] = "q"
		}
		course.Object = source.ObjectOf(source.Field{Name: "Languages", Value: languages})
		for range 2000 {
			rules.Apply(instance{&source.Node{Graph: course.Graph, Course: course, Notes: course.Notes}})
		}
		if complained := len(*course.Notes) > 0; read != want || complained != (size > 3) {
			t.Errorf("%d values: %d read, want %d; complained %v", size, read, want, complained)
		}
	}
}

// What is handed out shares nothing with what is used again.
func TestNothingHandedOutIsUsedAgain(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 300 {
				text := fmt.Sprintf(`{"w%d":[%d,[{"a":"%d"}],[]],"b ":{"c":null},"a":[[1,2],3]}`, worker, i, i)
				first, err := source.Decode([]byte(text), 8)
				if err != nil {
					t.Error(err)
				}
				g := node()
				g.Note(g.IRI, vocabulary.AdditionalNote, "f", source.OneText("en", text))
				graph, _ := g.Done()
				before, triples := source.Compact(first), fmt.Sprint(graph)

				for _, other := range []string{`[[9,9,9,9,[9,{"z":9,"y":9,"x":[9]}]]]`, `{"q":[9,9`, `{"z":{"y":{"x":9`} {
					_, _ = source.Decode([]byte(other), 8) // broken off ones too
				}
				h := node()
				h.Note(h.IRI, vocabulary.AdditionalNote, "f", source.OneText("nl", "other"))
				_, _ = h.Done()
				if after := source.Compact(first); after != before {
					t.Errorf("%s became %s", before, after)
				}
				if after := fmt.Sprint(graph); after != triples {
					t.Errorf("%s became %s", triples, after)
				}
			}
		})
	}
	all.Wait()
}

package rdf_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

func blank(t testing.TB, label string) rdf.Blank {
	t.Helper()
	b, err := rdf.NewBlank(label)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// clique links each of n blank nodes with all others.
func clique(t testing.TB, n int) []rdf.Triple {
	knows := rdf.MustIRI("http://example.org/knows")
	var triples []rdf.Triple
	for i := range n {
		for j := range n {
			if i != j {
				triples = append(triples, rdf.Triple{
					Subj: blank(t, fmt.Sprint("n", i)), Pred: knows, Obj: blank(t, fmt.Sprint("n", j)),
				})
			}
		}
	}
	return triples
}

func TestCliqueExecutions(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]int{5: 485, 6: 3606} {
		if got, err := rdf.Executions(clique(t, n), 1_000_000); got != want || err != nil {
			t.Errorf("a clique of %d: %d executions, want %d (error %v)", n, got, want, err)
		}
	}
	if _, err := rdf.Canonical(clique(t, 5)); err != nil {
		t.Error(err)
	}
}

func TestThreat14PoisonGraphsEndAtTheBudget(t *testing.T) {
	t.Parallel()
	for n := 6; n <= 12; n++ {
		start := time.Now()
		_, err := rdf.Canonical(clique(t, n))
		if !errors.Is(err, rdf.ErrBudget) {
			t.Errorf("a clique of %d: error %v, want ErrBudget", n, err)
		}
		if took := time.Since(start); took > 250*time.Millisecond {
			t.Errorf("a clique of %d took %v", n, took)
		}
		t.Log(n, time.Since(start))
	}
}

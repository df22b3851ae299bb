package federation

import (
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Unfit says why a course graph cannot become a record, and how to mend it.
type Unfit struct{ Message, Fix string }

// RecordGraph makes the bytes that a record of a normalised graph carries. It refuses what makes a course
// unusable: no title (which an offering has from its course), or more than a record may hold.
func RecordGraph(subject string, graph elm.Graph) ([]byte, *Unfit) {
	check := elm.CheckReachable
	if !graph.IsOffering() {
		check = elm.Check
		if _, ok := graph.Title(); !ok {
			return nil, &Unfit{"the course has no title", "give it a dcterms:title in at least one language"}
		}
	}
	if err := check(subject, graph.Triples); err != nil {
		return nil, &Unfit{err.Error(), "describe each course as a node of its own"}
	}
	bytes, err := graph.Canonical()
	switch {
	case errors.Is(err, rdf.ErrBudget):
		return nil, &Unfit{"its blank nodes are too alike to be told apart", "give the nodes IRIs, or remove repeated ones"}
	case err != nil:
		return nil, &Unfit{err.Error(), "mend the course's description"}
	case len(bytes) > MaxRecord:
		return nil, &Unfit{fmt.Sprintf("the course takes %d bytes, at most %d are allowed", len(bytes), MaxRecord), "shorten its texts"}
	}
	return bytes, nil
}

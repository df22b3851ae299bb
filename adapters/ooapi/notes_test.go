package ooapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters/ooapi"
)

// What stands where the standard has objects is not lost without a word.
func TestValuesInPlaceOfObjectsAreFindings(t *testing.T) {
	t.Parallel()
	s := server{page: plainPage, courses: []string{`{"courseId":"c","name":[{"language":"en","value":"Knots"}],"studyLoad":7.5}`}, other: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v5/courses/c/offerings" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"items":[{"offeringId":"o","addresses":"Port","priceInformation":["100",{"amount":"5","currency":"EUR"}],"startDate":"2027-02-01"}]}`)
	}}
	got := read(t, ooapi.New(ooapi.Limits{}), at(s.start(t)))
	if got.end != nil || len(got.items) != 1 {
		t.Fatalf("%v; %d items", got.end, len(got.items))
	}
	found := make(map[string]string)
	for _, n := range got.items[0].Notes {
		if n.Message == "this is no object, and so it is not read" {
			found[n.Field] = n.Value
		}
	}
	want := map[string]string{"studyLoad": "7.5", "offerings/o/addresses": "Port", "offerings/o/priceInformation": "100"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

// A list of a hundred thousand entries that are none does not make as many findings.
func TestLostOfferingsOfOneCourseAreLimited(t *testing.T) {
	t.Parallel()
	s := server{page: plainPage, courses: courses(1), other: func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v5/courses/c1/offerings" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "[", strings.Repeat("1,", 100_000), "1]")
	}}
	got := read(t, ooapi.New(ooapi.Limits{}), at(s.start(t)))
	if got.end != nil || len(got.items) != 1 {
		t.Fatalf("%v; %d items", got.end, len(got.items))
	}
	notes := got.items[0].Notes
	if last := notes[len(notes)-1]; len(notes) != 501 || last.Message != "more than 500 findings; the others are not listed" {
		t.Errorf("%d findings, the last %+v", len(notes), last)
	}
}

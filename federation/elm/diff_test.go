package elm_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/google/go-cmp/cmp"
)

func number(n int) *int { return &n }

func TestDiff(t *testing.T) {
	t.Parallel()
	before := elm.Course{
		Title: elm.Text{"en": "Tides"}, EQF: []int{6}, Modified: "2026-01-01",
		Offerings: []elm.Offering{
			{IRI: "urn:o1", Start: "2026-09-01", Enrolled: number(3)},
			{IRI: "_:b0", Identifiers: []elm.Identifier{{Notation: "S2"}}, Capacity: number(10)},
			{IRI: "urn:gone", Start: "2025-09-01"},
		},
	}
	after := elm.Course{
		Title: elm.Text{"en": "Tides", "de": "Gezeiten"}, EQF: []int{6}, ISCED: []string{"0532"}, Modified: "2026-02-01",
		Offerings: []elm.Offering{
			{IRI: "urn:o1", Start: "2026-09-02", Enrolled: number(4)},
			{IRI: "_:b7", Identifiers: []elm.Identifier{{Notation: "S2"}}, Capacity: number(12)},
		},
	}
	type row struct {
		Field    string
		Class    elm.ChangeClass
		From, To string
	}
	var got []row
	for _, d := range elm.Diff(before, after) {
		from, _ := json.Marshal(d.From)
		to, _ := json.Marshal(d.To)
		got = append(got, row{d.Field, d.Class, string(from), string(to)})
	}
	want := []row{
		{"title", "specification", `{"en":"Tides"}`, `{"de":"Gezeiten","en":"Tides"}`},
		{"isced", "specification", "null", `["0532"]`},
		{"modified", "volatile", `"2026-01-01"`, `"2026-02-01"`},
		{"offerings[S2].capacity", "offering", "10", "12"},
		{"offerings[urn:gone]", "offering", `{"end":"","start":"2025-09-01","title":null}`, "null"},
		{"offerings[urn:o1].start", "offering", `"2026-09-01"`, `"2026-09-02"`},
		{"offerings[urn:o1].enrolled", "volatile", "3", "4"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := elm.Diff(before, before); len(d) != 0 {
		t.Errorf("a course differs from itself: %v", d)
	}
}

// derivedFields of the typed view follow from others, or are compared under another name.
var derivedFields = []string{"IRI", "UUID", "Providers", "Organisations", "Labels", "ECTS", "Modes", "Offerings", "PartOf", "HasPart"}

// TestDiffMissesNothing: every field of the typed view makes a difference.
func TestDiffMissesNothing(t *testing.T) {
	t.Parallel()
	everyField(t, reflect.TypeFor[elm.Course](), func(v reflect.Value) []elm.Difference {
		return elm.Diff(elm.Course{}, v.Interface().(elm.Course))
	}, derivedFields)
	everyField(t, reflect.TypeFor[elm.Offering](), func(v reflect.Value) []elm.Difference {
		changed := v.Interface().(elm.Offering)
		changed.IRI = "urn:o"
		return elm.Diff(elm.Course{Offerings: []elm.Offering{{IRI: "urn:o"}}}, elm.Course{Offerings: []elm.Offering{changed}})
	}, []string{"IRI"})
}

func everyField(t *testing.T, of reflect.Type, diff func(reflect.Value) []elm.Difference, but []string) {
	t.Helper()
	for i := range of.NumField() {
		field := of.Field(i)
		if slices.Contains(but, field.Name) {
			continue
		}
		v := reflect.New(of).Elem()
		fill(v.Field(i))
		if d := diff(v); len(d) != 1 {
			t.Errorf("%s.%s makes %d differences", of.Name(), field.Name, len(d))
		}
	}
}

// fill gives a value that says something.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("en"), reflect.ValueOf("x"))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Int:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

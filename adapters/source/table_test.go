package source_test

import (
	"testing"

	"github.com/coursemesh/coursemesh/adapters/source"
)

func TestFieldsNameWhatFeedsAProperty(t *testing.T) {
	t.Parallel()
	fields := source.FieldsOf(
		[]source.Rule[*source.Node]{
			{Field: "level", To: "elm:EQFLevel, own:level"},
			{Field: "otherLevel", To: "elm:EQFLevel"},
			{Field: "mode", To: "elm:mode", OnInstance: true},
			{Field: "persons", To: "-"},
		},
		[]source.Rule[*source.Node]{{Field: "language", To: "elm:defaultLanguage"}},
	)
	for _, c := range []struct {
		property string
		offering bool
		want     string
	}{
		{"elm:EQFLevel", false, "level"},
		{"own:level", false, "level"},
		{"elm:EQFLevel", true, ""},
		{"elm:mode", false, "mode"},
		{"elm:mode", true, "mode"},
		{"elm:defaultLanguage", true, "language"},
		{"elm:defaultLanguage", false, ""},
		{"elm:unknown", false, ""},
	} {
		if got := fields(c.property, c.offering); got != c.want {
			t.Errorf("%s, offering %t: %q, want %q", c.property, c.offering, got, c.want)
		}
	}
}

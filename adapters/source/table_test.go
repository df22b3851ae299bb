package source_test

import (
	"testing"

	"github.com/coursemesh/coursemesh/adapters/source"
)

func TestFieldsNameWhatFeedsAProperty(t *testing.T) {
	t.Parallel()
	fields := source.FieldsOf("modules",
		[]source.Rule[*source.Node]{
			{Field: "grade", To: "elm:EQFLevel", Back: source.NotWritten},
			{Field: "level", To: "elm:EQFLevel, own:level", Ask: "1 to 8"},
			{Field: "otherLevel", To: "elm:EQFLevel"},
			{Field: "mode", To: "elm:mode", OnInstance: true},
			{Field: "place", To: "elm:location", Lacks: "elm:location/elm:address"},
			{Field: "persons", To: "-"},
		},
		[]source.Rule[*source.Node]{{Field: "language", To: "elm:defaultLanguage"}},
	)
	for _, c := range []struct {
		way              string
		offering         bool
		field, otherwise string
	}{
		{"elm:EQFLevel", false, "level", "1 to 8"},
		{"elm:EQFLevel/skos:notation", false, "level", "1 to 8"},
		{"own:level", false, "level", "1 to 8"},
		{"elm:EQFLevel", true, "", "offerings"},
		{"elm:mode", false, "mode", ""},
		{"elm:mode", true, "mode", ""},
		{"elm:location", false, "place", ""},
		{"elm:location/locn:geometry", false, "place", ""},
		{"elm:location/elm:address", false, "", "modules"},
		{"elm:defaultLanguage", true, "language", ""},
		{"elm:defaultLanguage", false, "", "modules"},
		{"elm:unknown", false, "", "modules"},
	} {
		if field, otherwise := fields(c.way, c.offering); field != c.field || otherwise != c.otherwise {
			t.Errorf("%s, offering %t: %q %q, want %q %q", c.way, c.offering, field, otherwise, c.field, c.otherwise)
		}
	}
}

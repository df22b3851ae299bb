package occapi

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source/sourcetest"
	"github.com/coursemesh/coursemesh/federation"
)

// Persons as servers hang them on resources; the standard itself has none.
const persons = `{
	"coordinator": {"givenName": "Planted", "familyName": "Planted", "email": "planted@uni.example"},
	"teacher": ["Planted"], "examiner": "Planted", "contactPerson": [{"string": "Planted"}], "staff": [{"fullName": "Planted"}],
	"updatedBy": "planted", "responsible": {"lastName": "Planted"}, "mail": "planted@uni.example", "orcid": "planted"
}`

// planted adds persons to every object, and an address to every text.
func planted(v any) any {
	switch t := v.(type) {
	case map[string]any:
		for k, e := range t {
			text, ok := e.(string)
			if t[k] = planted(e); ok && (k == "multiline" || k == "string") {
				t[k] = text + " planted@uni.example"
			}
		}
		var more map[string]any
		if err := json.Unmarshal([]byte(persons), &more); err != nil {
			panic(err)
		}
		for k, e := range more {
			t[k] = e
		}
	case []any:
		for i := range t {
			t[i] = planted(t[i])
		}
	}
	return v
}

// golden are the answers of a golden source, by path below the institution.
func golden(t *testing.T, name string, change func(any) any) map[string][]byte {
	t.Helper()
	bodies := make(map[string][]byte)
	for path, body := range sourcetest.Golden(t, name+"/source/hei", change) {
		bodies[strings.TrimPrefix(path, "uni.example")] = body
	}
	return bodies
}

func TestThreat37PersonsInEveryPlace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"occapi1-minimal", "occapi1-full", "occapi1-odd", "occapi2-minimal", "occapi2-full", "occapi2-odd"} {
		clean := published(t, golden(t, name, func(v any) any { return v }))
		bodies := golden(t, name, planted)
		got := published(t, bodies)
		if len(got) < len(clean) || len(clean) == 0 {
			t.Errorf("%s: %d courses, not %d", name, len(got), len(clean))
		}
		for _, text := range got {
			if i := strings.Index(strings.ToLower(text), "planted"); i >= 0 {
				t.Errorf("%s: published %s", name, text[max(0, i-200):min(len(text), i+40)])
			}
		}
		src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: origin}}
		for item, err := range New(Limits{}).Read(t.Context(), answers(t, bodies), src, time.Time{}) {
			said := item.Where
			for _, n := range item.Notes {
				said += n.Field + n.Message
			}
			if lost := (*adapters.RecordError)(nil); errors.As(err, &lost) {
				said += lost.Error()
			}
			if strings.Contains(strings.ToLower(said), "planted") {
				t.Errorf("%s: said %s", name, said)
			}
		}
	}
}

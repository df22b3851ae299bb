package eduapi

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

// Persons as Edu-API writes them, and as servers hang them on what is no person.
const persons = `{
	"instructor": {"sourcedId": "planted", "givenName": "Planted", "familyName": "Planted"},
	"staff": [{"sourcedId": "planted", "formattedName": "Planted", "primaryEmail": "planted@uni.example"}],
	"students": [{"userName": "planted"}], "enrollments": [{"person": {"sourcedId": "planted"}}], "affiliations": ["planted"],
	"createdBy": "planted", "head": {"familyName": "Planted"}, "contact": "Planted", "mail": "planted@uni.example"
}`

// planted adds persons to every object, and their codes to every list of codes.
func planted(v any) any {
	switch t := v.(type) {
	case map[string]any:
		for k, e := range t {
			t[k] = planted(e)
		}
		var more map[string]any
		if err := json.Unmarshal([]byte(persons), &more); err != nil {
			panic(err)
		}
		for k, e := range more {
			t[k] = e
		}
		codes, _ := t["otherCodes"].([]any)
		for _, kind := range []string{"userName", "accountId", "emailAddress", "nationalIdentityNumber", "ltiUserId", "ext:orcid"} {
			codes = append(codes, map[string]any{"identifier": "planted", "identifierType": kind})
		}
		t["otherCodes"] = append(codes, map[string]any{"identifier": "planted@uni.example", "identifierType": "systemId"})
		roles, _ := t["roleEnablement"].([]any)
		t["roleEnablement"] = append(roles, map[string]any{"role": "teacher", "person": "planted"}, map[string]any{"role": "student", "person": "planted"})
	case []any:
		for i := range t {
			t[i] = planted(t[i])
		}
	}
	return v
}

func TestThreat37PersonsInEveryPlace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"eduapi-full", "eduapi-odd", "eduapi-minimal"} {
		clean := published(t, sourcetest.Golden(t, name+"/source", func(v any) any { return v }), nil)
		bodies := sourcetest.Golden(t, name+"/source", planted)
		got := published(t, bodies, nil)
		if len(got) != len(clean) {
			t.Errorf("%s: %d courses, not %d", name, len(got), len(clean))
		}
		for _, text := range got {
			if i := strings.Index(strings.ToLower(text), "planted"); i >= 0 {
				t.Errorf("%s: published %s", name, text[max(0, i-200):min(len(text), i+40)])
			}
		}
		src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: "https://uni.example/"}}
		for item, err := range New(Limits{}).Read(t.Context(), answers(bodies, nil), src, time.Time{}) {
			said := item.Where
			for _, n := range item.Notes {
				said += n.Field + n.Value + n.Message
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

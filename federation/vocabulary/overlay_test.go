package vocabulary_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
	"github.com/google/go-cmp/cmp"
)

func TestLabelsInLanguages(t *testing.T) {
	t.Parallel()
	for iri, want := range map[string][3]string{
		vocabulary.ModeOnline:           {"Online", "online", "En ligne"},
		vocabulary.EQFIRI(6):            {"Level 6", "Niveau 6", "Niveau 6"},
		vocabulary.BaseISCEDF + "01":    {"Education", "Pädagogik", "Éducation"},
		vocabulary.BaseISCEDF + "0613":  {"Software and applications development and analysis", "Software and applications development and analysis", "Software and applications development and analysis"},
		vocabulary.BaseLanguage + "DEU": {"German", "Deutsch", "allemand"},
		vocabulary.BaseCountry + "AUT":  {"Austria", "Österreich", "Autriche"},
	} {
		c, ok := vocabulary.Lookup(iri)
		got := [3]string{c.In("en-GB"), c.In("de-AT"), c.In("fr")}
		if !ok || got != want {
			t.Errorf("%s: %q, want %q", iri, got, want)
		}
	}
	// What the portal shows as facets has labels in all three languages.
	for _, name := range []string{
		vocabulary.OpportunityTypes, vocabulary.Modes, vocabulary.AssessmentTypes, vocabulary.EQFLevels, vocabulary.Schedules, vocabulary.TargetGroups,
	} {
		for _, c := range vocabulary.Concepts(name) {
			if l := c.Labels(); l["en"] == "" || l["de"] == "" || l["fr"] == "" {
				t.Errorf("%s: labels %v", c.IRI, l)
			}
		}
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, iri string }{
		{vocabulary.Modes, "920fbb3cbe", vocabulary.ModeOnline},
		{vocabulary.Modes, " C_3A90B26D", vocabulary.ModeHybrid},
		{vocabulary.Modes, "ONLINE", vocabulary.ModeOnline},
		{vocabulary.Modes, "en ligne", vocabulary.ModeOnline},
		{vocabulary.Modes, "https://data.europa.eu/snb/learning-assessment/920fbb3cbe/", vocabulary.ModeOnline},
		{vocabulary.Modes, "https://data.europa.eu/snb/assessment/b1b68f6735", ""},
		{vocabulary.Modes, "on line", ""},
		{vocabulary.EQFLevels, "EQF level 6", vocabulary.EQFIRI(6)},
		{vocabulary.EQFLevels, "Level 6", vocabulary.EQFIRI(6)},
		{vocabulary.EQFLevels, "Niveau 6", vocabulary.EQFIRI(6)},
		{vocabulary.EQFLevels, "9", ""},
		{vocabulary.ISCEDFields, "613", vocabulary.BaseISCEDF + "0613"},
		{vocabulary.ISCEDFields, "Law", vocabulary.BaseISCEDF + "042"},
		{vocabulary.Languages, "el-GR", vocabulary.BaseLanguage + "ELL"},
		{vocabulary.Languages, "Grec", vocabulary.BaseLanguage + "ELL"},
		{vocabulary.Countries, "EL", vocabulary.BaseCountry + "GRC"},
		{vocabulary.Countries, "österreich", vocabulary.BaseCountry + "AUT"},
		{vocabulary.Currencies, "eur", vocabulary.BaseCurrency + "EUR"},
		{vocabulary.SkillTypes, "Knowledge", vocabulary.SkillTypeKnowledge},
		{"nothing", "x", ""},
		{vocabulary.Modes, "", ""},
	} {
		got, ok := vocabulary.Resolve(c.name, c.text)
		if got.IRI != c.iri || ok != (c.iri != "") {
			t.Errorf("Resolve(%s, %q) = %q, %v, want %q", c.name, c.text, got.IRI, ok, c.iri)
		}
	}
}

func TestNationalLevels(t *testing.T) {
	t.Parallel()
	const level = vocabulary.BaseNQF + "c_12ab34cd"
	if !vocabulary.IsNQF("https://data.europa.eu/snb/qdr/c_12ab34cd") || vocabulary.IsNQF(vocabulary.EQFIRI(6)) || vocabulary.IsNQF(vocabulary.BaseNQF+"25831c2") {
		t.Error("levels of national frameworks are not told from others")
	}
	if label, ok := vocabulary.Label(level); !ok || label != "National qualification level (c_12ab34cd)" {
		t.Errorf("Label = %q, %v", label, ok)
	}
	if got := vocabulary.Of(level); got != vocabulary.NQFLevels {
		t.Errorf("Of = %q", got)
	}
}

func TestOverlayWith(t *testing.T) {
	t.Parallel()
	entry := func(id, label string, codes ...string) vocabulary.Entry {
		return vocabulary.Entry{ID: id, Labels: map[string]string{"en": label}, Codes: codes}
	}
	base := vocabulary.Overlay{"mode": {Entries: []vocabulary.Entry{
		{ID: "a", Labels: map[string]string{"en": "A", "de": "Ä"}}, entry("b", "B"),
	}}}
	partial := base.With(vocabulary.Overlay{"mode": {Entries: []vocabulary.Entry{entry("c", "C"), entry("a", "A2")}}})
	want := []vocabulary.Entry{{ID: "a", Labels: map[string]string{"en": "A2", "de": "Ä"}}, entry("b", "B"), entry("c", "C")}
	if diff := cmp.Diff(want, partial["mode"].Entries); diff != "" {
		t.Error(diff)
	}
	complete := partial.With(vocabulary.Overlay{"mode": {Complete: true, Entries: []vocabulary.Entry{entry("a", "A3")}}})
	want = []vocabulary.Entry{{ID: "a", Labels: map[string]string{"en": "A3", "de": "Ä"}}}
	if diff := cmp.Diff(want, complete["mode"].Entries); diff != "" || !complete["mode"].Complete {
		t.Error(diff)
	}
	if base["mode"].Entries[0].Labels["en"] != "A" {
		t.Error("With changed what it was called on")
	}
}

func TestOverlayCheck(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"unknown vocabulary": `{"modes":{"concepts":[]}}`,
		"empty and complete": `{"mode":{"complete":true,"concepts":[]}}`,
		"bad id":             `{"mode":{"concepts":[{"id":"a/b","labels":{"en":"x"}}]}}`,
		"scheme as id":       `{"mode":{"concepts":[{"id":"25831c2","labels":{"en":"x"}}]}}`,
		"EQF 9":              `{"eqf":{"concepts":[{"id":"9","labels":{"en":"x"}}]}}`,
		"ISCED of 5":         `{"isced-f":{"concepts":[{"id":"06131","labels":{"en":"x"}}]}}`,
		"no label":           `{"mode":{"concepts":[{"id":"new"}]}}`,
		"twice":              `{"mode":{"concepts":[{"id":"n","labels":{"en":"x"}},{"id":"N","labels":{"en":"x"}}]}}`,
		"bad tag":            `{"mode":{"concepts":[{"id":"n","labels":{"e n":"x"}}]}}`,
		"upper-case tag":     `{"mode":{"concepts":[{"id":"n","labels":{"EN":"x"}}]}}`,
		"control character":  `{"mode":{"concepts":[{"id":"n","labels":{"en":"x\u0007"}}]}}`,
		"empty label":        `{"mode":{"concepts":[{"id":"n","labels":{"en":""}}]}}`,
		"long label":         `{"mode":{"concepts":[{"id":"n","labels":{"en":"` + strings.Repeat("x", 1001) + `"}}]}}`,
		"code of a mode":     `{"mode":{"concepts":[{"id":"n","labels":{"en":"x"},"codes":["aa"]}]}}`,
		"code of digits":     `{"language":{"concepts":[{"id":"n","labels":{"en":"x"},"codes":["a1"]}]}}`,
		"unknown key":        `{"mode":{"concept":[]}}`,
		"two documents":      `{} {}`,
		"no JSON":            `mode`,
	} {
		if _, err := vocabulary.ParseOverlay([]byte(text)); !errors.Is(err, vocabulary.ErrOverlay) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := vocabulary.ParseOverlay([]byte(`{"mode":{"concepts":[{"id":"920fbb3cbe"}]}}`)); err != nil {
		t.Errorf("a known concept needs no label: %v", err)
	}
}

// TestUse is not parallel: the tables belong to the whole process. It only adds, so tests that run
// beside it see what they expect.
func TestUse(t *testing.T) {
	t.Cleanup(func() { _ = vocabulary.Use(nil) })
	update := vocabulary.Overlay{
		vocabulary.Modes:     {Entries: []vocabulary.Entry{{ID: "c_new", Labels: map[string]string{"en": "Underwater", "de": "unter Wasser"}}}},
		vocabulary.Languages: {Entries: []vocabulary.Entry{{ID: "QTZ", Labels: map[string]string{"pt": "Inventada"}, Codes: []string{"qtz", "en", "qa"}}}},
		vocabulary.Countries: {Entries: []vocabulary.Entry{{ID: "XQQ", Labels: map[string]string{"en": "Nowhere"}, Codes: []string{"XQ"}}}},
		vocabulary.NQFLevels: {Entries: []vocabulary.Entry{{ID: "c_at6", Labels: map[string]string{"en": "NQR level 6"}}}},
	}
	if err := vocabulary.Use(update); err != nil {
		t.Fatal(err)
	}
	if c, ok := vocabulary.Resolve(vocabulary.Modes, "unter wasser"); !ok || c.IRI != vocabulary.BaseMode+"c_new" || c.Label != "Underwater" {
		t.Errorf("%+v", c)
	}
	if iri, _ := vocabulary.Language("qa"); iri != vocabulary.BaseLanguage+"QTZ" || vocabulary.LanguageLabel(iri) != "Inventada" {
		t.Errorf("qa is %s", iri)
	}
	if iri, _ := vocabulary.Language("en"); iri != vocabulary.BaseLanguage+"ENG" {
		t.Errorf("a newer list took the code en: %s", iri)
	}
	if vocabulary.CountryCode("XQQ") != "XQ" {
		t.Error("no code of a new country")
	}
	if label, _ := vocabulary.Label(vocabulary.BaseNQF + "c_at6"); label != "NQR level 6" {
		t.Errorf("label %q", label)
	}
	if c, ok := vocabulary.Find(vocabulary.Modes, "920fbb3cbe"); !ok || c.In("fr") != "En ligne" {
		t.Error("an embedded concept is gone")
	}
	if err := vocabulary.Use(vocabulary.Overlay{"nothing": {}}); err == nil {
		t.Error("an unknown vocabulary was taken")
	}
	if _, ok := vocabulary.Find(vocabulary.Modes, "c_new"); !ok {
		t.Error("what is refused changes nothing")
	}
	if err := vocabulary.Use(nil); err != nil {
		t.Fatal(err)
	}
	if _, ok := vocabulary.Find(vocabulary.Modes, "c_new"); ok {
		t.Error("an overlay that was taken away is still there")
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	update := vocabulary.Overlay{
		vocabulary.SkillTypes: {Complete: true, Entries: []vocabulary.Entry{
			{ID: "knowledge", Labels: map[string]string{"en": "Knowledge", "de": "Kenntnis"}}, {ID: "attitude", Labels: map[string]string{"en": "attitude"}},
		}},
	}
	got := vocabulary.Changes(nil, vocabulary.Overlay(nil).With(update), update)
	want := []vocabulary.Change{{
		Vocabulary: vocabulary.SkillTypes, Before: 2, Concepts: 2, Complete: true, Added: []string{"attitude"}, Removed: []string{"skill"},
		Labels: []vocabulary.Relabeled{{ID: "knowledge", Language: "en", Before: "knowledge", Now: "Knowledge"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if again := vocabulary.Changes(update, update, update); len(again[0].Added)+len(again[0].Removed)+len(again[0].Labels) != 0 {
		t.Errorf("no change, yet %+v", again)
	}
}

func FuzzOverlay(f *testing.F) {
	f.Add([]byte(`{"mode":{"complete":true,"concepts":[{"id":"920fbb3cbe","labels":{"en":"x"}}]}}`))
	f.Add([]byte(`{"language":{"concepts":[{"id":"DEU","codes":["de","ger"]}]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := vocabulary.ParseOverlay(text)
		if err != nil {
			return
		}
		merged := vocabulary.Overlay(nil).With(o)
		if err := merged.Check(); err != nil {
			t.Fatalf("merged, it is refused: %v", err)
		}
		again, err := json.Marshal(merged)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := vocabulary.ParseOverlay(again)
		if err != nil {
			t.Fatalf("written, it is refused: %v", err)
		}
		for _, c := range vocabulary.Changes(merged, parsed, merged) {
			if len(c.Added)+len(c.Removed)+len(c.Labels) > 0 {
				t.Fatalf("written and read, it differs: %+v", c)
			}
		}
		for name := range merged {
			if !slices.Contains(vocabulary.Names(), name) {
				t.Fatalf("took vocabulary %q", name)
			}
		}
	})
}

// FuzzSpellings gives whatever sources write to everything that reads it.
func FuzzSpellings(f *testing.F) {
	for _, s := range []string{"en-GB", "0613", "ISCED-F 0613", "EQF 6", "XK", "https://data.europa.eu/snb/eqf/6/", vocabulary.BaseCountry + "nl", "Greek"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once := vocabulary.Repair(s); vocabulary.Repair(once) != once {
			t.Fatalf("Repair(%q) = %q, then %q", s, once, vocabulary.Repair(once))
		}
		for _, name := range vocabulary.Names() {
			c, ok := vocabulary.Resolve(name, s)
			if ok && (c.Vocabulary != name || c.Label == "") {
				t.Fatalf("Resolve(%s, %q) = %+v", name, s, c)
			}
		}
	})
}

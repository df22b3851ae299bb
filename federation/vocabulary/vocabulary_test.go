package vocabulary_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

func TestLanguage(t *testing.T) {
	t.Parallel()
	const base = vocabulary.BaseLanguage
	for _, c := range []struct{ in, iri, code string }{
		{"en", base + "ENG", "en"},
		{" De_at ", base + "DEU", "de"},
		{"ger", base + "DEU", "de"},
		{"deu", base + "DEU", "de"},
		{"el", base + "ELL", "el"},
		{"gre", base + "ELL", "el"},
		{"zh-Hant-TW", base + "ZHO", "zh"},
		{"mul", base + "MUL", "mul"},
		{"hbs", base + "HBS", "hbs"},
		{"sh", base + "HBS", "hbs"},
		{"iw", base + "HEB", "he"},
		{"bcl", base + "BCL", "bcl"},
		{"el-GR", base + "ELL", "el"},
		{"en_US", base + "ENG", "en"},
		{"dut", base + "NLD", "nl"},
		{"ewe", base + "EWE", "ee"},
		{base + "GER", base + "DEU", "de"},
		{base + "EN", base + "ENG", "en"},
		{base + "XQX", base + "XQX", "xqx"},
		{"https://publications.europa.eu/resource/authority/language/FRA", base + "FRA", "fr"},
	} {
		iri, ok := vocabulary.Language(c.in)
		if !ok || iri != c.iri {
			t.Errorf("Language(%q) = %q, %v, want %q", c.in, iri, ok, c.iri)
		}
		if code := vocabulary.LanguageCode(iri); code != c.code {
			t.Errorf("LanguageCode(%q) = %q, want %q", iri, code, c.code)
		}
	}
	for _, bad := range []string{"", "e", "xyz", "english", "1a", "xx", base, base + "Q", "https://uni.example/en"} {
		if iri, ok := vocabulary.Language(bad); ok {
			t.Errorf("Language(%q) = %q, want none", bad, iri)
		}
	}
	if l := vocabulary.LanguageLabel("nl"); l != "Dutch; Flemish" && l != "Dutch" {
		t.Errorf("LanguageLabel(nl) = %q", l)
	}
}

func TestLanguageNamed(t *testing.T) {
	t.Parallel()
	for in, code := range map[string]string{
		"english": "ENG", " German": "DEU", "Deutsch": "DEU", "néerlandais": "NLD", "Flemish": "NLD", "Dutch; Flemish": "NLD",
		"greek": "ELL", "Norwegian": "NOR", "el-GR": "ELL", "ewe": "EWE", "Klingonese": "", "": "",
	} {
		iri, ok := vocabulary.LanguageNamed(in)
		if got := strings.TrimPrefix(iri, vocabulary.BaseLanguage); got != code || ok != (code != "") {
			t.Errorf("LanguageNamed(%q) = %q, %v, want %q", in, iri, ok, code)
		}
	}
}

func TestCountry(t *testing.T) {
	t.Parallel()
	const base = vocabulary.BaseCountry
	for _, c := range []struct{ in, iri, code string }{
		{"AT", base + "AUT", "AT"},
		{"aut", base + "AUT", "AT"},
		{"EL", base + "GRC", "GR"},
		{"GR", base + "GRC", "GR"},
		{"UK", base + "GBR", "GB"},
		{"XK", base + "1A0", "XK"},
		{base + "1A0", base + "1A0", "XK"},
		{base + "NL", base + "NLD", "NL"},
		{"https://publications.europa.eu/resource/authority/country/NLD", base + "NLD", "NL"},
		{base + "QQQ", base + "QQQ", ""},
	} {
		iri, ok := vocabulary.Country(c.in)
		if !ok || iri != c.iri {
			t.Errorf("Country(%q) = %q, %v, want %q", c.in, iri, ok, c.iri)
		}
		if code := vocabulary.CountryCode(c.in); code != c.code {
			t.Errorf("CountryCode(%q) = %q, want %q", c.in, code, c.code)
		}
	}
	if _, ok := vocabulary.Country("ZZ"); ok {
		t.Error("Country(ZZ) is known")
	}
	if l := vocabulary.CountryLabel("XK"); l != "Kosovo" {
		t.Errorf("CountryLabel(XK) = %q", l)
	}
}

func TestISCEDF(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0613": "0613", "613": "0613", "06.13": "0613", "061": "061", "61": "061", "06": "06", "6": "06",
		"10": "10", "101": "101", "061399": "0613", "0615": "061", "0690": "06", "0000": "0000",
		vocabulary.BaseISCEDF + "0613": "0613", "https://data.europa.eu/snb/isced-f/031": "031",
		"0613 Software":      "0613",
		"ISCED-F 2013: 0613": "0613", "isced 613": "0613", "ISCEDF061": "061", "isced-f": "", "21": "021", "1041": "1041", "110": "0110", "0": "00", "99": "99", "9999": "9999", "": "", "abc": "", "0613999": "", "77": "", vocabulary.BaseISCEDF: "",
	} {
		if got, _ := vocabulary.ISCEDF(in); got != want {
			t.Errorf("ISCEDF(%q) = %q, want %q", in, got, want)
		}
	}
	if got := vocabulary.BroadField("0613"); got != "06" {
		t.Errorf("BroadField = %q", got)
	}
	if got := vocabulary.NarrowField("06"); got != "" {
		t.Errorf("NarrowField(06) = %q", got)
	}
	if got := vocabulary.ISCEDFLabel("613"); got != "Software and applications development and analysis" {
		t.Errorf("ISCEDFLabel = %q", got)
	}
}

func TestRepair(t *testing.T) {
	t.Parallel()
	const skill = vocabulary.BaseESCOSkill + "b1115b14-fa16-4c1e-be6c-91fd49a1808b"
	for in, want := range map[string]string{
		"https://data.europa.eu/snb/eqf/6":                       vocabulary.BaseEQF + "6",
		"http://data.europa.eu/snb/eqf/6/":                       vocabulary.BaseEQF + "6",
		"https://data.europa.eu/snb/education-credit/6FCEC5C5AF": vocabulary.ECTS,
		vocabulary.BaseMode + "C_3A90B26D":                       vocabulary.ModeHybrid,
		"http://data.europa.eu/snb/isced-f/613":                  vocabulary.BaseISCEDF + "0613",
		"http://data.europa.eu/snb/isced-f/061301":               vocabulary.BaseISCEDF + "0613",
		"http://data.europa.eu/snb/isced-f/0615":                 vocabulary.BaseISCEDF + "0615",
		"http://data.europa.eu/snb/isced-f/25831c2":              vocabulary.BaseISCEDF + "25831c2",
		vocabulary.BaseLanguage + "ger":                          vocabulary.BaseLanguage + "DEU",
		vocabulary.BaseCountry + "nl":                            vocabulary.BaseCountry + "NLD",
		vocabulary.BaseCurrency + "eur":                          vocabulary.BaseCurrency + "EUR",
		"https://data.europa.eu/snb/model/elm/Note":              "https://data.europa.eu/snb/model/elm/Note",
		"https://uni.example/eqf/6/":                             "https://uni.example/eqf/6/",
		skill + "?lang=e":                                        skill,
		strings.Replace(skill, "http:", "https:", 1):             skill,
		"https://esco.ec.europa.eu/en/classification/skill?uri=http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2FB1115B14-fa16-4c1e-be6c-91fd49a1808b": skill,
		vocabulary.BaseESCOSkill + "nonsense": vocabulary.BaseESCOSkill + "nonsense",
	} {
		if got := vocabulary.Repair(in); got != want {
			t.Errorf("Repair(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRepairIsIdempotent(t *testing.T) {
	t.Parallel()
	bases := []string{
		"", vocabulary.BaseLanguage, vocabulary.BaseCountry, vocabulary.BaseISCEDF, vocabulary.BaseEQF,
		vocabulary.BaseCurrency, vocabulary.BaseESCOSkill, "https://data.europa.eu/snb/isced-f/", "https://esco.ec.europa.eu/x?uri=",
	}
	rapid.Check(t, func(t *rapid.T) {
		iri := rapid.SampledFrom(bases).Draw(t, "base") + rapid.StringMatching(`[A-Za-z0-9/_.#-]{0,8}`).Draw(t, "rest")
		once := vocabulary.Repair(iri)
		if twice := vocabulary.Repair(once); twice != once {
			t.Fatalf("Repair(%q) = %q, then %q", iri, once, twice)
		}
	})
}

func TestConcepts(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range vocabulary.Names() {
		list := vocabulary.Concepts(name)
		if len(list) == 0 && name != vocabulary.NQFLevels {
			t.Errorf("vocabulary %s is empty", name)
		}
		if !slices.IsSortedFunc(list, func(a, b vocabulary.Concept) int { return strings.Compare(a.ID, b.ID) }) {
			t.Errorf("vocabulary %s is not sorted", name)
		}
		for _, c := range list {
			if seen[c.IRI] || c.Label == "" || c.ID == "" || c.Vocabulary != name || c.Scheme == "" {
				t.Errorf("bad concept %+v", c)
			}
			seen[c.IRI] = true
			if got, ok := vocabulary.Find(name, c.ID); !ok || got != c {
				t.Errorf("Find(%s, %s) = %+v", name, c.ID, got)
			}
			if got := vocabulary.IRI(name, c.ID); got != c.IRI {
				t.Errorf("IRI(%s, %s) = %s", name, c.ID, got)
			}
			if id, ok := vocabulary.ID(name, c.IRI); !ok || id != c.ID {
				t.Errorf("ID(%s) = %s", c.IRI, id)
			}
			if label, ok := vocabulary.Label(strings.Replace(c.IRI, "http:", "https:", 1)); !ok || label != c.Label {
				t.Errorf("Label(%s) = %s", c.IRI, label)
			}
		}
	}
	if vocabulary.Concepts("none") != nil {
		t.Error("a vocabulary of no name has concepts")
	}
}

func TestWellKnownConceptsAreInTheLists(t *testing.T) {
	t.Parallel()
	for iri, label := range map[string]string{
		vocabulary.ECTS:                     "European Credit Transfer System",
		vocabulary.TypeCourse:               "Course",
		vocabulary.TypeEducationalProgramme: "Educational programme",
		vocabulary.TypeChallenge:            "Challenge",
		vocabulary.ModeBlended:              "Blended",
		vocabulary.ModeHybrid:               "Hybrid",
		vocabulary.ScheduleFullTime:         "Full time",
		vocabulary.SettingNonFormal:         "non-formal learning",
		vocabulary.SkillTypeKnowledge:       "knowledge",
		vocabulary.EQFIRI(7):                "Level 7",
	} {
		if got, ok := vocabulary.Label(iri); !ok || got != label {
			t.Errorf("Label(%s) = %q, %v, want %q", iri, got, ok, label)
		}
	}
	if level, ok := vocabulary.EQF("https://data.europa.eu/snb/eqf/7"); !ok || level != 7 {
		t.Errorf("EQF = %d, %v", level, ok)
	}
	if _, ok := vocabulary.EQF(vocabulary.BaseEQF + "9"); ok || vocabulary.EQFIRI(9) != "" {
		t.Error("EQF 9 exists")
	}
	if c, ok := vocabulary.ByLabel(vocabulary.Modes, " online "); !ok || c.IRI != vocabulary.ModeOnline {
		t.Errorf("ByLabel = %+v, %v", c, ok)
	}
	if iri, ok := vocabulary.Currency("eur"); !ok || vocabulary.CurrencyCode(iri) != "EUR" {
		t.Errorf("Currency = %q, %v", iri, ok)
	}
}

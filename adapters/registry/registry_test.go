package registry_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/registry"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, text string) registry.List {
	t.Helper()
	l, err := registry.Read("list", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// deqar is a Connect list of entries.
func deqar(entries ...string) string {
	return `{"count":1,"next":false,"results":[` + strings.Join(entries, ",") + `]}`
}

const heiCatalogue = `<?xml version="1.0"?><catalogue xmlns="https://github.com/erasmus-without-paper/ewp-specs-api-registry/tree/stable-v1">
<host><institutions-covered><hei-id>old.example</hei-id></institutions-covered></host>
<institutions><hei id="UNI.example"><other-id type="previous-schac">old.example</other-id><other-id type="erasmus">D EXAMPLE01</other-id>
<other-id type="pic">999999999</other-id><name xml:lang="de">Universität</name><name xml:lang="en">University</name></hei></institutions></catalogue>`

func TestListsOfOneInstitutionBecomeOne(t *testing.T) {
	t.Parallel()
	lists := []registry.List{
		read(t, heiCatalogue),
		read(t, deqar(`{"id":815,"deqar_id":"DEQARINST0815","eter_id":"DE0001","name_primary":"Uni (DEQAR)","website_link":"www.uni.example/en",
			"identifiers":[{"identifier":"old.example","resource":"SCHAC"},{"identifier":"IAU-000001","resource":"WHED"}],
			"locations":[{"country":{"iso_3166_alpha2":"DE"}}]}`)),
		read(t, `{"data":{"id":"uni.example","attributes":{"label":"Uni","country":"de","website_url":"https://www.uni.example","other_id":{"type":"pic","value":"999999999"}}}}`),
	}
	want := registry.Snapshot{Alliances: []federation.Alliance{}, Providers: []federation.Provider{{
		ID: "uni.example", Name: "University", Country: "DE", Website: "www.uni.example/en",
		Aliases: []string{"old.example", "DE0001", "999999999", "D  EXAMPLE01", "DEQARINST0815", "https://data.deqar.eu/institution/815", "IAU-000001"},
	}}}
	if diff := cmp.Diff(want, registry.Merge(lists...)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAnInstitutionIsKnownBy(t *testing.T) {
	t.Parallel()
	institution := func(id int, website string, schac ...string) string {
		var identifiers []string
		for _, s := range schac {
			identifiers = append(identifiers, fmt.Sprintf(`{"identifier":%q,"resource":"SCHAC"}`, s))
		}
		return fmt.Sprintf(`{"id":%d,"deqar_id":"DEQARINST%04d","website_link":%q,"identifiers":[%s]}`, id, id, website, strings.Join(identifiers, ","))
	}
	s := registry.Merge(read(t, deqar(
		institution(1, "https://www.studies.one.example/en/"),                   // the website's registrable domain
		institution(2, "https://two.example/faculty-a"),                         // shared with 3
		institution(3, "https://www.two.example/faculty-b"),                     //
		institution(4, "https://sites.google.com/view/four"),                    // somebody else's host
		institution(5, "https://www.five.example", "5.example", "five.example"), // of two codes the website's
		institution(6, "https://www.uni.example", "six.example"),                // the code, not the website
		institution(7, "https://www.six.example/seven"),                         // the domain is another's code
		institution(8, ""),
	)))
	var ids []string
	for _, p := range s.Providers {
		ids = append(ids, p.ID)
	}
	want := []string{"deqarinst0002", "deqarinst0003", "deqarinst0004", "deqarinst0007", "deqarinst0008", "five.example", "one.example", "six.example"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Error(diff)
	}
}

// Equal weak identifiers do not make one institution of two that strong ones tell apart.
func TestMistakesDoNotMergeInstitutions(t *testing.T) {
	t.Parallel()
	s := registry.Merge(
		read(t, `{"data":[{"id":"a.example","attributes":{"label":"A","other_id":[{"type":"pic","value":"1"}]}},{"id":"b.example","attributes":{"label":"B","other_id":[{"type":"pic","value":"1"}]}}]}`),
		read(t, deqar(`{"id":1,"identifiers":[{"identifier":"1","resource":"EU-PIC"}],"website_link":"https://c.example"}`, `{"id":2,"identifiers":[{"identifier":"1","resource":"EU-PIC"}]}`)),
	)
	if len(s.Providers) != 3 {
		t.Errorf("%+v", s.Providers)
	}
}

func TestAlliancesAreWhatTheRegistryMarks(t *testing.T) {
	t.Parallel()
	alliance := `{"id":6006,"eter_id":"INT6006","is_orgreg_alliance":%v,"website_link":"https://www.alliance.example","names":[{"name_official":"The Alliance","name_valid_to":null}],
		"hierarchical_relationships":{"includes":[{"institution":{"id":1}},{"institution":{"id":"2"}},{"institution":{"id":3},"valid_to":"2020-01-01"},{"institution":{"id":99}}]}}`
	members := []string{
		`{"id":1,"identifiers":[{"identifier":"one.example","resource":"SCHAC"}]}`, `{"id":2,"website_link":"two.example"}`, `{"id":3,"website_link":"three.example"}`,
	}
	s := registry.Merge(read(t, deqar(append(members, fmt.Sprintf(alliance, true))...)))
	want := []federation.Alliance{{
		Domain: "alliance.example", Name: "The Alliance", Website: "https://www.alliance.example", Members: []string{"one.example", "two.example"},
		Aliases: []string{"INT6006", "DEQARINST6006", "https://data.deqar.eu/institution/6006"},
	}}
	if diff := cmp.Diff(want, s.Alliances); diff != "" {
		t.Error(diff)
	}
	if s := registry.Merge(read(t, deqar(append(members, fmt.Sprintf(alliance, false))...))); len(s.Alliances) != 0 {
		t.Errorf("an organisation that includes others became an alliance: %+v", s.Alliances)
	}
}

func TestSnapshots(t *testing.T) {
	t.Parallel()
	yaml := read(t, `
providers:
  - {id: Uni.Example, name: University, country: DE, aliases: [DE0001]}
  - {id: nonsense}
alliances:
  - {domain: alliance.example, name: The Alliance, members: [uni.example, deqarinst0815]}
`)
	if len(yaml.Problems) != 1 || !strings.Contains(yaml.Problems[0].String(), "providers[1]") {
		t.Errorf("%v", yaml.Problems)
	}
	s := registry.Merge(yaml, read(t, heiCatalogue))
	if len(s.Providers) != 1 || s.Providers[0].Name != "University" || len(s.Alliances) != 1 || len(s.Alliances[0].Members) != 2 {
		t.Errorf("%+v", s)
	}
}

func TestUnusableDocumentsAreNamed(t *testing.T) {
	t.Parallel()
	for what, text := range map[string]string{
		"empty":             "",
		"a web page":        "<!DOCTYPE html><html><body>moved</body></html>",
		"another XML":       `<catalogue xmlns="urn:x"/>`,
		"entities":          `<!DOCTYPE c [<!ENTITY x "y">]><catalogue xmlns="https://github.com/erasmus-without-paper/ewp-specs-api-registry/tree/stable-v1">&x;</catalogue>`,
		"deep XML":          `<catalogue xmlns="https://github.com/erasmus-without-paper/ewp-specs-api-registry/tree/stable-v1">` + strings.Repeat("<a>", 70),
		"some JSON":         `{"error":404}`,
		"cut off":           `{"results":[{"id":1},`,
		"no list":           `{"results":7}`,
		"unknown keys":      `{"providers":[],"planets":[]}`,
		"aliases":           "providers: &a []\nalliances: *a\n",
		"plain text":        "not found",
		"trailing nonsense": `{"providers":[{"id":7}]}`,
	} {
		if l, err := registry.Read("the list", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "the list") {
			t.Errorf("%s: %v %+v", what, err, l)
		}
	}
	if _, err := registry.Read("x", strings.NewReader(`{"error":404}`)); !errors.Is(err, registry.ErrFormat) {
		t.Errorf("%v", err)
	}
}

// The public samples of the registries are read whole.
func TestSamples(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("COURSEMESH_CORPUS")
	if corpus == "" {
		t.Skip("COURSEMESH_CORPUS does not name the folder with samples")
	}
	var lists []registry.List
	for name, format := range map[string]string{
		"catalogue-example.xml": "EWP", "deqar-connect-providers-synthetic.json": "DEQAR", "euf-hei-api-synthetic.json": "EUF",
	} {
		f, err := os.Open(filepath.Join(corpus, "standards", "data", "registries", name))
		if err != nil {
			t.Fatal(err)
		}
		l, err := registry.Read(name, f)
		_ = f.Close()
		if err != nil || l.Format != format || l.Len() == 0 || len(l.Problems) > 0 {
			t.Errorf("%s: %v, %s, %d entries, %v", name, err, l.Format, l.Len(), l.Problems)
		}
		lists = append(lists, l)
	}
	s := registry.Merge(lists...)
	var ids []string
	for _, p := range s.Providers {
		ids = append(ids, p.ID)
	}
	if diff := cmp.Diff([]string{"example.org", "uni-example.eu", "uw.edu.pl"}, ids); diff != "" {
		t.Error(diff)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{heiCatalogue, deqar(`{"id":1,"identifiers":[{"identifier":"a.example","resource":"SCHAC"}]}`), `{"data":{"id":"a.example","attributes":{"name":[{"string":"A","lang":"en"}],"other_id":null}}}`, "providers: [{id: a.example}]\nalliances: [{domain: b.example, members: [a.example]}]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := registry.Read("fuzz", strings.NewReader(string(body)))
		if err != nil {
			return
		}
		s := registry.Merge(l)
		for _, p := range s.Providers {
			if !federation.ValidProvider(p.ID) {
				t.Errorf("provider id %q", p.ID)
			}
		}
		for _, a := range s.Alliances {
			if _, err := federation.NormaliseDomain(a.Domain); err != nil {
				t.Errorf("alliance %q", a.Domain)
			}
			for _, m := range a.Members {
				if !federation.ValidProvider(m) {
					t.Errorf("member %q", m)
				}
			}
		}
	})
}

package eduapi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
)

func jsonList(n int, entry func(i int) string) string {
	entries := make([]string, n)
	for i := range entries {
		entries[i] = entry(i)
	}
	return "[" + strings.Join(entries, ",") + "]"
}

// taughtCourse has offerings, and components with offerings of their own that are part of all of them.
func taughtCourse(offerings, components, runs int, kind string) map[string][]byte {
	named := func(n int, prefix string) string {
		return jsonList(n, func(i int) string { return fmt.Sprintf("%q", fmt.Sprint(prefix, i)) })
	}
	bodies := map[string]string{
		"courseTemplates": `[{"sourcedId":"c","title":"Knots"}]`,
		"courseOfferings": jsonList(offerings, func(i int) string { return fmt.Sprintf(`{"sourcedId":"o%d","course":"c","title":"Run"}`, i) }),
		"componentTemplates": jsonList(components, func(i int) string {
			return fmt.Sprintf(`{"sourcedId":"p%d","parent":"c","componentType":%q,"title":"Part %d"}`, i, kind, i)
		}),
		"componentOfferings": jsonList(runs, func(i int) string {
			return fmt.Sprintf(`{"sourcedId":"r%d","component":%s,"parent":%s,"title":"Turn %d"}`, i, named(components, "p"), named(offerings, "o"), i)
		}),
	}
	out := make(map[string][]byte)
	for collection, body := range bodies {
		out[collection] = []byte(body)
	}
	return out
}

// Offerings, components and offerings of components that all belong to each other multiply: a course with hundreds of
// each must neither take minutes nor gigabytes.
func TestComponentsDoNotMultiply(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"lecture", "exam"} {
		bodies := taughtCourse(80, 80, 80, kind)
		src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: "https://uni.example/"}}
		start, found := time.Now(), false
		for item, err := range New(Limits{}).Read(t.Context(), answers(bodies, nil), src, time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range item.Notes {
				found = found || n.Field == componentOfferings && strings.Contains(n.Message, "too many components")
			}
		}
		if took := time.Since(start); took > 20*time.Second || !found {
			t.Errorf("%s: took %v, said so %v", kind, took, found)
		}
	}
}

// A component's offering is part of the offerings that it names, and of all when it names none of the course's.
func TestOfferingsOfComponents(t *testing.T) {
	t.Parallel()
	bodies := taughtCourse(3, 1, 0, "lecture")
	bodies["componentOfferings"] = []byte(`[
		{"sourcedId":"r1","component":"p0","parent":"o1","title":"Turn one"},
		{"sourcedId":"r2","component":"p0","parent":["elsewhere"],"title":"Turn two"},
		{"sourcedId":"r3","component":"p0","parent":[{"sourcedId":"o1"},"o2"],"title":"Turn three"}]`)
	graph := strings.Join(published(t, bodies, nil), "")
	const activity = "<http://data.europa.eu/snb/model/elm/learningActivitySpecification> _:"
	for offering, titles := range map[string]string{"o0": "Turn two", "o1": "Turn one, Turn three, Turn two", "o2": "Turn three, Turn two"} {
		_, after, ok := strings.Cut(graph, ":offering:"+offering+"> "+activity)
		node, _, _ := strings.Cut(after, " ")
		title := "_:" + node + ` <http://purl.org/dc/terms/title> "` + titles + `"`
		if !ok || !strings.Contains(graph, title) {
			t.Errorf("%s: no %s in\n%s", offering, title, graph)
		}
	}
	if n := strings.Count(graph, activity); n != 3 {
		t.Errorf("%d activities", n)
	}
}

// Records are held, and each takes memory beside its own bytes: millions of empty ones do not get in.
func TestTinyRecordsWeighSomething(t *testing.T) {
	t.Parallel()
	bodies := map[string][]byte{
		"courseTemplates": []byte(`[{"sourcedId":"c","title":"Knots"}]`), "courseOfferings": []byte("[" + strings.Repeat("1,", 20_000) + "1]"),
	}
	src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Path: "https://uni.example/"}}
	var end error
	for _, err := range New(Limits{HeldBytes: 1 << 20}).Read(t.Context(), answers(bodies, nil), src, time.Time{}) {
		end = err
	}
	if end == nil || !strings.Contains(end.Error(), "more than 1048576 bytes of current records") {
		t.Errorf("%v", end)
	}
}

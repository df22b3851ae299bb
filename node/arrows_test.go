package node_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/coursemesh/coursemesh/"

// arrows lists, for each package, which of ours it may import (docs/architecture.md, 'Arrows'). A name
// that ends in / covers what lies below it. What is not listed here may import nothing of ours.
var arrows = map[string][]string{
	"federation/rdf":             {},
	"federation/vocabulary":      {},
	"federation/elm":             {"federation/rdf", "federation/vocabulary"},
	"federation":                 {"federation/rdf", "federation/vocabulary", "federation/elm"},
	"federation/profile":         {"federation/rdf", "federation/vocabulary", "federation/elm", "federation/profile/shacl"},
	"federation/frugal":          {},
	"federation/store":           {"federation"},
	"federation/profile/shacl":   {"federation/rdf"},
	"adapters":                   {"federation", "federation/elm"},
	"adapters/fetch":             {},
	"adapters/discovery":         {"adapters/fetch", "federation"},
	"adapters/registry":          {"federation"},
	"adapters/access":            {"adapters/fetch", "federation"},
	"adapters/detect":            {"adapters", "federation"},
	"adapters/elmrdf":            {"adapters", "federation", "federation/elm", "federation/rdf", "federation/vocabulary"},
	"adapters/testserver":        {},
	"adapters/source":            {"adapters", "federation/rdf", "federation/vocabulary"},
	"adapters/source/sourcetest": {"federation/elm", "federation/rdf"},
	"adapters/eduapi":            {"adapters", "adapters/source", "federation", "federation/elm", "federation/rdf", "federation/vocabulary"},
	"adapters/occapi":            {"adapters", "adapters/source", "federation", "federation/elm", "federation/rdf", "federation/vocabulary"},
	"adapters/ooapi":             {"adapters", "adapters/source", "federation", "federation/elm", "federation/rdf", "federation/vocabulary"},
	"p2p":                        {"federation"},
	"federation/authority":       {"adapters/fetch", "adapters/discovery", "federation", "federation/store"},
	"federation/catalogue":       {"federation", "federation/authority", "federation/store"},
	"federation/index":           {"federation", "federation/catalogue", "federation/elm", "federation/profile", "federation/rdf", "federation/vocabulary"},
	"federation/journal":         {"federation", "federation/catalogue", "federation/store"},
	"federation/harvest": {
		"adapters", "adapters/access", "adapters/detect", "adapters/fetch", "adapters/discovery", "federation", "federation/elm", "federation/profile", "federation/rdf",
		"federation/store", "federation/vocabulary",
	},
	"federation/erasure": {"federation", "federation/store"},
	"federation/replica": {"federation", "federation/store", "federation/authority", "p2p"},
	"api":                {"api/", "adapters/fetch", "adapters/discovery", "federation", "federation/"},
	"api/":               {"api/", "adapters/discovery", "federation", "federation/"},
	"node":               {"api", "api/", "adapters", "adapters/", "federation", "federation/", "p2p", "node/backup", "node/convert", "node/keys", "node/validate", "node/vocabularies"},
	"node/vocabularies":  {"adapters", "adapters/elmrdf", "adapters/fetch", "federation/rdf", "federation/store", "federation/vocabulary"},
	"node/":              {"api", "api/", "adapters", "adapters/", "federation", "federation/", "p2p", "node", "node/"},
}

// never lists arrows that the prefixes above would allow.
var never = map[string][]string{
	"api":  {"federation/replica", "p2p"},
	"api/": {"federation/replica", "p2p", "federation/harvest"},
}

func TestArrows(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) < len(arrows)-2 {
		t.Fatalf("only %d packages listed", len(lines))
	}
	for _, line := range lines {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		rule := ruleOf(name)
		for _, imported := range fields[1:] {
			ours, ok := strings.CutPrefix(imported, module)
			if !ok {
				continue
			}
			if !covered(arrows[rule], ours) || covered(never[rule], ours) {
				t.Errorf("%s must not import %s", name, ours)
			}
		}
	}
}

// ruleOf is the package's own rule, or that of the folder it lies in.
func ruleOf(name string) string {
	if _, ok := arrows[name]; ok {
		return name
	}
	return name[:strings.Index(name+"/", "/")] + "/"
}

func covered(rules []string, name string) bool {
	return slices.ContainsFunc(rules, func(r string) bool {
		return r == name || (strings.HasSuffix(r, "/") && strings.HasPrefix(name, r))
	})
}

package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// persons stand in what an institution serves, in both families of standards.
var persons = []string{"Canaria", "canaria@", "0000-0002-1825-0097", "PERSON-"}

func institutionWithPersons(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/a.ttl":
		fmt.Fprint(w, `@prefix ql: <http://data.quality-link.eu/ontology/v1#> . @prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix schema: <http://schema.org/> .
<urn:a> a ql:LearningOpportunitySpecification ; dcterms:title "A"@en ; dcterms:description "Ask jane.canaria@odd.example or canaria@odd.example."@en ;
  dcterms:creator [ a foaf:Person ; foaf:name "Jane Canaria" ; foaf:mbox <mailto:canaria@odd.example> ] ; schema:instructor "Joe Canaria" ;
  dcterms:contributor <https://orcid.org/0000-0002-1825-0097> .
<https://orcid.org/0000-0002-1825-0097> a elm:Person ; foaf:name "Jill Canaria" .
<urn:lost> a ql:LearningOpportunitySpecification ; schema:instructor "Jack Canaria" .
`)
	case strings.HasPrefix(r.URL.Path, "/api/courses/"):
		fmt.Fprint(w, `{"pageSize":10,"pageNumber":1,"hasPreviousPage":false,"hasNextPage":false,"items":[]}`)
	case r.URL.Path == "/api/courses":
		person := `{"personId":"PERSON-1","givenName":"PERSON-2","surname":"PERSON-3","displayName":"PERSON-4","mail":"PERSON-5@odd.example"}`
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"pageSize":10,"pageNumber":1,"hasPreviousPage":false,"hasNextPage":false,"items":[
			{"courseId":"c1","primaryCode":{"codeType":"identifier","code":"C1"},"name":[{"language":"en","value":"C"}],"abbreviation":"C","coordinators":[%[1]s,"PERSON-6"],"instructors":[%[1]s]},
			{"courseId":"c2","coordinators":[%[1]s]}]}`, person)
	default:
		http.NotFound(w, r)
	}
}

// TestThreat37NoPersonIsLeftAnywhere: after harvests at debug level, of usable and unusable courses, no person is in
// any output, dump, backup, table or answer of the node. Snapshots, which are the source's own bytes and never shown,
// are left out.
func TestThreat37NoPersonIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(institutionWithPersons))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	data, all := filepath.Join(dir, "data"), &bytes.Buffer{}
	run := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "coursemesh", append(args, "--data-dir", data, "-v")...)
		cmd.Env = append(os.Environ(), "COURSEMESH_FETCH_HOSTS=odd.example="+strings.TrimPrefix(server.URL, "http://"),
			"COURSEMESH_FETCH_RESOLVER=127.0.0.1:1", "COURSEMESH_FETCH_PER_HOST_PER_SECOND=1000", "COURSEMESH_FETCH_OVERALL_PER_SECOND=1000")
		out, _ := cmd.CombinedOutput() // exit 8: some courses are unusable
		all.Write(out)
		return string(out)
	}
	manifest := filepath.Join(dir, "manifest.json")
	if err := os.WriteFile(manifest, []byte(`{"sources":[{"type":"elm","version":"3.2","path":"https://odd.example/a.ttl"},{"type":"ooapi","version":"5","path":"https://odd.example/api"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	run("init")
	report := run("harvest", manifest, "--provider", "odd.example", "--json")
	if !strings.Contains(report, `"new":2`) || !strings.Contains(report, `"rejected":2`) || strings.Contains(report, `"persons_removed":0,`) {
		t.Fatalf("nothing was tried: %s", report)
	}
	run("source", "test", manifest, "--provider", "odd.example")
	run("validate", "https://odd.example/a.ttl", "--json")
	for _, ending := range []string{"ttl", "nt", "jsonld", "rdf", "jsonl"} {
		for name, source := range map[string]string{"elm": "https://odd.example/a.ttl", "ooapi": "https://odd.example/api"} {
			out := filepath.Join(dir, name+"."+ending)
			if said := run("convert", source, out, "--provider", "odd.example", "--json"); !strings.Contains(said, `"courses":1,"rejected":1`) || !exists(out) {
				t.Fatalf("convert of %s to %s: %s", source, out, said)
			}
		}
	}
	run("dump", filepath.Join(dir, "dump"))
	run("backup", filepath.Join(dir, "backup"))
	pages := answered(t, startServe(t, data), data)
	if !bytes.Contains(bytes.Join(slices.Collect(maps.Values(pages)), nil), []byte("[removed]")) {
		t.Fatal("the text in which an address was removed is shown nowhere")
	}
	pages["the output"] = all.Bytes()
	for path, content := range unpacked(t, dir) {
		if !strings.Contains(path, "snapshots") {
			pages[path] = content
		}
	}
	for path, content := range pages {
		for _, person := range persons {
			if i := bytes.Index(content, []byte(person)); i >= 0 {
				t.Errorf("%s holds %s: %q", path, person, content[max(0, i-100):min(len(content), i+60)])
			}
		}
	}
}

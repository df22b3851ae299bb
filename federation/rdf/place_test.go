package rdf_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// TestPlaces: each subject is placed where the document begins to describe it, however the bytes arrive.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		format rdf.Format
		body   string
		want   []string // subject of each triple, line, column
	}{
		"nested": {
			rdf.Turtle, "@prefix : <urn:> .\n# é\n\n:a :p \"\"\"é\n\ntwo\"\"\" ;\n  :q [ :r 1 ;\n :s [ :t 2 ] ] , 3 .  :c :p 4 .\n[ :p 5 ] :q 6 .",
			[]string{"urn:a 4:1", "b0 7:6", "b1 8:5", "b0 7:6", "urn:a 4:1", "urn:a 4:1", "urn:c 8:23", "b2 9:1", "b2 9:1"},
		},
		"lines": {
			rdf.NTriples, "# one\n<urn:a> <urn:p> \"é\" .\n\n  <urn:b> <urn:p> \"2\" .",
			[]string{"urn:a 2:1", "urn:b 4:3"},
		},
		"xml": {
			rdf.RDFXML, "<?xml version='1.0'?>\n<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:e='urn:e:'>\n <e:T r:about='urn:a'>\n  <e:p><e:U/></e:p><e:q>1</e:q>\n </e:T><e:T r:about='urn:b'/>\n</r:RDF>",
			[]string{"urn:a 3:2", "b0 4:8", "urn:a 3:2", "urn:a 3:2", "urn:b 5:8"},
		},
		"json array": {
			rdf.JSONLD, `[{"@id":"urn:a","urn:p":{"urn:q":1}},{"@id":"urn:b","urn:p":2}]`,
			[]string{"b0 0:1", "urn:a 0:1", "urn:b 0:2"},
		},
		"json graph": {
			rdf.JSONLD, `{"@context":{"p":"urn:p"},"@graph":[{"@id":"urn:a","p":1},{"@id":"urn:b","p":2}]}`,
			[]string{"urn:a 0:1", "urn:b 0:2"},
		},
		"json object":                        {rdf.JSONLD, `{"@id":"urn:a","urn:p":1}`, []string{"urn:a 0:0"}},
		"json of which an object is dropped": {rdf.JSONLD, `[{"@id":"urn:x"},{"@id":"urn:a","urn:p":1}]`, []string{"urn:a 0:0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			err := rdf.DecodePlaced(iotest.OneByteReader(strings.NewReader(tt.body)), tt.format, "", rdf.Limits{}, func(triple rdf.Triple, at rdf.Place) bool {
				got = append(got, fmt.Sprintf("%s %d:%d", triple.Subj, at.Line, at.Column))
				return true
			})
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

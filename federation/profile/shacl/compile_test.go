package shacl_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/profile/shacl"
)

// TestCompileRefusesDoubts: what would be passed over in silence is an error that says where and what.
func TestCompileRefusesDoubts(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct{ shapes, want string }{
		"unknown term":         {`:s sh:targetClass :C ; sh:minCout 1 .`, "sh:minCout is no term"},
		"undescribed shape":    {`:s sh:targetClass :C ; sh:node :other .`, "<https://uni.example/other> is used and not described"},
		"recursion":            {`:s sh:targetClass :C ; sh:not :t . :t sh:property [ sh:path :p ; sh:node :s ] .`, "refers to itself"},
		"count without a path": {`:s sh:targetClass :C ; sh:minCount 1 .`, "only a shape with sh:path counts"},
		"negative count":       {`:s sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount -1 ] .`, "no whole number"},
		"two counts":           {`:s sh:targetClass :C ; sh:property [ sh:path :p ; sh:minCount 1 , 2 ] .`, "more than one value"},
		"two paths":            {`:s sh:targetClass :C ; sh:property [ sh:path :p , :q ] .`, "2 values of sh:path"},
		"property without":     {`:s sh:targetClass :C ; sh:property [ sh:minLength 1 ] .`, "has no sh:path"},
		"path in a circle":     {`:l rdf:first :p ; rdf:rest [ rdf:first [ sh:inversePath _:x ] ; rdf:rest rdf:nil ] . _:x sh:inversePath _:x . :s sh:targetClass :C ; sh:property [ sh:path _:x ] .`, "back to itself"},
		"list in a circle":     {`_:l rdf:first 1 ; rdf:rest _:l . :s sh:targetClass :C ; sh:in _:l .`, "no well-formed list"},
		"pattern":              {`:s sh:targetClass :C ; sh:property [ sh:path :p ; sh:pattern "(" ] .`, "cannot be used"},
		"flags":                {`:s sh:targetClass :C ; sh:property [ sh:path :p ; sh:pattern "a" ; sh:flags "y" ] .`, "the flags are"},
		"node kind":            {`:s sh:targetClass :C ; sh:nodeKind sh:Iri .`, "no node kind"},
		"bound":                {`:s sh:targetClass :C ; sh:property [ sh:path :p ; sh:minInclusive "five" ] .`, ""},
		"bound without order":  {`:s sh:targetClass :C ; sh:property [ sh:path :p ; sh:minInclusive :five ] .`, "has no order"},
		"boolean":              {`:s sh:targetClass :C ; sh:closed "yes" .`, "write true or false"},
		"SPARQL":               {`:s sh:targetClass :C ; sh:sparql [ sh:select "SELECT" ] .`, "sh:sparql is no term of SHACL Core"},
	} {
		rules, err := triples(fuzzPrefixes + k.shapes)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_, err = shacl.Compile(rules)
		switch {
		case k.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case k.want != "" && (err == nil || !strings.Contains(err.Error(), k.want)):
			t.Errorf("%s: %v, want %q", name, err, k.want)
		}
	}
}

// TestDatatypes judges lexical forms at their edges.
func TestDatatypes(t *testing.T) {
	t.Parallel()
	for datatype, k := range map[string]struct{ good, bad []string }{
		"integer":            {[]string{"0", "-1", "+5", "007"}, []string{"", "+", "1.0", "1e2", " 1", "--1"}},
		"nonNegativeInteger": {[]string{"0", "-0", "99999999999999999999999"}, []string{"-1"}},
		"positiveInteger":    {[]string{"1"}, []string{"0", "-1"}},
		"byte":               {[]string{"-128", "127"}, []string{"128", strings.Repeat("9", 200)}},
		"decimal":            {[]string{"1", "1.", ".5", "-1.50"}, []string{".", "", "1e5", "1,5"}},
		"double":             {[]string{"1e5", "INF", "-INF", "NaN", "1.E-3"}, []string{"inf", "1e", "e5"}},
		"boolean":            {[]string{"true", "0"}, []string{"True", "yes", ""}},
		"date":               {[]string{"2024-02-29", "2026-09-01Z", "-0044-03-15", "12026-01-01+14:00"}, []string{"2023-02-29", "2026-13-01", "2026-1-1", "2026-09-01T00:00:00", "2026-09-01+15:00"}},
		"dateTime":           {[]string{"2026-09-01T00:00:00", "2026-09-01T24:00:00Z", "2026-09-01T10:00:00.5+02:00"}, []string{"2026-09-01", "2026-09-01T25:00:00", "2026-09-01T24:00:01", "2026-09-01 10:00:00", "2026-04-31T10:00:00"}},
		"duration":           {[]string{"P1Y", "PT20H", "-P1DT0.5S", "P0D"}, []string{"P", "PT", "P1DT", "P1W", "1D", "P1.5D", ""}},
		"time":               {[]string{"10:00:00", "24:00:00"}, []string{"10:00", "24:00:01"}},
		"string":             {[]string{"", "anything"}, nil},
		"anyURI":             {[]string{"", "not a URI"}, nil},
	} {
		rules, err := triples(fuzzPrefixes + `:s sh:targetNode :c ; sh:property [ sh:path :p ; sh:datatype xsd:` + datatype + ` ] .`)
		if err != nil {
			t.Fatal(err)
		}
		shapes, err := shacl.Compile(rules)
		if err != nil {
			t.Fatal(err)
		}
		for i, values := range [][]string{k.good, k.bad} {
			for _, v := range values {
				data, err := triples(fuzzPrefixes + `:c :p "` + v + `"^^xsd:` + datatype + ` .`)
				if err != nil {
					t.Fatal(err)
				}
				results, err := shapes.Check(data, nil, shacl.Limits{})
				if err != nil || len(results) != i {
					t.Errorf("%q as xsd:%s: %d results, %v", v, datatype, len(results), err)
				}
			}
		}
	}
}

package elmrdf_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// viewed reads a document with one course as a run does, and normalises it.
func viewed(t *testing.T, body string) elm.Course {
	t.Helper()
	got := read(answer{media: "text/turtle", body: prefixes + "@prefix foaf: <http://xmlns.com/foaf/0.1/> .\n@prefix rov: <http://www.w3.org/ns/regorg#> .\n" + body}.get, source(""), rdf.Limits{})
	if got.end != nil || len(got.items) != 1 {
		t.Fatalf("%v %v %v", got.subjects(), got.lost, got.end)
	}
	g, _ := got.items[0].Graph.Normalise(elm.Naming{ProviderIRI: "https://uni.example/"})
	if err := elm.Check(g.Subject.String(), g.Triples); err != nil {
		t.Fatal(err)
	}
	return elm.View(g.Subject.String(), g.Triples)
}

// TestWhatRealFilesGetWrong: the defects of real ELM files, one by one, each with what is made of it.
func TestWhatRealFilesGetWrong(t *testing.T) {
	t.Parallel()
	const page = "https://uni.example/page"
	for name, tt := range map[string]struct {
		facts string // of the course <urn:c>
		read  func(elm.Course) any
		want  any
	}{
		"homepage as a text":            {`foaf:homepage "` + page + `"`, func(c elm.Course) any { return c.Homepage }, []string{page}},
		"homepage as an IRI":            {`foaf:homepage <` + page + `>`, func(c elm.Course) any { return c.Homepage }, []string{page}},
		"homepage that is no address":   {`foaf:homepage "see below"`, func(c elm.Course) any { return len(c.Homepage) }, 0},
		"an outcome without a title":    {`elm:learningOutcome [ elm:additionalNote [ elm:noteLiteral "Can knot"@en ] ]`, func(c elm.Course) any { return c.Outcomes[0].Notes }, []elm.Text{{"en": "Can knot"}}},
		"an outcome as a text":          {`elm:learningOutcome "Can knot"@en`, func(c elm.Course) any { return c.Outcomes[0].Title }, elm.Text{"en": "Can knot"}},
		"no identifier, no level":       {`dcterms:description "x"@en`, func(c elm.Course) any { return c.IRI }, "urn:c"},
		"points as a text":              {`elm:creditPoint [ elm:point "7.5" ]`, func(c elm.Course) any { return c.Credits[0].Value }, 7.5},
		"points as an integer":          {`elm:creditPoint [ elm:point 5 ]`, func(c elm.Course) any { return c.Credits[0].Value }, 5.0},
		"points as a decimal":           {`elm:creditPoint [ elm:point 7.50 ]`, func(c elm.Course) any { return c.Credits[0].Value }, 7.5},
		"points as a double":            {`elm:creditPoint [ elm:point 7.5E0 ]`, func(c elm.Course) any { return c.Credits[0].Value }, 7.5},
		"points with a decimal comma":   {`elm:creditPoint [ elm:point "7,5" ]`, func(c elm.Course) any { return c.Credits[0].Value }, 7.5},
		"https concept":                 {`elm:EQFLevel <https://data.europa.eu/snb/eqf/6>`, func(c elm.Course) any { return c.EQF }, []int{6}},
		"level as a number":             {`elm:EQFLevel 6`, func(c elm.Course) any { return c.EQF }, []int{6}},
		"language by its B code":        {`dcterms:language <http://publications.europa.eu/resource/authority/language/GER>`, func(c elm.Course) any { return c.Languages }, []string{"de"}},
		"language by two letters":       {`dcterms:language <http://publications.europa.eu/resource/authority/language/EN>`, func(c elm.Course) any { return c.Languages }, []string{"en"}},
		"language over https":           {`dcterms:language <https://publications.europa.eu/resource/authority/language/FRA>`, func(c elm.Course) any { return c.Languages }, []string{"fr"}},
		"language as a tag":             {`dcterms:language "pt-BR"`, func(c elm.Course) any { return c.Languages }, []string{"pt"}},
		"a language the list lacks":     {`dcterms:language <http://publications.europa.eu/resource/authority/language/HBS>`, func(c elm.Course) any { return len(c.Languages) }, 1},
		"a misspelt property":           {`elm:specialisationf <urn:standard>`, func(c elm.Course) any { return c.SpecialisationOf }, []string{"urn:standard"}},
		"a title without a tag":         {`skos:altLabel "Nothing"`, func(c elm.Course) any { return c.AltTitle }, elm.Text{"und": "Nothing"}},
		"two titles in one language":    {`dcterms:title "Aa"@en , "Zz"@en`, func(c elm.Course) any { return c.Title }, elm.Text{"en": "Aa"}},
		"field without its zero":        {`elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/613>`, func(c elm.Course) any { return c.ISCED }, []string{"0613"}},
		"derived fields are left out":   {`ql:ISCEDFBroadField <http://data.europa.eu/snb/isced-f/06> ; elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/0613>`, func(c elm.Course) any { return c.ISCED }, []string{"0613"}},
		"country by two letters":        {`dcterms:publisher <urn:o> . <urn:o> a elm:Organisation ; elm:location [ elm:address [ elm:countryCode <http://publications.europa.eu/resource/authority/country/NL> ] ]`, func(c elm.Course) any { return c.Organisations["urn:o"].Country }, "NL"},
		"a name under elm:":             {`dcterms:publisher <urn:o> . <urn:o> a elm:Organisation ; elm:legalName "Uni"@en`, func(c elm.Course) any { return c.Organisations["urn:o"].Name }, elm.Text{"en": "Uni"}},
		"dcterms:language on the run":   {`elm:learningOpportunity <urn:r> . <urn:r> a elm:LearningOpportunity ; dcterms:language <http://publications.europa.eu/resource/authority/language/ENG>`, func(c elm.Course) any { return c.Offerings[0].Language }, "en"},
		"a run that points at nothing":  {`elm:learningOpportunity <urn:r> . <urn:r> a ql:LearningOpportunityInstance`, func(c elm.Course) any { return len(c.Offerings) }, 1},
		"semicolons before the bracket": {`elm:creditPoint [ elm:point "1" ; ; ] ;`, func(c elm.Course) any { return len(c.Credits) }, 1},
		"an amount under elm:value":     {`elm:learningOpportunity <urn:r> . <urn:r> elm:priceDetail [ elm:amount [ elm:value "12,50" ] ]`, func(c elm.Course) any { return c.Offerings[0].Prices[0].Amount }, "12.50"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			title := ` dcterms:title "T"@de ;`
			if strings.Contains(tt.facts, "dcterms:title") {
				title = ""
			}
			c := viewed(t, `<urn:c> a ql:LearningOpportunitySpecification ;`+title+` `+tt.facts+" .")
			if diff := cmp.Diff(tt.want, tt.read(c)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestClassesAndSharedInstitution: all three classes of specifications and both of instances count, and an
// institution that is described once belongs to every course that names it.
func TestClassesAndSharedInstitution(t *testing.T) {
	t.Parallel()
	body := prefixes + `@prefix rov: <http://www.w3.org/ns/regorg#> .
<#org> a ql:HigherEducationInstitution ; rov:legalName "Uni"@en ; adms:identifier [ a ql:SchacIdentifier ; skos:notation "uni.example" ] .
<urn:1> a ql:LearningOpportunitySpecification ; dcterms:publisher <#org> .
<urn:2> a elm:Qualification ; dcterms:publisher <#org> ; elm:hasPart <urn:1> .
<urn:3> a elm:LearningAchievementSpecification ; dcterms:publisher <#org> .
<urn:r1> a ql:LearningOpportunityInstance ; elm:learningAchievementSpecification <urn:1> ; elm:providedBy <#org> .
<urn:r2> a elm:LearningOpportunity ; elm:learningAchievementSpecification <urn:2> ; elm:providedBy <#org> .
`
	got := read(answer{media: "text/turtle", body: body}.get, source(""), rdf.Limits{})
	if diff := cmp.Diff([]string{"urn:1", "urn:2", "urn:3"}, got.subjects()); diff != "" || got.end != nil {
		t.Fatalf("%s %v", diff, got.end)
	}
	for i, item := range got.items {
		c := elm.View(item.Graph.Subject.String(), item.Graph.Triples)
		if o := c.Organisations[path+"#org"]; o.Name["en"] != "Uni" || !slices.Equal(o.Schac, []string{"uni.example"}) {
			t.Errorf("%s: its institution is %+v", c.IRI, c.Organisations)
		}
		if want := []int{1, 1, 0}[i]; len(c.Offerings) != want {
			t.Errorf("%s has %d offerings, want %d", c.IRI, len(c.Offerings), want)
		}
	}
}

// TestThreat13NothingElseIsFetched: whatever a document refers to, the only request is that for the document.
func TestThreat13NothingElseIsFetched(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"owl:imports":    turtle + ` <> a <http://www.w3.org/2002/07/owl#Ontology> ; <http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:1/more.ttl> .`,
		"remote context": `{"@context":"http://127.0.0.1:1/context.jsonld","@id":"urn:a","@type":"Course"}`,
		"two contexts":   `{"@context":[{"title":"http://purl.org/dc/terms/title"},"https://127.0.0.1:1/c"],"@id":"urn:a","title":"x"}`,
		"@import":        `{"@context":{"@version":1.1,"@import":"http://127.0.0.1:1/c"},"@id":"urn:a"}`,
		"doctype":        `<!DOCTYPE rdf:RDF SYSTEM "http://127.0.0.1:1/x.dtd">` + rdfXML[21:],
		"entity":         `<!DOCTYPE rdf:RDF [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]>` + rdfXML[21:],
		"stylesheet":     `<?xml-stylesheet href="http://127.0.0.1:1/x.xsl"?>` + rdfXML[21:],
		"xinclude":       strings.Replace(rdfXML, "</rdf:RDF>", `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:1/x"/></rdf:RDF>`, 1),
		"json lines":     `{"@context":"http://127.0.0.1:1/c","@id":"urn:a"}` + "\n" + `{"@context":"http://127.0.0.1:1/c","@id":"urn:b"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int32
			began := time.Now()
			read(func(ctx context.Context, url string) (*adapters.Response, error) {
				requests.Add(1)
				return answer{body: body}.get(ctx, url)
			}, source(""), rdf.Limits{})
			if n := requests.Load(); n != 1 || time.Since(began) > time.Second {
				t.Errorf("%d requests in %v", n, time.Since(began))
			}
		})
	}
}

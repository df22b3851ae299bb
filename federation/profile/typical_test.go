package profile_test

import (
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// typical is a course as many sources have it: 36 triples, an institution that is named and not described.
var typical = strings.NewReplacer("; elm:providedBy :org .", `; elm:providedBy :org ; dcterms:title "Autumn"@en ;
  elm:mode <http://data.europa.eu/snb/learning-assessment/920fbb3cbe> ; ql:enrolmentCapacity "20"^^xsd:nonNegativeInteger ;
  dcterms:temporal [ a dcterms:PeriodOfTime ; skos:prefLabel "Autumn"@en ; elm:startDate "2026-09-01"^^xsd:date ; elm:endDate "2027-01-31"^^xsd:date ] .`,
	"elm:EQFLevel", `dcterms:description "About tides."@en ; dcterms:publisher :org ;
  elm:creditPoint [ a elm:CreditPoint ; elm:framework <http://data.europa.eu/snb/education-credit/6fcec5c5af> ; elm:point "5" ] ; elm:EQFLevel`,
	":org a ql:HigherEducationInstitution", ":other a ql:HigherEducationInstitution").Replace(conformant)

func BenchmarkTypicalCourse(b *testing.B) {
	c, g := checker(b), graphOf(b, typical)
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			c.Check(profile.Course{Graph: g, Institution: func(string) bool { return true }})
		}
	})
	b.Run("complete", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			profile.Completeness(elm.View("https://uni.example/c", g.Triples))
		}
	})
}

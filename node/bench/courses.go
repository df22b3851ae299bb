package bench

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// provider is the institution of all synthetic courses.
const provider = "bench.example"

const prefixes = `@prefix ql: <http://data.quality-link.eu/ontology/v1#> .
@prefix elm: <http://data.europa.eu/snb/model/elm/> .
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
`

// courseTriples is how many triples write makes of each course.
const courseTriples = 36

// writeCourses writes n courses as one Turtle document: the same bytes for the same n and seed.
func writeCourses(w io.Writer, n int, seed uint64) (bytes int64, err error) {
	out := bufio.NewWriterSize(w, 1<<16)
	counted := &counter{out, 0}
	if _, err := io.WriteString(counted, prefixes); err != nil {
		return 0, err
	}
	for i := range n {
		// A source of numbers for each course, so that course i does not depend on those before it.
		c := draw(i, rand.New(rand.NewPCG(seed, uint64(i))))
		if err := c.write(counted); err != nil {
			return counted.n, err
		}
	}
	return counted.n, out.Flush()
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// course holds what varies between courses.
type course struct {
	number           int
	code             string
	title, titel     string
	description      string
	isced, eqf, ects string
	language, mode   string
	outcomes         [2]string
	year             int
	autumn           bool
	capacity         int
}

func draw(number int, r *rand.Rand) course {
	f := fields[r.IntN(len(fields))]
	level := r.IntN(len(levels))
	topic := r.IntN(len(f.topics))
	c := course{
		number: number,
		code:   fmt.Sprintf("%s-%d%04d", f.code, level+1, number%10_000),
		title:  fmt.Sprintf("%s %s", levels[level].en, f.topics[topic].en),
		titel:  fmt.Sprintf("%s %s", levels[level].de, f.topics[topic].de),
		isced:  f.isced,
		eqf:    levels[level].eqf,
		ects:   pick(r, credits),
		year:   2026 + r.IntN(3), autumn: r.IntN(2) == 0,
		language: pick(r, languages), mode: pick(r, modes),
		capacity: 10 + 5*r.IntN(30),
	}
	sentences := make([]string, 3+r.IntN(4))
	for i := range sentences {
		sentences[i] = fmt.Sprintf(pick(r, phrases), strings.ToLower(f.topics[r.IntN(len(f.topics))].en))
	}
	c.description = strings.Join(sentences, " ")
	for i := range c.outcomes {
		c.outcomes[i] = fmt.Sprintf(pick(r, abilities), strings.ToLower(f.topics[(topic+i)%len(f.topics)].en))
	}
	return c
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

// write makes 22 triples of the specification and what hangs on it, and 14 of its instance.
func (c course) write(w io.Writer) error {
	start, end, term := fmt.Sprintf("%d-02-15", c.year), fmt.Sprintf("%d-06-30", c.year), fmt.Sprintf("Spring %d", c.year)
	if c.autumn {
		start, end, term = fmt.Sprintf("%d-09-15", c.year), fmt.Sprintf("%d-01-31", c.year+1), fmt.Sprintf("Autumn %d", c.year)
	}
	_, err := fmt.Fprintf(w, specification+instance,
		c.number, c.code, c.title, c.titel, c.description, c.isced, c.eqf, c.ects, c.language, c.outcomes[0], c.outcomes[1],
		c.number, c.year, c.number, term, c.language, c.mode, term, start, end, c.capacity, c.capacity/3, c.number)
	return err
}

const specification = `
<https://bench.example/courses/%d> a ql:LearningOpportunitySpecification ;
  adms:identifier [ a elm:Identifier ; skos:notation "%s" ; elm:schemeName "Course code"@en ] ;
  dcterms:title "%s"@en , "%s"@de ;
  dcterms:description "%s"@en ;
  dcterms:publisher <https://bench.example/> ;
  elm:ISCEDFCode <http://data.europa.eu/snb/isced-f/%s> ;
  elm:EQFLevel <http://data.europa.eu/snb/eqf/%s> ;
  elm:creditPoint [ a elm:CreditPoint ; elm:framework <http://data.europa.eu/snb/education-credit/6fcec5c5af> ; elm:point "%s" ] ;
  dcterms:language <http://publications.europa.eu/resource/authority/language/%s> ;
  elm:learningOutcome [ a elm:LearningOutcome ; dcterms:title "%s"@en ] , [ a elm:LearningOutcome ; dcterms:title "%s"@en ] .
`

const instance = `<https://bench.example/courses/%d/offerings/%d> a ql:LearningOpportunityInstance ;
  elm:learningAchievementSpecification <https://bench.example/courses/%d> ;
  dcterms:title "%s"@en ;
  elm:providedBy <https://bench.example/> ;
  elm:defaultLanguage <http://publications.europa.eu/resource/authority/language/%s> ;
  elm:mode <http://data.europa.eu/snb/learning-assessment/%s> ;
  dcterms:temporal [ a dcterms:PeriodOfTime ; skos:prefLabel "%s"@en ; elm:startDate "%s"^^xsd:date ; elm:endDate "%s"^^xsd:date ] ;
  ql:enrolmentCapacity "%d"^^xsd:nonNegativeInteger ;
  ql:enrolledLearnerCount "%d"^^xsd:nonNegativeInteger ;
  ql:registrationPortal "https://bench.example/courses/%d/apply"^^xsd:anyURI .
`

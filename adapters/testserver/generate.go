package testserver

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// modified is when generated courses were last changed.
var modified = time.Date(2026, time.March, 2, 8, 30, 0, 0, time.UTC)

// coursesPerProgramme in a generated set, about.
const coursesPerProgramme = 20

// Generate makes a set of n courses for the institution with this domain: the same for the same arguments, and
// course i the same in sets of any size. Some courses are in two languages, some have no offering, some two.
func Generate(domain string, n int, seed uint64) Set {
	s := Set{
		Domain: domain, Country: "FI", City: "Kuopio", Changed: modified,
		Name:  Text{{"en", "University of " + domain}, {"fi", "Yliopisto " + domain}},
		Terms: terms(domain), Courses: make([]Course, n),
	}
	for i := range max(1, n/coursesPerProgramme) {
		s.Programmes = append(s.Programmes, programme(domain, i))
	}
	for i := range s.Courses {
		c := draw(domain, i, rand.New(rand.NewPCG(seed, uint64(i))), s.Terms)
		if i%5 != 4 { // the fifth stands alone
			c.Programme = s.Programmes[i%len(s.Programmes)].ID
		}
		s.Courses[i] = c
	}
	return s
}

func terms(domain string) []Term {
	var out []Term
	for _, year := range []int{2026, 2027} {
		for i, t := range []struct{ code, en, fi, from, to string }{
			{"A", "Autumn %d", "Syksy %d", "%d-09-01", "%d-12-18"}, {"S", "Spring %d", "Kevät %d", "%d-01-11", "%d-05-28"},
		} {
			year := year + i
			code := fmt.Sprintf("%d%s", year, t.code)
			out = append(out, Term{
				ID: id(domain, "term", code), Code: code, Name: Text{{"en", fmt.Sprintf(t.en, year)}, {"fi", fmt.Sprintf(t.fi, year)}},
				Start: fmt.Sprintf(t.from, year), End: fmt.Sprintf(t.to, year), Year: year - i, Number: i + 1, Of: 2,
			})
		}
	}
	return out
}

func programme(domain string, i int) Programme {
	f := fields[i%len(fields)]
	return Programme{
		ID: id(domain, "programme", fmt.Sprint(i)), Code: fmt.Sprintf("P-%s-%03d", f.code, i),
		Name:        Text{{"en", "Master's Programme in " + f.en}, {"fi", "Maisteriohjelma: " + f.fi}},
		Description: Text{{"en", "Two years of study in " + strings.ToLower(f.en) + " with a thesis in the last term."}},
		Outcomes:    []Text{{{"en", "Plans and leads projects in " + strings.ToLower(f.en)}}},
		ECTS:        "120", Level: 7, ISCED: f.isced, Languages: []string{"en"}, Years: 2,
	}
}

func draw(domain string, i int, r *rand.Rand, terms []Term) Course {
	f := fields[r.IntN(len(fields))]
	level := levels[r.IntN(len(levels))]
	topic := f.topics[r.IntN(len(f.topics))]
	c := Course{
		ID: id(domain, "course", fmt.Sprint(i)), Code: fmt.Sprintf("%s-%d%05d", f.code, level.eqf, i),
		Name:          Text{{"en", fmt.Sprintf("%s %s %d", level.en, topic.en, i)}},
		Description:   Text{{"en", describe(r, topic.en)}},
		Outcomes:      []Text{{{"en", pick(r, abilities) + " " + strings.ToLower(topic.en)}}},
		Prerequisites: Text{{"en", "A course in " + strings.ToLower(f.en) + ", or equivalent"}},
		Assessment:    Text{{"en", pick(r, assessments)}},
		ECTS:          pick(r, credits), Level: level.eqf, ISCED: f.isced, Languages: []string{pick(r, languages)}, Mode: Mode(r.IntN(3)),
	}
	if r.IntN(2) == 0 {
		c.Name = append(c.Name, Wording{"fi", fmt.Sprintf("%s %s %d", level.fi, topic.fi, i)})
		c.Outcomes = append(c.Outcomes, Text{{"en", pick(r, abilities) + " " + strings.ToLower(f.en)}})
	}
	if r.IntN(3) == 0 {
		c.Coordinator = person(domain, r)
	}
	for k := range min(2, r.IntN(5)) {
		c.Offerings = append(c.Offerings, offer(&c, k, r, terms))
	}
	return c
}

func describe(r *rand.Rand, topic string) string {
	sentences := make([]string, 2+r.IntN(4))
	for i := range sentences {
		sentences[i] = fmt.Sprintf(pick(r, phrases), strings.ToLower(topic))
	}
	return strings.Join(sentences, " ")
}

func person(domain string, r *rand.Rand) Person {
	given, family := pick(r, givenNames), pick(r, familyNames)
	return Person{
		ID: id(domain, "person", given, family), Given: given, Family: family,
		Mail: strings.ToLower(given+"."+family) + "@" + domain,
	}
}

func offer(c *Course, k int, r *rand.Rand, terms []Term) Offering {
	t := 2*k + r.IntN(2)
	o := Offering{
		ID: id(c.ID, "offering", fmt.Sprint(k)), Code: c.Code + "-" + terms[t].Code, Term: t,
		Start: terms[t].Start, End: terms[t].End, Capacity: 10 + 5*r.IntN(20), Language: c.Languages[0],
	}
	o.Enrolled = 1 + r.IntN(o.Capacity)
	if r.IntN(2) == 0 {
		o.ApplyBy = fmt.Sprintf("%d-05-31", terms[t].Year)
	}
	return o
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

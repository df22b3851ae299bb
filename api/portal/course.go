package portal

import (
	"net/http"
	"strings"

	"github.com/coursemesh/coursemesh/api/course"
)

// coursePage is the body of a course's page.
type coursePage struct {
	course.Course
	Around
	Next *course.Offering
}

// Around is what the catalogue knows of a course beside its own record.
type Around struct {
	Elsewhere     []course.Run // offerings that others record for it
	Parts, PartOf []Neighbour
}

// Neighbour is a course at the other end of a link, or, without an id, what the link says of it.
type Neighbour struct {
	course.Link
	Name string // of a course that the catalogue does not hold
}

// Course answers the page of one course, or of the choices when the identifier is ambiguous.
func (p *Portal) Course(w http.ResponseWriter, r *http.Request, id string) {
	courses, err := p.site.Courses(id, r.URL.Query().Get("provider"))
	if err != nil {
		p.Error(w, err)
		return
	}
	if len(courses) > 1 {
		p.render(w, http.StatusMultipleChoices, "choices", "Several courses", struct {
			ID      string
			Courses []course.Course
		}{id, courses})
		return
	}
	c := courses[0]
	title := textOf(c.Title).Value
	if strings.TrimSpace(title) == "" {
		title = c.IRI
	}
	around, err := p.site.Around(c)
	if err != nil {
		p.Error(w, err)
		return
	}
	p.render(w, http.StatusOK, "course", title, coursePage{Course: c, Around: around, Next: nextOffering(c, p.site.Now())})
}

// NetworkPage answers the page about publishers, peers and institutions.
func (p *Portal) NetworkPage(w http.ResponseWriter, r *http.Request) {
	n, err := p.site.Network(r.Context())
	if err != nil {
		p.Error(w, err)
		return
	}
	p.render(w, http.StatusOK, "network", "Network", n)
}

// Docs answers the reference of the API.
func (p *Portal) Docs(w http.ResponseWriter, reference any) {
	p.render(w, http.StatusOK, "docs", "API", reference)
}

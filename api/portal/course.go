package portal

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
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
	Versions      []Version // newest first
	Older         int       // versions that are kept and not shown
	Proof         Proof
}

// Version of a course that this node keeps, and what it states differently than the one before.
type Version struct {
	Record, Before                    string // CIDs; Before is "" for the oldest one kept
	Issued, Source                    string
	Publisher                         federation.PublisherID
	Current                           bool
	New                               bool // the course itself is stated differently than before
	Specification, Offering, Volatile int  // differences by class
	Differences                       []elm.Difference
}

// Proof is the way of a course from its source into the catalogue.
type Proof struct {
	Snapshot      string // CID of what was fetched, "" when it is not known
	Head          string // CID of the publisher's current head
	Epoch, Number uint64
	Records       uint64 // that the head lists
	Signed, Node  string // when, and the name of the publisher's node
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
		p.gone(w, r, id, err)
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

// Past of a course that is no longer in the catalogue.
type Past struct {
	History
	IRI          string
	Title        course.Text
	Issued       string // time of the first head without it, "" when nobody signed that
	Publisher    federation.PublisherID
	Head         string
	SupersededBy []course.Link
}

// History is the versions of a course that this node keeps.
type History struct {
	ID, Provider string
	Versions     []Version // newest first
	Older        int       // versions that are kept and not shown
}

// History of the course on a page.
func (c coursePage) History() History { return History{c.ID, c.Provider, c.Versions, c.Older} }

// gone shows what is kept of a course that was withdrawn, else what went wrong.
func (p *Portal) gone(w http.ResponseWriter, r *http.Request, id string, cause error) {
	t := p.site.Explain(cause)
	if t.Status != http.StatusNotFound {
		p.Error(w, cause)
		return
	}
	past, found, err := p.site.Past(id, r.URL.Query().Get("provider"))
	switch {
	case err != nil:
		p.Error(w, err)
	case !found:
		p.Error(w, cause)
	default:
		past.SupersededBy = t.SupersededBy
		p.render(w, t.Status, "withdrawn", "Withdrawn: "+cmp.Or(textOf(past.Title).Value, past.IRI), past)
	}
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

package course

import (
	"slices"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/index"
)

// Run is an offering with what the catalogue says of it: from a course's record, or from one of its own.
type Run struct {
	Offering
	Course     *Link                  `json:"course" doc:"The course it is a run of; null when no course of the catalogue is meant"`
	Of         []Reference            `json:"of" doc:"What the offering's own record says of its course"`
	Provider   string                 `json:"provider" doc:"Provider id under which it is recorded"`
	Record     string                 `json:"record" doc:"CID of the signed record"`
	Publisher  federation.PublisherID `json:"publisher"`
	Class      federation.Class       `json:"class"`
	AssertedBy *string                `json:"asserted_by"`
	Licence    string                 `json:"licence"`
	Credit     string                 `json:"credit"`
}

// Link names a course of the catalogue.
type Link struct {
	ID       string `json:"id"`
	IRI      string `json:"iri"`
	Title    Text   `json:"title"`
	Provider string `json:"provider"`
}

// Reference is how a source points at a course that it does not describe.
type Reference struct {
	IRI         string       `json:"iri,omitempty"`
	Title       Text         `json:"title"`
	Identifiers []Identifier `json:"identifiers"`
	Providers   []string     `json:"providers" doc:"Ids or IRIs of institutions"`
}

// Superseded is an older course that another one says it replaces.
type Superseded struct {
	Reference
	Course *Link `json:"course" doc:"That course; null when the catalogue holds none of this provider that is meant"`
}

// ReferenceOf shows a reference.
func ReferenceOf(ref elm.Reference) Reference {
	out := Reference{IRI: ref.IRI, Title: text(ref.Title), Identifiers: each(ref.Identifiers, identifier), Providers: list(ref.Schac)}
	if len(out.Providers) == 0 {
		out.Providers = list(ref.Providers)
	}
	return out
}

// Name is how a reference is shown that leads to no course: its IRI, or a code and whose it is.
func (r Reference) Name() string {
	if r.IRI != "" || len(r.Identifiers) == 0 {
		return r.IRI
	}
	name := r.Identifiers[0].Notation
	if len(r.Providers) > 0 {
		name += " (" + r.Providers[0] + ")"
	}
	return name
}

// LinkOf names a course.
func LinkOf(c Course) *Link { return &Link{c.ID, c.IRI, c.Title, c.Provider} }

// Link names the course of a record.
func (c Content) Link() *Link {
	return &Link{c.View.UUID, c.View.IRI, text(c.View.Title), c.Record.Provider}
}

// Denotes reports whether an identifier is the run's IRI or one of its codes.
func (r Run) Denotes(id string) bool {
	return index.Normalise(r.IRI) == index.Normalise(id) || slices.ContainsFunc(r.Identifiers, func(i Identifier) bool {
		return index.Normalise(i.Notation) == index.Normalise(id)
	})
}

// RunsOf lists the offerings that the record of a course holds.
func RunsOf(c Course) []Run {
	out := make([]Run, len(c.Offerings))
	for i, o := range c.Offerings {
		out[i] = Run{
			Offering: o, Course: LinkOf(c), Of: []Reference{}, Provider: c.Provider, Record: c.Record, Publisher: c.Publisher,
			Class: c.Class, AssertedBy: c.AssertedBy, Licence: c.Licence, Credit: c.Credit,
		}
	}
	return out
}

// Offering of a catalogue item of that kind. Its course is for the caller to find.
func (r *Reader) Offering(item catalogue.Item) (Run, elm.Run, error) {
	record, view, err := r.Run(item.CID)
	if err != nil {
		return Run{}, elm.Run{}, err
	}
	own := r.provider(record.Provider, view.Organisations[federation.ProviderIRI(record.Provider)])
	out := Run{
		Offering: offering(view.Offering), Of: each(view.Of, ReferenceOf), Provider: record.Provider, Record: item.CID.String(),
		Publisher: item.Publisher, Class: item.Class, Licence: index.LicenceOf(record), Credit: credited(record, []Provider{own}),
	}
	if record.Source.Domain != record.Provider {
		out.AssertedBy = &record.Source.Domain
	}
	return out, view, nil
}

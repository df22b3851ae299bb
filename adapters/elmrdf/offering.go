package elmrdf

import (
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

const upField = "elm:learningAchievementSpecification"

// offering takes an instance of a course that the document does not describe: a record of its own, when
// it tells which course it means.
func (d *document) offering(g elm.Graph) (adapters.Item, error) {
	courses := g.Of()
	i := slices.IndexFunc(courses, elm.Reference.Denotes)
	if i < 0 {
		return adapters.Item{}, d.unattached(g, len(courses) > 0)
	}
	item := adapters.Item{Graph: g, Where: d.where(g)}
	if _, ok := g.Subject.(rdf.IRI); !ok {
		minted, err := d.mintOffering(g, courses[i])
		if err != nil {
			return adapters.Item{}, err
		}
		item.Graph = g.Rename(g.Subject, minted)
		item.Where = d.where(item.Graph)
		if !d.take(minted.String()) {
			return adapters.Item{}, &adapters.RecordError{
				Subject: minted.String(), Where: item.Where, Field: "adms:identifier",
				Message: "another instance of this document has the same identifier", Fix: "give each instance an IRI of its own",
			}
		}
	}
	if d.own(courses[i]) {
		item.Notes = append(item.Notes, adapters.Note{
			Field: upField, Value: meant(courses[i]),
			Message: "the specification " + meant(courses[i]) + " is the institution's own, but it is not described in this document",
			Fix:     "describe the course here (at least type, title and identifier), unless another source of the manifest does",
		})
	}
	return item, nil
}

// unattached is an instance that no course can be found for.
func (d *document) unattached(g elm.Graph, names bool) *adapters.RecordError {
	e := &adapters.RecordError{
		Subject: iriOf(g.Subject), Where: d.where(g), Field: upField,
		Message: "the instance names no specification", Fix: "point to the course that it is a run of",
	}
	if names {
		e.Message = "the instance names a specification that is not described in this document and cannot be told from others"
		e.Fix = "describe the course here, or point to it by its IRI, or by its adms:identifier together with elm:providedBy"
	}
	return e
}

// mintOffering names an instance without an IRI after its course and its own smallest identifier.
func (d *document) mintOffering(g elm.Graph, course elm.Reference) (rdf.IRI, error) {
	if notation := smallestNotation(g); notation != "" {
		if minted, err := rdf.NewIRI(elm.MintOffering(meant(course), notation)); err == nil {
			return minted, nil
		}
	}
	return rdf.IRI{}, &adapters.RecordError{
		Where: d.where(g), Field: "adms:identifier",
		Message: "no identity: the instance of " + meant(course) + " has neither an IRI nor an adms:identifier with a skos:notation",
		Fix:     "give the instance an IRI that never changes, or its local code as adms:identifier",
	}
}

// meant is the course that a reference denotes: its IRI, an identifier that is one, or the IRI that is
// made of code and institution.
func meant(ref elm.Reference) string {
	if ref.IRI != "" {
		return ref.IRI
	}
	institution := ""
	if all := append(slices.Clone(ref.Schac), ref.Providers...); len(all) > 0 {
		institution = all[0]
	}
	for _, id := range ref.Identifiers {
		if elm.IsGlobal(id.Notation) {
			return elm.GlobalIRI(id.Notation)
		}
	}
	for _, id := range ref.Identifiers {
		if id.Notation != "" {
			return elm.Mint(institution, id.Notation)
		}
	}
	return ""
}

// own reports whether a reference names a course of the source's provider.
func (d *document) own(ref elm.Reference) bool {
	domain, _, isCourseID := elm.CourseID(meant(ref))
	return isCourseID && domain == d.provider || slices.Contains(ref.Schac, d.provider) ||
		slices.Contains(ref.Providers, federation.ProviderIRI(d.provider))
}

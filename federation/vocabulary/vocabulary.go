// Package vocabulary holds the names that course graphs are made of: IRIs of the classes and
// properties of the European Learning Model (ELM 3) and the QualityLink application profile, and
// the controlled vocabularies with their labels in English, German and French.
//
// The vocabularies are embedded, so lookups need no network. An operator's newer lists (Overlay) lie
// over them for the whole process once Use has put them there; everything else is read-only. Lookups
// are safe for concurrent use. Labels serve people and search; they are never part of a signed graph.
// IRIs of unknown concepts are not errors: authorities add concepts faster than software is updated.
package vocabulary

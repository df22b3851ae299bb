// Package vocabulary holds the names that course graphs are made of: IRIs of the classes and
// properties of the European Learning Model (ELM 3) and the QualityLink application profile, and
// the controlled vocabularies with their English labels.
//
// Everything is embedded and read-only, so lookups need no network and are the same on every node.
// Labels serve people and search; they are never part of a signed graph. IRIs of unknown concepts
// are not errors: authorities add concepts faster than software is updated.
package vocabulary

package elm

import (
	"strings"

	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Vocabularies for people are many and sources mix them, so classes and properties are judged by
// the last part of their IRI, in whatever namespace it stands.

// localName is what follows the last slash, hash or colon of an IRI.
func localName(iri string) string {
	for i := len(iri) - 1; i >= 0; i-- {
		if c := iri[i]; c == '/' || c == '#' || c == ':' {
			return iri[i+1:]
		}
	}
	return iri
}

// isPersonClass reports whether nodes of a class are people.
func isPersonClass(iri string) bool {
	return localName(iri) == "Person" || iri == vocabulary.NSVCard+"Individual"
}

// isContactClass reports whether nodes of a class are ways to reach somebody.
func isContactClass(iri string) bool {
	switch localName(iri) {
	case "ContactPoint", "Mailbox", "Phone", "VCard":
		return true
	case "Email", "Voice", "Tel", "Cell", "Fax":
		return strings.HasPrefix(iri, vocabulary.NSVCard)
	}
	return false
}

// isPhoneClass reports whether nodes of a class are telephones.
func isPhoneClass(iri string) bool {
	switch localName(iri) {
	case "Phone":
		return true
	case "Voice", "Tel", "Cell", "Fax":
		return strings.HasPrefix(iri, vocabulary.NSVCard)
	}
	return false
}

// isOrganisationClass reports whether nodes of a class are organisations, which no property makes people.
func isOrganisationClass(iri string) bool {
	switch localName(iri) {
	case "Organisation", "Organization", "HigherEducationInstitution", "GroupOfHEIs", "EuropeanUniversityAlliance", "Group",
		"AwardingBody", "FormalOrganization", "OrganizationalUnit", "RegisteredOrganization", "CollegeOrUniversity", "EducationalOrganization":
		return true
	}
	return false
}

// meaning is what a property says about people.
type meaning uint8

const (
	plain       meaning = iota
	mail                // its value is an e-mail address or a mailbox
	telephone           // its value is a telephone number or a telephone
	contact             // its value is a contact point
	namesPerson         // its value is a person, by the property's own definition
	mayName             // its value is a person or an organisation; of a literal nobody can tell which
	ofPerson            // only people have it
)

var meanings = map[string]meaning{
	"emailAddress": mail, "email": mail, "hasEmail": mail, "mbox": mail, "mbox_sha1sum": mail, "mail": mail,

	"phone": telephone, "phoneNumber": telephone, "dialNumber": telephone, "areaDialing": telephone, "countryDialing": telephone,
	"telephone": telephone, "faxNumber": telephone, "hasTelephone": telephone, "tel": telephone,

	"contactPoint": contact, "hasContactPoint": contact,

	"instructor": namesPerson, "instructors": namesPerson, "hasInstructor": namesPerson,
	"coordinator": namesPerson, "coordinators": namesPerson, "hasCoordinator": namesPerson,
	"teacher": namesPerson, "teachers": namesPerson, "lecturer": namesPerson, "lecturers": namesPerson,
	"professor": namesPerson, "tutor": namesPerson, "supervisor": namesPerson, "examiner": namesPerson, "contactPerson": namesPerson,

	"creator": mayName, "contributor": mayName, "author": mayName, "editor": mayName,

	"givenName": ofPerson, "familyName": ofPerson, "firstName": ofPerson, "lastName": ofPerson, "surname": ofPerson,
	"given-name": ofPerson, "family-name": ofPerson, "birthName": ofPerson, "patronymicName": ofPerson, "family_name": ofPerson,
	"dateOfBirth": ofPerson, "placeOfBirth": ofPerson, "birthDate": ofPerson, "bday": ofPerson, "nationalId": ofPerson,
	"citizenshipCountry": ofPerson,
}

func meaningOf(property string) meaning { return meanings[localName(property)] }

// contactScheme reports whether an IRI is itself an address, and whether of a telephone.
func contactScheme(iri string) (is, phone bool) {
	scheme, _, _ := strings.Cut(iri, ":")
	switch strings.ToLower(scheme) {
	case "mailto", "sip", "sips", "xmpp", "im", "acct", "skype":
		return true, false
	case "tel", "sms", "fax", "callto":
		return true, true
	}
	return false, false
}

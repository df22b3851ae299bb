package source

import (
	"regexp"
	"slices"
	"strings"
)

// personal are codes that name a person, never a course.
var personal = []string{"nationalidentitynumber", "studentnumber", "studielinknumber", "esi", "username", "accountid", "emailadress", "emailaddress", "orcid", "eckid", "ltiuserid"}

// personWords are in the names of fields that hold persons, or what only persons have, in one word: given_name is
// givenname. Fields of free form have names in the language of the institution.
var personWords = []string{
	"coordinator", "instructor", "teacher", "lecturer", "person", "contact", "email", "phone", "orcid", "author", "examiner",
	"docent", "tutor", "supervisor", "professor", "staff", "employee", "givenname", "surname", "familyname", "firstname", "lastname", "displayname",
	"initials", "birth", "gender", "nationality", "affiliation", "icename", "mobilenumber", "photosocial", "photoofficial", "titleprefix", "titlesuffix",
	"username", "fullname", "formattedname", "createdby", "updatedby", "modifiedby",
	"responsible", "responsab", "verantwoordelijk", "verantwortlich", "kontakt", "ansprechpartner", "koordinator", "coördinator", "coordinateur",
	"coordinador", "coordenador", "coordinatore", "dozent", "lehrkraft", "lehrende", "enseignant", "professeur", "profesor", "opettaja", "vastuuhenkilö",
	"lärare", "underviser", "nauczyciel", "prowadzący", "vyučující", "vorname", "nachname", "voornaam", "achternaam", "prénom", "apellido", "cognome",
}

// personLists are fields that hold persons or groups of them, by their whole name: what others name so is no person.
var personLists = []string{
	"groups", "groupids", "members", "memberships", "associations", "associationids", "students", "enrollments", "enrolments",
}

// traits are fields that only persons have: an object with one of them is a person.
var traits = []string{"personid", "orcid", "orcidid", "givenname", "surname", "familyname", "firstname", "lastname", "formattedname", "dateofbirth", "birthdate"}

func namesPerson(field string) bool {
	field = Squeezed(field)
	return slices.Contains(personLists, field) || slices.ContainsFunc(personWords, func(word string) bool { return strings.Contains(field, word) })
}

// isPerson says that an object is a person, or a code that names one.
func isPerson(o Object) bool {
	for _, f := range o {
		if slices.Contains(traits, Squeezed(f.Name)) {
			return true
		}
	}
	return o.Has("code") && PersonalCode(o.Text("codeType"), o.Text("code")) || o.Has("identifier") && PersonalCode(o.Text("identifierType"), o.Text("identifier"))
}

var mailAddress = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]+`)

func isMail(s string) bool { return strings.IndexByte(s, '@') >= 0 && mailAddress.MatchString(s) }

// Plain is a value of free form (ext, consumers) without anything that names a person.
func Plain(v any) any {
	switch t := v.(type) {
	case Object:
		if isPerson(t) {
			return nil
		}
		out := make(Object, 0, len(t))
		for _, f := range t {
			if namesPerson(f.Name) {
				continue
			}
			if kept := Plain(f.Value); !Blank(kept) {
				out = append(out, Field{f.Name, kept})
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(t))
		for _, e := range t {
			if kept := Plain(e); !Blank(kept) {
				out = append(out, kept)
			}
		}
		return out
	case string:
		if isMail(t) {
			return nil
		}
	}
	return v
}

// PersonalCode says that a code names a person, by its kind, which may have a prefix of its own, or by what it looks
// like.
func PersonalCode(kind, code string) bool {
	kind = kind[strings.LastIndexByte(kind, ':')+1:]
	return slices.Contains(personal, Squeezed(kind)) || isMail(code)
}

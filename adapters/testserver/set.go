package testserver

import (
	"slices"
	"time"
)

// Set is what an institution offers, whatever standard it is served in.
type Set struct {
	Domain     string // SCHAC code
	Name       Text
	Country    string // ISO 3166-1 alpha-2
	City       string
	Terms      []Term
	Programmes []Programme
	Courses    []Course
	Changed    time.Time // last
}

// Text is one text in one or more languages.
type Text []Wording

// Wording is a text in one language, named by its BCP 47 tag.
type Wording struct{ Lang, Text string }

// Term is an academic session.
type Term struct {
	ID, Code   string
	Name       Text
	Start, End string // dates
	Year       int
	Number, Of int // the Number-th of Of terms in the year
}

// Programme groups courses.
type Programme struct {
	ID, Code    string
	Name        Text
	Description Text
	Outcomes    []Text
	ECTS        string
	Level       int // EQF
	ISCED       string
	Languages   []string // ISO 639-1
	Years       int
}

// Course of an institution.
type Course struct {
	ID, Code      string
	Name          Text
	Description   Text
	Outcomes      []Text
	Prerequisites Text
	Assessment    Text
	ECTS          string // a decimal
	Level         int    // EQF 6, 7 or 8
	ISCED         string
	Languages     []string // ISO 639-1
	Mode          Mode
	Programme     string // id, "" for none
	Coordinator   Person
	Offerings     []Offering
	Deleted       bool // no longer offered; Edu-API and OCCAPI 2 still know it
}

// Person is named by some courses; nobody harvests persons.
type Person struct{ ID, Given, Family, Mail string }

// Mode of delivery.
type Mode int

// Modes.
const (
	OnSite Mode = iota
	Online
	Blended
)

// Offering of a course in a term.
type Offering struct {
	ID, Code           string
	Term               int // index into Terms
	Start, End         string
	ApplyBy            string // date, "" for none
	Capacity, Enrolled int
	Language           string // ISO 639-1
}

// Without is the set as it is from then on, without the courses of these ids.
func (s Set) Without(then time.Time, ids ...string) Set {
	s.Courses = slices.DeleteFunc(slices.Clone(s.Courses), func(c Course) bool { return slices.Contains(ids, c.ID) })
	s.Changed = then
	return s
}

// Deleting is the set as it is from then on, in which the course with this id is no longer offered.
func (s Set) Deleting(then time.Time, id string) Set {
	s.Courses = slices.Clone(s.Courses)
	for i := range s.Courses {
		s.Courses[i].Deleted = s.Courses[i].Deleted || s.Courses[i].ID == id
	}
	s.Changed = then
	return s
}

// first is the text in the first language.
func (t Text) first() string {
	if len(t) == 0 {
		return ""
	}
	return t[0].Text
}

// render writes each wording as an object under the standard's keys.
func (t Text) render(lang, text string, tag func(string) string) []any {
	out := make([]any, len(t))
	for i, w := range t {
		out[i] = object{lang: tag(w.Lang), text: w.Text}
	}
	return out
}

func same(s string) string { return s }

// threeLetters are the ISO 639-2 codes of the languages in use.
var threeLetters = map[string]string{"en": "eng", "de": "deu", "fr": "fra", "es": "spa", "fi": "fin", "pl": "pol"}

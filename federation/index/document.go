package index

import (
	"bytes"
	"crypto/sha256"
	"math"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/ipfs/go-cid"
)

// Document is what the index takes from one record of a course or of an offering.
type Document struct {
	Key string // of the record: kind|provider|subject
	CID cid.Cid

	Titles []string // in every language; the first one sorts
	Names  []string // alternative titles, identifiers, names of providers
	Body   []string // description, outcomes, requirements

	Values    map[Field][]string // what filters and facets see
	ECTS      *float64           // credits of the European Credit Transfer System only
	Modified  int64              // Unix seconds
	Complete  uint8              // how much of what learners look for is stated, in percent
	Stated    profile.FactSet    // of profile.Facts
	Validity  Validity
	Offerings []Offering // of an offering's record the offering itself
	IDs       []string   // everything that denotes the course, as stated
	RunIDs    []string   // everything that denotes one of its offerings
	Same      []string   // what denotes this course of this provider and nothing else: records that share one are one result
	Rank      uint8      // among records of one course: the lowest is shown
	Links     [Relations][]string
}

// Field is a property that filters and facets work on.
type Field uint8

// The fields. Values are codes, never labels.
const (
	Provider Field = iota // provider id
	Country               // of the provider, ISO 3166-1 alpha-2
	Language              // ISO 639-1
	EQF
	ISCED // two to four digits
	ISCEDBroad
	ISCEDNarrow
	Type // concept id
	Mode // concept id
	Standard
	ESCO // skill IRI
	Skill
	Licence
	LocationCountry // of any offering
	Class           // of the publisher
	Alliance        // domains of the alliances that have the provider as a member
	fieldCount
)

var fieldNames = [fieldCount]string{
	"provider", "country", "language", "eqf", "isced", "isced.broad", "isced.narrow", "type", "mode",
	"standard", "esco", "skill", "licence", "location_country", "class", "alliance",
}

// String is the field's name in queries and answers.
func (f Field) String() string { return fieldNames[f] }

// FieldOf finds a field by its name.
func FieldOf(name string) (Field, bool) {
	i := slices.Index(fieldNames[:], name)
	return Field(max(i, 0)), i >= 0
}

// Fields lists all fields.
func Fields() []Field {
	out := make([]Field, fieldCount)
	for i := range out {
		out[i] = Field(i)
	}
	return out
}

// Offering is what filters need of one learning opportunity instance. A zero Day is unknown.
type Offering struct {
	Start, ApplyBy    Day
	Countries         []string
	OpenToNonEnrolled *bool
	Language          string   // ISO 639-1
	Modes             []string // concept ids
	Providers         []string // ids or IRIs of the institutions that deliver it
	PlacesLeft        int32    // PlacesUnknown when it is not stated
}

// PlacesUnknown is PlacesLeft without capacity or without the number of enrolled learners.
const PlacesUnknown = -1

const (
	tieSize      = 12
	maxSortTitle = 48
	maxText      = 64 << 10 // bytes of one document's text that are searched
)

var noECTS = float32(math.NaN())

// prepared is a document cut into terms and codes, made outside the lock.
type prepared struct {
	doc    doc
	hot    hot
	words  words
	values [fieldCount][]string
	ids    []string
	runs   []string
	same   []string
	links  [Relations][]string
}

func prepare(d Document) prepared {
	p := prepared{
		doc:  doc{key: d.Key, cid: d.CID, valid: d.Validity.days(), offerings: d.Offerings, rank: d.Rank, stated: d.Stated},
		hot:  hot{modified: d.Modified, ects: noECTS, complete: d.Complete},
		same: d.Same, words: newWords(),
	}
	tie := sha256.Sum256([]byte(d.Key))
	copy(p.doc.tie[:], tie[:])
	if d.ECTS != nil {
		p.hot.ects = float32(*d.ECTS)
	}
	p.text(d)
	for f := range p.values {
		p.values[f] = distinct(d.Values[Field(f)])
	}
	for _, id := range d.IDs {
		p.ids = append(p.ids, Normalise(id))
	}
	p.ids = distinct(p.ids)
	for _, id := range d.RunIDs {
		p.runs = append(p.runs, Normalise(id))
	}
	p.runs = distinct(p.runs)
	for r := range p.links {
		p.links[r] = distinct(d.Links[r])
	}
	return p
}

// text collects the words of a document, those of the best class first.
func (p *prepared) text(d Document) {
	budget := maxText
	collect := func(texts []string, c class) (longest int) {
		for _, text := range texts {
			text = text[:min(len(text), budget)]
			budget -= len(text)
			n := 0
			for word := range wordsOf(text) {
				n++
				p.words.add(word, c)
			}
			longest = max(longest, n)
		}
		return longest
	}
	p.doc.words = uint8(min(collect(d.Titles, inTitle), math.MaxUint8))
	collect(d.Names, inName)
	collect(d.Body, inBody)
	if len(d.Titles) > 0 {
		p.doc.title = sortKey(d.Titles[0])
	}
	p.hot.head = titleHead(p.doc.title)
}

// sortKey is the folded title, cut at a rune.
func sortKey(title string) string {
	var joined []byte
	for word := range wordsOf(title) {
		joined = append(append(joined, word...), ' ')
	}
	joined = bytes.TrimSuffix(joined, []byte(" "))
	return strings.ToValidUTF8(string(joined[:min(len(joined), maxSortTitle)]), "")
}

func distinct(values []string) []string {
	if len(values) < 2 {
		return values
	}
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

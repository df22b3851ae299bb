package ooapi

import (
	"encoding/json"
	"fmt"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/source"
)

// Namespaces of the standard's own field names, for facts that ELM has no place for.
const (
	Namespace5 = "https://openonderwijsapi.nl/v5#"
	Namespace6 = "https://openonderwijsapi.nl/v6#"
)

// version is what the adapter has to know of a major version of the standard.
type version struct {
	major     int
	mapping   string // name and version of the mapping
	namespace string
	words     words

	courses, programmes *kind
	specifications      *kind // education specifications; nil in version 6
	components          source.Mapping[*mapper]
}

// words are the names that the versions give to the same things.
type words struct {
	organization  string // field that names one
	organizations source.Collection
	sessions      source.Collection
	educations    source.Collection
	outcomes      source.Collection
	programmes    string // field of a course that names its programmes
	offeringStart string
	offeringEnd   string
}

// kind is what becomes a course graph of its own.
type kind struct {
	name       string // for messages
	collection string
	id         string

	offerings  *branch   // nil when it has none
	components []*branch // nil when it has none
	rules      source.Mapping[*mapper]
	runs       source.Mapping[*mapper] // of its offerings
	fields     adapters.Fields
	types      map[string]string // of learning opportunities, by the value of typeField
	typeField  string
	usual      string // type without a known value
}

// marks are fields by which one version can be told from the other.
var marks = map[string]int{
	"teachingLanguage": 5, "modeOfDelivery": 5, "organization": 5, "programs": 5, "educationSpecification": 5, "enrollment": 5,
	"consumers": 5, "programId": 5, "programType": 5, "offeringId": 5, "offeringType": 5, "sector": 5,
	"teachingLanguages": 6, "modesOfDelivery": 6, "organisation": 6, "organisationId": 6, "programmes": 6, "programmeIds": 6,
	"learningOutcomeIds": 6, "enrolment": 6, "consumer": 6, "programmeId": 6, "programmeType": 6, "supplementaryInformation": 6,
	"courseOfferingId": 6, "programmeOfferingId": 6, "coordinatorIds": 6, "instructorIds": 6,
}

const judged = 50 // entries of a page by which the version is told

// spoken is the version that the entries of a page are in; 0 when they do not show it.
func spoken(items []json.RawMessage) int {
	votes := map[int]int{}
	for _, raw := range items[:min(len(items), judged)] {
		fields, err := source.Fields(raw)
		if err != nil {
			continue
		}
		for _, f := range fields {
			votes[marks[f.Name]]++
		}
	}
	switch {
	case votes[5] > votes[6]:
		return 5
	case votes[6] > votes[5]:
		return 6
	}
	return 0
}

// versionOf is the version of that number; anything else is read as version 5 until the answers show another.
func versionOf(major int) *version {
	if major == 6 {
		return six
	}
	return five
}

// listen lets the answers decide which version is spoken, whatever the manifest says.
func (w *walk) listen(items []json.RawMessage) {
	if w.settled {
		return
	}
	major := spoken(items)
	if major == 0 {
		return
	}
	w.settled = true
	w.version = versionOf(major)
	if w.declared != major && w.declared != 0 {
		w.findings = append(w.findings, adapters.Note{
			Field: "version", Value: fmt.Sprint(w.declared), Message: fmt.Sprintf("the server answers in version %d of the API, and is read so", major),
			Fix: fmt.Sprintf("write version: \"%d\" in the manifest", major),
		})
	}
}

package ooapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// canonical is the graph of an item in a form that is easy to search.
func canonical(t *testing.T, item adapters.Item) string {
	t.Helper()
	text, err := rdf.Canonical(item.Graph.Triples)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWhatRealEndpointsGetWrong reads entries with the defects that were met in practice: each must come through with
// what is right in it, and what is wrong must leave no trace but a finding.
func TestWhatRealEndpointsGetWrong(t *testing.T) {
	t.Parallel()
	const (
		eqf, field, language = "elm/EQFLevel>", "elm/ISCEDFCode>", "dc/terms/language>"
		mode, title          = "elm/mode>", "dc/terms/title>"
	)
	for _, tt := range []struct {
		name     string
		course   string // fields of the course beside id and name
		offering string // fields of its offering beside the id; "" when it has none
		has      []string
		lacks    []string
		finding  string // field of it
	}{
		{name: "empty strings for enumerations", course: `"level":"","levelOfQualification":"","qualificationAwarded":"","modeOfDelivery":"","teachingLanguage":"","fieldsOfStudy":""`, lacks: []string{eqf, mode, language, field}},
		{name: "empty link", course: `"link":""`, lacks: []string{"homepage"}},
		{name: "empty theme", course: `"consumers":[{"consumerKey":"eduxchange","alliances":[{"name":"ewuu","theme":""}]}]`, has: []string{"#alliance>"}, lacks: []string{"theme>"}},
		{name: "empty arrays for values", course: `"level":[],"description":[],"studyLoad":[],"organization":[],"educationSpecification":[]`, lacks: []string{eqf, "description>", "creditPoint>"}},
		{name: "null duration", course: `"duration":null`, lacks: []string{"elm/duration>"}},
		{name: "one empty outcome", course: `"learningOutcomes":[[]]`, lacks: []string{"learningOutcome>"}},
		{name: "required fields are absent", has: []string{title}},
		{
			name: "the code repeats the id", course: `"primaryCode":{"codeType":"uuid","code":"c1"},"abbreviation":"0HM130"`,
			has: []string{`"0HM130"`, `"OOAPI abbreviation"`},
		},
		{
			name: "alliances in two spellings", course: `"consumers":[{"consumerKey":"eduxchange","alliances":[{"name":"EWUU"}]}]`,
			offering: `"consumers":[{"consumerKey":"eduXchange","alliances":[{"name":"ewuu","dateComment":"Spring","enrollStartTime":"09:00","enrollmentUrl":"https://uni.example/e"}]}]`,
			has:      []string{`legalName> "EWUU"`, `"Spring"`, "registrationPortal"}, lacks: []string{`legalName> "ewuu"`},
		},
		{name: "a key with a trailing blank", course: `"addresses":[{"addressType":"teaching","city":"Utrecht","geoLocation ":{"latitude":52.1,"longitude":5.1}}]`, has: []string{"POINT(5.1 52.1)"}},
		{name: "the standard's example of a duration", course: `"duration":"P1DT30H4S"`, lacks: []string{"elm/duration>"}, finding: "duration"},
		{name: "a description equal to the name", course: `"description":[{"language":"en","value":"Knots"}]`, lacks: []string{"description>"}},
		{
			name: "an offering named after its period", offering: `"name":[{"language":"en","value":"Quartile 2"}],"academicSession":{"academicSessionId":"s","name":[{"language":"en","value":"Quartile 2"}],"startDate":"2025-11-10","endDate":"2026-02-01"}`,
			has: []string{`prefLabel> "Quartile 2"`}, lacks: []string{`title> "Quartile 2"`},
		},
		{
			name: "dates of the session and the offering differ", offering: `"endDate":"2026-01-18","academicSession":{"academicSessionId":"s","name":"Q2","startDate":"2025-11-10","endDate":"2026-02-01"}`,
			has: []string{`"2026-01-18"`, `"2025-11-10"`}, lacks: []string{`"2026-02-01"`},
		},
		{name: "one mode where a list belongs", course: `"modeOfDelivery":"hybrid"`, has: []string{"c_3a90b26d"}},
		{name: "a list where one mode belongs", course: `"modeOfDelivery":[["online"],"on campus"]`, has: []string{"920fbb3cbe", "9191af2ed9"}},
		{name: "an unknown mode", course: `"modeOfDelivery":["by pigeon"]`, lacks: []string{mode}, finding: "modeOfDelivery"},
		{name: "a list of study loads", course: `"studyLoad":[{"studyLoadUnit":"ects","value":"5"}]`, has: []string{`point> "5"`}},
		{name: "fields of study as text, list and number", course: `"fieldsOfStudy":["0541",613]`, has: []string{"isced-f/0541", "isced-f/0613"}},
		{name: "languages in capitals and of either form", course: `"teachingLanguage":["GER","EN"]`, has: []string{"language/DEU>", "language/ENG>"}, lacks: []string{"language/GER>", "language/EN>"}},
		{name: "an organisation that is a code", course: `"organization":"21PE"`, lacks: []string{"urn:uuid:21PE"}},
		{name: "Dutch before English", course: `"description":[{"language":"nl-NL","value":"English text"},{"language":"en-GB","value":"English text"}]`, has: []string{`"English text"@nl-nl`, `"English text"@en-gb`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bodies := map[string]string{"/courses": list(object(`"courseId":"c1","name":[{"language":"en","value":"Knots"}]`, tt.course))}
			if tt.offering != "" {
				bodies["/courses/c1/offerings"] = list(object(`"offeringId":"o1"`, tt.offering))
			}
			got := read(t, ooapi.New(ooapi.Limits{}), (&api{bodies: bodies}).start(t))
			if len(got.items) != 1 || got.end != nil {
				t.Fatalf("%d items, %v, %v", len(got.items), got.lost, got.end)
			}
			text := canonical(t, got.items[0])
			for _, want := range tt.has {
				if !strings.Contains(text, want) {
					t.Errorf("lacks %s:\n%s", want, text)
				}
			}
			for _, not := range tt.lacks {
				if strings.Contains(text, not) {
					t.Errorf("has %s:\n%s", not, text)
				}
			}
			notes := got.items[0].Notes
			if (tt.finding == "") != (len(notes) == 0) || (tt.finding != "" && notes[0].Field != tt.finding) {
				t.Errorf("findings %v, want one about %q", notes, tt.finding)
			}
		})
	}
}

func object(fields ...string) string {
	var given []string
	for _, f := range fields {
		if f != "" {
			given = append(given, f)
		}
	}
	return "{" + strings.Join(given, ",") + "}"
}

func TestARefusedVersionIsExplained(t *testing.T) {
	t.Parallel()
	server := server{page: func(w http.ResponseWriter, _, _ int, _ []string) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotAcceptable)
		fmt.Fprint(w, `{"status":406,"title":"Not Acceptable","requestedVersion":null,"supportedVersions":["6.0","7.0"]}`)
	}}
	got := read(t, ooapi.New(ooapi.Limits{}), at(server.start(t)))
	if got.end == nil || !strings.Contains(got.end.Error(), "6.0 or 7.0") || !strings.Contains(got.end.Error(), "Accept") {
		t.Errorf("%v", got.end)
	}
}

// TestThreat37: nothing of the persons that either version can bear comes into an item: neither their objects, wherever
// an expansion or an extension puts them, nor their ids, codes and addresses, nor is anything of theirs asked for.
func TestThreat37(t *testing.T) {
	t.Parallel()
	person := `{"personId":"PERSON-1","primaryCode":{"codeType":"studentNumber","code":"PERSON-2"},"givenName":"PERSON-3","surname":"PERSON-4","displayName":"PERSON-5",
		"dateOfBirth":"PERSON-6","mail":"PERSON-7@uni.example","gender":"M","affiliations":["employee"],"otherCodes":[{"codeType":"orcId","code":"PERSON-8"}]}`
	extension := fmt.Sprintf(`{"docent":%s,"coordinator":"PERSON-9","more":[{"responsible":%s}],"contactPersons":["PERSON-10"],"note":"PERSON-11@uni.example"}`, person, person)
	codes := `[{"codeType":"studentNumber","code":"PERSON-12"},{"codeType":"esi","code":"PERSON-13"},{"codeType":"identifier","code":"PERSON-14@uni.example"},
		{"codeType":"email_address","code":"PERSON-15"},{"codeType":"orcid","code":"PERSON-16"},{"codeType":"eckid","code":"PERSON-17"}]`
	fields := fmt.Sprintf(`"coordinators":[%[1]s,"PERSON-20"],"instructors":[%[1]s],"coordinatorIds":["PERSON-21"],"instructorIds":["PERSON-22"],"otherCodes":%[3]s,"ext":%[2]s,
		"groupIds":["PERSON-23"],"groups":[%[1]s],"persons":[%[1]s],"members":[%[1]s]`, person, extension, codes)
	consumer := fmt.Sprintf(`{"consumerKey":"eduxchange","contactPerson":%[1]s,"teacher":"PERSON-30","alliances":[{"name":"ewuu","coordinator":"PERSON-31"}],"persons":[%[1]s]}`, person)
	expanded := fmt.Sprintf(`{"name":"Of something","primaryCode":{"codeType":"email_address","code":"PERSON-40"},%s`, fields)
	overrides := fmt.Sprintf(`"timelineOverrides":[{"validFrom":"2027-01-01","course":{%s}}]`, fields)

	five := map[string]string{
		"/courses": list(object(`"courseId":"c1","name":"A","teachingLanguage":"nld"`, fields, overrides, `"consumers":[`+consumer+`]`,
			`"programs":[`+expanded+`,"programId":"p1"}]`, `"organization":`+expanded+`,"organizationId":"o1"}`, `"educationSpecification":`+expanded+`,"educationSpecificationId":"s1"}`)),
		"/courses/c1/offerings": list(object(`"offeringId":"o1"`, fields, `"consumers":[`+consumer+`]`, `"course":`+expanded+`,"courseId":"c1"}`,
			`"academicSession":`+expanded+`,"academicSessionId":"a1"}`, `"programOffering":`+expanded+`,"offeringId":"x"}`)),
		"/courses/c1/components":    list(object(`"componentId":"k1","componentType":"test","name":"T"`, fields, `"consumers":[`+consumer+`]`)),
		"/programs":                 list(object(`"programId":"p1","name":"P"`, fields, overrides, `"children":[`+expanded+`,"programId":"p2"}]`)),
		"/education-specifications": list(object(`"educationSpecificationId":"s1","name":"S"`, fields, `"parent":`+expanded+`,"educationSpecificationId":"s2"}`)),
	}
	six := map[string]string{
		"/courses": list(object(`"courseId":"c1","name":"A","teachingLanguages":["nl"]`, fields, overrides, `"consumer":`+consumer,
			`"programmes":[`+expanded+`,"programmeId":"p1"}]`, `"organisation":`+expanded+`,"organisationId":"o1"}`, `"learningOutcomes":[`+expanded+`,"learningOutcomeId":"l1"}]`,
			`"supplementaryInformation":[{"role":"promo","type":"x-card","value":[],"contact":`+person+`}]`)),
		"/courses/c1/course-offerings": list(object(`"courseOfferingId":"o1"`, fields, `"consumer":`+consumer, `"course":`+expanded+`,"courseId":"c1"}`,
			`"academicSession":`+expanded+`,"academicSessionId":"a1"}`, `"enrolmentPeriods":[{"startDateTime":"2027-01-01T00:00:00Z","consumer":`+consumer+`,"ext":`+extension+`}]`)),
		"/courses/c1/learning-components": list(object(`"componentId":"k1","name":"T"`, fields, `"consumer":`+consumer)),
		"/courses/c1/test-components":     list(object(`"componentId":"k2","name":"T"`, fields, `"consumer":`+consumer)),
		"/programmes":                     list(object(`"programmeId":"p1","name":"P"`, fields, overrides, `"children":[`+expanded+`,"programmeId":"p2"}]`)),
	}
	for name, bodies := range map[string]map[string]string{"5": five, "6": six} {
		server := &api{bodies: bodies}
		for path, body := range bodies {
			if !json.Valid([]byte(body)) {
				t.Fatalf("%s is no JSON: %s", path, body)
			}
		}
		got := read(t, ooapi.New(ooapi.Limits{}), server.start(t))
		if got.end != nil || len(got.items) != len(server.lists()) {
			t.Errorf("version %s: %d items, %v, %v", name, len(got.items), got.lost, got.end)
		}
		for _, item := range got.items {
			if text := canonical(t, item); strings.Contains(text, "PERSON") {
				t.Errorf("version %s: a person is in %s", name, lines(text, "PERSON"))
			}
			if notes := fmt.Sprint(item.Notes); strings.Contains(notes, "PERSON") {
				t.Errorf("version %s: a person is in a finding: %s", name, notes)
			}
		}
		for _, path := range server.asked {
			for _, forbidden := range []string{"person", "association", "group", "membership", "document", "PERSON"} {
				if strings.Contains(path, forbidden) {
					t.Errorf("version %s: asked for %s", name, path)
				}
			}
		}
	}
}

// lists are the top collections that the server has.
func (a *api) lists() []string {
	var out []string
	for path := range a.bodies {
		if strings.Count(path, "/") == 1 {
			out = append(out, path)
		}
	}
	return out
}

func lines(text, with string) string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, with) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "")
}

// Every field of the standard's own person object is known as such, wherever it stands.
func TestPersonFieldsOfTheStandardAreKnown(t *testing.T) {
	t.Parallel()
	for _, field := range []string{
		"personId", "givenName", "surnamePrefix", "surname", "displayName", "initials", "dateOfBirth", "cityOfBirth", "countryOfBirth", "nationality", "gender",
		"telephoneNumber", "mobileNumber", "photoSocial", "photoOfficial", "titlePrefix", "titleSuffix", "ICEName", "ICEPhoneNumber", "affiliations",
	} {
		got := read(t, ooapi.New(ooapi.Limits{}), (&api{bodies: map[string]string{
			"/courses": list(fmt.Sprintf(`{"courseId":"c1","name":"A","ext":{"kept":"room","deep":{%q:"SOMEBODY"}}}`, field)),
		}}).start(t))
		if diff := cmp.Diff([]string{`c1 > {"kept":"room"}`}, facts(got.items[0], "v5#ext")); diff != "" {
			t.Errorf("%s: %s", field, diff)
		}
	}
}

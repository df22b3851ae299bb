package ooapi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/ooapi"
	"github.com/coursemesh/coursemesh/federation"
)

const benchCourses = 1000

// BenchmarkRead reads a whole source of either version from memory: pages of courses with every usual field in two
// languages, an offering each, organisations and sessions looked up. It reports courses per second of CPU time, with
// everything from the bytes of the answers to the graphs.
func BenchmarkRead(b *testing.B) {
	for _, major := range []int{5, 6} {
		b.Run(strconv.Itoa(major), func(b *testing.B) {
			answers := benchAnswers(major)
			get := func(_ context.Context, address string) (*adapters.Response, error) {
				u, err := url.Parse(address)
				if err != nil {
					return nil, err
				}
				body, ok := answers[strings.TrimPrefix(u.Path, "/api/")+" "+u.Query().Get("pageNumber")]
				if !ok {
					return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
				}
				return &adapters.Response{URL: address, Body: io.NopCloser(bytes.NewReader(body))}, nil
			}
			src := adapters.Source{Provider: "uni.example", ManifestSource: federation.ManifestSource{Version: strconv.Itoa(major), Path: "https://uni.example/api"}}
			b.ReportAllocs()
			courses, begun := 0, cpuTime(b)
			for b.Loop() {
				for _, err := range ooapi.New(ooapi.Limits{}).Read(b.Context(), get, src, time.Time{}) {
					if err != nil {
						b.Fatal(err)
					}
					courses++
				}
			}
			b.ReportMetric(float64(courses)/(cpuTime(b)-begun).Seconds(), "courses/cpu-s")
		})
	}
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchAnswers(major int) map[string][]byte {
	out := make(map[string][]byte)
	course, offering, offerings := benchCourse5, benchOffering5, "offerings"
	organisation := `{"organizationId":"o1","primaryCode":{"codeType":"schacHome","code":"uni.example"},"name":[{"language":"en","value":"University"}]}`
	session := `{"academicSessionId":"s1","name":[{"language":"en","value":"Semester"}],"startDate":"2027-02-01","endDate":"2027-06-30"}`
	if major == 6 {
		course, offering, offerings = benchCourse6, benchOffering6, "course-offerings"
		organisation, session = strings.ReplaceAll(organisation, "organization", "organisation"), strings.ReplaceAll(session, "Date", "DateTime")
	}
	var page []string
	for i := range benchCourses {
		id := fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", i)
		page = append(page, strings.ReplaceAll(course, "ID", id))
		out["courses/"+id+"/"+offerings+" 1"] = []byte(`{"hasNextPage":false,"items":[` + strings.ReplaceAll(offering, "ID", id) + `]}`)
		if len(page) == 250 {
			number := i/250 + 1
			out["courses "+strconv.Itoa(number)] = fmt.Appendf(nil, `{"pageSize":250,"pageNumber":%d,"hasNextPage":%t,"items":[%s]}`,
				number, i+1 < benchCourses, strings.Join(page, ","))
			page = nil
		}
	}
	out["organizations/o1 "], out["organisations/o1 "], out["academic-sessions/s1 "] = []byte(organisation), []byte(organisation), []byte(session)
	return out
}

const benchCourse5 = `{"courseId":"ID","primaryCode":{"codeType":"identifier","code":"KN-ID"},
"name":[{"language":"nl-NL","value":"Knopentheorie ID"},{"language":"en-GB","value":"Knot Theory ID"}],"abbreviation":"KNOTS-ID",
"studyLoad":{"studyLoadUnit":"ects","value":7.5},"modeOfDelivery":["on campus"],"duration":"P20W",
"description":[{"language":"nl-NL","value":"Knopen en hun invarianten, met veel touw en weinig woorden."},{"language":"en-GB","value":"Knots and their invariants, with much rope and few words."}],
"teachingLanguage":"eng","fieldsOfStudy":"0541",
"learningOutcomes":[[{"language":"en-GB","value":"Tells knots apart."}],[{"language":"en-GB","value":"Draws a knot from its code."}]],
"admissionRequirements":[{"language":"en-GB","value":"Linear algebra."}],"level":"master",
"enrollment":[{"language":"en-GB","value":"Through the student portal."}],"resources":["Lecture notes"],
"assessment":[{"language":"en-GB","value":"Oral examination."}],"link":"https://uni.example/knots/ID",
"consumers":[{"consumerKey":"eduxchange","alliances":[{"name":"EXAMPLE","theme":"ropes","visibleForOwnStudents":false}]}],
"programs":["p1"],"organization":"o1","validFrom":"2024-09-01"}`

const benchOffering5 = `{"offeringId":"f-ID","primaryCode":{"codeType":"offeringCode","code":"KN-27"},"offeringType":"course","course":"ID","academicSession":"s1",
"name":[{"language":"en-GB","value":"Knot Theory in spring"}],"description":[],"teachingLanguage":"eng","modeOfDelivery":["on campus"],"maxNumberStudents":40,
"resultExpected":true,"resultValueType":"1-10","startDate":"2027-02-01","endDate":"2027-06-20","enrollEndDate":"2027-01-15",
"priceInformation":[{"costType":"total costs","amount":"340.84","currency":"EUR"}],"addresses":[{"addressType":"teaching","street":"Kade","city":"Haven","countryCode":"NL"}]}`

const benchCourse6 = `{"courseId":"ID","primaryCode":{"codeType":"identifier","code":"KN-ID"},
"name":[{"language":"nl-NL","value":"Knopentheorie ID"},{"language":"en-GB","value":"Knot Theory ID"}],"abbreviation":"KNOTS-ID",
"studyLoad":[{"studyLoadUnit":"ects","value":7.5}],"modesOfDelivery":["presential"],"duration":"P20W",
"description":[{"language":"nl-NL","value":"Knopen en hun invarianten, met veel touw en weinig woorden."},{"language":"en-GB","value":"Knots and their invariants, with much rope and few words."}],
"teachingLanguages":["en-GB"],"fieldsOfStudy":"0541",
"admissionRequirements":[{"language":"en-GB","value":"Linear algebra."}],"level":"master",
"enrolment":[{"language":"en-GB","value":"Through the student portal."}],"resources":["Lecture notes"],
"assessment":[{"language":"en-GB","value":"Oral examination."}],"link":"https://uni.example/knots/ID",
"consumer":{"consumerKey":"eduxchange","alliances":[{"name":"EXAMPLE","theme":"ropes","visibleForOwnStudents":false}]},
"programmeIds":["p1"],"organisationId":"o1","validFrom":"2024-09-01T00:00:00Z"}`

const benchOffering6 = `{"courseOfferingId":"f-ID","primaryCode":{"codeType":"offering_code","code":"KN-27"},"courseId":"ID","academicSessionId":"s1",
"name":[{"language":"en-GB","value":"Knot Theory in spring"}],"state":"active","teachingLanguages":["en-GB"],"modesOfDelivery":["presential"],"maxNumberStudents":40,
"resultExpected":true,"resultValueType":"grade_0_10","startDateTime":"2027-02-01T09:00:00Z","endDateTime":"2027-06-20T17:00:00Z",
"enrolmentPeriods":[{"startDateTime":"2026-12-01T09:00:00Z","endDateTime":"2027-01-15T17:00:00Z","enrolmentUrl":"https://uni.example/enrol"}],
"priceInformation":[{"costType":"total_costs","amount":"340.84","currency":"EUR"}],
"addresses":[{"addressType":"teaching","street":"Kade","city":"Haven","countryCode":{"iso3166-1-alpha2":"NL"}}]}`

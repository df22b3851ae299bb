package testserver

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// texts writes LanguageTypedStrings.
func texts(t Text) []any { return t.render("language", "value", same) }

func code(kind, value string) object { return object{"codeType": kind, "code": value} }

func number(decimal string) json.Number { return json.Number(decimal) }

func languagesIn(codes []string, spell func(string) string) []any {
	out := make([]any, len(codes))
	for i, c := range codes {
		out[i] = spell(c)
	}
	return out
}

func three(lang string) string { return threeLetters[lang] }

var (
	modes5      = map[Mode]string{OnSite: "on campus", Online: "online", Blended: "hybrid"}
	modes6      = map[Mode]string{OnSite: "presential", Online: "online", Blended: "blended"}
	levelNames  = map[int]string{6: "bachelor", 7: "master", 8: "doctoral"}
	instantAt   = "T09:00:00+02:00"
	sessionType = "semester"
)

// put sets fields that are not empty.
func put(o object, fields object) {
	for name, v := range fields {
		switch v := v.(type) {
		case string:
			if v == "" {
				continue
			}
		case []any:
			if len(v) == 0 {
				continue
			}
		}
		o[name] = v
	}
}

func course5(a *ooapi, x any) any {
	c := x.(*Course)
	o := object{
		"courseId": c.ID, "primaryCode": code("identifier", c.Code), "name": texts(c.Name), "abbreviation": c.Code,
		"description": texts(c.Description), "teachingLanguage": three(c.Languages[0]), "level": levelNames[c.Level],
		"studyLoad": object{"studyLoadUnit": "ects", "value": number(c.ECTS)}, "modeOfDelivery": []any{modes5[c.Mode]},
		"fieldsOfStudy": c.ISCED, "learningOutcomes": outcomes5(c.Outcomes), "organization": a.organisationID(),
		"link": "https://" + a.config.Set.Domain + "/courses/" + c.Code,
	}
	put(o, object{"admissionRequirements": texts(c.Prerequisites), "assessment": texts(c.Assessment)})
	if c.Programme != "" {
		o["programs"] = []any{c.Programme}
	}
	if p := c.Coordinator; p.ID != "" {
		o["coordinators"] = []any{object{
			"personId": p.ID, "givenName": p.Given, "surname": p.Family, "displayName": p.Given + " " + p.Family, "mail": p.Mail,
			"activeEnrollment": false, "affiliations": []any{"employee"}, "primaryCode": code("uuid", p.ID),
		}}
	}
	return o
}

func outcomes5(outcomes []Text) []any {
	out := make([]any, len(outcomes))
	for i, t := range outcomes {
		out[i] = texts(t)
	}
	return out
}

func programme5(a *ooapi, x any) any {
	p := x.(*Programme)
	return object{
		"programId": p.ID, "primaryCode": code("programCode", p.Code), "programType": "program", "name": texts(p.Name), "abbreviation": p.Code,
		"description": texts(p.Description), "teachingLanguage": three(p.Languages[0]), "levelOfQualification": strconv.Itoa(p.Level),
		"studyLoad": object{"studyLoadUnit": "ects", "value": number(p.ECTS)}, "fieldsOfStudy": p.ISCED, "duration": fmt.Sprintf("P%dY", p.Years),
		"learningOutcomes": outcomes5(p.Outcomes), "modeOfStudy": "full-time", "organization": a.organisationID(),
	}
}

func offering5(a *ooapi, x any) any {
	o := x.(offered)
	term := &a.config.Set.Terms[o.Term]
	out := object{
		"offeringId": o.Offering.ID, "primaryCode": code("offeringCode", o.Offering.Code), "offeringType": "course", "name": texts(o.Name),
		"description": texts(o.Description), "teachingLanguage": three(o.Language), "modeOfDelivery": []any{modes5[o.Mode]},
		"maxNumberStudents": o.Capacity, "enrolledNumberStudents": o.Enrolled, "resultExpected": true,
		"startDate": o.Start, "endDate": o.End, "course": o.Course.ID, "academicSession": term.ID, "organization": a.organisationID(),
	}
	put(out, object{"enrollEndDate": o.ApplyBy})
	return out
}

func organisation5(a *ooapi, x any) any {
	s := x.(*Set)
	return object{
		"organizationId": a.organisationID(), "primaryCode": code("schacHome", s.Domain), "organizationType": "root",
		"name": texts(s.Name), "shortName": s.Name.first(),
		"addresses": []any{object{"addressType": "visit", "city": s.City, "countryCode": s.Country}},
	}
}

func session5(_ *ooapi, x any) any {
	t := x.(*Term)
	return object{
		"academicSessionId": t.ID, "academicSessionType": sessionType, "primaryCode": code("identifier", t.Code), "name": texts(t.Name),
		"startDate": t.Start, "endDate": t.End,
	}
}

func course6(a *ooapi, x any) any {
	c := x.(*Course)
	o := object{
		"courseId": c.ID, "primaryCode": code("identifier", c.Code), "name": texts(c.Name), "abbreviation": c.Code,
		"description": texts(c.Description), "teachingLanguages": languagesIn(c.Languages, same), "level": levelNames[c.Level],
		"studyLoad": []any{object{"studyLoadUnit": "ects", "value": number(c.ECTS)}}, "modesOfDelivery": []any{modes6[c.Mode]},
		"fieldsOfStudy": c.ISCED, "learningOutcomeIds": keys(outcomeIDs(c.ID, c.Outcomes)), "organisationId": a.organisationID(),
		"link": "https://" + a.config.Set.Domain + "/courses/" + c.Code,
	}
	put(o, object{"admissionRequirements": texts(c.Prerequisites), "assessment": texts(c.Assessment)})
	if c.Programme != "" {
		o["programmeIds"] = []any{c.Programme}
	}
	if p := c.Coordinator; p.ID != "" {
		o["coordinatorIds"] = []any{p.ID}
		o["coordinators"] = []any{object{
			"personId": p.ID, "givenName": p.Given, "surname": p.Family, "displayName": p.Given + " " + p.Family, "mail": p.Mail,
			"activeEnrolment": false, "affiliations": []any{"employee"}, "primaryCode": code("uuid", p.ID),
		}}
	}
	return o
}

func keys(ids []string) []any {
	out := make([]any, len(ids))
	for i, key := range ids {
		out[i] = key
	}
	return out
}

func programme6(a *ooapi, x any) any {
	p := x.(*Programme)
	return object{
		"programmeId": p.ID, "primaryCode": code("programme_code", p.Code), "programmeType": "programme", "name": texts(p.Name), "abbreviation": p.Code,
		"description": texts(p.Description), "teachingLanguages": languagesIn(p.Languages, same), "levelOfQualification": "eqf_" + strconv.Itoa(p.Level),
		"studyLoad": []any{object{"studyLoadUnit": "ects", "value": number(p.ECTS)}}, "fieldsOfStudy": p.ISCED, "duration": fmt.Sprintf("P%dY", p.Years),
		"learningOutcomeIds": keys(outcomeIDs(p.ID, p.Outcomes)), "modeOfStudy": "full_time", "organisationId": a.organisationID(),
	}
}

func offering6(a *ooapi, x any) any {
	o := x.(offered)
	term := &a.config.Set.Terms[o.Term]
	out := object{
		"courseOfferingId": o.Offering.ID, "primaryCode": code("offering_code", o.Offering.Code), "name": texts(o.Name), "state": "active",
		"description": texts(o.Description), "teachingLanguages": []any{o.Language}, "modesOfDelivery": []any{modes6[o.Mode]},
		"maxNumberStudents": o.Capacity, "enrolledNumberStudents": o.Enrolled, "resultExpected": true,
		"startDateTime": o.Start + instantAt, "endDateTime": o.End + instantAt,
		"courseId": o.Course.ID, "academicSessionId": term.ID, "organisationId": a.organisationID(),
	}
	if o.ApplyBy != "" {
		out["enrolmentPeriods"] = []any{object{
			"startDateTime": o.ApplyBy[:5] + "03-01" + instantAt, "endDateTime": o.ApplyBy + instantAt,
			"enrolmentType": "url", "enrolmentUrl": "https://" + a.config.Set.Domain + "/apply/" + o.Offering.Code,
		}}
	}
	return out
}

func organisation6(a *ooapi, x any) any {
	s := x.(*Set)
	return object{
		"organisationId": a.organisationID(), "primaryCode": code("schac_home", s.Domain), "organisationType": "root",
		"name": texts(s.Name), "shortName": s.Name.first(),
		"addresses": []any{object{"addressType": "visit", "city": s.City, "countryCode": object{"iso3166-1-alpha2": s.Country}}},
	}
}

func session6(_ *ooapi, x any) any {
	t := x.(*Term)
	return object{
		"academicSessionId": t.ID, "academicSessionType": sessionType, "primaryCode": code("identifier", t.Code), "name": texts(t.Name),
		"startDateTime": t.Start + instantAt, "endDateTime": t.End + instantAt,
	}
}

package testserver

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

func (a *occapi) unitID() string { return id(a.config.Set.Domain, "unit") }

func stringsIn(t Text) []any { return t.render("lang", "string", same) }

func lines(t Text) []any { return t.render("lang", "multiline", same) }

func (a *occapi) uri(path string) []any {
	return []any{object{"uri": "www." + a.config.Set.Domain + path, "lang": "en"}}
}

// dated adds what version 2 says of every resource.
func (a *occapi) dated(attributes object) object {
	if a.version == 2 {
		attributes["lastModified"] = a.config.Set.Changed.Format(time.RFC3339)
	}
	return attributes
}

func (a *occapi) institution() entry {
	s := &a.config.Set
	e := entry{kind: "hei", id: s.Domain, links: []string{"ounit", "programme", "course"}}
	if a.version == 1 {
		e.id = id(s.Domain, "hei")
	}
	e.attributes = a.dated(object{"title": stringsIn(s.Name), "heiId": s.Domain, "abbreviation": "U", "url": a.uri("/")})
	return e
}

func (a *occapi) unit() entry {
	return entry{kind: "ounit", id: a.unitID(), links: []string{"programme", "course"}, attributes: a.dated(object{
		"title": stringsIn(Text{{"en", "Faculty of Everything"}}), "ounitId": a.unitID(), "ounitCode": "F1",
	})}
}

func (a *occapi) degree(p *Programme) entry {
	at := object{
		"title": stringsIn(p.Name), "code": p.Code, "description": lines(p.Description), "eqfLevelProvided": p.Level, "ects": a.ects(p.ECTS),
		"iscedCode": p.ISCED, "languageOfInstruction": p.Languages[0], "length": p.Years, "url": a.uri("/programmes/" + p.Code),
	}
	if a.version == 2 {
		at["iscedCode"], at["languageOfInstruction"] = []any{p.ISCED}, languagesIn(p.Languages, same)
		at["length"], at["learningOutcomes"] = fmt.Sprintf("%d/2", 2*p.Years), lines(p.Outcomes[0])
	}
	return entry{kind: "programme", id: p.ID, attributes: a.dated(at), links: []string{"course"}}
}

// ects is whole in version 1, so halves are rounded, as servers do.
func (a *occapi) ects(decimal string) any {
	f, err := strconv.ParseFloat(decimal, 64)
	if a.version == 2 || err != nil {
		return number(decimal)
	}
	return int(math.Round(f))
}

// terms are those of the offerings, as the k-th of n.
func (a *occapi) terms(c *Course) []any {
	var out []any
	seen := map[string]bool{}
	for _, o := range c.Offerings {
		t := &a.config.Set.Terms[o.Term]
		if text := fmt.Sprintf("%d/%d", t.Number, t.Of); !seen[text] {
			seen[text] = true
			out = append(out, text)
		}
	}
	if out == nil {
		out = []any{"1/1"}
	}
	return out
}

// short is a course in a collection.
func (a *occapi) short(c *Course) entry {
	outcomes := outcomesText(c.Outcomes)
	at := object{
		"title": stringsIn(c.Name), "code": c.Code, "description": lines(c.Description), "learningOutcomes": lines(outcomes), "ects": a.ects(c.ECTS),
		"url": a.uri("/courses/" + c.Code), "academicTerm": a.terms(c)[0], "iscedCode": c.ISCED, "languageOfInstruction": c.Languages[0],
	}
	e := entry{kind: "course", id: c.ID, links: nil}
	if a.version == 2 {
		at["academicTerm"], at["iscedCode"], at["languageOfInstruction"] = a.terms(c), []any{c.ISCED}, languagesIn(c.Languages, same)
		at["elmLearningOpportunityType"], at["elmModeOfLearning"] = []any{"05053c1cbe"}, []any{elmModes[c.Mode]}
		at["deprecated"] = c.Deleted
		e.links = []string{"instance"}
	} else {
		e.meta = object{"global": object{"eqfLevel": c.Level, "year": "1/3"}}
	}
	if c.Programme != "" {
		a.relate(&e, c.Programme)
	}
	e.attributes = a.dated(at)
	return e
}

func (a *occapi) relate(e *entry, programme string) {
	inclusion := []any{object{"programmeId": programme, "mandatoryCourse": true, "year": "1/2"}}
	if a.version == 1 {
		e.meta["programme"] = inclusion
		return
	}
	e.meta = object{"relatedProgramme": inclusion}
	e.related = object{"relatedProgramme": object{"data": []any{object{"type": "programme", "id": programme}}}}
}

// outcomesText is the one multi-line text that the standard has.
func outcomesText(outcomes []Text) Text {
	var out []string
	for _, o := range outcomes {
		out = append(out, "- "+o.first())
	}
	if len(out) == 1 {
		return Text{{"en", strings.TrimPrefix(out[0], "- ")}}
	}
	return Text{{"en", strings.Join(out, "\n")}}
}

// full is a course of its own, which says more.
func (a *occapi) full(c *Course) entry {
	e := a.short(c)
	put(e.attributes, object{
		"prerequisites": lines(c.Prerequisites), "assessmentMethod": lines(c.Assessment),
		"bibliography": lines(Text{{"en", "A reading list is given in the first week."}}),
	})
	return e
}

func (a *occapi) instance(o offered) entry {
	t := &a.config.Set.Terms[o.Term]
	return entry{
		kind: "instance", id: o.Offering.ID,
		attributes: a.dated(object{
			"startDate": o.Start, "endDate": o.End, "academicTermId": fmt.Sprintf("%d/%d-%d/%d", t.Year, t.Year+1, t.Number, t.Of),
			"ects": number(o.ECTS), "languageOfInstruction": []any{o.Language}, "elmModeOfLearning": []any{elmModes[o.Mode]}, "engagementHours": number("42.5"),
		}),
		related: object{"course": object{"data": object{"type": "course", "id": o.Course.ID}}},
	}
}

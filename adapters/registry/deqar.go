package registry

import (
	"encoding/json"
	"fmt"
	"strings"
)

// deqarProvider is an entry of the Connect API, in the form of lists or of details: the two differ.
type deqarProvider struct {
	ID          text `json:"id"`
	DEQAR       text `json:"deqar_id"`
	ETER        text `json:"eter_id"`
	Name        text `json:"name_primary"`
	Website     text `json:"website_link"`
	Closed      text `json:"closure_date"`
	Alliance    bool `json:"is_orgreg_alliance"`
	Identifiers []struct {
		Value    text `json:"identifier"`
		Resource text `json:"resource"`
		Until    text `json:"identifier_valid_to"`
	} `json:"identifiers"`
	Names []struct {
		Official text `json:"name_official"`
		English  text `json:"name_english"`
		Until    text `json:"name_valid_to"`
	} `json:"names"`
	Locations []deqarPlace    `json:"locations"`
	Countries []deqarPlace    `json:"countries"`
	Includes  []deqarRelation `json:"includes"`
	Hierarchy struct {
		Includes []deqarRelation `json:"includes"`
	} `json:"hierarchical_relationships"`
}

type deqarPlace struct {
	Country struct {
		Alpha2 text `json:"iso_3166_alpha2"`
	} `json:"country"`
}

type deqarRelation struct {
	Institution struct {
		ID text `json:"id"`
	} `json:"institution"`
	Until text `json:"valid_to"`
}

// text takes strings and numbers: registries write ids as either.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*t = text(strings.TrimSpace(s))
		return nil
	}
	if value := string(b); value != "null" && value != "" && strings.Trim(value, "0123456789") == "" {
		*t = text(value)
	}
	return nil
}

func (l *List) deqar(item json.RawMessage) error {
	var p deqarProvider
	if err := json.Unmarshal(item, &p); err != nil {
		l.problem(fmt.Sprintf("results[%d]", len(l.entries)+len(l.Problems)), err.Error())
		return nil
	}
	e := entry{
		where: "DEQAR id " + string(p.ID), eter: string(p.ETER), deqar: deqarNumber(p.DEQAR, p.ID), name: p.name(), website: string(p.Website), alliance: p.Alliance,
	}
	if p.Closed != "" {
		l.problem(e.where, "closed on "+string(p.Closed))
		return nil
	}
	for _, i := range p.Identifiers {
		kind := string(i.Resource)
		if strings.EqualFold(kind, "SCHAC") && i.Until != "" {
			kind = "previous-schac"
		}
		l.identify(&e, kind, string(i.Value))
	}
	for _, place := range append(p.Locations, p.Countries...) {
		if e.country == "" {
			e.country = strings.ToUpper(string(place.Country.Alpha2))
		}
	}
	for _, r := range append(p.Includes, p.Hierarchy.Includes...) {
		if number := deqarNumber(r.Institution.ID); p.Alliance && r.Until == "" && number != "" {
			e.members = append(e.members, number)
		}
	}
	return l.add(e)
}

// name prefers what DEQAR shows, else the current English or official name.
func (p deqarProvider) name() string {
	name := string(p.Name)
	for _, n := range p.Names {
		if name == "" && n.Until == "" {
			if name = string(n.English); name == "" {
				name = string(n.Official)
			}
		}
	}
	return name
}

// deqarNumber reads DEQARINST0815, 815 or "815".
func deqarNumber(ids ...text) string {
	for _, id := range ids {
		digits := strings.TrimLeft(strings.TrimPrefix(strings.ToUpper(string(id)), "DEQARINST"), "0")
		if digits != "" && len(digits) <= 10 && strings.Trim(digits, "0123456789") == "" {
			return digits
		}
	}
	return ""
}

// eufHEI is a resource of the EUF HEI API (JSON:API).
type eufHEI struct {
	ID         text `json:"id"`
	Attributes struct {
		Label   text    `json:"label"`
		Name    any     `json:"name"` // text, or a list of {string, lang}
		Country text    `json:"country"`
		Website text    `json:"website_url"`
		Other   eufList `json:"other_id"`
	} `json:"attributes"`
}

type eufOther struct {
	Type  text `json:"type"`
	Value text `json:"value"`
}

// eufList is a list, a single object, or null.
type eufList []eufOther

func (o *eufList) UnmarshalJSON(b []byte) error {
	var many []eufOther
	if err := json.Unmarshal(b, &many); err == nil {
		*o = many
		return nil
	}
	var one eufOther
	if err := json.Unmarshal(b, &one); err == nil {
		*o = eufList{one}
	}
	return nil
}

func (l *List) euf(item json.RawMessage) error {
	var hei eufHEI
	if err := json.Unmarshal(item, &hei); err != nil {
		l.problem(fmt.Sprintf("data[%d]", len(l.entries)+len(l.Problems)), err.Error())
		return nil
	}
	a := hei.Attributes
	e := entry{where: "HEI " + string(hei.ID), name: string(a.Label), country: strings.ToUpper(string(a.Country)), website: string(a.Website)}
	if e.name == "" {
		e.name = eufName(a.Name)
	}
	l.addSchac(&e, string(hei.ID), false)
	for _, o := range a.Other {
		l.identify(&e, string(o.Type), string(o.Value))
	}
	if len(e.schac) == 0 {
		return nil // reported
	}
	return l.add(e)
}

// eufName picks the English name, else the first one.
func eufName(value any) string {
	if name, ok := value.(string); ok {
		return name
	}
	found := ""
	list, _ := value.([]any) // anything else names nobody
	for _, item := range list {
		n, _ := item.(map[string]any)
		name, _ := n["string"].(string)
		if found == "" || n["lang"] == "en" {
			found = name
		}
	}
	return found
}

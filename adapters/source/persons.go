package source

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// personal are codes that name a person, never a course.
var personal = []string{"nationalidentitynumber", "studentnumber", "studielinknumber", "esi", "username", "accountid", "emailadress", "emailaddress", "orcid", "ltiuserid"}

var personField = regexp.MustCompile(`(?i)(coordinator|instructor|teacher|lecturer|person|contact|e-?mail|phone|orcid|author|examiner)`)

var mailAddress = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]+`)

// Plain is a value of free form (ext, consumers) without anything that names a person.
func Plain(v any) any {
	switch t := v.(type) {
	case Object:
		out := make(Object)
		for k, e := range t {
			if personField.MatchString(k) {
				continue
			}
			if kept := Plain(e); !Blank(kept) {
				out[k] = kept
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
		if mailAddress.MatchString(t) {
			return nil
		}
	}
	return v
}

// Compact is a value as JSON with sorted keys, the lexical form of rdf:JSON.
func Compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// PersonalCode says that a code names a person, by its kind or by what it looks like.
func PersonalCode(kind, code string) bool {
	return slices.Contains(personal, strings.ReplaceAll(Spelling(kind), " ", "")) || mailAddress.MatchString(code)
}

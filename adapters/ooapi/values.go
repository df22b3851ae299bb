package ooapi

import (
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// eqfLevels are the levels that have a level of the European Qualifications Framework. The plain
// 'secondary vocational education' spans four of them and so has none.
var eqfLevels = map[string]int{
	"secondary vocational education 1": 1,
	"secondary vocational education 2": 2,
	"secondary vocational education 3": 3,
	"secondary vocational education 4": 4,
	"associate degree":                 5,
	"bachelor":                         6,
	"master":                           7,
	"doctoral":                         8,
}

// otherLevels are levels of the standard without a level of the framework.
var otherLevels = []string{"secondary vocational education", "undefined", "undivided", "nt2 1", "nt2 2"}

// modes of delivery. "blended" is of version 6, but servers of version 5 send it.
var modes = map[string]string{
	"distance learning": vocabulary.ModeOnline,
	"online":            vocabulary.ModeOnline,
	"on campus":         vocabulary.ModePresential,
	"situated":          vocabulary.ModePresential,
	"hybrid":            vocabulary.ModeHybrid,
	"blended":           vocabulary.ModeBlended,
}

// spelling brings the spellings of an enumeration value together: case, hyphens, underscores.
func spelling(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return r == ' ' || r == '-' || r == '_'
	}), " ")
}

func sortedKeys(o object) []string {
	keys := make([]string, 0, len(o))
	for k := range o {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

var plainDecimal = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)

// decimal reads a number sent as number or text, with point or comma; digits stay as they are sent.
func decimal(s string) (string, float64, bool) {
	if plainDecimal.MatchString(s) {
		s = strings.Replace(s, ",", ".", 1)
		f, err := strconv.ParseFloat(s, 64)
		return s, f, err == nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.Abs(f) > 1e12 || (f != 0 && math.Abs(f) < 1e-6) {
		return "", 0, false
	}
	return strconv.FormatFloat(f, 'f', -1, 64), f, true
}

// cardinal reads a count of people.
func cardinal(s string) (string, bool) {
	_, f, ok := decimal(s)
	if !ok || f < 0 || f != math.Trunc(f) || f > math.MaxInt32 {
		return "", false
	}
	return strconv.FormatInt(int64(f), 10), true
}

// workload is a number of hours as xsd:duration, in which only seconds may have a fraction.
func workload(hours float64) (string, bool) {
	minutes := math.Round(hours * 60)
	if minutes < 1 || minutes > 60*100_000 {
		return "", false
	}
	h, m := int(minutes)/60, int(minutes)%60
	out := "PT"
	if h > 0 {
		out += strconv.Itoa(h) + "H"
	}
	if m > 0 {
		out += strconv.Itoa(m) + "M"
	}
	return out, true
}

var durationForm = regexp.MustCompile(`^P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})(?:\.\d+)?S)?)?$`)

// period checks a length of a course. xsd:duration has no weeks, so they become days. Implausible
// lengths are refused: below an hour, above ten years, seconds, or a day's hours beside days.
func period(s string) (string, bool) {
	m := durationForm.FindStringSubmatch(strings.ToUpper(s))
	if m == nil {
		return "", false
	}
	var n [7]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // absent is 0; the form bounds the digits
	}
	years, months, weeks, days, hours, minutes, seconds := n[0], n[1], n[2], n[3], n[4], n[5], n[6]
	total := float64(years)*8766 + float64(months)*730.5 + float64(weeks)*168 + float64(days)*24 + float64(hours) + float64(minutes)/60
	if seconds > 0 || total < 1 || total > 10*8766 || (hours >= 24 && total-float64(hours) >= 24) {
		return "", false
	}
	if weeks == 0 {
		return strings.ToUpper(s), true
	}
	return withoutWeeks(m, weeks, days), true
}

func withoutWeeks(m []string, weeks, days int) string {
	out, clock := "P", ""
	for i, unit := range []string{"Y", "M"} {
		if m[i+1] != "" {
			out += m[i+1] + unit
		}
	}
	out += strconv.Itoa(weeks*7+days) + "D"
	for i, unit := range []string{"H", "M"} {
		if m[i+5] != "" {
			clock += m[i+5] + unit
		}
	}
	if clock != "" {
		out += "T" + clock
	}
	return out
}

// moment is a date or a date with time.
type moment struct {
	value    string
	datatype string
	ok       bool
}

func (m moment) literal() rdf.Literal { return rdf.Typed(m.value, m.datatype) }

// instant reads a date or a date with time; the lexical form stays as it is sent.
func instant(s string) moment {
	if strings.Contains(s, ",") { // a fraction that time.Parse takes and xsd:dateTime does not
		return moment{}
	}
	if _, err := time.Parse(time.DateOnly, s); err == nil {
		return moment{s, rdf.XSDDate, true}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if !strings.Contains(layout, ":05") { // xsd:dateTime needs seconds
			s = t.Format(strings.Replace(layout, "15:04", "15:04:05", 1))
		}
		return moment{s, rdf.XSDDateTime, true}
	}
	return moment{}
}

// webURL reads an absolute http or https URL; without a scheme https is assumed.
func webURL(s string) (string, bool) {
	if strings.HasPrefix(strings.ToLower(s), "www.") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return "", false
	}
	return s, true
}

// urnUUID is the URN of an id that is a UUID.
func urnUUID(id string) (string, bool) {
	if len(id) != 36 {
		return "", false
	}
	u, err := uuid.Parse(id)
	if err != nil {
		return "", false
	}
	return u.URN(), true
}

// personal are codes that name a person, never a course.
var personal = []string{"nationalidentitynumber", "studentnumber", "studielinknumber", "esi", "username", "accountid", "emailadress", "emailaddress", "orcid"}

var personField = regexp.MustCompile(`(?i)(coordinator|instructor|teacher|lecturer|person|contact|e-?mail|phone|orcid|author|examiner)`)

var mailAddress = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@]+`)

// plain is a value of free form (ext, consumers) without anything that names a person.
func plain(v any) any {
	switch t := v.(type) {
	case object:
		out := make(object)
		for k, e := range t {
			if personField.MatchString(k) {
				continue
			}
			if kept := plain(e); !blank(kept) {
				out[k] = kept
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(t))
		for _, e := range t {
			if kept := plain(e); !blank(kept) {
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

// compact is a value as JSON with sorted keys, the lexical form of rdf:JSON.
func compact(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

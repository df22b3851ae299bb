package source

import (
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// Spelling brings the spellings of an enumeration value together: case, hyphens, underscores.
func Spelling(s string) string {
	if strings.IndexFunc(s, odd) < 0 {
		return s
	}
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), joint), " ")
}

func joint(r rune) bool { return r == ' ' || r == '-' || r == '_' }

func odd(r rune) bool { return joint(r) || unicode.IsUpper(r) }

// Squeezed is the spelling in one word: schac_home, schac-home and schacHome are schachome.
func Squeezed(s string) string {
	if strings.IndexFunc(s, odd) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if joint(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

var plainDecimal = regexp.MustCompile(`^-?[0-9]+([.,][0-9]+)?$`)

// Decimal reads a number sent as number or text, with point or comma; digits stay as they are sent.
func Decimal(s string) (string, float64, bool) {
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

// Cardinal reads a count of people.
func Cardinal(s string) (string, bool) {
	_, f, ok := Decimal(s)
	if !ok || f < 0 || f != math.Trunc(f) || f > math.MaxInt32 {
		return "", false
	}
	return strconv.FormatInt(int64(f), 10), true
}

// Workload is a number of hours as xsd:duration, in which only seconds may have a fraction.
func Workload(hours float64) (string, bool) {
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

// Length checks a length of a course. xsd:duration has no weeks, so they become days. Implausible
// lengths are refused: below an hour, above ten years, seconds, or a day's hours beside days.
func Length(s string) (string, bool) {
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

var sittingForm = regexp.MustCompile(`^PT(?:(\d{1,2})H)?(?:(\d{1,4})M)?$`)

// Sitting checks the length of something that is done at one go, such as a test: a minute to a day.
func Sitting(s string) (string, bool) {
	s = strings.ToUpper(s)
	m := sittingForm.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	hours, _ := strconv.Atoi(m[1]) // absent is 0; the form bounds the digits
	minutes, _ := strconv.Atoi(m[2])
	total := hours*60 + minutes
	return s, total >= 1 && total <= 24*60
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

// Moment is a date or a date with time.
type Moment struct {
	Value    string
	Datatype string
	OK       bool
}

// Literal is the moment as it goes into a graph.
func (m Moment) Literal() rdf.Literal { return rdf.Typed(m.Value, m.Datatype) }

// Whole is the moment with a time, which xsd:dateTime wants: of a date, the start of that day.
func (m Moment) Whole() rdf.Literal {
	if m.Datatype == rdf.XSDDate {
		return rdf.Typed(m.Value+"T00:00:00", rdf.XSDDateTime)
	}
	return m.Literal()
}

// Instant reads a date or a date with time; the lexical form stays as it is sent.
func Instant(s string) Moment {
	if strings.Contains(s, ",") { // a fraction that time.Parse takes and xsd:dateTime does not
		return Moment{}
	}
	if len(s) == len(time.DateOnly) { // no other form is as short
		if _, err := time.Parse(time.DateOnly, s); err != nil {
			return Moment{}
		}
		return Moment{s, rdf.XSDDate, true}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04"} {
		t, err := time.Parse(layout, s)
		if err != nil {
			continue
		}
		if !strings.Contains(layout, ":05") { // xsd:dateTime needs seconds
			s = t.Format(strings.Replace(layout, "15:04", "15:04:05", 1))
		}
		return Moment{s, rdf.XSDDateTime, true}
	}
	return Moment{}
}

// bareHost is what a URL without a scheme begins with: a host's name and a path, since "intro.pdf" is no host.
var bareHost = regexp.MustCompile(`^(?i:www\.|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}(?::[0-9]{1,5})?/)`)

// WebURL reads an absolute http or https URL; without a scheme https is assumed.
func WebURL(s string) (string, bool) {
	if bareHost.MatchString(s) {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		return "", false
	}
	return s, true
}

// UUID is the URN of an id that is a UUID.
func UUID(id string) (string, bool) {
	if len(id) != 36 {
		return "", false
	}
	u, err := uuid.Parse(id)
	if err != nil {
		return "", false
	}
	return u.URN(), true
}

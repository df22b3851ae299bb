package shacl

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// wellFormed says that the lexical form is one of the datatype (XML Schema part 2). Datatypes that are not
// listed have no ill-formed literals here.
func wellFormed(t Term) bool {
	name, ok := strings.CutPrefix(t.Datatype, nsXSD)
	if !ok {
		return true
	}
	if r, ok := integers[name]; ok {
		return r.holds(t.Value)
	}
	if form, ok := forms[name]; ok {
		return form.MatchString(t.Value) && (!dated[name] || onCalendar(name, t.Value))
	}
	return true
}

const (
	formDate = `-?([1-9]\d{3,}|0\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])`
	formTime = `(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)`
	formZone = `(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))`
)

// forms are the lexical forms of the datatypes that have some.
var forms = compiled(map[string]string{
	"boolean":           `true|false|0|1`,
	"decimal":           `[+-]?(\d+(\.\d*)?|\.\d+)`,
	"float":             `[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN`,
	"double":            `[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN`,
	"date":              formDate + formZone + `?`,
	"dateTime":          formDate + `T` + formTime + formZone + `?`,
	"dateTimeStamp":     formDate + `T` + formTime + formZone,
	"time":              formTime + formZone + `?`,
	"gYear":             `-?([1-9]\d{3,}|0\d{3})` + formZone + `?`,
	"gYearMonth":        `-?([1-9]\d{3,}|0\d{3})-(0[1-9]|1[0-2])` + formZone + `?`,
	"gMonth":            `--(0[1-9]|1[0-2])` + formZone + `?`,
	"gMonthDay":         `--(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])` + formZone + `?`,
	"gDay":              `---(0[1-9]|[12]\d|3[01])` + formZone + `?`,
	"duration":          `-?P(\d+Y)?(\d+M)?(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?`,
	"yearMonthDuration": `-?P(\d+Y)?(\d+M)?`,
	"dayTimeDuration":   `-?P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?`,
	"hexBinary":         `([0-9a-fA-F]{2})*`,
	"language":          `[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`,
})

func compiled(texts map[string]string) map[string]*regexp.Regexp {
	out := make(map[string]*regexp.Regexp, len(texts))
	for name, text := range texts {
		out[name] = regexp.MustCompile(`^(?:` + text + `)$`)
	}
	return out
}

// dated are the datatypes with more to them than their form.
var dated = map[string]bool{"date": true, "dateTime": true, "dateTimeStamp": true, "duration": true, "yearMonthDuration": true, "dayTimeDuration": true}

// onCalendar checks what a form cannot: that a month has the day, and that a duration says something.
func onCalendar(name, value string) bool {
	if strings.HasSuffix(name, "uration") {
		last := value[len(value)-1]
		return last != 'P' && last != 'T'
	}
	date := strings.TrimPrefix(value, "-")
	dash := strings.IndexByte(date, '-')
	year, month, day := date[:dash], date[dash+1:dash+3], date[dash+4:dash+6]
	if len(year) > 4 {
		year = year[len(year)-4:] // leap years repeat every 400 years
	}
	if year == "0000" {
		year = "2000"
	}
	_, err := time.Parse(time.DateOnly, year+"-"+month+"-"+day)
	return err == nil
}

// span is the value space of a datatype of whole numbers; nil is no bound.
type span struct{ low, high *big.Int }

func number(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic("shacl: " + s + " is no number")
	}
	return n
}

var integers = map[string]span{
	"integer":            {},
	"nonNegativeInteger": {low: number("0")},
	"positiveInteger":    {low: number("1")},
	"nonPositiveInteger": {high: number("0")},
	"negativeInteger":    {high: number("-1")},
	"byte":               {number("-128"), number("127")},
	"short":              {number("-32768"), number("32767")},
	"int":                {number("-2147483648"), number("2147483647")},
	"long":               {number("-9223372036854775808"), number("9223372036854775807")},
	"unsignedByte":       {number("0"), number("255")},
	"unsignedShort":      {number("0"), number("65535")},
	"unsignedInt":        {number("0"), number("4294967295")},
	"unsignedLong":       {number("0"), number("18446744073709551615")},
}

// maxDigits is the longest number that is read exactly.
const maxDigits = 100

func (s span) holds(value string) bool {
	digits := strings.TrimLeft(value, "+-")
	if digits == "" || len(value)-len(digits) > 1 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	if len(digits) > maxDigits {
		negative := value[0] == '-'
		return (s.low == nil || !negative) && (s.high == nil || negative)
	}
	n, ok := new(big.Int).SetString(strings.TrimPrefix(value, "+"), 10)
	return ok && (s.low == nil || n.Cmp(s.low) >= 0) && (s.high == nil || n.Cmp(s.high) <= 0)
}

// compare orders two literals as SPARQL's < does; false when it has no order for them.
func compare(a, b Term) (int, bool) {
	if a.Kind != Literal || b.Kind != Literal || a.Lang != "" || b.Lang != "" || !wellFormed(a) || !wellFormed(b) {
		return 0, false
	}
	x, y := strings.TrimPrefix(a.Datatype, nsXSD), strings.TrimPrefix(b.Datatype, nsXSD)
	switch {
	case isNumeric(x) && isNumeric(y):
		return compareNumbers(a.Value, b.Value)
	case isMoment(x) && x == y:
		return compareMoments(a.Value, b.Value, x)
	case x == y && x == "string":
		return strings.Compare(a.Value, b.Value), true
	case x == y && x == "boolean":
		return truth(a.Value) - truth(b.Value), true
	}
	return 0, false
}

func truth(s string) int {
	if s == "true" || s == "1" {
		return 1
	}
	return 0
}

func isNumeric(name string) bool {
	_, whole := integers[name]
	return whole || name == "decimal" || name == "double" || name == "float"
}

func isMoment(name string) bool {
	return name == "dateTime" || name == "date" || name == "time" || name == "dateTimeStamp"
}

// compareNumbers is exact for plain decimals that are not too long, and by double for all others.
func compareNumbers(a, b string) (int, bool) {
	x, y := exact(a), exact(b)
	if x != nil && y != nil {
		return x.Cmp(y), true
	}
	f, errF := strconv.ParseFloat(a, 64)
	g, errG := strconv.ParseFloat(b, 64)
	if (errF != nil && f == 0) || (errG != nil && g == 0) || f != f || g != g { // out of range is infinite, NaN has no order
		return 0, false
	}
	switch {
	case f < g:
		return -1, true
	case f > g:
		return 1, true
	}
	return 0, true
}

func exact(s string) *big.Rat {
	if len(s) > maxDigits || strings.Trim(s, "+-.0123456789") != "" {
		return nil
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return r
}

// compareMoments has no order for a moment with a zone and one without, within 14 hours of each other.
func compareMoments(a, b, name string) (int, bool) {
	x, zoned, ok := moment(a, name)
	y, zonedToo, okToo := moment(b, name)
	if !ok || !okToo {
		return 0, false
	}
	if zoned != zonedToo {
		const most = 14 * time.Hour
		return x.Compare(y), x.Sub(y).Abs() > most
	}
	return x.Compare(y), true
}

func moment(s, name string) (t time.Time, zoned, ok bool) {
	layout := map[string]string{"date": time.DateOnly, "time": time.TimeOnly}[name]
	if layout == "" {
		layout = "2006-01-02T15:04:05"
	}
	if t, err := time.Parse(layout+"Z07:00", s); err == nil {
		return t, true, true
	}
	t, err := time.Parse(layout, s)
	return t, false, err == nil
}

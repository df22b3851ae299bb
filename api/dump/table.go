package dump

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/klauspost/compress/gzip"
)

// table is one course a row, for spreadsheets.
type table struct {
	z *gzip.Writer
	w *csv.Writer
}

// columns of the table. Several values of one column are separated by semicolons.
var columns = []struct {
	name  string
	value func(*course.Course) string
}{
	{"id", func(c *course.Course) string { return c.ID }},
	{"iri", func(c *course.Course) string { return c.IRI }},
	{"title", func(c *course.Course) string { return course.Pick(c.Title) }},
	{"provider", func(c *course.Course) string { return c.Provider }},
	{"provider_name", func(c *course.Course) string { return c.Providers[0].Name }},
	{"country", func(c *course.Course) string { return c.Providers[0].Country }},
	{"type", func(c *course.Course) string { return c.Type }},
	{"ects", func(c *course.Course) string { return decimal(c.ECTS) }},
	{"eqf", func(c *course.Course) string { return join(numbers(c.EQF)) }},
	{"isced", func(c *course.Course) string { return join(c.ISCED) }},
	{"languages", func(c *course.Course) string { return join(c.Languages) }},
	{"modes", func(c *course.Course) string { return join(c.Modes) }},
	{"active", func(c *course.Course) string { return strconv.FormatBool(c.Active) }},
	{"starts", func(c *course.Course) string { return join(starts(c.Offerings)) }},
	{"homepage", func(c *course.Course) string { return join(c.Homepage) }},
	{"description", func(c *course.Course) string { return course.Pick(c.Description) }},
	{"standard", func(c *course.Course) string { return c.Standard }},
	{"modified", func(c *course.Course) string { return c.Modified }},
	{"licence", func(c *course.Course) string { return c.Licence }},
	{"credit", func(c *course.Course) string { return c.Credit }},
	{"publisher", func(c *course.Course) string { return string(c.Publisher) }},
	{"record", func(c *course.Course) string { return c.Record }},
}

func (t *table) open(w io.Writer, _ *state) error {
	t.z = gzip.NewWriter(w)
	t.w = csv.NewWriter(t.z)
	t.w.UseCRLF = true // RFC 4180
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.name
	}
	return t.w.Write(header)
}

func (t *table) add(e entry) error {
	if e.course == nil {
		return nil
	}
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = Cell(c.value(e.course))
	}
	return t.w.Write(row)
}

func (t *table) close() error {
	t.w.Flush()
	if err := t.w.Error(); err != nil {
		return err
	}
	return t.z.Close()
}

// Cell makes a text harmless for spreadsheets: one that could be taken for a formula begins with an
// apostrophe. What a spreadsheet skips (spaces, controls, invisible signs) does not hide the beginning.
func Cell(s string) string {
	rest := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.C, r) || r == '"' || r == '\''
	})
	first := []rune(rest[:min(len(rest), 4)])
	if len(first) > 0 && strings.ContainsRune("=+-@|%＝＋－＠−﹢﹣﹦﹫", first[0]) || s != "" && strings.ContainsRune("\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

func decimal(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

func numbers(values []int) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strconv.Itoa(v)
	}
	return out
}

func starts(offerings []course.Offering) []string {
	var out []string
	for _, o := range offerings {
		if o.Start != "" {
			out = append(out, o.Start)
		}
	}
	return out
}

func join(values []string) string { return strings.Join(values, "; ") }

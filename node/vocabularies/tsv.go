package vocabularies

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/rdf"
	"github.com/coursemesh/coursemesh/federation/vocabulary"
)

// Columns of a TSV file, by the names that published lists give them. Labels are label_ and a language
// tag; other columns are passed over.
var (
	iriColumns  = []string{"iri", "uri", "eu_authority_uri", "concept"}
	codeColumns = []string{"iso639_1", "iso639_2b", "iso639_2t", "iso639_3", "iso3166_1_alpha2", "iso3166_1_alpha3", "alpha2", "alpha3"}
)

const maxLine = 64 << 10

// table is the head of a TSV file: which column means what.
type table struct {
	iri    int
	labels map[int]string // column to language tag
	codes  []int
}

// readTSV takes in the rows of a file whose first line names the columns.
func (f found) readTSV(body io.Reader) (n, ignored int, err error) {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxLine)
	var t table
	for number := 1; lines.Scan(); number++ {
		cells := strings.Split(strings.TrimRight(lines.Text(), "\r"), "\t")
		switch {
		case number == 1:
			t, err = newTable(cells)
		case strings.TrimSpace(lines.Text()) == "":
		case n+ignored >= maxFound:
			err = fmt.Errorf("%w: more than %d rows", rdf.ErrLimit, maxFound)
		default:
			var known bool
			if known, err = f.row(t, cells); known {
				n++
			} else {
				ignored++
			}
		}
		if err != nil {
			return 0, 0, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return n, ignored, lines.Err()
}

func newTable(header []string) (table, error) {
	t := table{iri: -1, labels: map[int]string{}}
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		switch {
		case slices.Contains(iriColumns, name) && t.iri < 0:
			t.iri = i
		case name == "label":
			t.labels[i] = "en"
		case strings.HasPrefix(name, "label_"):
			t.labels[i] = strings.ReplaceAll(name[len("label_"):], "_", "-")
		case slices.Contains(codeColumns, name):
			t.codes = append(t.codes, i)
		}
	}
	if t.iri < 0 || len(t.labels) == 0 {
		return table{}, errors.New("the first line has to name the columns, tab-separated, among them iri and label_en")
	}
	return t, nil
}

// row takes in one concept; false when its IRI is of no vocabulary used here.
func (f found) row(t table, cells []string) (bool, error) {
	cell := func(i int) string {
		if i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	iri := plain(cell(t.iri))
	if iri == "" {
		return false, errors.New("no IRI")
	}
	name := vocabulary.Of(iri)
	if name == "" {
		return false, nil
	}
	_, base, _ := vocabulary.Scheme(name)
	e := vocabulary.Entry{ID: strings.TrimPrefix(iri, base)}
	for i, tag := range t.labels {
		if label := cell(i); label != "" {
			if err := setLabel(&e, iri, tag, label); err != nil {
				return false, err
			}
		}
	}
	if name == vocabulary.Languages || name == vocabulary.Countries {
		for _, i := range t.codes {
			if code := cell(i); code != "" {
				e.Codes = append(e.Codes, code)
			}
		}
	}
	return true, f.add(name, e)
}

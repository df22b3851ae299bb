package convert

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Format is a form in which courses are written.
type Format string

// The formats. JSON is one course as the API gives it, JSONLines one such course a line.
const (
	Turtle    Format = "turtle"
	NTriples  Format = "ntriples"
	JSONLD    Format = "jsonld"
	RDFXML    Format = "rdfxml"
	JSON      Format = "json"
	JSONLines Format = "jsonl"
)

// formats with the endings of files that hold them.
var formats = []struct {
	format  Format
	endings []string
}{
	{Turtle, []string{".ttl", ".turtle"}},
	{NTriples, []string{".nt", ".ntriples"}},
	{JSONLD, []string{".jsonld"}},
	{RDFXML, []string{".rdf", ".xml", ".owl"}},
	{JSON, []string{".json"}},
	{JSONLines, []string{".jsonl", ".ndjson"}},
}

// Formats lists the names of the formats.
func Formats() []string {
	var out []string
	for _, f := range formats {
		out = append(out, string(f.format))
	}
	return out
}

// FormatOf is the format of that name; without a name, that of a file's ending.
func FormatOf(name, file string) (Format, error) {
	if name != "" {
		if slices.Contains(Formats(), name) {
			return Format(name), nil
		}
		return "", fmt.Errorf("format %q: choose one of %s", name, strings.Join(Formats(), ", "))
	}
	ending := strings.ToLower(filepath.Ext(file))
	var known []string
	for _, f := range formats {
		if slices.Contains(f.endings, ending) {
			return f.format, nil
		}
		known = append(known, f.endings[0])
	}
	return "", fmt.Errorf("%s: its ending names no format: take one of %s, or say --format %s", file, strings.Join(known, ", "), strings.Join(Formats(), "|"))
}

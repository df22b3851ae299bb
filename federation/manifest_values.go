package federation

import (
	"fmt"
	"maps"
	"math"
	"mime"
	"slices"
	"strconv"
	"strings"
)

const (
	minRefresh  = 1.0 // hours
	maxRefresh  = 24 * 366.0
	maxPageSize = 1000 // of edu-api, where the standard leaves it open
)

// number reads a number that may have been written as text.
func (r *manifestReader) number(where string, v any) (float64, bool) {
	if v == nil {
		return 0, false
	}
	text, _ := textOf(v)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || n <= 0 {
		r.report(where, "not a positive number, ignored", "write a number")
		return 0, false
	}
	return n, true
}

func (r *manifestReader) refresh(where string, v any) float64 {
	hours, ok := r.number(where, v)
	switch {
	case !ok:
		return 0
	case hours < minRefresh:
		r.warn(where, "less than one hour, raised to one", "write at least 1 (hours)")
		return minRefresh
	}
	return min(hours, maxRefresh)
}

var ooapiPages = []int{10, 20, 50, 100, 250}

func (r *manifestReader) pageSize(where, sourceType string, v any) int {
	n, ok := r.number(where, v)
	if !ok {
		return 0
	}
	asked := int(min(n, math.MaxInt32))
	switch sourceType {
	case "edu-api":
		return max(1, min(asked, maxPageSize))
	case "ooapi":
		nearest := slices.MinFunc(ooapiPages, func(a, b int) int { return distance(a, asked) - distance(b, asked) })
		if nearest != asked {
			r.warn(where, fmt.Sprintf("not a page size of OOAPI, read as %d", nearest), "write 10, 20, 50, 100 or 250")
		}
		return nearest
	}
	r.warn(where, "has no meaning for "+sourceType+", ignored", "remove it")
	return 0
}

func distance(a, b int) int { return max(a-b, b-a) }

var elmMedia = map[string]string{
	"application/rdf+xml": "application/rdf+xml", "rdf/xml": "application/rdf+xml", "rdfxml": "application/rdf+xml",
	"application/xml": "application/rdf+xml", "text/xml": "application/rdf+xml",
	"text/turtle": "text/turtle", "turtle": "text/turtle", "ttl": "text/turtle", "application/x-turtle": "text/turtle",
	"application/ld+json": "application/ld+json", "json-ld": "application/ld+json", "jsonld": "application/ld+json",
	"application/json": "application/ld+json",
}

func (r *manifestReader) contentType(where, sourceType string, v any) string {
	given := r.text(where, v)
	if given == "" {
		return ""
	}
	if sourceType != "elm" {
		r.warn(where, "has no meaning for "+sourceType+", ignored", "remove it")
		return ""
	}
	name := strings.ToLower(given)
	if media, _, err := mime.ParseMediaType(name); err == nil {
		name = media
	}
	media := elmMedia[name]
	if media != name {
		read, say := "ignored", r.report
		if media != "" {
			read, say = "read as "+media, r.warn
		}
		say(where, fmt.Sprintf("%q is no media type of ELM, %s", clip(given), read), "write application/rdf+xml, text/turtle or application/ld+json")
	}
	return media
}

// queryParameters also reads the name under which the pilot stores them.
func (r *manifestReader) queryParameters(where string, object map[string]any) map[string][]string {
	parameters := map[string][]string{}
	for _, name := range []string{"queryParameters", "parameters"} {
		place := pointer(where, name)
		given := r.object(place, object[name])
		if name == "parameters" && len(given) > 0 {
			r.warn(place, "parameters is read as queryParameters", "rename it to queryParameters")
		}
		for _, key := range slices.Sorted(maps.Keys(given)) {
			if _, taken := parameters[key]; !taken {
				parameters[key] = r.parameter(pointer(place, key), given[key])
			}
		}
	}
	maps.DeleteFunc(parameters, func(_ string, values []string) bool { return len(values) == 0 })
	if len(parameters) == 0 {
		return nil
	}
	return parameters
}

func (r *manifestReader) parameter(where string, v any) []string {
	items, ok := v.([]any)
	if !ok {
		items = []any{v}
	}
	var values []string
	for _, item := range items {
		if text, ok := textOf(item); ok {
			values = append(values, text)
		} else if item != nil {
			r.report(where, kindOf(item)+" where a text belongs, dropped", "write a text, or a list of texts")
		}
	}
	return values
}

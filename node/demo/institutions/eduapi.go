package institutions

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// eduRoot is where Edu-API is served. The manifest names it, so the paths of the standard's examples do not matter.
const eduRoot = "/eduapi/v1p0"

// eduapi serves Edu-API 1.0 from files: each collection is a file of all its records. Collections without a file
// are not there, which the standard allows.
type eduapi struct {
	site
	domain string
}

// record of Edu-API, as far as a server needs to know it.
type record map[string]any

func (e record) text(field string) string {
	s, _ := e[field].(string) // other values count as none
	return s
}

func (a eduapi) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	collection, id, one := strings.Cut(strings.Trim(strings.TrimPrefix(r.URL.Path, eduRoot), "/"), "/")
	records, changed, err := items[record](a.site, eduRoot+"/"+url.PathEscape(collection)+".json")
	if err != nil {
		failed(w, err)
		return
	}
	if !one {
		a.page(w, r, records, changed)
		return
	}
	for _, rec := range records {
		if rec.text("sourcedId") == id {
			send(w, r, "application/json", rec, changed)
			return
		}
	}
	refuse(w, http.StatusNotFound, "unknown_object")
}

const usualLimit = 100

// page serves a part of a collection as the standard has it: a bare array, with total and next page in headers.
func (a eduapi) page(w http.ResponseWriter, r *http.Request, records []record, changed time.Time) {
	q := r.URL.Query()
	records, ok := filtered(records, q.Get("filter"))
	limit, errLimit := number(q.Get("limit"), usualLimit)
	offset, errOffset := number(q.Get("offset"), 0)
	if !ok || errLimit != nil || errOffset != nil || limit < 1 || offset < 0 {
		refuse(w, http.StatusBadRequest, "invalid_query_parameter")
		return
	}
	if field := q.Get("sort"); field != "" {
		slices.SortStableFunc(records, func(x, y record) int { return strings.Compare(x.text(field), y.text(field)) })
		if q.Get("orderBy") == "desc" {
			slices.Reverse(records)
		}
	}
	from := min(offset, len(records))
	to := min(from+limit, len(records))
	w.Header().Set("X-Total-Count", strconv.Itoa(len(records)))
	if to < len(records) {
		q.Set("offset", strconv.Itoa(to))
		next := url.URL{Scheme: "https", Host: a.domain, Path: r.URL.Path, RawQuery: q.Encode()}
		w.Header().Set("Link", "<"+next.String()+`>; rel="next"`)
	}
	send(w, r, "application/json", append([]record{}, records[from:to]...), changed)
}

func number(text string, usual int) (int, error) {
	if text == "" {
		return usual, nil
	}
	return strconv.Atoi(text)
}

// filtered knows one filter: what was changed at a time or later.
func filtered(records []record, filter string) ([]record, bool) {
	if filter == "" {
		return records, true
	}
	text, ok := strings.CutPrefix(filter, "dateLastModified>='")
	since, err := time.Parse(time.RFC3339, strings.TrimSuffix(text, "'"))
	if !ok || err != nil {
		return nil, false
	}
	return slices.DeleteFunc(records, func(rec record) bool {
		at, err := time.Parse(time.RFC3339, rec.text("dateLastModified"))
		return err == nil && at.Before(since)
	}), true
}

// refuse answers with the standard's own form of an error.
func refuse(w http.ResponseWriter, status int, minor string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{ // the client is gone when this fails
		"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": http.StatusText(status), "imsx_codeMinor": minor,
	})
}

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

// apiRoot is where the Open Education API, version 5, is served.
const apiRoot = "/ooapi/v5"

// api serves the collections of an Open Education API from files: courses.json,
// organizations.json and academic-sessions.json hold all items, offerings/<course id>.json the
// offerings of a course.
type api struct{ site }

// idFields name the id of the entries of a collection.
var idFields = map[string]string{
	"courses":           "courseId",
	"organizations":     "organizationId",
	"academic-sessions": "academicSessionId",
}

func (a api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	segments := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, apiRoot), "/"), "/")
	idField, known := idFields[segments[0]]
	switch {
	case !known:
		problem(w, http.StatusNotFound, "There is no such collection.")
	case len(segments) == 1:
		a.page(w, r, segments[0]+".json")
	case len(segments) == 2:
		a.entry(w, r, segments[0]+".json", idField, segments[1])
	case len(segments) == 3 && segments[0] == "courses" && segments[2] == "offerings":
		a.page(w, r, "offerings/"+url.PathEscape(segments[1])+".json")
	default:
		problem(w, http.StatusNotFound, "There is no such resource.")
	}
}

// items reads a file of entries.
func (a api) items(name string) (items []json.RawMessage, changed time.Time, err error) {
	content, changed, err := a.read(apiRoot + "/" + name)
	if err != nil {
		return nil, changed, err
	}
	return items, changed, json.Unmarshal(content, &items)
}

// envelope is a page of the standard.
type envelope struct {
	PageSize        int               `json:"pageSize"`
	PageNumber      int               `json:"pageNumber"`
	HasPreviousPage bool              `json:"hasPreviousPage"`
	HasNextPage     bool              `json:"hasNextPage"`
	TotalPages      int               `json:"totalPages"`
	Items           []json.RawMessage `json:"items"`
}

// pageSizes are the ones the standard allows; the first is its default.
var pageSizes = []int{10, 20, 50, 100, 250}

func (a api) page(w http.ResponseWriter, r *http.Request, name string) {
	items, changed, err := a.items(name)
	if err != nil {
		failed(w, err)
		return
	}
	size, _ := strconv.Atoi(r.URL.Query().Get("pageSize"))
	if !slices.Contains(pageSizes, size) {
		size = pageSizes[0]
	}
	number, err := strconv.Atoi(r.URL.Query().Get("pageNumber"))
	if err != nil || number < 1 {
		number = 1
	}
	pages := max(1, (len(items)+size-1)/size)
	from := min(min(number-1, pages)*size, len(items))
	content, err := json.Marshal(envelope{
		PageSize: size, PageNumber: number, HasPreviousPage: number > 1, HasNextPage: number < pages, TotalPages: pages,
		Items: append([]json.RawMessage{}, items[from:min(from+size, len(items))]...),
	})
	if err != nil {
		failed(w, err)
		return
	}
	serve(w, r, "application/json", content, changed)
}

func (a api) entry(w http.ResponseWriter, r *http.Request, name, idField, id string) {
	items, changed, err := a.items(name)
	if err != nil {
		failed(w, err)
		return
	}
	for _, item := range items {
		var fields map[string]json.RawMessage
		if json.Unmarshal(item, &fields) == nil && strings.Trim(string(fields[idField]), `"`) == id {
			serve(w, r, "application/json", item, changed)
			return
		}
	}
	problem(w, http.StatusNotFound, "There is no entry with this id.")
}

// failed tells a missing file from one that an edit broke.
func failed(w http.ResponseWriter, err error) {
	if _, broken := err.(*json.SyntaxError); broken {
		problem(w, http.StatusInternalServerError, "The file behind this resource is no valid JSON: "+err.Error())
		return
	}
	problem(w, http.StatusNotFound, "There is no such resource.")
}

func problem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{ // the client is gone when this fails
		"status": strconv.Itoa(status), "title": http.StatusText(status), "detail": detail,
	})
}

package institutions

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// edition is a version of the Open Education API as it is served from files: each collection is a file of
// all its entries, and what lies below a course is a file for each course.
type edition struct {
	root  string
	ids   map[string]string // field that names an entry, by collection
	below map[string]string // folder, by collection and what lies below its entries
}

var (
	five = edition{
		"/ooapi/v5",
		map[string]string{"courses": "courseId", "organizations": "organizationId", "academic-sessions": "academicSessionId"},
		map[string]string{"courses/offerings": "offerings"},
	}
	six = edition{
		"/oeapi/v6",
		map[string]string{
			"courses": "courseId", "programmes": "programmeId", "organisations": "organisationId",
			"academic-sessions": "academicSessionId", "learning-outcomes": "learningOutcomeId",
		},
		map[string]string{"courses/course-offerings": "course-offerings"},
	}
)

// api serves an edition.
type api struct {
	site
	edition
}

func (a api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	segments := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, a.root), "/"), "/")
	idField, known := a.ids[segments[0]]
	folder := ""
	if len(segments) == 3 {
		folder = a.below[segments[0]+"/"+segments[2]]
	}
	switch {
	case !known:
		problem(w, http.StatusNotFound, "There is no such collection.")
	case len(segments) == 1:
		a.page(w, r, segments[0]+".json")
	case len(segments) == 2:
		a.entry(w, r, segments[0]+".json", idField, segments[1])
	case folder != "":
		a.page(w, r, folder+"/"+url.PathEscape(segments[1])+".json")
	default:
		problem(w, http.StatusNotFound, "There is no such resource.")
	}
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
	items, changed, err := items[json.RawMessage](a.site, a.root+"/"+name)
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
	send(w, r, "application/json", envelope{
		PageSize: size, PageNumber: number, HasPreviousPage: number > 1, HasNextPage: number < pages, TotalPages: pages,
		Items: append([]json.RawMessage{}, items[from:min(from+size, len(items))]...),
	}, changed)
}

func (a api) entry(w http.ResponseWriter, r *http.Request, name, idField, id string) {
	items, changed, err := items[map[string]any](a.site, a.root+"/"+name)
	if err != nil {
		failed(w, err)
		return
	}
	for _, item := range items {
		if item[idField] == id {
			send(w, r, "application/json", item, changed)
			return
		}
	}
	problem(w, http.StatusNotFound, "There is no entry with this id.")
}

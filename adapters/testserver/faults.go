package testserver

import "net/http"

// Outcome is what a harvester must make of a fault.
type Outcome string

// Outcomes. In all of them nothing is withdrawn that is still offered.
const (
	Same       Outcome = "the same courses as from a server without it"
	Listed     Outcome = "the same courses, of which some facts are not given or read differently"
	Rejected   Outcome = "entries that cannot be used are rejected and named, and nothing is withdrawn because of them"
	Doubted    Outcome = "a node that knew the courses keeps them, says why, and looks again before it believes that they are gone"
	Incomplete Outcome = "what can be read is kept, and the listing is said to be incomplete"
)

// Fault is one way in which servers depart from their standard.
type Fault struct {
	Name string // short, for tests and commands
	Does string
	On   []Standard
	Must Outcome

	Waits bool // the fault passes when a client comes again
	set   func(*quirks)
}

var (
	pagedStandards = []Standard{OOAPI5, OEAPI6, EduAPI}
	jsonStandards  = []Standard{OOAPI5, OEAPI6, EduAPI, OCCAPI1, OCCAPI2}
	ooapiStandards = []Standard{OOAPI5, OEAPI6}
	occStandards   = []Standard{OCCAPI1, OCCAPI2}
	documents      = []Standard{Turtle, RDFXML, JSONLD, NTriples}
	only           = func(s ...Standard) []Standard { return s }
)

// Faults are all, grouped by what they concern.
func Faults() []Fault {
	var out []Fault
	for _, group := range [][]Fault{pagingFaults, emptyFaults, eduFaults, bodyFaults, occFaults, documentFaults, transportFaults, pathFaults, validatorFaults} {
		out = append(out, group...)
	}
	return out
}

// FaultsOf are those that a standard knows.
func FaultsOf(standard Standard) []Fault {
	var out []Fault
	for _, f := range Faults() {
		for _, s := range f.On {
			if s == standard {
				out = append(out, f)
			}
		}
	}
	return out
}

const smallPage = 2 // so that short lists have several

var pagingFaults = []Fault{
	{
		Name: "page-size-ignored", Does: "pages have the default size whatever is asked for", On: pagedStandards, Must: Same,
		set: func(q *quirks) { q.size = func(int, int) (int, bool) { return smallPage, true } },
	},
	{
		Name: "page-size-capped", Does: "pages are no larger than the server likes, and nothing says so", On: pagedStandards, Must: Same,
		set: func(q *quirks) {
			q.size = func(asked, _ int) (int, bool) { return min(max(asked, smallPage), smallPage+1), true }
			q.noTotal, q.noLink = true, true
			q.envelopes = append(q.envelopes, without("hasNextPage", "totalPages"))
		},
	},
	{
		Name: "page-size-refused", Does: "a request with a page size gets status 400", On: pagedStandards, Must: Same,
		set: func(q *quirks) { q.size = func(asked, _ int) (int, bool) { return smallPage, asked == 0 } },
	},
	{
		Name: "page-number-ignored", Does: "every page is the first, and more are claimed", On: pagedStandards, Must: Incomplete,
		set: func(q *quirks) {
			small(q)
			q.from = func(int, int, int) int { return 0 }
			q.envelopes = append(q.envelopes, setting("hasNextPage", true))
		},
	},
	{
		Name: "not-paged", Does: "every page is the whole list, and nothing is said of others", On: pagedStandards, Must: Same,
		set: func(q *quirks) {
			q.size = func(int, int) (int, bool) { return 1 << 20, true }
			q.from = func(int, int, int) int { return 0 }
			q.noTotal, q.noLink = true, true
			q.envelopes = append(q.envelopes, without("hasNextPage", "totalPages", "pageSize"))
		},
	},
	{
		Name: "last-page-again", Does: "after the last page comes the last page again, and nothing says that it is the last", On: pagedStandards, Must: Same,
		set: func(q *quirks) {
			small(q)
			q.from = func(from, size, count int) int {
				if from >= count && count > 0 {
					return (count - 1) / size * size
				}
				return from
			}
			q.noTotal, q.noLink = true, true
			q.envelopes = append(q.envelopes, without("hasNextPage", "totalPages"))
		},
	},
	{
		Name: "inserted-meanwhile", Does: "a course is added in front while pages are read, so each page repeats the end of the one before", On: pagedStandards, Must: Same,
		set: func(q *quirks) {
			small(q)
			q.inserted = true
			q.from = func(from, _, _ int) int { return max(0, from-1) }
		},
	},
	{
		Name: "no-next-page-field", Does: "pages do not say whether another follows", On: ooapiStandards, Must: Same,
		set: func(q *quirks) { small(q); q.envelopes = append(q.envelopes, without("hasNextPage")) },
	},
	{
		Name: "no-totals", Does: "pages say nothing but their entries", On: ooapiStandards, Must: Same,
		set: func(q *quirks) {
			small(q)
			q.envelopes = append(q.envelopes, without("hasNextPage", "hasPreviousPage", "totalPages", "pageSize", "pageNumber"))
		},
	},
	{
		Name: "too-many-pages-claimed", Does: "totalPages is too large; pages after the last are empty", On: ooapiStandards, Must: Same,
		set: func(q *quirks) {
			small(q)
			q.envelopes = append(q.envelopes, setting("totalPages", 99), setting("hasNextPage", true))
		},
	},
	{
		Name: "too-few-pages-claimed", Does: "totalPages counts the page itself, while hasNextPage is right", On: ooapiStandards, Must: Same,
		set: func(q *quirks) { small(q); q.envelopes = append(q.envelopes, setting("totalPages", 1)) },
	},
	{
		Name: "envelope-as-text", Does: "numbers and truth values of a page are text", On: ooapiStandards, Must: Same,
		set: func(q *quirks) { small(q); q.envelopes = append(q.envelopes, asText) },
	},
	{
		Name: "404-after-the-end", Does: "the page after the last answers 404, and nothing says which is the last", On: pagedStandards, Must: Same,
		set: func(q *quirks) {
			small(q)
			q.noTotal, q.noLink = true, true
			q.envelopes = append(q.envelopes, without("hasNextPage", "totalPages"))
			q.pastEnd = func(w http.ResponseWriter) { http.Error(w, "{}", http.StatusNotFound) }
		},
	},
	{
		Name: "204-after-the-end", Does: "the page after the last answers 204, and nothing says which is the last", On: only(EduAPI), Must: Same,
		set: func(q *quirks) {
			small(q)
			q.noTotal, q.noLink = true, true
			q.pastEnd = func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) }
		},
	},
}

func small(q *quirks) { q.size = func(int, int) (int, bool) { return smallPage, true } }

func without(fields ...string) func(object) {
	return func(page object) {
		for _, f := range fields {
			delete(page, f)
		}
	}
}

func setting(field string, v any) func(object) { return func(page object) { page[field] = v } }

var emptyFaults = []Fault{
	{
		Name: "nothing-listed", Does: "every list is empty, as if the database had been lost", On: only(OOAPI5, OEAPI6, OCCAPI1, OCCAPI2), Must: Doubted,
		set: func(q *quirks) { q.empty = true },
	},
}

var eduFaults = []Fault{
	{Name: "link-alone", Does: "next links, and no X-Total-Count", On: only(EduAPI), Must: Same, set: func(q *quirks) { small(q); q.noTotal = true }},
	{Name: "total-alone", Does: "X-Total-Count, and no links", On: only(EduAPI), Must: Same, set: func(q *quirks) { small(q); q.noLink = true }},
	{
		Name: "neither-link-nor-total", Does: "no header says how a list goes on", On: only(EduAPI), Must: Same,
		set: func(q *quirks) { small(q); q.noLink, q.noTotal = true, true },
	},
	{
		Name: "internal-links", Does: "links name the server as it is called inside", On: only(EduAPI), Must: Same,
		set: func(q *quirks) { small(q); q.linkBase = text("http://app-07.intern:8080/tomcat"); q.noTotal = true },
	},
	{Name: "relative-links", Does: "links are relative", On: only(EduAPI), Must: Same, set: func(q *quirks) { small(q); q.linkBase = text(""); q.noTotal = true }},
	{
		Name: "total-too-large", Does: "X-Total-Count counts what is not listed", On: only(EduAPI), Must: Incomplete,
		set: func(q *quirks) { small(q); q.totalOff = 7; q.noLink = true },
	},
	{
		Name: "total-of-the-page", Does: "X-Total-Count counts the page, and there are no links", On: only(EduAPI), Must: Same,
		set: func(q *quirks) { small(q); q.totalIsPage, q.noLink = true, true },
	},
	{Name: "wrapped", Does: "lists are wrapped in an object under the collection's name", On: only(EduAPI), Must: Same, set: func(q *quirks) { q.wrapped = true }},
	{Name: "sort-refused", Does: "a request with sort gets status 400", On: only(EduAPI), Must: Same, set: func(q *quirks) { q.noSort = true }},
	{Name: "filter-refused", Does: "a request with filter gets status 400", On: only(EduAPI), Must: Same, set: func(q *quirks) { q.noFilter = true }},
	{
		Name: "language-key", Does: "texts name their language under language, not recordLanguage", On: only(EduAPI), Must: Same,
		set: func(q *quirks) { q.languageKey = "language" },
	},
	{Name: "no-collections", Does: "collectionTemplates answers 404", On: only(EduAPI), Must: Listed, set: lacking(http.StatusNotFound, "collectionTemplates", "collectionOfferings")},
	{Name: "no-offerings", Does: "courseOfferings answers 501", On: only(EduAPI), Must: Listed, set: lacking(http.StatusNotImplemented, "courseOfferings")},
	{Name: "no-components", Does: "componentTemplates answers 501", On: only(EduAPI), Must: Same, set: lacking(http.StatusNotImplemented, "componentTemplates", "componentOfferings")},
}

func text(s string) *string { return &s }

func lacking(status int, collections ...string) func(*quirks) {
	return func(q *quirks) {
		if q.absent == nil {
			q.absent = map[string]int{}
		}
		for _, c := range collections {
			q.absent[c] = status
		}
	}
}

var occFaults = []Fault{
	{
		Name: "links-elsewhere", Does: "links name another host, as the standard's samples do", On: occStandards, Must: Same,
		set: func(q *quirks) { q.linkBase = text("https://sandbox.example") },
	},
	{Name: "links-as-text", Does: "links are strings", On: occStandards, Must: Same, set: func(q *quirks) { q.plainLinks = true }},
	{Name: "no-units", Does: "the units answer 404 although they are announced", On: occStandards, Must: Listed, set: lacking(http.StatusNotFound, "ounit")},
	{Name: "no-programmes", Does: "the programmes answer 404 although they are announced", On: occStandards, Must: Listed, set: lacking(http.StatusNotFound, "programme")},
	{Name: "no-details", Does: "courses answer 404; the collection alone lists them", On: occStandards, Must: Listed, set: lacking(http.StatusNotFound, "course/detail")},
	{Name: "no-instances", Does: "instances answer 404 although they are announced", On: only(OCCAPI2), Must: Listed, set: lacking(http.StatusNotFound, "instance")},
	{Name: "no-course-offerings", Does: "offerings answer 404", On: ooapiStandards, Must: Listed, set: lacking(http.StatusNotFound, "offerings", "course-offerings")},
	{
		Name: "no-lookups", Does: "organisations, sessions and outcomes answer 404", On: ooapiStandards, Must: Listed,
		set: lacking(http.StatusNotFound, "organizations", "organisations", "academic-sessions", "learning-outcomes"),
	},
}

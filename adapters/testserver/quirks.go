package testserver

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// quirks are the faults of one server, taken together.
type quirks struct {
	size      func(asked, usual int) (size int, ok bool)
	from      func(from, size, count int) int // where a page begins
	pastEnd   func(http.ResponseWriter)       // answers a page after the last
	inserted  bool                            // after the first page there is one entry more
	empty     bool                            // lists have no entries
	envelopes []func(page object)
	shapes    []func(v any) any // alter a decoded answer

	noTotal, noLink, totalIsPage bool // headers of Edu-API
	totalOff                     int
	wrapped, noSort, noFilter    bool
	languageKey                  string

	linkBase   *string // of links, where it differs
	plainLinks bool    // links of OCCAPI as bare strings

	absent map[string]int // status by collection
	slash  slash
	noHead bool

	noExtension, latin, entities bool // of documents
	document                     func([]byte) []byte

	validators validators
	media      *string
	bom        bool
	wraps      []func(*Server, http.Handler) http.Handler
}

// slash says how a server takes the end of a path.
type slash int

const (
	slashAny slash = iota
	slashRequired
	slashRefused
)

// validators say which a server sends and honours.
type validators int

const (
	both validators = iota
	etagOnly
	dateOnly
	noValidators
	dateIsNow // a Last-Modified that says nothing
)

// size in effect by default is what is asked for.
func (q *quirks) sizeOf(asked, usual int) (int, bool) {
	if q.size != nil {
		return q.size(asked, usual)
	}
	if asked < 1 {
		return usual, true
	}
	return asked, true
}

// counted is how many entries a list has when a page that begins there is asked for.
func (s *Server) counted(res resource, from int) int {
	if s.quirks.inserted && from > 0 {
		return res.count + 1
	}
	return res.count
}

// window renders the entries of one page; past says that it lies after the last.
func (s *Server) window(res resource, from, size int) (entries []any, past bool) {
	past = from >= res.count && from > 0
	if s.quirks.from != nil {
		from = s.quirks.from(from, size, res.count)
	}
	entries = []any{}
	for i := max(from, 0); i < min(from+size, res.count); i++ {
		entries = append(entries, res.at(i))
	}
	return entries, past
}

// answer sends JSON.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, v any) {
	body, err := encode(v)
	if err == nil && len(s.quirks.shapes) > 0 {
		body, err = s.reshape(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	s.send(w, r, body)
}

func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return out.Bytes(), err
}

func (s *Server) reshape(body []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	for _, shape := range s.quirks.shapes {
		v = shape(v)
	}
	return encode(v)
}

// send writes a body with its validators.
func (s *Server) send(w http.ResponseWriter, r *http.Request, body []byte) {
	if s.quirks.media != nil {
		w.Header()["Content-Type"] = []string{*s.quirks.media}
		if *s.quirks.media == "" {
			w.Header()["Content-Type"] = nil // none at all, not a guess
		}
	}
	if s.quirks.bom {
		body = append([]byte("\ufeff"), body...)
	}
	var changed time.Time
	switch s.quirks.validators {
	case both, dateOnly:
		changed = s.config.Set.Changed
	case dateIsNow:
		changed = time.Now()
	}
	if s.quirks.validators <= etagOnly {
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
	}
	http.ServeContent(w, r, "", changed, bytes.NewReader(body))
}

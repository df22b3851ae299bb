// Package testserver is the institutions' side of a harvest: HTTP servers for the Open Education API 5 and 6,
// Edu-API 1.0, OCCAPI 1 and 2, and ELM documents in four serialisations, as they are met.
//
// One Set of courses is served in every standard, in the paths, field names and envelopes of the standard's own
// documents; Generate makes such a set of any size, the same for the same arguments. A server without faults
// keeps to its standard. With faults from the table Faults it behaves like real ones: it caps pages, answers
// HTML with status 200, sends numbers as text, and so on; each fault says what a harvester must make of it.
// HeaderSecret, OAuth, Signatures and Addresses stand in front of any handler.
//
// It promises that nothing in it is shared with the code it tests: it neither imports the adapters nor the
// signer, and what it serves depends on its configuration and the requests so far alone. It serves no persons
// but those that courses name as coordinators, who are invented.
package testserver

import (
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Standard is what a server speaks.
type Standard string

// The standards.
const (
	OOAPI5   Standard = "ooapi5"
	OEAPI6   Standard = "oeapi6"
	EduAPI   Standard = "eduapi"
	OCCAPI1  Standard = "occapi1"
	OCCAPI2  Standard = "occapi2"
	Turtle   Standard = "elm-turtle"
	RDFXML   Standard = "elm-rdfxml"
	JSONLD   Standard = "elm-jsonld"
	NTriples Standard = "elm-ntriples"
)

// Standards are all of them.
var Standards = []Standard{OOAPI5, OEAPI6, EduAPI, OCCAPI1, OCCAPI2, Turtle, RDFXML, JSONLD, NTriples}

// Source is an entry of a manifest's sources.
type Source struct {
	Type     string         `json:"type" yaml:"type"`
	Version  string         `json:"version" yaml:"version"`
	Path     string         `json:"path" yaml:"path"`
	ID       string         `json:"id" yaml:"id"`
	PageSize int            `json:"pageSize,omitempty" yaml:"pageSize,omitempty"`
	Auth     map[string]any `json:"auth,omitempty" yaml:"auth,omitempty"`
}

// Config of a server.
type Config struct {
	Standard Standard
	Set      Set
	Base     string // scheme and host that clients use, for links; "" takes them from the request
	PageSize int    // that the manifest asks for; 0 leaves it out
	Faults   []Fault
}

// Server serves a set. Safe for concurrent use.
type Server struct {
	config  Config
	backend backend
	quirks  quirks
	handler http.Handler
	names   map[string]int // course or programme by id

	active  []*Course            // not deleted
	members map[string][]*Course // of a programme
	offers  []offered            // of all courses

	mu    sync.Mutex
	calls map[string]int // requests so far by path and query, for faults that pass
}

// backend is one standard: what a path means, and how an answer is written.
type backend interface {
	root() string
	find(segments []string) (resource, bool)
	write(w http.ResponseWriter, r *http.Request, res resource)
	missing(w http.ResponseWriter, status int)
}

// resource is what a path leads to: one object or a list.
type resource struct {
	collection string // name of the list, or of the list that holds the object
	one        any
	count      int
	at         func(i int) any
}

// object is a JSON object.
type object = map[string]any

// New makes a server.
func New(c Config) *Server {
	s := &Server{config: c, names: map[string]int{}, calls: map[string]int{}, members: map[string][]*Course{}}
	s.index()
	for _, f := range c.Faults {
		f.set(&s.quirks)
	}
	s.backend = s.newBackend()
	s.handler = http.HandlerFunc(s.serve)
	for _, wrap := range s.quirks.wraps {
		s.handler = wrap(s, s.handler)
	}
	return s
}

// index finds entries of the set for requests.
func (s *Server) index() {
	set := &s.config.Set
	for i := range set.Programmes {
		s.names[set.Programmes[i].ID] = i
	}
	for i := range set.Courses {
		c := &set.Courses[i]
		s.names[c.ID] = i
		for k := range c.Offerings {
			s.offers = append(s.offers, offered{c, &c.Offerings[k]})
		}
		if c.Deleted {
			continue
		}
		s.active = append(s.active, c)
		s.members[c.Programme] = append(s.members[c.Programme], c)
	}
}

func (s *Server) newBackend() backend {
	switch s.config.Standard {
	case OOAPI5:
		return &ooapi{Server: s, v: five}
	case OEAPI6:
		return &ooapi{Server: s, v: six, outcomes: outcomesOf(&s.config.Set)}
	case EduAPI:
		return &eduapi{s}
	case OCCAPI1:
		return &occapi{Server: s, version: 1}
	case OCCAPI2:
		return &occapi{Server: s, version: 2}
	}
	return &document{s}
}

// Source announces the server in a manifest.
func (s *Server) Source() Source {
	out := Source{ID: string(s.config.Standard), Path: s.config.Base + s.backend.root(), PageSize: s.config.PageSize}
	switch s.config.Standard {
	case OOAPI5:
		out.Type, out.Version = "ooapi", "5"
	case OEAPI6:
		out.Type, out.Version = "ooapi", "6"
	case EduAPI:
		out.Type, out.Version = "edu-api", "1.0"
	case OCCAPI1, OCCAPI2:
		out.Type, out.Version = "occapi", strings.TrimPrefix(string(s.config.Standard), "occapi")
	default:
		out.Type, out.Version = "elm", "3.2"
	}
	return out
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// serve answers without the faults of transport, which lie around it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && (r.Method != http.MethodHead || s.quirks.noHead) {
		w.Header().Set("Allow", http.MethodGet)
		s.backend.missing(w, http.StatusMethodNotAllowed)
		return
	}
	below, ok := strings.CutPrefix(r.URL.Path, s.backend.root())
	if !ok || below != "" && below[0] != '/' {
		s.backend.missing(w, http.StatusNotFound)
		return
	}
	if s.slash(w, r) {
		return
	}
	var segments []string
	if below = strings.Trim(below, "/"); below != "" {
		segments = strings.Split(below, "/")
	}
	res, ok := s.backend.find(segments)
	status := http.StatusNotFound
	if code, gone := s.quirks.absent[res.collection]; gone {
		ok, status = false, code
	}
	if !ok {
		s.backend.missing(w, status)
		return
	}
	if s.quirks.empty {
		res.count = 0
	}
	s.backend.write(w, r, res)
}

// slash sends clients to the one spelling of a path that the server takes.
func (s *Server) slash(w http.ResponseWriter, r *http.Request) bool {
	has := strings.HasSuffix(r.URL.Path, "/")
	switch {
	case s.quirks.slash == slashRequired && !has && path.Ext(r.URL.Path) == "":
		target := *r.URL
		target.Path, target.RawPath = target.Path+"/", ""
		http.Redirect(w, r, target.RequestURI(), http.StatusMovedPermanently)
	case s.quirks.slash == slashRefused && has:
		s.backend.missing(w, http.StatusNotFound)
	default:
		return false
	}
	return true
}

// base is scheme and host of links.
func (s *Server) base(r *http.Request) string {
	if s.config.Base != "" {
		return s.config.Base
	}
	return "http://" + r.Host
}

// call counts requests for the same thing; the first is 1.
func (s *Server) call(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[what]++
	return s.calls[what]
}

// course and programme find an entry of the set by id.
func (s *Server) course(id string) (*Course, bool) {
	i, ok := s.names[id]
	if !ok || i >= len(s.config.Set.Courses) || s.config.Set.Courses[i].ID != id {
		return nil, false
	}
	return &s.config.Set.Courses[i], true
}

func (s *Server) programme(id string) (*Programme, bool) {
	i, ok := s.names[id]
	if !ok || i >= len(s.config.Set.Programmes) || s.config.Set.Programmes[i].ID != id {
		return nil, false
	}
	return &s.config.Set.Programmes[i], true
}

// offered is an offering with its course.
type offered struct {
	*Course
	*Offering
}

// list is a resource of typed entries.
func list[T any](collection string, entries []T, render func(T) any) (resource, bool) {
	return resource{collection: collection, count: len(entries), at: func(i int) any { return render(entries[i]) }}, true
}

func single(collection string, one any) (resource, bool) {
	return resource{collection: collection, one: one}, true
}

// id makes one that depends on what it is of.
func id(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join(parts, "|"))).String()
}

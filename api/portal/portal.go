// Package portal renders the pages for people: catalogue, course, network. Pages are complete without
// scripts, ask no third party for anything, and hold their whole state in the address.
//
// Texts of courses are foreign: markup in them is shown as plain text, links lead to http and https
// only, and the content security policy allows nothing but this package's own style sheet.
package portal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/api/network"
)

// Site is what the pages are made from.
type Site struct {
	Status  func() network.Status
	Search  func(context.Context, url.Values) (Results, error)
	Courses func(id, provider string) ([]course.Course, error) // several when the identifier is ambiguous
	Around  func(course.Course) (Around, error)
	Past    func(id, provider string) (Past, bool, error) // a course that was withdrawn
	Network func(context.Context) (Network, error)

	Statistics func(context.Context, url.Values) (Statistics, error)

	Explain func(error) Trouble
	Now     func() time.Time
}

// Trouble is what a page says of an error.
type Trouble struct {
	Status        int
	Title, Detail string
	SupersededBy  []course.Link // what replaced a course that is gone
}

// Results of a search. Facets hold the alternatives to chosen values, too.
type Results struct {
	Courses []course.Course
	Total   int
	Next    string // cursor
	Facets  map[string][]Value
}

// Value of a facet.
type Value struct {
	Value, Label string
	Count        int
}

// Network is what the network page shows.
type Network struct {
	Publishers []network.Publisher
	Peers      []network.Peer
	Providers  []Institution
	Others     int // known institutions that are not listed, mostly since there is nothing to tell
	Alliances  []network.Alliance
	AtRisk     []network.Evidence // attempts fail: kept for a time, or lost
}

// Institution with the outcome of the search for its manifest.
type Institution struct {
	network.ProviderSummary
	State    string // found, not found, not parsable, could not be asked, not searched
	Reason   string
	Searched bool
	Evidence *network.Evidence  // whom its domain lets publish; nil where none can count
	Heard    []network.Standing // best first
}

// NotParsable is the state of a manifest that is there and cannot be read.
const NotParsable = "not parsable"

// Telling says that there is more to an institution than that it is known.
func (i Institution) Telling() bool {
	return i.Courses > 0 || len(i.Heard) > 0 || i.ManifestURL != nil || i.State == NotParsable || i.Evidence != nil && i.Evidence.URL != ""
}

//go:embed templates assets
var files embed.FS

// Portal renders. Safe for concurrent use.
type Portal struct {
	site  Site
	pages map[string]*template.Template
	style []byte
	hash  string // of the style sheet, part of its address
}

// New parses the templates.
func New(site Site) (*Portal, error) {
	style, err := fs.ReadFile(files, "assets/style.css")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	p := &Portal{site: site, style: style, hash: hex.EncodeToString(sum[:6]), pages: map[string]*template.Template{}}
	for _, name := range []string{"catalogue", "course", "choices", "withdrawn", "network", "statistics", "docs", "error"} {
		t, err := template.New("layout.html").Funcs(p.functions()).ParseFS(files, "templates/layout.html", "templates/versions.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", name, err)
		}
		p.pages[name] = t
	}
	return p, nil
}

// page is what the layout shows around every page.
type page struct {
	Title  string
	Here   string // current entry of the navigation
	Status network.Status
	Style  string
	Body   any
}

const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// render writes a whole page or, when the template fails, nothing of it.
func (p *Portal) render(w http.ResponseWriter, status int, name, title string, body any) {
	var b bytes.Buffer
	err := p.pages[name].Execute(&b, page{Title: title, Here: name, Status: p.site.Status(), Style: "/assets/" + p.hash + ".css", Body: body})
	if err != nil {
		panic(fmt.Errorf("portal: page %s: %w", name, err)) // reported by the recovery of the server
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Del("Access-Control-Allow-Origin")
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Language", "en")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client may be gone
}

// Error shows what went wrong and where to go.
func (p *Portal) Error(w http.ResponseWriter, err error) {
	t := p.site.Explain(err)
	p.render(w, t.Status, "error", t.Title, t)
}

// Asset serves the style sheet under its hash, for a year.
func (p *Portal) Asset(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/"+p.hash+".css") {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(p.style)
}

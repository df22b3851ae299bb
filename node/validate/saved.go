package validate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/adapters/detect"
	"github.com/coursemesh/coursemesh/adapters/source"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// maxSaved bounds an answer of an API that lies in a file: what the adapters take of a server at once.
const maxSaved = 32 << 20

// ErrWhose says that the courses of a document have no identity without the institution that it speaks for.
var ErrWhose = errors.New("its courses are named by codes of their institution: say with --provider DOMAIN for whom it speaks")

// saved is a page, or a single entry, of an API. To the adapter it is a server that has this one page and else nothing.
type saved struct {
	name       string
	root       string // of the API, which is the document's address
	kind       string // type of a manifest's source
	collection string
	provider   string
	body       []byte
}

// withCourses are the collections of all standards that hold courses or programmes; the first of a standard is the one
// of a page that does not show its own.
var withCourses = map[string][]string{
	"ooapi":   {"courses", "programs", "programmes", "education-specifications"},
	"edu-api": {"courseTemplates", "collectionTemplates", "educationTemplates"},
	"occapi":  {"course", "programme"},
}

func newSaved(found detect.Found, body io.Reader, name, root, provider string) (*saved, error) {
	holds := withCourses[found.Type]
	s := &saved{name: name, root: root, kind: found.Type, collection: found.Collection, provider: provider}
	if s.collection == "" {
		s.collection = holds[0]
	}
	if !slices.Contains(holds, s.collection) {
		return nil, &adapters.DocumentError{
			Where: name, Message: fmt.Sprintf("the document holds %s of %s, which are no courses", s.collection, found.Type),
			Fix: "save a page of " + strings.Join(holds, " or ") + ", or give the URL of the API, of which all is read",
		}
	}
	if provider == "" {
		return nil, fmt.Errorf("%s (%s): %w", name, found.Type, ErrWhose)
	}
	var err error
	if s.body, err = io.ReadAll(io.LimitReader(body, maxSaved+1)); err != nil {
		return nil, err
	}
	if len(s.body) > maxSaved {
		return nil, &adapters.DocumentError{
			Where: name, Message: fmt.Sprintf("an answer of an API of more than %d bytes", maxSaved), Fix: "save it in several pages",
		}
	}
	return s, nil
}

// cut reports a page that cannot be taken apart. What is wrong within an entry is told of that entry.
func cut(body []byte) error {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	var err error
	if bytes.HasPrefix(body, []byte("[")) {
		_, err = source.Entries(body)
	} else {
		_, err = source.Fields(body)
	}
	return err
}

// get answers like a server. The page keeps the document's own address, so that places name it.
func (s *saved) get(_ context.Context, address string) (*adapters.Response, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	place := strings.Trim(strings.TrimPrefix(address[:len(address)-len(u.RawQuery)], s.root), "/?")
	body := []byte(nil)
	switch {
	case place == "" && s.kind == "occapi":
		body = s.institution()
	case place == s.collection && first(u.Query()):
		if err := cut(s.body); err != nil {
			return nil, &adapters.DocumentError{Where: s.name, Message: "no whole answer of an API: " + err.Error(), Fix: "save it anew"}
		}
		body = s.body
	case place != "" && !strings.Contains(place, "/"):
		body = []byte(map[string]string{"ooapi": `{"items":[]}`, "edu-api": "[]", "occapi": `{"data":[]}`}[s.kind])
	default:
		return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
	}
	return &adapters.Response{URL: s.root, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

// first says that the first page is asked for: a saved one is that, whatever number it had.
func first(q url.Values) bool {
	number, offset := q.Get("pageNumber"), q.Get("offset")
	return (number == "" || number == "1") && (offset == "" || offset == "0")
}

// institution is the resource that announces the collections of an institution.
func (s *saved) institution() []byte {
	body, _ := json.Marshal(map[string]any{"data": map[string]any{ // of texts alone
		"type": "hei", "id": s.provider, "attributes": map[string]any{},
	}})
	return body
}

// more is about a page behind which the server had others.
func (s *saved) more() (profile.Finding, bool) {
	var page struct {
		PageNumber, TotalPages json.Number
		HasNextPage            bool
		Links                  struct{ Next any }
	}
	_ = json.Unmarshal(s.body, &page) // of another form it says nothing of pages
	number, _ := page.PageNumber.Int64()
	total, _ := page.TotalPages.Int64()
	if !page.HasNextPage && page.Links.Next == nil && number >= total && total <= 1 {
		return profile.Finding{}, false
	}
	f := document("the document is one page of several, and says nothing of the courses on the others", "read the API by its URL, or save every page")
	f.Severity, f.Where = profile.Warning, s.root
	return f, true
}

// kindOf recognises a document by its beginning: RDF where nothing else shows.
func kindOf(ctx context.Context, head []byte, root, provider string) (detect.Found, error) {
	elm := detect.Found{Type: "elm", Path: root}
	get := func(_ context.Context, address string) (*adapters.Response, error) {
		if address != root {
			return nil, &adapters.StatusError{URL: address, Code: http.StatusNotFound}
		}
		return &adapters.Response{URL: root, Body: io.NopCloser(bytes.NewReader(head))}, nil
	}
	found, err := detect.Source(ctx, get, root, provider)
	switch {
	case errors.Is(err, detect.ErrUnknown):
		return elm, nil // whose reader says what is wrong with it
	case err != nil:
		return elm, err
	case found.Type == detect.Manifest:
		return found, errManifest
	}
	return found, nil
}

var errManifest = errors.New("this is a manifest; name one of its sources, or try `coursemesh source test`")

// rootOf is the address that a document of that name has.
func rootOf(name, provider string) string {
	if provider == "" {
		provider = Nobody
	}
	return federation.ProviderIRI(provider) + strings.ReplaceAll(name, " ", "%20")
}

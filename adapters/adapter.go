// Package adapters is the contract between harvest and the formats: one package below it per
// standard reads a source and maps it to course graphs. Adapters do no I/O of their own: they are
// handed get, which carries authentication, retries, caps, politeness and conditional requests.
package adapters

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/elm"
)

// Response is what get returns for a 2xx answer. The caller closes Body.
type Response struct {
	URL       string // after redirects
	MediaType string // without parameters, lower-case; "" when the server gave none
	Header    http.Header
	Body      io.ReadCloser // capped; reading past the cap gives an error
}

// Get fetches one absolute URL of the source (manifest headers and query parameters are added by it).
// A 304 gives ErrUnchanged, another status a *StatusError.
type Get func(ctx context.Context, url string) (*Response, error)

// Source is what an adapter needs to know about the source it reads.
type Source struct {
	federation.ManifestSource
	Provider string // provider id for whom the source speaks; subjects are minted under it
	Memory   Memory // nil when nothing is kept between runs
}

// Memory is what a run leaves for the next one of the same source, so that nothing is downloaded twice without
// need. It may be gone at any time, and then everything is read anew. What is in it has not been cleaned of
// persons: it is for the adapter alone, and raw records in it are to be fetched again within 30 days.
type Memory interface {
	Recall() (io.ReadCloser, error) // nil without an error when there is nothing
	Remember(write func(io.Writer) error) error
}

// Item is one course graph of a source, or the news that it was deleted there.
type Item struct {
	Graph   elm.Graph
	Deleted bool      // Graph.Subject alone is set
	Where   string    // place in the source, for messages: URL and line, or URL and JSON pointer
	Terms   elm.Terms // of use, as the source states them for all its records; the graph's own come first
	Notes   []Note    // findings about this item that the mapping made; it is published anyway
	Fields  Fields    // nil where the properties of the graph are the source's own terms
	Mapping string    // of an adapter that reads several versions: the mapping of this item; "" means the adapter's
}

// Fields names the field of the standard that feeds a property, so that messages speak the source's own terms, and
// what to send in it, as far as that needs saying. way is the property of the course, or of its offering, in prefixed
// form ("elm:EQFLevel"), with those of nodes that hang on it behind a slash ("elm:location/elm:address"). "" means
// that no field of the standard does; then ask says of what: "programmes".
type Fields func(way string, offering bool) (field, ask string)

// Note is a finding: what is wrong with which field of the source, and the fix in the source's own terms.
type Note struct{ Field, Value, Message, Fix string }

// Adapter reads a source of one standard. since is the start of the last complete run, zero for the first.
//
// A *RecordError means: this record is lost, go on. ErrUnchanged means: stop, nothing changed. Any other error ends
// the sequence and means that the listing is incomplete, so nothing may be withdrawn. A clean end means complete.
type Adapter interface {
	Read(ctx context.Context, get Get, source Source, since time.Time) iter.Seq2[Item, error]
	Mapping() string // name and version of the mapping, e.g. "eduapi1/1"; an item may name another
}

// Accepting is an adapter whose servers are to be asked for a media type: the Accept header, unless the manifest
// states one.
type Accepting interface{ Accept() string }

// ErrUnchanged says that the source has not changed since the last complete run.
var ErrUnchanged = errors.New("source unchanged")

// RecordError is one record that cannot be mapped.
type RecordError struct {
	Subject string // IRI or source id, as far as known
	Where   string // URL and line, or URL and JSON pointer
	Field   string // in the source's own terms
	Message string
	Fix     string
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("%s: %s: %s; %s", e.Where, e.Field, e.Message, e.Fix)
}

// DocumentError ends a listing: what was fetched cannot be read.
type DocumentError struct {
	Where   string // URL, and line and column where they are known
	Message string
	Fix     string
	Err     error // what the decoder said; may be nil
}

func (e *DocumentError) Error() string {
	return fmt.Sprintf("%s: %s; %s", e.Where, e.Message, e.Fix)
}

func (e *DocumentError) Unwrap() error { return e.Err }

// StatusError is an HTTP answer outside 2xx and 304.
type StatusError struct {
	URL     string
	Code    int
	Problem []byte // start of the body, where it is a problem document (RFC 7807, RFC 9457)
}

func (e *StatusError) Error() string { return fmt.Sprintf("%s: HTTP status %d", e.URL, e.Code) }

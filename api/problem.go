package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/journal"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Problem document of RFC 9457.
type Problem struct {
	Type       string `json:"type" doc:"Section of /docs that explains it"`
	Title      string `json:"title"`
	Status     int    `json:"status"`
	Detail     string `json:"detail,omitempty"`
	Instance   string `json:"instance,omitempty"`
	Parameter  string `json:"parameter,omitempty" doc:"Parameter at fault"`
	Value      string `json:"value,omitempty" doc:"What was given"`
	Suggestion string `json:"suggestion,omitempty" doc:"What may have been meant"`

	SupersededBy []course.Link `json:"superseded_by,omitempty" doc:"What replaced a course that is gone"`
}

// Errors of this package; problems below maps them and those of other packages to status codes.
var (
	errNoRoute       = errors.New("there is nothing at this path; /docs lists what there is")
	errMethod        = errors.New("this path does not answer that method")
	errNotFound      = errors.New("no such thing in this catalogue")
	errParameter     = errors.New("parameter")
	errNotAcceptable = errors.New("none of the accepted media types is available")
	errMedia         = errors.New("the media type of the body is not read here")
	errBody          = errors.New("the body cannot be read")
	errTooLarge      = errors.New("the body is too large")
	errTooMany       = errors.New("too many requests")
	errStreams       = errors.New("too many streams are open on this node")
	errTooLong       = errors.New("the request target is too long")
	errInside        = errors.New("this node could not answer; the operator's log says why")
)

// problems is the one table from errors to answers; the first match counts.
var problems = []struct {
	err    error
	status int
	slug   string
	title  string
}{
	{errNoRoute, http.StatusNotFound, "no-route", "No such path"},
	{errMethod, http.StatusMethodNotAllowed, "method", "Method not allowed"},
	{errNotFound, http.StatusNotFound, "not-found", "Not found"},
	{store.ErrNotFound, http.StatusNotFound, "not-found", "Not found"},
	{errParameter, http.StatusBadRequest, "parameter", "Parameter not understood"},
	{index.ErrQuery, http.StatusBadRequest, "parameter", "Parameter not understood"},
	{index.ErrCursor, http.StatusBadRequest, "cursor", "Cursor not understood"},
	{index.ErrCursorExpired, http.StatusGone, "cursor-expired", "Cursor expired"},
	{errNotAcceptable, http.StatusNotAcceptable, "not-acceptable", "Not acceptable"},
	{errMedia, http.StatusUnsupportedMediaType, "media-type", "Media type not read"},
	{errBody, http.StatusBadRequest, "body", "Body not understood"},
	{errTooLarge, http.StatusRequestEntityTooLarge, "too-large", "Body too large"},
	{errTooMany, http.StatusTooManyRequests, "too-many", "Too many requests"},
	{errStreams, http.StatusServiceUnavailable, "streams", "Too many streams"},
	{journal.ErrTooOld, http.StatusGone, "position-expired", "Position expired"},
	{journal.ErrNotReady, http.StatusServiceUnavailable, "starting", "The node is starting"},
	{errTooLong, http.StatusRequestURITooLong, "too-long", "Request too long"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "budget", "The query took too long"},
	{context.Canceled, http.StatusServiceUnavailable, "canceled", "The request was given up"},
	{errInside, http.StatusInternalServerError, "internal", "Internal error"},
}

// parameterError names the parameter at fault and, where one is close, what may have been meant.
type parameterError struct {
	Parameter, Value, Message, Suggestion string
}

func (e *parameterError) Error() string {
	s := fmt.Sprintf("%s: %s", e.Parameter, e.Message)
	if e.Suggestion != "" {
		s += fmt.Sprintf("; did you mean %q?", e.Suggestion)
	}
	return s
}

func (e *parameterError) Unwrap() error { return errParameter }

// problemOf turns an error into its document; what the table does not know is our own fault and
// its text stays in the log.
func problemOf(err error, path string) Problem {
	for _, p := range problems {
		if !errors.Is(err, p.err) {
			continue
		}
		out := Problem{Type: "/docs#problem-" + p.slug, Title: p.title, Status: p.status, Detail: err.Error(), Instance: path}
		if at := (*parameterError)(nil); errors.As(err, &at) {
			out.Parameter, out.Value, out.Suggestion = at.Parameter, clip(at.Value, 200), at.Suggestion
		}
		if gone := (*replacedError)(nil); errors.As(err, &gone) {
			out.SupersededBy = gone.by
		}
		out.Detail = clip(out.Detail, 600)
		return out
	}
	return problemOf(errInside, path)
}

// fail writes the problem document of an error.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err, r.URL.Path)
	if p.Status == http.StatusInternalServerError {
		a.cfg.Log.Error("request failed", "path", r.URL.Path, "error", err)
	}
	h := w.Header()
	h.Del("ETag")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// clip shortens foreign text for a message.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

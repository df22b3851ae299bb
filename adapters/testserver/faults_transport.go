package testserver

import (
	"net/http"
	"strings"
	"time"
)

var transportFaults = []Fault{
	{Name: "byte-order-mark", Does: "answers begin with a byte order mark", On: Standards, Must: Same, set: func(q *quirks) { q.bom = true }},
	{Name: "called-html", Does: "JSON has the media type text/html", On: jsonStandards, Must: Same, set: media("text/html; charset=iso-8859-1")},
	{Name: "no-media-type", Does: "answers have no media type", On: jsonStandards, Must: Same, set: media("")},
	{Name: "html-with-200", Does: "an HTML page with status 200 in place of everything", On: Standards, Must: Incomplete, set: wrapping(always(html))},
	{Name: "html-with-200-now-and-then", Does: "every fifth answer is an HTML page with status 200", On: jsonStandards, Must: Incomplete, set: wrapping(everyFifth(html))},
	{Name: "empty-200", Does: "every answer has status 200 and no body", On: Standards, Must: Incomplete, set: wrapping(always(nothing))},
	{Name: "empty-200-at-first", Does: "the first answer to each request has status 200 and no body", On: jsonStandards, Must: Same, Waits: true, set: wrapping(atFirst(nothing))},
	{Name: "429-at-first", Does: "the first answer to each request is 429 with Retry-After", On: Standards, Must: Same, Waits: true, set: wrapping(atFirst(tooMany))},
	{Name: "429-for-good", Does: "every answer but the first is 429, to be tried again tomorrow", On: jsonStandards, Must: Incomplete, set: wrapping(later(tomorrow))},
	{Name: "503-at-first", Does: "the first answer to each request is 503 with Retry-After", On: Standards, Must: Same, Waits: true, set: wrapping(atFirst(unavailable))},
	{Name: "500-in-the-middle", Does: "every fifth request fails with 500", On: jsonStandards, Must: Incomplete, set: wrapping(everyFifth(broken))},
	{Name: "500-for-everything", Does: "every request fails with 500", On: Standards, Must: Incomplete, set: wrapping(always(broken))},
	{Name: "cut-short", Does: "the connection breaks in the middle of every fifth answer", On: jsonStandards, Must: Incomplete, set: wrapping(everyFifth(cut))},
	{Name: "slow", Does: "answers take a while", On: Standards, Must: Same, set: wrapping(slow)},
	{Name: "head-refused", Does: "HEAD answers 405", On: Standards, Must: Same, set: func(q *quirks) { q.noHead = true }},
	{Name: "login-for-everything", Does: "everything redirects to a login page on the same host", On: Standards, Must: Incomplete, set: wrapping(login)},
}

func wrapping(w func(*Server, http.Handler) http.Handler) func(*quirks) {
	return func(q *quirks) { q.wraps = append(q.wraps, w) }
}

// always answers with f in place of everything.
func always(f http.HandlerFunc) func(*Server, http.Handler) http.Handler {
	return func(*Server, http.Handler) http.Handler { return f }
}

// when answers with f the requests for which it holds; n counts them, by address for each.
func when(holds func(n int) bool, key func(*http.Request) string, f http.HandlerFunc) func(*Server, http.Handler) http.Handler {
	return func(s *Server, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if holds(s.call(key(r))) {
				f(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func all(*http.Request) string { return "" }

func each(r *http.Request) string { return r.Method + " " + r.URL.RequestURI() }

func atFirst(f http.HandlerFunc) func(*Server, http.Handler) http.Handler {
	return when(func(n int) bool { return n == 1 }, each, f)
}

func later(f http.HandlerFunc) func(*Server, http.Handler) http.Handler {
	return when(func(n int) bool { return n > 1 }, all, f)
}

func everyFifth(f http.HandlerFunc) func(*Server, http.Handler) http.Handler {
	return when(func(n int) bool { return n%5 == 0 }, all, f)
}

func html(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><head><title>Maintenance</title></head><body>Back soon.</body></html>\n"))
}

func nothing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }

func tooMany(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "0")
	http.Error(w, "too many requests", http.StatusTooManyRequests)
}

func tomorrow(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "86400")
	http.Error(w, "too many requests", http.StatusTooManyRequests)
}

func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "0")
	http.Error(w, "try again", http.StatusServiceUnavailable)
}

func broken(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Retry-After", "86400") // so that nobody waits for it
	http.Error(w, "java.lang.NullPointerException", http.StatusInternalServerError)
}

// cut promises more than it sends.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "100000")
	_, _ = w.Write([]byte(`{"items": [`))
	_ = http.NewResponseController(w).Flush() // else the client hears nothing at all, and its transport asks again
	panic(http.ErrAbortHandler)
}

const slowness = 5 * time.Millisecond

func slow(_ *Server, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(slowness)
		next.ServeHTTP(w, r)
	})
}

func login(_ *Server, _ http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			html(w, r)
			return
		}
		http.Redirect(w, r, "/login?next="+strings.TrimPrefix(r.URL.Path, "/"), http.StatusFound)
	})
}

var pathFaults = []Fault{
	{Name: "slash-required", Does: "a path without a slash at its end is redirected", On: jsonStandards, Must: Same, set: func(q *quirks) { q.slash = slashRequired }},
	{Name: "slash-refused", Does: "a path with a slash at its end answers 404", On: jsonStandards, Must: Same, set: func(q *quirks) { q.slash = slashRefused }},
}

var validatorFaults = []Fault{
	{Name: "etag-alone", Does: "answers have an ETag and no date", On: Standards, Must: Same, set: func(q *quirks) { q.validators = etagOnly }},
	{Name: "date-alone", Does: "answers have a Last-Modified and no ETag", On: Standards, Must: Same, set: func(q *quirks) { q.validators = dateOnly }},
	{Name: "no-validators", Does: "answers have neither ETag nor Last-Modified", On: Standards, Must: Same, set: func(q *quirks) { q.validators = noValidators }},
	{Name: "date-is-now", Does: "Last-Modified is always this moment", On: Standards, Must: Same, set: func(q *quirks) { q.validators = dateIsNow }},
}

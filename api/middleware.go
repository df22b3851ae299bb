package api

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/klauspost/compress/gzhttp"
)

// Limits of a request (threats 22).
const (
	maxTarget   = 8 << 10 // bytes of path and query
	maxHeader   = 16 << 10
	headerTime  = 5 * time.Second
	requestTime = 30 * time.Second
	answerTime  = 5 * time.Minute
	idleTime    = time.Minute
)

// Server has the limits that a public listener needs.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
	}
}

// guard wraps the routes: headers for every answer, limits, compression and recovery.
func (a *API) guard(next http.Handler) http.Handler {
	compressed := compress(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		defer a.recover(w, r)
		switch {
		case len(r.RequestURI) > maxTarget:
			a.fail(w, r, fmt.Errorf("%w: at most %d bytes", errTooLong, maxTarget))
		case r.Method == http.MethodOptions:
			preflight(w)
		case r.Method == http.MethodHead:
			get := r.Clone(r.Context())
			get.Method = http.MethodGet // the server drops the body
			if streaming(r) {
				get.Header.Del("Accept") // which would have no end
			}
			next.ServeHTTP(w, get)
		case streaming(r):
			next.ServeHTTP(w, r) // compression would gather events
		default:
			compressed.ServeHTTP(w, r)
		}
	})
}

// streaming tells whether a request asks for an answer without an end.
func streaming(r *http.Request) bool {
	return r.URL.Path == changesPath && negotiate(r.Header.Get("Accept"), changesMedia) == streamOffer
}

// secure sets what every answer carries; pages replace the content security policy by their own.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "Link, ETag, RateLimit, RateLimit-Policy, Retry-After, Coursemesh-Catalogue-Root, "+
		"Coursemesh-Authority-Root, Coursemesh-Heads-Root")
}

func preflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Allow", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Authorization, If-None-Match, Last-Event-ID")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// compress leaves blocks and records alone: they are hashed, small or compressed already.
func compress(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ContentTypes([]string{
		"application/json", "application/problem+json", "application/ld+json", "application/n-triples",
		"application/openapi+json", "application/openapi+yaml", "text/html", "text/css", "text/turtle", "image/svg+xml",
	}))
	if err != nil {
		panic("api: compression: " + err.Error()) // constant options
	}
	return wrap(next)
}

func (a *API) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // compared as net/http does
		panic(v)
	}
	a.cfg.Log.Error("panic in a request", "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
	a.fail(w, r, errInside)
}

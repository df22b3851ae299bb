package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

const queryBudget = time.Second // of one request to the API

// route describes a GET operation; body is a value of the JSON answer's type, nil when it has none.
type route struct {
	path, id, tag, summary, description string
	body                                any
	media                               []string // beside JSON
}

// call is one request being answered.
type call struct {
	ctx    context.Context
	huma   huma.Context
	query  url.Values
	accept string
}

// response is an answer: value as JSON, else body as it is.
type response struct {
	sent   bool // already, as a stream
	status int  // 200 when zero
	value  any
	body   []byte
	media  string
	etag   string // with quotes; made from the bytes when ""
	header map[string]string
}

// get registers an operation. I declares its parameters for the OpenAPI document and for
// checkParameters; handlers read them from the call.
func get[I any](a *API, r route, handle func(*call, *I) (response, error)) {
	op := huma.Operation{
		Method: http.MethodGet, Path: r.path, OperationID: r.id, Tags: []string{r.tag},
		Summary: r.summary, Description: r.description, SkipValidateParams: true, Responses: a.responses(r),
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			ctx, cancel := context.WithTimeout(hc.Context(), queryBudget)
			defer cancel()
			u := hc.URL()
			c := &call{ctx: ctx, huma: hc, query: u.Query(), accept: hc.Header("Accept")}
			rep, err := handle(c, in)
			a.write(c, rep, err)
		}}, nil
	})
}

func (a *API) responses(r route) map[string]*huma.Response {
	registry := a.huma.OpenAPI().Components.Schemas
	content := map[string]*huma.MediaType{}
	if r.body != nil {
		content["application/json"] = &huma.MediaType{Schema: registry.Schema(reflect.TypeOf(r.body), true, "")}
	}
	for _, media := range r.media {
		content[media] = &huma.MediaType{}
	}
	problem := &huma.MediaType{Schema: registry.Schema(reflect.TypeFor[Problem](), true, "")}
	out := map[string]*huma.Response{
		"200":     {Description: "OK", Content: content},
		"304":     {Description: "Not modified: If-None-Match names what would be sent"},
		"default": {Description: "Problem document (RFC 9457)", Content: map[string]*huma.MediaType{"application/problem+json": problem}},
	}
	if a.cfg.Requests > 0 {
		out["429"] = &huma.Response{
			Description: fmt.Sprintf("Too many requests: more than %d a minute", a.cfg.Requests), Content: out["default"].Content, Headers: rateHeaders(),
		}
		out["200"].Headers = rateHeaders()
		delete(out["200"].Headers, "Retry-After")
	}
	return out
}

// write sends a reply, or 304 when the client has it already.
func (a *API) write(c *call, r response, err error) {
	gc := humagin.Unwrap(c.huma)
	if err == nil && r.sent {
		return
	}
	if err == nil && r.value != nil {
		r.body, err = encode(r.value)
		r.media = "application/json"
	}
	if err != nil {
		a.fail(gc.Writer, gc.Request, err)
		return
	}
	if r.etag == "" {
		sum := sha256.Sum256(r.body)
		r.etag = `W/"` + hex.EncodeToString(sum[:12]) + `"`
	}
	h := gc.Writer.Header()
	for k, v := range r.header {
		h.Set(k, v)
	}
	h.Set("ETag", r.etag)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache") // may be kept, must be asked for again
	}
	if matches(gc.Request.Header.Get("If-None-Match"), r.etag) && r.status == 0 {
		gc.Writer.WriteHeader(http.StatusNotModified)
		return
	}
	if r.media != "" {
		h.Set("Content-Type", r.media)
	}
	if r.status == 0 {
		r.status = http.StatusOK
	}
	gc.Writer.WriteHeader(r.status)
	_, _ = gc.Writer.Write(r.body) // the client may be gone
}

// encode leaves < and > as they are: the answer is JSON, never part of a page.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

// matches compares entity tags weakly (RFC 9110 section 13.1.2).
func matches(ifNoneMatch, etag string) bool {
	etag = strings.TrimPrefix(etag, "W/")
	for tag := range strings.SplitSeq(ifNoneMatch, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || tag == etag {
			return true
		}
	}
	return false
}

// id is the identifier in the path, decoded once.
func (c *call) id() string { return c.param("id") }

func (c *call) param(name string) string { return unescape(c.huma.Param(name)) }

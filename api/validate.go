package api

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Limits of one validation, which anybody may ask for.
const (
	maxDocument  = 8 << 20 // bytes
	documentTime = 20 * time.Second
	documentsNow = 2 // validations at a time

	documentBurst = 30 // of one client
	documentEvery = 2 * time.Second
)

// documentTypes are announced; anything else is judged by its first bytes.
var documentTypes = []string{"text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"}

type validateQuery struct {
	Provider string `query:"provider" doc:"Provider id: the institution that the document speaks for"`
}

// validateRoute is there only on a node that can validate.
func (a *API) validateRoute() {
	if a.cfg.Validate == nil {
		return
	}
	content := map[string]*huma.MediaType{}
	for _, media := range documentTypes {
		content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
	op := huma.Operation{
		Method: http.MethodPost, Path: "/v1/validate", OperationID: "validate", Tags: []string{"Checks"},
		Summary:     "Check the courses of a document against the QualityLink application profile",
		Description: fmt.Sprintf("The body is an ELM document of at most %d MiB. Nothing is kept.", maxDocument>>20),
		RequestBody: &huma.RequestBody{Required: true, Content: content}, SkipValidateParams: true, SkipValidateBody: true,
		Responses: a.responses(route{body: profile.Report{}}),
	}
	delete(op.Responses, "304") // what is sent is checked anew
	gate, turns := make(chan struct{}, documentsNow), newTurns(documentBurst, documentEvery, a.cfg.Now)
	huma.Register(a.huma, op, func(context.Context, *validateQuery) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			gc := humagin.Unwrap(hc)
			report, err := a.validated(gc.Writer, gc.Request, turns.take(networkOf(gc.ClientIP())).wait, gate)
			a.write(&call{ctx: hc.Context(), huma: hc}, response{value: report, header: map[string]string{"Cache-Control": "no-store"}}, err)
		}}, nil
	})
}

// validated reads the body of a request under the limits and checks it. wait is how long the client has to wait.
func (a *API) validated(w http.ResponseWriter, r *http.Request, wait time.Duration, gate chan struct{}) (any, error) {
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
		return nil, fmt.Errorf("%w: a client may have %d documents checked, then one every %s", errTooMany, documentBurst, documentEvery)
	}
	media, err := documentType(r)
	if err != nil {
		return nil, err
	}
	provider, err := a.speaker(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), documentTime)
	defer cancel()
	select {
	case gate <- struct{}{}:
		defer func() { <-gate }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	report, err := a.cfg.Validate(ctx, http.MaxBytesReader(w, r.Body, maxDocument), media, provider)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fmt.Errorf("%w: at most %d bytes; `coursemesh validate FILE` checks larger documents", errTooLarge, maxDocument)
	case err != nil && ctx.Err() == nil:
		return nil, fmt.Errorf("%w: it ended early", errBody)
	}
	return report, err
}

// documentType is the media type of the body, "" when it does not say. Forms are refused: the body is the document
// itself, although clients call it a form when nobody tells them otherwise.
func documentType(r *http.Request) (string, error) {
	said := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(said)
	switch {
	case r.ContentLength == 0:
		return "", fmt.Errorf("%w: it is empty; send the document as the body", errBody)
	case said != "" && err != nil, strings.HasPrefix(media, "multipart/"):
		return "", fmt.Errorf("%w: send the document itself as the body, as one of %s", errMedia, strings.Join(documentTypes, ", "))
	}
	return media, nil
}

// speaker is the provider that a document speaks for, "" when the request names none.
func (a *API) speaker(r *http.Request) (string, error) {
	asked := r.URL.Query().Get("provider")
	if asked == "" {
		return "", nil
	}
	id, known := a.providerID(asked)
	if !known && !federation.ValidProvider(id) {
		return "", &parameterError{Parameter: "provider", Value: asked, Message: "no provider id; write a domain such as uni.example"}
	}
	return id, nil
}

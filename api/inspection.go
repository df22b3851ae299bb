package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Limits of a check, which anybody may ask for.
const (
	documentTime = 20 * time.Second
	documentsNow = 2 // checks of one sort at a time

	documentBurst = 30 // of one client
	documentEvery = 2 * time.Second
)

// inspection is a route that takes a document as its body and says what is wrong with it. Nothing is kept.
type inspection struct {
	path, id, summary, description string
	media                          []string // announced; the body is judged by its bytes
	answer                         any      // of its type
	limit                          int64    // bytes of the body
	larger                         string   // what to do with a larger one
	judge                          func(ctx context.Context, body io.Reader, media, provider string) (any, error)
}

type documentQuery struct {
	Provider string `query:"provider" doc:"Provider id: the institution that the document speaks for"`
}

func (a *API) inspect(c inspection) {
	content := map[string]*huma.MediaType{}
	for _, media := range c.media {
		content[media] = &huma.MediaType{}
		if media != "application/json" { // a body with that type and a schema is read by the library itself
			content[media].Schema = &huma.Schema{Type: huma.TypeString}
		}
	}
	op := huma.Operation{
		Method: http.MethodPost, Path: c.path, OperationID: c.id, Tags: []string{"Checks"}, Summary: c.summary, Description: c.description,
		RequestBody: &huma.RequestBody{Required: true, Content: content}, SkipValidateParams: true, SkipValidateBody: true,
		Responses: a.responses(route{body: c.answer}),
	}
	delete(op.Responses, "304") // what is sent is checked anew
	gate, turns := make(chan struct{}, documentsNow), newTurns(documentBurst, documentEvery, a.cfg.Now)
	huma.Register(a.huma, op, func(context.Context, *documentQuery) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			gc := humagin.Unwrap(hc)
			report, err := a.checked(gc.Writer, gc.Request, turns.take(networkOf(gc.ClientIP())).wait, gate, c)
			a.write(&call{ctx: hc.Context(), huma: hc}, response{value: report, header: map[string]string{"Cache-Control": "no-store"}}, err)
		}}, nil
	})
}

// checked reads the body of a request under the limits and checks it. wait is how long the client has to wait.
func (a *API) checked(w http.ResponseWriter, r *http.Request, wait time.Duration, gate chan struct{}, c inspection) (any, error) {
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(wait)))
		return nil, fmt.Errorf("%w: a client may have %d documents checked, then one every %s", errTooMany, documentBurst, documentEvery)
	}
	media, err := c.mediaType(r)
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
	report, err := c.judge(ctx, http.MaxBytesReader(w, r.Body, c.limit), media, provider)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fmt.Errorf("%w: at most %d bytes; %s", errTooLarge, c.limit, c.larger)
	case errors.Is(err, errBody) || err != nil && ctx.Err() != nil:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: it ended early", errBody)
	}
	return report, nil
}

// mediaType of the body, "" when it does not say. Forms are refused: the body is the document itself, although
// clients call it a form when nobody tells them otherwise.
func (c inspection) mediaType(r *http.Request) (string, error) {
	said := r.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(said)
	switch {
	case r.ContentLength == 0:
		return "", fmt.Errorf("%w: it is empty; send the document as the body", errBody)
	case said != "" && err != nil, strings.HasPrefix(media, "multipart/"):
		return "", fmt.Errorf("%w: send the document itself as the body, as one of %s", errMedia, strings.Join(c.media, ", "))
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

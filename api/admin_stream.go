package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/coursemesh/coursemesh/federation/harvest"
)

// HarvestLine and TrialLine are lines of the answers that come while something runs: events, at the end the
// outcome, and the error if there was one.
type (
	HarvestLine = Line[harvest.Report]
	TrialLine   = Line[harvest.Trial]
)

// Line of a streamed answer; one of its fields is set, but the last line may have outcome and error.
type Line[T any] struct {
	Event  *harvest.Event `json:"event,omitempty"`
	Report *T             `json:"report,omitempty"`
	Error  *AdminError    `json:"error,omitempty"`
}

// stream decodes a JSON request and answers line after line, so a person sees what happens.
func stream[Q, T any](act func(context.Context, Q, func(harvest.Event)) (T, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAdminBody)).Decode(&q); err != nil {
			reply(w, http.StatusBadRequest, &AdminError{"request: " + err.Error(), ExitUsage})
			return
		}
		w.Header().Set("Content-Type", "application/x-ndjson")
		out, control := json.NewEncoder(w), http.NewResponseController(w)
		report, err := act(r.Context(), q, func(e harvest.Event) {
			_ = out.Encode(Line[T]{Event: &e})
			_ = control.Flush()
		})
		last := Line[T]{Report: &report}
		if err != nil {
			last.Error = &AdminError{err.Error(), ExitCode(err)}
		}
		_ = out.Encode(last)
	}
}

package api

import (
	"context"
	"net/http"

	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/store"
)

// Upkeep looks after the database of a running node.
type Upkeep struct {
	Check func(context.Context, UpkeepRequest, func(harvest.Event)) (store.Report, error)
	Scrub func(context.Context, UpkeepRequest, func(harvest.Event)) (store.Report, error)
}

// UpkeepRequest asks for a check or a scrub of the whole database; there is nothing to choose.
type UpkeepRequest struct{}

func (u Upkeep) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/admin/db/check", stream(u.Check))
	mux.HandleFunc("POST /v1/admin/db/scrub", stream(u.Scrub))
}

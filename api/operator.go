package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
)

// Operator is what the operator decides for this node alone: whom to trust, whose set to freeze, what to hide.
type Operator struct {
	Self      federation.PublisherID
	Authority *authority.Authority
	Catalogue *catalogue.Catalogue
	Subjects  func(id string) []string // the courses that an identifier denotes
	Now       func() time.Time
}

// TrustRequest adds an operator's statement about a publisher, or takes it back.
type TrustRequest struct {
	authority.Trust
	Revoke bool `json:"revoke,omitempty"`
}

// FreezeRequest freezes a publisher's held set, or lets newer heads in again.
type FreezeRequest struct {
	ID       federation.PublisherID `json:"id"`
	Reason   string                 `json:"reason,omitempty"`
	Unfreeze bool                   `json:"unfreeze,omitempty"`
}

// BlockRequest hides a course, a provider or a publisher here, or shows it again.
type BlockRequest struct {
	catalogue.Block
	Remove bool `json:"remove,omitempty"`
}

// EvidenceRequest asks to look now whom a known domain lets publish.
type EvidenceRequest struct {
	Domain string `json:"domain"`
}

func (o Operator) routes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/admin/publishers", answer(func(_ context.Context, q TrustRequest) (any, error) { return q, o.trust(q) }))
	mux.HandleFunc("POST /v1/admin/freeze", answer(func(_ context.Context, q FreezeRequest) (any, error) { return q, o.freeze(q) }))
	mux.HandleFunc("POST /v1/admin/evidence", answer(func(ctx context.Context, q EvidenceRequest) (any, error) {
		return o.Authority.Check(ctx, q.Domain)
	}))
	mux.HandleFunc("POST /v1/admin/blocks", answer(o.block))
	mux.HandleFunc("GET /v1/admin/blocks", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, listOf(o.Catalogue.Blocks()))
	})
}

func wrong(err error) error {
	if err == nil {
		return nil
	}
	return &AdminError{err.Error(), ExitUsage}
}

func (o Operator) trust(q TrustRequest) error {
	if err := q.Check(); err != nil {
		return wrong(err)
	}
	if q.Revoke {
		return o.Authority.Distrust(q.ID, q.Provider)
	}
	return o.Authority.Trust(q.Trust)
}

func (o Operator) freeze(q FreezeRequest) error {
	switch {
	case !q.ID.Valid():
		return wrong(fmt.Errorf("%q is no publisher id (12D3Koo...)", q.ID))
	case q.ID == o.Self:
		return wrong(fmt.Errorf("%s is this node's own publisher, whose set changes only by harvesting", q.ID))
	case q.Unfreeze:
		return o.Authority.Unfreeze(q.ID)
	case q.Reason == "":
		return wrong(fmt.Errorf("reason: say why, for those who ask later"))
	}
	return o.Authority.Freeze(q.ID, q.Reason)
}

// block takes any identifier of a course, and keeps its IRI.
func (o Operator) block(ctx context.Context, q BlockRequest) (any, error) {
	if q.What == catalogue.BlockCourse {
		switch subjects := o.Subjects(q.Value); len(subjects) {
		case 0: // not shown here now: it may come, or be hidden already
		case 1:
			q.Value = subjects[0]
		default:
			return nil, wrong(fmt.Errorf("%s denotes several courses, name one: %q", q.Value, subjects))
		}
	}
	if id, err := federation.NormaliseDomain(q.Value); err == nil && q.What == catalogue.BlockProvider {
		q.Value = id
	}
	if q.Remove {
		return q, o.Catalogue.Unblock(ctx, q.What, q.Value)
	}
	if err := q.Check(); err != nil {
		return nil, wrong(err)
	}
	return q, o.Catalogue.Block(ctx, q.Block, o.Now())
}

// Subjects lists the IRIs of the courses that an identifier denotes.
func (a *API) Subjects(id string) []string {
	var out []string
	for _, item := range a.items(id, "") {
		if _, _, subject, err := federation.SplitKey(item.Key); err == nil {
			out = append(out, subject)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

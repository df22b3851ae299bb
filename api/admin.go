package api

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/store"
)

// AdminConfig is what the operator's side can do beyond reading. It is served on the admin socket, which
// only the owner of the data directory can open, and inside one-shot commands; never on the public listener.
type AdminConfig struct {
	Public   *API // everything the public side serves, too
	Operator Operator
	Upkeep   Upkeep
	Metrics  http.Handler
	Harvest  func(context.Context, HarvestRequest, func(harvest.Event)) (harvest.Report, error)
	Try      func(context.Context, harvest.TrialRequest, func(harvest.Event)) (harvest.Trial, error)
	Discover func(ctx context.Context, domain, website string) (discovery.Result, error)
	Connect  func(ctx context.Context, address string) error // nil while no network is up
	Ban      func(peer, reason string) error
	Dump     func(ctx context.Context, dir string) (any, error)
	Backup   func(file string, keys bool) (any, error)
	Erase    func(context.Context, EraseRequest) (Erased, error)
	Purge    func(context.Context, PurgeRequest) (Purged, error)
	Ready    func(context.Context) error // waits until what is stored can be searched

	Vocabularies func(context.Context, VocabularyRequest) (any, error)
	Registry     func(context.Context, RegistryRequest) (any, error)
}

// HarvestRequest asks for one harvest; an empty target means every configured domain.
type HarvestRequest struct {
	Target    string `json:"target"`
	Provider  string `json:"provider,omitempty"`
	Website   string `json:"website,omitempty"`
	Source    string `json:"source,omitempty"` // only this one of a domain, by any of its names
	AllowLoss bool   `json:"allow_loss,omitempty"`
	AllowMove bool   `json:"allow_move,omitempty"`
	Fresh     bool   `json:"fresh,omitempty"`
}

// BackupRequest asks for a backup in a new file.
type BackupRequest struct {
	File string `json:"file"`
	Keys bool   `json:"keys,omitempty"`
}

// VocabularyRequest asks for newer controlled vocabularies.
type VocabularyRequest struct {
	From      []string `json:"from,omitempty"` // files, directories, URLs; none asks the configured endpoint
	Complete  bool     `json:"complete,omitempty"`
	AllowLoss bool     `json:"allow_loss,omitempty"`
	DryRun    bool     `json:"dry_run,omitempty"`
}

// RegistryRequest asks for newer lists of institutions and alliances.
type RegistryRequest struct {
	From      []string `json:"from"` // files and URLs
	AllowLoss bool     `json:"allow_loss,omitempty"`
}

// AdminError is a failure as the command line shows it; Exit is its exit code (CONTRACTS 'Commands').
type AdminError struct {
	Message string `json:"message"`
	Exit    int    `json:"exit"`
}

func (e *AdminError) Error() string { return e.Message }

// Exit codes of commands.
const (
	ExitOK       = 0
	ExitFailure  = 1
	ExitUsage    = 2
	ExitNotFound = 3
	ExitDenied   = 4
	ExitFindings = 5
	ExitNetwork  = 6
	ExitConflict = 7
	ExitPartial  = 8
	ExitIO       = 74
)

// exits is the one table from errors to exit codes.
var exits = []struct {
	err  error
	code int
}{
	{harvest.ErrTarget, ExitUsage},
	{harvest.ErrNoManifest, ExitNotFound},
	{harvest.ErrMoved, ExitConflict},
	{store.ErrNotFound, ExitNotFound},
	{fs.ErrNotExist, ExitNotFound},
	{authority.ErrUnknown, ExitNotFound},
	{authority.ErrNotTrusted, ExitNotFound},
	{authority.ErrNotFrozen, ExitNotFound},
	{catalogue.ErrNotBlocked, ExitNotFound},
	{fetch.ErrRefused, ExitDenied},
	{fs.ErrPermission, ExitDenied},
	{fs.ErrExist, ExitConflict},
	{store.ErrLocked, ExitConflict},
	{store.ErrReadOnly, ExitIO},
	{context.DeadlineExceeded, ExitNetwork},
}

// ExitCode is the exit code of an error.
func ExitCode(err error) int {
	var carried *AdminError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &carried):
		return carried.Exit
	}
	for _, e := range exits {
		if errors.Is(err, e.err) {
			return e.code
		}
	}
	var file *fs.PathError
	if errors.As(err, &file) {
		return ExitIO
	}
	var unreachable interface{ Timeout() bool } // what net and net/http report
	if errors.As(err, &unreachable) {
		return ExitNetwork
	}
	return ExitFailure
}

// Admin serves /v1/admin/*, /metrics and everything public.
func Admin(c AdminConfig) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", c.Public)
	mux.Handle("GET /metrics", c.Metrics)
	c.Public.privateSources(mux)
	mux.HandleFunc("POST /v1/admin/harvest", stream(c.Harvest))
	mux.HandleFunc("POST /v1/admin/sources/test", stream(c.Try))
	mux.HandleFunc("POST /v1/admin/discover", answer(func(ctx context.Context, q discoverRequest) (any, error) {
		return c.Discover(ctx, q.Domain, q.Website)
	}))
	c.Operator.routes(mux)
	c.Upkeep.routes(mux)
	mux.HandleFunc("POST /v1/admin/peers", answer(func(ctx context.Context, q peerRequest) (any, error) {
		return q, c.peer(ctx, q)
	}))
	mux.HandleFunc("POST /v1/admin/dump", answer(func(ctx context.Context, q dumpRequest) (any, error) {
		return c.Dump(ctx, q.Dir)
	}))
	mux.HandleFunc("POST /v1/admin/backup", answer(func(_ context.Context, q BackupRequest) (any, error) {
		return c.Backup(q.File, q.Keys)
	}))
	mux.HandleFunc("POST /v1/admin/registry", answer(c.Registry))
	mux.HandleFunc("POST /v1/admin/vocabularies", answer(func(ctx context.Context, q VocabularyRequest) (any, error) {
		return c.Vocabularies(ctx, q)
	}))
	mux.HandleFunc("POST /v1/admin/erase", answer(func(ctx context.Context, q EraseRequest) (any, error) {
		return c.Erase(ctx, q)
	}))
	mux.HandleFunc("POST /v1/admin/purge", answer(func(ctx context.Context, q PurgeRequest) (any, error) {
		return c.Purge(ctx, q)
	}))
	mux.HandleFunc("POST /v1/admin/ready", answer(func(ctx context.Context, _ struct{}) (any, error) {
		return struct{}{}, c.Ready(ctx)
	}))
	return mux
}

type discoverRequest struct {
	Domain  string `json:"domain"`
	Website string `json:"website"`
}

type peerRequest struct {
	Address string `json:"address,omitempty"` // connect and keep
	Ban     string `json:"ban,omitempty"`     // peer id
	Reason  string `json:"reason,omitempty"`
}

type dumpRequest struct {
	Dir string `json:"dir"`
}

var errNoNetwork = errors.New("no node is running on this data directory; start one with `coursemesh serve`")

func (c AdminConfig) peer(ctx context.Context, q peerRequest) error {
	switch {
	case c.Connect == nil:
		return errNoNetwork
	case q.Ban != "":
		return c.Ban(q.Ban, q.Reason)
	}
	return c.Connect(ctx, q.Address)
}

// answer decodes a JSON request, acts, and encodes the outcome or an AdminError.
func answer[Q any](act func(context.Context, Q) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAdminBody)).Decode(&q); err != nil {
			reply(w, http.StatusBadRequest, &AdminError{"request: " + err.Error(), ExitUsage})
			return
		}
		out, err := act(r.Context(), q)
		if err != nil {
			reply(w, http.StatusUnprocessableEntity, &AdminError{err.Error(), ExitCode(err)})
			return
		}
		reply(w, http.StatusOK, out)
	}
}

const maxAdminBody = 1 << 20

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that left needs no answer
}

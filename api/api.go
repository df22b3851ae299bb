// Package api is what a node offers over HTTP: the REST API with its OpenAPI 3.1 description, the
// pages for people, the trustless gateway and the health checks.
//
// Everything here is public and read-only; what the node knows of the network is handed in as
// functions, so this package depends on neither host nor replication. Parameters, values and errors
// are checked against the same declarations that the OpenAPI document is made of.
package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coursemesh/coursemesh/adapters/discovery"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/api/portal"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/index"
	"github.com/coursemesh/coursemesh/federation/journal"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/prometheus/client_golang/prometheus"
)

// Config of an API. DB, Catalogue, Authority and Index are required.
type Config struct {
	DB        *store.DB
	Catalogue *catalogue.Catalogue
	Authority *authority.Authority
	Index     *index.Index

	Node           Node
	TrustedProxies []string // networks whose X-Forwarded-For counts; none by default

	PublicURL string // without a trailing slash; "" makes links from the request's Host

	Peers     func() []Peer                                  // nil: a node without a network
	Replicas  func() map[federation.PublisherID]Replica      // how far other publishers' heads are followed
	Discovery func(provider string) (discovery.Result, bool) // last search for a provider's manifest
	Limits    map[string]int64                               // what /v1/node says beside the limits of this package
	Healthy   func(context.Context) error                    // further condition of /readyz

	Sources Sources // nil leaves their routes out
	// Validate checks an ELM document against the application profile; nil leaves the route out.
	Validate func(ctx context.Context, body io.Reader, media, provider string) (profile.Report, error)

	// CheckManifest checks a manifest, for the institution of that id if any is given; nil leaves the route out.
	CheckManifest func(body []byte, provider string) (federation.ManifestReport, error)

	PublicKeys func() (PublicKeys, error) // nil leaves their routes out

	Sync    http.Handler // answers nodes that follow this one over HTTPS; nil leaves its routes out
	Partial bool         // this node holds the sets of some publishers only

	Changes *journal.Journal // nil leaves the route out
	Streams int              // of changes that may be open at a time; 500 when zero

	Requests int // of one client in a minute; as many as it likes when zero

	Dumps string // directory of the newest dump; "" leaves its routes out

	Log *slog.Logger
	Now func() time.Time
}

// Node says who answers.
type Node struct {
	Name, Alliance, Version string
	Publisher               federation.PublisherID
	Peer                    string
	Addresses               []string // from which it fetches
}

// API is the public HTTP interface of a node.
type API struct {
	cfg     Config
	courses *course.Reader
	metrics *metrics
	huma    huma.API
	portal  *portal.Portal
	public  http.Handler
	streams *streams

	censuses *lru.Cache[string, index.Statistics] // by selection and state of the index

	looking sync.Mutex // one search for a withdrawn course at a time
}

// New wires the routes.
func New(cfg Config) (*API, error) {
	if cfg.DB == nil || cfg.Catalogue == nil || cfg.Authority == nil || cfg.Index == nil {
		return nil, errors.New("api: DB, Catalogue, Authority and Index are required")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	a := &API{cfg: cfg, streams: newStreams(cfg.Streams)}
	a.metrics = newMetrics(a)
	a.courses = course.NewReader(course.Reader{
		Get: cfg.DB.Get, Known: cfg.Authority.Known, Alliances: cfg.Authority.AlliancesOf, Now: cfg.Now, Succession: a.succession,
	})
	engine, err := a.engine()
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	a.public = a.guard(engine)
	return a, nil
}

// ServeHTTP answers a public request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.public.ServeHTTP(w, r) }

// engine routes by the path as it was sent: identifiers in paths hold encoded slashes.
func (a *API) engine() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.UseEscapedPath = true
	engine.UnescapePathValues = false // gin reads a plus as a space; see (*call).id
	engine.RedirectTrailingSlash = false
	engine.HandleMethodNotAllowed = true
	if err := engine.SetTrustedProxies(a.cfg.TrustedProxies); err != nil {
		return nil, err
	}
	engine.Use(a.metrics.observe)
	if a.cfg.Requests > 0 {
		engine.Use(a.limitRequests())
	}
	engine.NoRoute(a.noRoute)
	engine.NoMethod(func(c *gin.Context) {
		a.fail(c.Writer, c.Request, fmt.Errorf("%w, only %s", errMethod, c.Writer.Header().Get("Allow")))
	})
	a.huma = humagin.New(engine, a.description())
	a.routes()
	if err := a.pages(engine); err != nil {
		return nil, err
	}
	a.dumpRoutes(engine)
	a.gateway(engine)
	if a.cfg.Sync != nil {
		engine.POST(syncPath+"*what", gin.WrapH(a.cfg.Sync))
	}
	engine.GET("/livez", a.live)
	engine.GET("/readyz", a.readyz)
	return engine, nil
}

func (a *API) description() huma.Config {
	c := huma.DefaultConfig("Coursemesh", a.cfg.Node.Version)
	c.Info.Description = "Courses of European universities: a replicated, signed catalogue in the European Learning Model. " +
		"Every list names the roots of the catalogue it was read from. Repeat a filter for 'or'; different filters mean 'and'."
	c.Info.License = &huma.License{Name: "Data: per record, else " + index.DefaultLicence}
	c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", nil
	return c
}

func (a *API) routes() {
	a.huma.UseMiddleware(a.checkParameters)
	a.courseRoutes()
	a.offeringRoutes()
	a.providerRoutes()
	a.allianceRoutes()
	a.networkRoutes()
	a.changeRoutes()
	a.statisticsRoutes()
	a.vocabularyRoutes()
	a.keyRoutes()
	a.sourceRoutes()
	a.validateRoute()
	a.manifestRoute()
}

// Metrics answers for the admin listener; it is never part of the public interface.
func (a *API) Metrics() http.Handler { return a.metrics.handler() }

// Registry takes further metrics of the node.
func (a *API) Registry() prometheus.Registerer { return a.metrics.registry }

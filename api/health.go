package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func (a *API) live(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// readyz is 200 once the catalogue is loaded and whatever else the node asks for holds.
func (a *API) readyz(c *gin.Context) {
	select {
	case <-a.cfg.Index.Ready():
	default:
		c.String(http.StatusServiceUnavailable, "the catalogue is being loaded\n")
		return
	}
	if a.cfg.Healthy != nil {
		ctx, cancel := context.WithTimeout(c.Request.Context(), queryBudget)
		defer cancel()
		if err := a.cfg.Healthy(ctx); err != nil {
			a.cfg.Log.Error("not ready", "error", err)
			c.String(http.StatusServiceUnavailable, "not ready; the operator's log says why\n")
			return
		}
	}
	c.String(http.StatusOK, "ready\n")
}

// metrics of this node, in a registry of its own.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(a *API) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "coursemesh_http_requests_total", Help: "Answered requests by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "coursemesh_http_request_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
		}, []string{"route"}),
	}
	count := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f)
	}
	m.registry.MustRegister(m.requests, m.seconds,
		count("coursemesh_courses", "Effective course records.", func() float64 {
			effective, _ := a.cfg.Catalogue.Count()
			return float64(effective)
		}),
		count("coursemesh_local_courses", "Course records shown here only.", func() float64 {
			_, local := a.cfg.Catalogue.Count()
			return float64(local)
		}),
		count("coursemesh_hidden_courses", "Course records that the operator hides here.", func() float64 { return float64(a.cfg.Catalogue.Hidden()) }),
		count("coursemesh_evidence_at_risk", "Domains whose manifest cannot be read now, although it could before.", func() float64 { return float64(len(a.cfg.Authority.AtRisk())) }),
		count("coursemesh_indexed_courses", "Documents of the search index.", func() float64 { return float64(a.cfg.Index.Len()) }),
	)
	return m
}

// observe counts by the route's pattern, never by the path: foreign paths must not make labels.
func (m *metrics) observe(c *gin.Context) {
	began := time.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(c.Writer.Status())).Inc()
	m.seconds.WithLabelValues(route).Observe(time.Since(began).Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

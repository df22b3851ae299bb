package api

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// policyName is what clients know the limit of requests by.
const policyName = "requests"

// limitRequests lets each client send so many requests at once as it may in a minute, and then so many a minute; it tells
// where the client stands (draft-ietf-httpapi-ratelimit-headers-11). Who comes over the admin socket, asks for the
// node's health or follows it as a node is not counted.
func (a *API) limitRequests() gin.HandlerFunc {
	all := a.cfg.Requests
	turns := newTurns(all, time.Minute/time.Duration(all), a.cfg.Now)
	policy := fmt.Sprintf(`"%s";q=%d;w=60`, policyName, all)
	var warned sync.Once
	return func(c *gin.Context) {
		client := networkOf(c.ClientIP())
		if !client.IsValid() || uncounted(c.Request.URL.Path) {
			return
		}
		if unnamedProxy(c) {
			warned.Do(func() {
				a.cfg.Log.Warn("requests come through a proxy that http.trusted_proxies does not name: all its clients share one limit", "proxy", c.RemoteIP())
			})
		}
		turn := turns.take(client)
		h := c.Writer.Header()
		h.Set("RateLimit-Policy", policy)
		if turn.wait == 0 {
			h.Set("RateLimit", rateLimit(turn.left, turn.full))
			return
		}
		h.Set("RateLimit", rateLimit(0, turn.wait))
		h.Set("Retry-After", strconv.Itoa(seconds(turn.wait)))
		a.fail(c.Writer, c.Request, fmt.Errorf("%w: a client may send %d a minute; /v1/dumps has everything at once, /v1/changes what is new", errTooMany, all))
		c.Abort()
	}
}

func rateLimit(left int, until time.Duration) string {
	return fmt.Sprintf(`"%s";r=%d;t=%d`, policyName, left, seconds(until))
}

// syncPath is where nodes follow this one over HTTPS.
const syncPath = "/v1/sync/"

// uncounted paths are for those who run the node and for nodes, which have limits of their own.
func uncounted(path string) bool {
	return path == "/livez" || path == "/readyz" || strings.HasPrefix(path, syncPath)
}

// unnamedProxy tells that somebody near forwards for others without being trusted to say for whom.
func unnamedProxy(c *gin.Context) bool {
	if c.GetHeader("X-Forwarded-For") == "" && c.GetHeader("Forwarded") == "" {
		return false
	}
	remote, err := netip.ParseAddr(c.RemoteIP())
	return err == nil && c.ClientIP() == c.RemoteIP() && (remote.IsLoopback() || remote.IsPrivate())
}

// rateHeaders describes what limitRequests sends.
func rateHeaders() map[string]*huma.Param {
	header := func(kind, description string) *huma.Param {
		return &huma.Param{Description: description, Schema: &huma.Schema{Type: kind}}
	}
	return map[string]*huma.Param{
		"RateLimit-Policy": header(huma.TypeString, "The limit: q requests in w seconds"),
		"RateLimit":        header(huma.TypeString, "Where the client stands: r requests may be sent now, t seconds until all may again"),
		"Retry-After":      header(huma.TypeInteger, "Seconds to wait"),
	}
}

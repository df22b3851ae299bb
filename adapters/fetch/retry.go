package fetch

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// attempts at one request, the first included.
const attempts = 4

// patience decides whether a request is tried again. A small loop of our own: the waits must count against one
// budget, stop at the caller's context, and stay out of the transport's view of redirects.
type patience struct {
	left     time.Duration
	attempts int
}

func (c *Client) patience(r Request) *patience {
	if r.NoRetry || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return &patience{}
	}
	return &patience{left: c.config.Limits.Retries, attempts: attempts - 1}
}

// next says how long to wait before another attempt, or that there is none.
func (p *patience) next(response *Response, err error) (time.Duration, bool) {
	if p.attempts == 0 || err == nil && !passing(response.Status) || err != nil && !broken(err) {
		return 0, false
	}
	wait := backoff(attempts - 1 - p.attempts)
	if err == nil {
		if asked, ok := retryAfter(response.Header.Get("Retry-After"), time.Now()); ok {
			wait = asked
		}
	}
	if wait > p.left {
		return 0, false // the server wants to be left alone for longer than we care to hold the line
	}
	p.left -= wait
	p.attempts--
	return wait, true
}

// passing statuses may be gone the next moment.
func passing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return status > 505
}

// broken connections, not refusals, time limits, or names that do not exist.
func broken(err error) bool {
	if errors.Is(err, ErrRefused) {
		return false
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// backoff doubles from one second, a quarter more or less so that many clients do not come back together.
func backoff(retries int) time.Duration {
	base := time.Second << retries
	return base*3/4 + rand.N(base/2)
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3).
func retryAfter(text string, now time.Time) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, date.Sub(now)), true
	}
	return 0, false
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

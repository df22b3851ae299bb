package fetch_test

import (
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// impatient limits, for servers that never finish.
func impatient(config *fetch.Config) {
	config.Limits = fetch.Limits{Header: 200 * time.Millisecond, Idle: 200 * time.Millisecond, Total: 600 * time.Millisecond}
	config.MaxBytes = 8 << 20
}

func TestThreat08SlowEndlessStalled(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		flush := w.(http.Flusher).Flush
		switch r.URL.Path {
		case "/header":
			<-hang
		case "/headers":
			w.Header().Set("X", strings.Repeat("x", 70<<10))
		case "/stall":
			_, _ = io.WriteString(w, "begin")
			flush()
			<-hang
		case "/drip":
			for range 1000 {
				if _, err := io.WriteString(w, "."); err != nil {
					return
				}
				flush()
				time.Sleep(20 * time.Millisecond)
			}
		case "/endless":
			for chunk := make([]byte, 64<<10); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}
	})
	t.Cleanup(func() { close(hang) }) // before the server's, which waits for its handlers
	hasty := client(t, impatient)
	steady := client(t, func(config *fetch.Config) { // the endless answer is to meet the limit of bytes, however slow the machine
		impatient(config)
		config.Limits.Total = time.Minute
	})
	for path, reason := range map[string]string{
		"/header": "timeout awaiting response headers", "/headers": "exceeded", "/stall": "no data came for too long",
		"/drip": "took too long in all", "/endless": "larger than",
	} {
		t.Run(path, func(t *testing.T) {
			c, start := hasty, time.Now()
			if path == "/endless" {
				c = steady
			}
			_, _, err := get(t, c, fetch.Request{URL: s.URL + path})
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%v, want %q", err, reason)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("gave up after %v", took)
			}
		})
	}
}

// The limits of a client that nobody configured are those of the row, by the clock and by the byte.
func TestThreat08Figures(t *testing.T) {
	if os.Getenv("COURSEMESH_SOAK") != "1" {
		t.Skip("waits for ten minutes; COURSEMESH_SOAK=1 runs it")
	}
	t.Parallel()
	const mega = 1 << 20
	hang := make(chan struct{})
	s := serve(t, outside, func(w http.ResponseWriter, r *http.Request) {
		flush := w.(http.Flusher).Flush
		switch r.URL.Path {
		case "/header":
			<-hang
		case "/stall":
			_, _ = w.Write(make([]byte, 3*mega)) // more than is read before an answer is handed out
			flush()
			<-hang
		case "/drip":
			_, _ = w.Write(make([]byte, 3*mega))
			for {
				if _, err := io.WriteString(w, "."); err != nil {
					return
				}
				flush()
				time.Sleep(5 * time.Second)
			}
		case "/full", "/endless":
			for chunk, n := make([]byte, mega), 0; n < 256 || r.URL.Path == "/endless"; n++ {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}
	})
	t.Cleanup(func() { close(hang) })
	c := client(t, nil)
	for path, k := range map[string]struct {
		reason string
		after  time.Duration
		bytes  int64
	}{
		"/header":  {"timeout awaiting response headers", 10 * time.Second, 0},
		"/stall":   {"no data came for too long", 30 * time.Second, 3 * mega},
		"/drip":    {"took too long in all", 10 * time.Minute, 3 * mega},
		"/full":    {"", 0, 256 * mega},
		"/endless": {"larger than 268435456 bytes", 0, 256 * mega},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			start, n := time.Now(), int64(0)
			response, err := c.Do(t.Context(), fetch.Request{URL: s.URL + path, NoRetry: true})
			if err == nil {
				n, err = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
			took := time.Since(start)
			if (err == nil) != (k.reason == "") || err != nil && !strings.Contains(err.Error(), k.reason) || n < k.bytes || n > k.bytes+1<<10 {
				t.Errorf("%d bytes, %v, want %d and %q", n, err, k.bytes, k.reason)
			}
			if k.after > 0 && (took < k.after-time.Second/10 || took > k.after+5*time.Second) {
				t.Errorf("gave up after %v, not %v", took, k.after)
			}
			t.Logf("%d bytes in %v: %v", n, took, err)
		})
	}
}

// A body that nobody closes holds its host only until the total time limit.
func TestThreat08ForgottenBody(t *testing.T) {
	t.Parallel()
	s := serve(t, outside, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 4<<20)) })
	c := client(t, func(config *fetch.Config) {
		impatient(config)
		config.Politeness.Connections = 1
	})
	if _, err := c.Do(t.Context(), fetch.Request{URL: s.URL}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := get(t, c, fetch.Request{URL: s.URL}); err != nil {
		t.Error(err)
	}
}

// Anonymous memory stays flat while many answers are read at once.
func TestThreat08Memory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 512 MiB")
	}
	s := serve(t, outside, func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range 64 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	c := client(t, nil)
	var before, peak runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			response, err := c.Do(t.Context(), fetch.Request{URL: s.URL})
			if err != nil {
				t.Error(err)
				return
			}
			n, err := io.Copy(io.Discard, response.Body)
			if _ = response.Body.Close(); err != nil || n != 64<<20 {
				t.Error(n, err)
			}
		})
	}
	wait.Wait()
	runtime.ReadMemStats(&peak)
	grown := int64(peak.HeapSys) - int64(before.HeapSys)
	t.Logf("the heap grew by %d MiB", grown>>20)
	if grown > 64<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

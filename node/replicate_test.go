package node

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/p2p"
)

// TestFollowerTellsWhyItDoesNotFollow: once in the log, with what the other node says, and again when it works.
func TestFollowerTellsWhyItDoesNotFollow(t *testing.T) {
	t.Parallel()
	var refuses atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuses.Load() {
			http.Error(w, "this node is private", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", p2p.FramesMedia)
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	for _, c := range []struct{ allow, want string }{
		{"", "fetch.allow_cidrs"},
		{"127.0.0.0/8", "this node is private"},
	} {
		var log bytes.Buffer
		cfg := fetch.Config{Log: slog.New(slog.DiscardHandler), Politeness: fetch.Politeness{PerHost: -1, Overall: -1, Connections: 1}}
		if c.allow != "" {
			cfg.AllowCIDRs = []string{c.allow}
		}
		client, err := fetch.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		f := &follower{client: client, log: slog.New(slog.NewTextHandler(&log, nil)), of: server.URL}
		refuses.Store(true)
		for range 3 {
			if _, _, err := f.post(t.Context(), server.URL+"/v1/sync/heads", []byte("frames")); err == nil {
				t.Fatal("no error")
			}
		}
		if strings.Count(log.String(), "cannot be followed") != 1 || !strings.Contains(log.String(), c.want) {
			t.Errorf("allowed %q: the log says %q, it should name %q once", c.allow, log.String(), c.want)
		}
		if c.allow == "" {
			continue
		}
		refuses.Store(false)
		status, answer, err := f.post(t.Context(), server.URL+"/v1/sync/heads", []byte("frames"))
		if err != nil || status != http.StatusOK {
			t.Fatal(status, err)
		}
		if data, _ := io.ReadAll(answer); string(data) != "frames" {
			t.Errorf("answer %q", data)
		}
		_ = answer.Close()
		if !strings.Contains(log.String(), "following again") {
			t.Errorf("the log does not say that it works again: %q", log.String())
		}
	}
}

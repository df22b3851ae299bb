package discovery_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/adapters/discovery"
)

func TestWellKnownEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example", "away.example")
	w.page("uni.example"+bare+".yaml", text("publishers: []\ndelegates: [alliance.example]\n"))
	w.announce("uni.example", "v=qldiscover1; m=https://away.example/m")
	w.page("away.example/m", text(manifest))
	r, err := discovery.WellKnown(t.Context(), w.client, "uni.example", discovery.WellKnownOptions{})
	if err != nil || r.ManifestURL != "https://uni.example"+bare+".yaml" || r.Manifest.Publishers == nil || len(r.Manifest.Delegates) != 1 {
		t.Errorf("%v %+v", err, r)
	}
	for _, visit := range w.visits() {
		if !strings.HasPrefix(visit, "uni.example/.well-known/") {
			t.Errorf("evidence was looked for at %s", visit)
		}
	}
	if _, err := discovery.WellKnown(t.Context(), w.client, "uni.example", discovery.WellKnownOptions{RequireSources: true}); !discovery.Gone(err) {
		t.Errorf("without sources: %v", err)
	}
}

func TestWellKnownFailures(t *testing.T) {
	t.Parallel()
	cut := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	for name, c := range map[string]struct {
		host   string
		pages  [3]http.HandlerFunc
		gone   bool
		reason string
	}{
		"404":              {"uni.example", [3]http.HandlerFunc{}, true, "404"},
		"410":              {"uni.example", [3]http.HandlerFunc{status(410), status(410), status(410)}, true, "410"},
		"soft 404":         {"uni.example", [3]http.HandlerFunc{nil, text("<html>")}, true, "a web page"},
		"some JSON":        {"uni.example", [3]http.HandlerFunc{text(`{"error":"?"}`)}, true, "publishers"},
		"unparsable":       {"uni.example", [3]http.HandlerFunc{nil, nil, text("a: [")}, true, "neither JSON nor YAML"},
		"503":              {"uni.example", [3]http.HandlerFunc{status(503), status(503), status(503)}, false, "503"},
		"one 500":          {"uni.example", [3]http.HandlerFunc{text("<html>"), status(500)}, false, "500"},
		"403":              {"uni.example", [3]http.HandlerFunc{status(403)}, false, "403"},
		"cut off":          {"uni.example", [3]http.HandlerFunc{nil, nil, cut}, false, "EOF"},
		"redirect inside":  {"uni.example", [3]http.HandlerFunc{redirect("https://127.0.0.1/")}, false, "loopback"},
		"TLS":              {"untrusted.example", [3]http.HandlerFunc{}, false, "certificate"},
		"no such host":     {"nowhere.example", [3]http.HandlerFunc{}, false, "no such host"},
		"redirect to http": {"uni.example", [3]http.HandlerFunc{redirect("http://93.184.216.34/")}, false, "https to http"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "uni.example", "untrusted.example")
			for i, ending := range []string{"", ".json", ".yaml"} {
				w.page(c.host+bare+ending, c.pages[i])
			}
			r, err := discovery.WellKnown(t.Context(), w.client, c.host, discovery.WellKnownOptions{})
			var failure *discovery.Failure
			if !errors.As(err, &failure) || discovery.Gone(err) != c.gone || (failure.Kind == discovery.KindGone) != c.gone || !strings.Contains(err.Error(), c.reason) {
				t.Errorf("%v, want gone %v because of %q", err, c.gone, c.reason)
			}
			if len(r.Probes) != 3 {
				t.Errorf("%d probes", len(r.Probes))
			}
		})
	}
}

func TestWellKnownUnchanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example")
	w.page("uni.example"+bare, func(out http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"1"` {
			out.WriteHeader(http.StatusNotModified)
			return
		}
		out.Header().Set("ETag", `"1"`)
		text("publishers: []")(out, r)
	})
	first, err := discovery.WellKnown(t.Context(), w.client, "uni.example", discovery.WellKnownOptions{})
	if err != nil || first.Unchanged {
		t.Fatalf("%v %+v", err, first)
	}
	again, err := discovery.WellKnown(t.Context(), w.client, "uni.example", discovery.WellKnownOptions{Previous: first.Previous()})
	if err != nil || !again.Unchanged || again.Previous() != first.Previous() {
		t.Errorf("%v %+v", err, again)
	}
}

func TestWellKnownEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uni.example")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := discovery.WellKnown(ctx, w.client, "uni.example", discovery.WellKnownOptions{}); !errors.Is(err, context.Canceled) || discovery.Gone(err) {
		t.Error(err)
	}
}

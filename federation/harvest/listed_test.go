package harvest_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// TestHeadThatIsFull: institutions that a head has no place for are harvested and signed, one finding says so with
// the setting that helps, those listed stay so, and the setting helps.
func TestHeadThatIsFull(t *testing.T) {
	t.Parallel()
	for name, k := range map[string]struct {
		institutions int
		domain       string // of the nth
	}{
		"by number": {federation.MaxDomains + 5, "u%03d.example"},
		"by bytes":  {120, "u%03d." + strings.Repeat(strings.Repeat("x", 60)+".", 3) + "example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(&crowd{served: map[string]time.Time{}})
			t.Cleanup(server.Close)
			hosts := map[string]string{}
			w := newWorld(t, func(w *world) {
				for i := range k.institutions {
					w.domains = append(w.domains, fmt.Sprintf(k.domain, i))
					hosts[w.domains[i]] = strings.TrimPrefix(server.URL, "http://")
				}
			})
			client, err := fetch.New(fetch.Config{Hosts: hosts, Resolver: "127.0.0.1:1", Politeness: fetch.Politeness{PerHost: 1e6, Overall: 1e6}, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			w.harvester(client)
			report, err := w.h.All(t.Context(), harvest.Options{})
			head, _ := w.db.Head(w.self)
			if err != nil || len(report.Errors) > 0 || int(head.Count) != k.institutions || report.New != k.institutions {
				t.Fatalf("%d new, %d in the head, %v, %v", report.New, head.Count, report.Errors, err)
			}
			if left := k.institutions - len(head.Domains); left < 5 || len(report.Unlisted) != left || len(report.Notes) != 1 {
				t.Fatalf("%d left out of the head, %d said, %v", left, len(report.Unlisted), report.Notes)
			}
			p := report.Notes[0]
			if p.Severity != profile.Warning || !strings.Contains(p.Message, report.Unlisted[0]) || !strings.Contains(p.Fix, "second node") {
				t.Errorf("%+v", p)
			}
			again, err := w.h.Domain(t.Context(), report.Unlisted[0], harvest.Options{})
			if err != nil || !slices.Equal(again.Unlisted, report.Unlisted[:1]) || len(again.Notes) != 1 {
				t.Errorf("of one alone: %+v, %v", again, err)
			}
			if listed, err := w.h.Domain(t.Context(), head.Domains[0], harvest.Options{}); err != nil || len(listed.Unlisted)+len(listed.Notes) > 0 {
				t.Errorf("of one that is listed: %+v, %v", listed, err)
			}
			w.listed = k.institutions
			w.harvester(client)
			more, err := w.h.Domain(t.Context(), report.Unlisted[0], harvest.Options{})
			head, _ = w.db.Head(w.self)
			if fits := name == "by number"; err != nil || (len(more.Unlisted) == 0) != fits || (len(head.Domains) == k.institutions) != fits {
				t.Errorf("with the setting: %d listed, %+v, %v", len(head.Domains), more, err)
			}
		})
	}
}

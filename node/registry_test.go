package node_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node"
)

// deqarPages serves a Connect list of so many institutions, two on a page, the last of them an alliance of all.
func deqarPages(t *testing.T, institutions int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		if r.URL.Query().Get("limit") != "2" || offset%2 != 0 {
			t.Errorf("asked for %s", r.URL)
		}
		var results, members []any
		for i := range institutions {
			members = append(members, map[string]any{"institution": map[string]int{"id": i + 1}})
		}
		for i := offset; i < min(offset+2, institutions); i++ {
			results = append(results, map[string]any{
				"id": i + 1, "name_primary": fmt.Sprint("University ", i),
				"identifiers": []any{map[string]string{"identifier": fmt.Sprintf("u%d.example", i), "resource": "SCHAC"}},
			})
		}
		next := offset+2 < institutions
		if !next {
			results = append(results, map[string]any{"id": 6000, "is_orgreg_alliance": true, "website_link": "alliance.example", "includes": members})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"count": institutions, "next": next, "results": results})
	}))
	t.Cleanup(server.Close)
	return server.URL + "/connectapi/v1/providers/?limit=2&offset=0"
}

func TestRegistryUpdateIsKnownAtTheNextStart(t *testing.T) {
	t.Parallel()
	cfg := node.Defaults()
	cfg.DataDir = t.TempDir()
	cfg.HTTP.Listen, cfg.P2P.Listen = "127.0.0.1:0", []string{"/ip4/127.0.0.1/tcp/0"}
	cfg.Fetch.AllowCIDRs, cfg.Fetch.PerHost, cfg.Fetch.Overall = []string{"127.0.0.0/8"}, 1e6, 1e6
	cfg.Fetch.Resolver = "127.0.0.1:1"
	cfg.Registry.Providers = []federation.Provider{{ID: "u0.example", Name: "As configured"}}
	extra := filepath.Join(t.TempDir(), "extra.yaml")
	if err := os.WriteFile(extra, []byte("providers: [{id: extra.example, name: Extra}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Registry.Files = []string{extra}
	log := slog.New(slog.DiscardHandler)
	report, err := node.UpdateRegistry(t.Context(), cfg, []string{deqarPages(t, 5)}, false, log)
	if err != nil || report.Providers != 5 || report.Alliances != 1 || report.Sources[0].Entries != 6 {
		t.Fatalf("%+v, %v", report, err)
	}
	r := &running{t: t, cfg: cfg}
	r.start()
	names := map[string]string{}
	var list struct{ Items []federation.Provider }
	read(t, r.ready.HTTP+"/v1/providers", &list)
	for _, p := range list.Items {
		names[p.ID] = p.Name
	}
	if len(names) != 6 || names["u0.example"] != "As configured" || names["u4.example"] != "University 4" || names["extra.example"] != "Extra" {
		t.Errorf("known are %v", names)
	}
	var alliance struct{ Members []struct{ ID string } }
	read(t, r.ready.HTTP+"/v1/alliances/alliance.example", &alliance)
	if len(alliance.Members) != 5 {
		t.Errorf("members: %+v", alliance)
	}

	few := []string{deqarPages(t, 2)}
	if _, err := node.UpdateRegistry(t.Context(), cfg, few, false, log); !errors.Is(err, node.ErrRegistryLoss) {
		t.Errorf("a list that lost most institutions: %v", err)
	}
	if report, err := node.UpdateRegistry(t.Context(), cfg, few, true, log); err != nil || report.Providers != 2 || report.Before != 5 {
		t.Errorf("%+v, %v", report, err)
	}
	if _, err := node.UpdateRegistry(t.Context(), cfg, []string{few[0], "missing.json"}, false, log); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

func read(t *testing.T, address string, into any) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, resp.Status, err)
	}
}

func TestRegistryFilesThatCannotBeReadAreNamed(t *testing.T) {
	t.Parallel()
	cfg := node.Defaults()
	cfg.DataDir = t.TempDir()
	cfg.Registry.Files = []string{filepath.Join(cfg.DataDir, "lists.xml")}
	if _, err := node.Open(cfg, "test", slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "registry.files") {
		t.Errorf("%v", err)
	}
}
